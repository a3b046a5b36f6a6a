#ifndef BANTAM_SERVER_ENGINE_TEXT_TABLE_H_
#define BANTAM_SERVER_ENGINE_TEXT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/engine/words.h"

namespace bantam {

// Numbers texts 0, 1, 2 …: filled while an ICP is compiled, then asked many times. A look-up costs
// a few dozen instructions: a hash made of whole words, and a comparison of two words, which are
// all of a text of at most 16 bytes. Immutable once filled; then safe for concurrent use.
class TextTable {
 public:
  // The number of `text`, which is added if it is new.
  int Add(absl::string_view text);

  // The number of `text`; -1: it was not added.
  int Find(absl::string_view text) const;

  bool Contains(absl::string_view text) const { return Find(text) >= 0; }

  // The number of what a trimmed text folds to, in a table of folded texts; -1: it was not added.
  // The key of a short text of ASCII is folded as it is made, without a copy.
  int FindFolded(absl::string_view text) const;

  // How many texts there are.
  int size() const { return static_cast<int>(texts_.size()); }

 private:
  struct Key {
    uint64_t first;  // The first eight bytes …
    uint64_t last;   // … and the last; 0 if there are no more than eight.
    size_t size;
  };

  struct Slot {
    Key key;
    int32_t number = -1;  // Of the text; -1: free.
  };

  static Key KeyOf(absl::string_view text);
  size_t PlaceOf(const Key& key) const;
  bool HasSize(size_t size) const { return (sizes_ >> (size % kSizes) & 1) != 0; }
  int FindKey(const Key& key, absl::string_view text) const;
  int FindLongFolded(absl::string_view text) const;
  int FindFoldedByUnicode(absl::string_view text) const;
  void Insert(const Key& key, int32_t number);

  static constexpr size_t kSizes = 64;

  std::vector<std::string> texts_;  // By number.
  std::vector<Slot> slots_;         // Open addressing; a power of two, at least twice the texts.
  int shift_ = 0;                   // Leaves of a hash the number of a slot.
  uint64_t sizes_ = 0;              // A bit for each size of a text, modulo 64: most others differ.
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

// Of a key with all of a text, `text` is not looked at. Only for a size that the table has.
inline int TextTable::FindKey(const Key& key, absl::string_view text) const {
  const Slot* slot = &slots_[PlaceOf(key)];
  for (; slot->number >= 0; slot = slot == &slots_.back() ? &slots_.front() : slot + 1) {
    if (slot->key.size != key.size || slot->key.first != key.first || slot->key.last != key.last) {
      continue;
    }
    if (key.size <= 2 * kWordBytes || texts_[slot->number] == text) return slot->number;
  }
  return -1;
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
