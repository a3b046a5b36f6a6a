#include "server/engine/text_table.h"

#include <utility>

#include "absl/base/attributes.h"
#include "absl/strings/ascii.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr size_t kFewestSlots = 8;
constexpr size_t kMostSpread = 64;  // Texts of a table that Spread() has an effect on.
constexpr int kFewestShift = 61;    // 2^64 hashes on 2^3 slots.

// The bits of case of the lower-case letters of ASCII among eight bytes.
uint64_t CasesOf(uint64_t bytes) {
  constexpr int kBits = 8;
  uint64_t cases = 0;
  for (size_t i = 0; i < kWordBytes; ++i) {
    const auto byte = static_cast<char>(bytes >> (kBits * i));
    if (absl::ascii_islower(byte)) cases |= uint64_t{0xFF} << (kBits * i);
  }
  return cases & kCaseBits;
}

// Whether the lower case of a text of more than two words of ASCII is `lower_case`, which is as
// long and begins and ends alike.
bool LowerCaseIs(absl::string_view text, const char* lower_case) {
  for (size_t i = kWordBytes; i < text.size() - kWordBytes; i += kWordBytes) {
    if (LowerCase(LoadWord(text.data() + i)) != LoadWord(lower_case + i)) return false;
  }
  return true;
}

}  // namespace

int TextTable::AddAs(absl::string_view text, int number) {
  const int known = Find(text);
  if (known >= 0) return known;
  ++size_;
  ReserveNumbers(number + 1);
  sizes_ |= uint32_t{1} << (text.size() % kSizes);
  Grow();
  const Key key = KeyOf(text);
  Slot slot;
  slot.first = key.first;
  slot.last = key.last;
  slot.first_cases = CasesOf(key.first);
  slot.last_cases = CasesOf(key.last);
  slot.size = static_cast<uint32_t>(key.size);
  slot.number = number;
  if (!IsAll(key)) {
    slot.text = std::make_unique<char[]>(text.size());
    std::memcpy(slot.text.get(), text.data(), text.size());
  }
  Insert(std::move(slot));
  return number;
}

// Makes room for as many texts as there are to be.
void TextTable::Grow() {
  const size_t slots = slots_ == nullptr ? 0 : mask() + 1;
  if (slots >= 2 * static_cast<size_t>(size_)) return;
  if (slots == 0) {
    shift_ = kFewestShift;
    slots_ = std::make_unique<Slot[]>(kFewestSlots);
    return;
  }
  --shift_;
  Settle(slots);
}

// Puts the texts of this many slots where they have their places now.
void TextTable::Settle(size_t slots) {
  const std::unique_ptr<Slot[]> before = std::move(slots_);
  slots_ = std::make_unique<Slot[]>(mask() + 1);
  for (size_t i = 0; i < slots; ++i) {
    if (before[i].number >= 0) Insert(std::move(before[i]));
  }
}

// How many texts have a place that another one has too, counted up to `most`. There are few slots.
int TextTable::CountMeetings(int most) const {
  constexpr size_t kBits = 64;
  uint64_t taken[kMostSpread * 2 / kBits] = {};
  int meetings = 0;
  for (size_t i = 0; i <= mask() && meetings < most; ++i) {
    const Slot& slot = slots_[i];
    if (slot.number < 0) continue;
    const size_t place = PlaceOf({slot.first, slot.last, slot.size});
    const uint64_t bit = uint64_t{1} << (place % kBits);
    if ((taken[place / kBits] & bit) != 0) ++meetings;
    taken[place / kBits] |= bit;
  }
  return meetings;
}

// Looks for a factor of the hash that serves these texts. Of more texts, too many meet by any.
void TextTable::Spread() {
  constexpr int kTries = 512;
  constexpr uint64_t kStep = 0xD1342543DE82EF95;  // Odd, so that all factors are.
  if (size_ == 0 || mask() >= kMostSpread * 2) return;
  uint64_t best = factor_;
  int fewest = CountMeetings(size_);
  if (fewest == 0) return;
  for (int i = 0; i < kTries && fewest > 0; ++i) {
    factor_ *= kStep;
    const int meetings = CountMeetings(fewest);
    if (meetings == fewest) continue;
    best = factor_;
    fewest = meetings;
  }
  factor_ = best;
  Settle(mask() + 1);
}

// Where another text has the place of the one looked for.
int TextTable::FindBehind(size_t place, absl::string_view text) const {
  const Key key = KeyOf(text);
  for (;;) {
    place = (place + 1) & mask();
    const Slot& slot = slots_[place];
    if (slot.number < 0 || Holds(slot, key, text)) return slot.number;
  }
}

inline bool TextTable::HoldsAscii(const Slot& slot, const Key& key, absl::string_view text) {
  return HoldsFolded(slot, key) && (IsAll(key) || LowerCaseIs(text, slot.text.get()));
}

// The number of what a text of ASCII folds to.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline int TextTable::FindAscii(absl::string_view text) const {
  if (!HasSize(text.size())) return -1;
  const Key key = KeyOf(text);
  const size_t place = PlaceOf(key);
  if (HoldsAscii(slots_[place], key, text)) return slots_[place].number;
  return ABSL_PREDICT_FALSE(slots_[place].is_passed) ? FindAsciiBehind(place, text) : -1;
}

// The same where another text has its place.
ABSL_ATTRIBUTE_NOINLINE int TextTable::FindAsciiBehind(size_t place, absl::string_view text) const {
  const Key key = KeyOf(text);
  for (;;) {
    place = (place + 1) & mask();
    const Slot& slot = slots_[place];
    if (slot.number < 0 || HoldsAscii(slot, key, text)) return slot.number;
  }
}

// Of a text that is not empty.
int TextTable::FindAnyFolded(absl::string_view text) const {
  const int number = ABSL_PREDICT_TRUE(IsAscii(text)) ? FindAscii(text) : FindFoldedCopy(text);
  if (number >= 0) return number;
  const auto plain = [](char c) { return c > ' '; };  // ASCII, and no white space.
  return plain(text.front()) && plain(text.back()) ? -1 : FindTrimmed(text);
}

// Of a text that may have white space at its ends, and was not found with it.
ABSL_ATTRIBUTE_NOINLINE int TextTable::FindTrimmed(absl::string_view text) const {
  const absl::string_view trimmed = Trim(text);
  if (trimmed.empty()) return kNoText;
  if (trimmed.size() == text.size()) return -1;
  return IsAscii(trimmed) ? FindAscii(trimmed) : FindFoldedCopy(trimmed);
}

// Folds a text beyond ASCII. Apart, so that no other look-up makes room for it.
ABSL_ATTRIBUTE_NOINLINE int TextTable::FindFoldedCopy(absl::string_view text) const {
  FoldBuffer buffer;
  return Find(FoldInto(text, &buffer));
}

// Puts a text in its place, or behind it.
void TextTable::Insert(Slot slot) {
  slot.is_passed = false;
  size_t i = PlaceOf({slot.first, slot.last, slot.size});
  if (slots_[i].number >= 0) slots_[i].is_passed = true;
  while (slots_[i].number >= 0) i = (i + 1) & mask();
  slots_[i] = std::move(slot);
}

}  // namespace bantam
