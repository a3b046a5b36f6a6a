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
// some thirty instructions: a hash made of whole words, and a comparison of two words, which are
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
  // A short text of ASCII is not folded at all, but compared without regard to case.
  int FindFolded(absl::string_view text) const;

  // How many texts there are.
  int size() const { return size_; }

 private:
  struct Key {
    uint64_t first;  // The first eight bytes …
    uint64_t last;   // … and the last; 0 if there are fewer than eight.
    size_t size;
  };

  // All that most look-ups read beside the table itself: a line of the processor's cache.
  struct alignas(64) Slot {
    uint64_t first = 0;  // The key.
    uint64_t last = 0;
    uint64_t first_cases = 0;  // The bits that tell the case of its lower-case letters.
    uint64_t last_cases = 0;
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
  static bool HoldsFolded(const Slot& slot, const Key& key);
  int FindBehind(size_t place, absl::string_view text) const;
  int FindFoldedBehind(size_t place, absl::string_view text) const;
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
  return {LoadWord(text.data()), LoadWord(text.data() + size - kWordBytes), size};
}

// The upper bits of a product depend on all bits of the factors. Upper and lower case have one
// place. The last word is turned by whole bytes, since it may be the first word once more.
inline size_t TextTable::PlaceOf(const Key& key) const {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15;  // 2^64 ÷ the golden ratio.
  constexpr int kTurn = 24;
  const uint64_t turned = key.last << kTurn | key.last >> (64 - kTurn);
  return (((key.first ^ turned) | kCaseBits) + key.size) * kFactor >> shift_;
}

inline bool TextTable::Holds(const Slot& slot, const Key& key, absl::string_view text) {
  if (slot.size != key.size || slot.first != key.first || slot.last != key.last) return false;
  return IsAll(key) || std::memcmp(slot.text.get(), text.data(), key.size) == 0;
}

// Of a text that the key is all of. A letter of the slot is in lower case; so is the text's, if
// anything, with the bit that tells its case.
inline bool TextTable::HoldsFolded(const Slot& slot, const Key& key) {
  return slot.size == key.size && (key.first | slot.first_cases) == slot.first &&
         (key.last | slot.last_cases) == slot.last;
}

inline int TextTable::Find(absl::string_view text) const {
  if (!HasSize(text.size())) return -1;
  const Key key = KeyOf(text);
  const size_t place = PlaceOf(key);
  const Slot& slot = slots_[place];
  const int number = slot.number;
  if (number < 0 || Holds(slot, key, text)) return number;
  return FindBehind(place, text);
}

// A text beyond ASCII that is one of the table is one that texts fold to, and so folds to itself.
inline int TextTable::FindFolded(absl::string_view text) const {
  if (text.size() > 2 * kWordBytes) return FindLongFolded(text);
  const Key key = KeyOf(text);
  if (HasSize(text.size())) {
    const size_t place = PlaceOf(key);
    const Slot& slot = slots_[place];
    if (HoldsFolded(slot, key)) return slot.number;
    if (slot.number >= 0) return FindFoldedBehind(place, text);
  }
  return ((key.first | key.last) & kHighBits) == 0 ? -1 : FindLongFolded(text);
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_TEXT_TABLE_H_
