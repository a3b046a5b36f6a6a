// Texts read and written eight bytes at a time.
#ifndef BANTAM_SERVER_ENGINE_WORDS_H_
#define BANTAM_SERVER_ENGINE_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

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

// Fewer than eight bytes, as the first of a word whose others are 0. Reads nothing beyond them.
inline uint64_t LoadPart(const char* bytes, size_t size) {
  constexpr int kBits = 8;
  const auto byte = [bytes](size_t i) {
    return uint64_t{static_cast<unsigned char>(bytes[i])} << (kBits * i);
  };
  if (size < 4) return size == 0 ? 0 : byte(0) | byte(size / 2) | byte(size - 1);
  uint32_t first;
  uint32_t last;  // May overlap the first: equal bytes then meet in the same place.
  std::memcpy(&first, bytes, 4);
  std::memcpy(&last, bytes + size - 4, 4);
  return first | uint64_t{last} << (kBits * (size - 4));
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_WORDS_H_
