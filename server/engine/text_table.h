#ifndef BANTAM_SERVER_ENGINE_TEXT_TABLE_H_
#define BANTAM_SERVER_ENGINE_TEXT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/strings/string_view.h"
#include "server/engine/words.h"

namespace bantam {

// Numbers texts 0, 1, 2 …: filled while an ICP is compiled, then asked many times. A look-up costs
// a few dozen instructions: a hash made of whole words, and a comparison of two words, which are
// all of a text of at most 16 bytes. Immutable once filled; then safe for concurrent use.
class TextTable {
 public:
  // The number of `text`, which is added if it is new.
  int Add(absl::string_view text) { return AddAs(text, size_); }

  // The same, where a new text gets this number, which others may have.
  int AddAs(absl::string_view text, int number);

  // The number of `text`; -1: it was not added.
  int Find(absl::string_view text) const;

  bool Contains(absl::string_view text) const { return Find(text) >= 0; }

  // The number of what a trimmed text folds to, in a table of folded texts; -1: it was not added.
  // The key of a short text of ASCII is folded as it is made, without a copy.
  int FindFolded(absl::string_view text) const;

  // How many texts there are.
  int size() const { return size_; }

 private:
  struct Key {
    uint64_t first;  // The first eight bytes …
    uint64_t last;   // … and the last; 0 if there are no more than eight.
    size_t size;
  };

  // All that most look-ups read beside the table itself: a half of a line of the processor's cache.
  struct alignas(32) Slot {
    uint64_t first = 0;  // The key.
    uint64_t last = 0;
    uint32_t size = 0;
    int32_t number = -1;           // Of the text; -1: free.
    std::unique_ptr<char[]> text;  // Of one that its key is not all of.
  };

  static Key KeyOf(absl::string_view text);
  size_t PlaceOf(const Key& key) const;
  bool HasSize(size_t size) const { return (sizes_ >> (size % kSizes) & 1) != 0; }
  static bool IsAll(const Key& key) { return key.size <= 2 * kWordBytes; }
  size_t mask() const { return static_cast<size_t>(~uint64_t{0} >> shift_); }
  static bool Holds(const Slot& slot, const Key& key, absl::string_view text);
  int FindKey(const Key& key, absl::string_view text) const;
  int FindBehind(size_t place, const Key& key, absl::string_view text) const;
  int FindLongFolded(absl::string_view text) const;
  int FindFoldedByUnicode(absl::string_view text) const;
  void Grow();
  void Insert(Slot slot);

  static constexpr size_t kSizes = 64;

  std::unique_ptr<Slot[]> slots_;  // Open addressing; a power of two, at least twice the texts.
  uint64_t sizes_ = 0;             // A bit for each size of a text, modulo 64: most others differ.
  int32_t shift_ = 0;              // Leaves of a hash the number of a slot; 0: there are none.
  int32_t size_ = 0;
};

inline TextTable::Key TextTable::KeyOf(absl::string_view text) {
  const size_t size = text.size();
  if (size < kWordBytes) return {LoadPart(text.data(), size), 0, size};
  const uint64_t last = size == kWordBytes ? 0 : LoadWord(text.data() + size - kWordBytes);
  return {LoadWord(text.data()), last, size};
}

// The upper bits of a product depend on all bits of the factors.
inline size_t TextTable::PlaceOf(const Key& key) const {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15;  // 2^64 ÷ the golden ratio.
  constexpr uint64_t kOther = 0xC2B2AE3D27D4EB4F;
  return ((key.first ^ key.last * kOther) + key.size) * kFactor >> shift_;
}

inline int TextTable::Find(absl::string_view text) const {
  return HasSize(text.size()) ? FindKey(KeyOf(text), text) : -1;
}

inline bool TextTable::Holds(const Slot& slot, const Key& key, absl::string_view text) {
  if (slot.size != key.size || slot.first != key.first || slot.last != key.last) return false;
  return IsAll(key) || std::memcmp(slot.text.get(), text.data(), key.size) == 0;
}

// Of a key with all of a text, `text` is not looked at. Only for a size that the table has.
inline int TextTable::FindKey(const Key& key, absl::string_view text) const {
  const size_t place = PlaceOf(key);
  const Slot& slot = slots_[place];
  if (slot.number < 0) return -1;
  return Holds(slot, key, text) ? slot.number : FindBehind(place, key, text);
}

inline int TextTable::FindFolded(absl::string_view text) const {
  if (text.size() > 2 * kWordBytes) return FindLongFolded(text);
  Key key = KeyOf(text);
  if (((key.first | key.last) & kHighBits) != 0) return FindLongFolded(text);
  if (!HasSize(text.size())) return -1;
  key.first = LowerCase(key.first);
  if (key.last != 0) key.last = LowerCase(key.last);
  return FindKey(key, text);
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_TEXT_TABLE_H_
