#ifndef BANTAM_SERVER_ENGINE_TEXT_TABLE_H_
#define BANTAM_SERVER_ENGINE_TEXT_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/base/optimization.h"
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
  int Find(absl::string_view text) const { return HasSize(text.size()) ? FindUsual(text) : -1; }

  // The same, for less where most texts are found. The table must not be empty.
  int FindUsual(absl::string_view text) const;

  bool Contains(absl::string_view text) const { return Find(text) >= 0; }

  // The number of what a text folds to, white space at its ends left out, in a table of folded
  // texts; -1: it was not added; kNoText: it is empty or white space. A text of ASCII is not folded
  // at all, but compared without regard to case.
  static constexpr int kNoText = -2;
  int FindFolded(absl::string_view text) const;

  // Gives few texts a place each, if that can be, so that look-ups compare but one. For when all
  // have been added; changes no look-up's result.
  void Spread();

  // How many texts there are.
  int size() const { return size_; }

  // How many numbers there are, of which some may be no text's: one more than the greatest of them
  // that was given to a text, or reserved.
  int numbers() const { return numbers_; }
  void ReserveNumbers(int numbers) { numbers_ = std::max(numbers_, numbers); }

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
    bool is_passed = false;        // Whether a text that has this place lies behind it.
  };

  static Key KeyOf(absl::string_view text);
  size_t PlaceOf(const Key& key) const;
  bool HasSize(size_t size) const { return (sizes_ >> (size % kSizes) & 1) != 0; }
  static bool IsAll(const Key& key) { return key.size <= 2 * kWordBytes; }
  size_t mask() const { return static_cast<size_t>(~uint64_t{0} >> shift_); }
  static bool Holds(const Slot& slot, const Key& key, absl::string_view text);
  static bool HoldsFolded(const Slot& slot, const Key& key);
  static bool IsPlain(const Key& key, absl::string_view text);
  int FindBehind(size_t place, absl::string_view text) const;
  int FindAnyFolded(absl::string_view text) const;
  static bool HoldsAscii(const Slot& slot, const Key& key, absl::string_view text);
  int FindAscii(absl::string_view text) const;
  int FindAsciiBehind(size_t place, absl::string_view text) const;
  int FindFoldedCopy(absl::string_view text) const;
  int FindTrimmed(absl::string_view text) const;
  void Grow();
  void Settle(size_t slots);
  int CountMeetings(int most) const;
  void Insert(Slot slot);

  static constexpr size_t kSizes = 32;

  std::unique_ptr<Slot[]> slots_;  // Open addressing; a power of two, at least twice the texts.
  uint64_t factor_ = 0x9E3779B97F4A7C15;  // Of the hash: 2^64 ÷ the golden ratio, or another.
  uint32_t sizes_ = 0;  // A bit for each size of a text, modulo 32: most others differ.
  int32_t shift_ = 0;   // Leaves of a hash the number of a slot; 0: there are none.
  int32_t size_ = 0;
  int32_t numbers_ = 0;
};

inline TextTable::Key TextTable::KeyOf(absl::string_view text) {
  const size_t size = text.size();
  if (ABSL_PREDICT_FALSE(size < kWordBytes)) return {LoadPart(text.data(), size), 0, size};
  return {LoadWord(text.data()), LoadWord(text.data() + size - kWordBytes), size};
}

// The upper bits of a product depend on all bits of the factors. Upper and lower case have one
// place. The last word is turned by whole bytes, since it may be the first word once more.
inline size_t TextTable::PlaceOf(const Key& key) const {
  constexpr int kTurn = 24;
  const uint64_t turned = key.last << kTurn | key.last >> (64 - kTurn);
  return ((key.first ^ turned) | kCaseBits) * factor_ >> shift_;
}

inline bool TextTable::Holds(const Slot& slot, const Key& key, absl::string_view text) {
  if (slot.size != key.size || slot.first != key.first || slot.last != key.last) return false;
  if (ABSL_PREDICT_TRUE(IsAll(key))) return true;
  size_t i = kWordBytes;  // What lies between the two words.
  do {
    if (LoadWord(slot.text.get() + i) != LoadWord(text.data() + i)) return false;
    i += kWordBytes;
  } while (i < key.size - kWordBytes);
  return true;
}

// Of a text that the key is all of, or else of its first and last word. A letter of the slot is in
// lower case; so is the text's, if anything, with the bit that tells its case.
inline bool TextTable::HoldsFolded(const Slot& slot, const Key& key) {
  return slot.size == key.size && (key.first | slot.first_cases) == slot.first &&
         (key.last | slot.last_cases) == slot.last;
}

inline int TextTable::FindUsual(absl::string_view text) const {
  const Key key = KeyOf(text);
  const size_t place = PlaceOf(key);
  const Slot& slot = slots_[place];
  if (ABSL_PREDICT_TRUE(Holds(slot, key, text))) return slot.number;
  return ABSL_PREDICT_FALSE(slot.is_passed) ? FindBehind(place, text) : -1;
}

// Whether a text that the key is all of folds to its lower case and has no white space at its ends.
inline bool TextTable::IsPlain(const Key& key, absl::string_view text) {
  return ((key.first | key.last) & kHighBits) == 0 && text.front() > ' ' && text.back() > ' ';
}

// Settles what most look-ups are without a call. A text beyond ASCII that is one of the table is
// one that texts fold to, and so folds to itself.
inline int TextTable::FindFolded(absl::string_view text) const {
  if (text.empty() || text.size() > 2 * kWordBytes) {
    return text.empty() ? kNoText : FindAnyFolded(text);
  }
  const Key key = KeyOf(text);
  if (HasSize(text.size())) {
    const Slot& slot = slots_[PlaceOf(key)];
    if (HoldsFolded(slot, key)) return slot.number;
    if (ABSL_PREDICT_FALSE(slot.is_passed)) return FindAnyFolded(text);
  }
  return IsPlain(key, text) ? -1 : FindAnyFolded(text);
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_TEXT_TABLE_H_
