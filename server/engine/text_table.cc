#include "server/engine/text_table.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr size_t kFewestSlots = 8;
constexpr int kFewestShift = 61;  // 2^64 hashes on 2^3 slots.

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
  sizes_ |= uint64_t{1} << (text.size() % kSizes);
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
  const std::unique_ptr<Slot[]> before = std::move(slots_);
  shift_ = slots == 0 ? kFewestShift : shift_ - 1;
  slots_ = std::make_unique<Slot[]>(slots == 0 ? kFewestSlots : 2 * slots);
  for (size_t i = 0; i < slots; ++i) {
    if (before[i].number >= 0) Insert(std::move(before[i]));
  }
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

int TextTable::FindAnyFolded(absl::string_view text) const {
  if (text.empty()) return kNoText;
  const int number = FindFoldedAsItIs(text);
  if (number >= 0) return number;
  const absl::string_view trimmed = Trim(text);
  if (trimmed.empty()) return kNoText;
  return trimmed.size() == text.size() ? -1 : FindFoldedAsItIs(trimmed);
}

int TextTable::FindFoldedAsItIs(absl::string_view text) const {
  if (!IsAscii(text)) {
    FoldBuffer buffer;
    return Find(FoldInto(text, &buffer));
  }
  if (!HasSize(text.size())) return -1;
  const Key key = KeyOf(text);
  for (size_t place = PlaceOf(key);; place = (place + 1) & mask()) {
    const Slot& slot = slots_[place];
    if (slot.number < 0) return -1;
    if (!HoldsFolded(slot, key)) continue;
    if (IsAll(key) || LowerCaseIs(text, slot.text.get())) return slot.number;
  }
}

void TextTable::Insert(Slot slot) {
  size_t i = PlaceOf({slot.first, slot.last, slot.size});
  while (slots_[i].number >= 0) i = (i + 1) & mask();
  slots_[i] = std::move(slot);
}

}  // namespace bantam
