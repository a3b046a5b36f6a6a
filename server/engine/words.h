// Texts read and written eight bytes at a time.
#ifndef BANTAM_SERVER_ENGINE_WORDS_H_
#define BANTAM_SERVER_ENGINE_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The first byte of a text must be the lowest of its word."
#endif

namespace bantam {

inline constexpr size_t kWordBytes = sizeof(uint64_t);

inline uint64_t LoadWord(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, kWordBytes);
  return word;
}

inline void StoreWord(uint64_t word, char* bytes) { std::memcpy(bytes, &word, kWordBytes); }

// The high bit of each byte, which ASCII leaves 0.
inline constexpr uint64_t kHighBits = 0x8080808080808080;

// A word of this byte eight times.
constexpr uint64_t RepeatByte(unsigned char byte) { return 0x0101010101010101 * uint64_t{byte}; }

// The bit of each byte that a lower-case letter has and its upper case has not.
inline constexpr uint64_t kCaseBits = RepeatByte(0x20);

// Lower-cases eight bytes of ASCII: a byte from 'A' to 'Z' has its high bit in `from_a` and not in
// `beyond_z`; none carries into the next.
constexpr uint64_t LowerCase(uint64_t bytes) {
  const uint64_t from_a = bytes + RepeatByte(0x80 - 'A');
  const uint64_t beyond_z = bytes + RepeatByte(0x80 - 'Z' - 1);
  return bytes | ((from_a & ~beyond_z & kHighBits) >> 2);
}

// The first and the last bytes of a text, as many as a Part has, in their places in a word. They
// may overlap: equal bytes then meet in the same place.
template <typename Part>
uint64_t LoadEnds(const char* bytes, size_t size) {
  constexpr int kBits = 8;
  Part first;
  Part last;
  std::memcpy(&first, bytes, sizeof(Part));
  std::memcpy(&last, bytes + size - sizeof(Part), sizeof(Part));
  return first | uint64_t{last} << (kBits * (size - sizeof(Part)));
}

// Fewer than eight bytes, as the first of a word whose others are 0. Reads nothing beyond them.
inline uint64_t LoadPart(const char* bytes, size_t size) {
  if (size >= sizeof(uint32_t)) return LoadEnds<uint32_t>(bytes, size);
  if (size >= sizeof(uint16_t)) return LoadEnds<uint16_t>(bytes, size);
  return size == 0 ? 0 : static_cast<unsigned char>(*bytes);
}

// Whether two texts are equal. Those of at most 16 bytes, as most ids are, need no call.
inline bool SameText(absl::string_view a, absl::string_view b) {
  const size_t size = a.size();
  if (size != b.size()) return false;
  if (size < kWordBytes) return LoadPart(a.data(), size) == LoadPart(b.data(), size);
  if (size > 2 * kWordBytes) return std::memcmp(a.data(), b.data(), size) == 0;
  const size_t last = size - kWordBytes;  // May overlap the first word.
  return LoadWord(a.data()) == LoadWord(b.data()) &&
         LoadWord(a.data() + last) == LoadWord(b.data() + last);
}

// Whether `text` is all ASCII.
inline bool IsAscii(absl::string_view text) {
  if (text.size() < kWordBytes) return (LoadPart(text.data(), text.size()) & kHighBits) == 0;
  const size_t last = text.size() - kWordBytes;  // May overlap the word before it.
  uint64_t all = LoadWord(text.data() + last);
  for (size_t i = 0; i < last; i += kWordBytes) all |= LoadWord(text.data() + i);
  return (all & kHighBits) == 0;
}

// Writes `text` in lower case to `out`, eight bytes at a time, which has room for it and for
// a word more; false: it is not all ASCII.
inline bool LowerCaseAscii(absl::string_view text, char* out) {
  if (text.size() < kWordBytes) {
    const uint64_t word = LoadPart(text.data(), text.size());
    StoreWord(LowerCase(word), out);
    return (word & kHighBits) == 0;
  }
  const size_t last = text.size() - kWordBytes;  // May overlap the word before it.
  uint64_t all = LoadWord(text.data() + last);
  StoreWord(LowerCase(all), out + last);
  for (size_t i = 0; i < last; i += kWordBytes) {
    const uint64_t word = LoadWord(text.data() + i);
    all |= word;
    StoreWord(LowerCase(word), out + i);
  }
  return (all & kHighBits) == 0;
}

// The place of the lowest bit that is set, from 0. There is one.
inline int CountTrailingZeros(uint64_t bits) { return __builtin_ctzll(bits); }

// Mixes two words so that each bit of the result depends on all bits of both.
inline uint64_t Mix(uint64_t a, uint64_t b) {
  const absl::uint128 product = absl::uint128(a) * b;
  return absl::Uint128High64(product) ^ absl::Uint128Low64(product);
}

// A hash of all of a text, other for each `seed`. Of a text of at most 16 bytes it costs one
// multiplication: its first word and its last, which may overlap, are all of it.
inline uint64_t HashOf(absl::string_view text, uint64_t seed) {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15;  // 2^64 ÷ the golden ratio.
  const char* bytes = text.data();
  size_t left = text.size();
  uint64_t hash = seed + left;
  for (; left > 2 * kWordBytes; left -= kWordBytes, bytes += kWordBytes) {
    hash = Mix(hash ^ LoadWord(bytes), kFactor);
  }
  if (left < kWordBytes) return Mix(hash ^ LoadPart(bytes, left), kFactor);
  return Mix(hash ^ LoadWord(bytes), LoadWord(bytes + left - kWordBytes) ^ seed ^ kFactor);
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_WORDS_H_
