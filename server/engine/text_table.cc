#include "server/engine/text_table.h"

#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr size_t kFewestSlots = 8;
constexpr int kFewestShift = 61;  // 2^64 hashes on 2^3 slots.

}  // namespace

int TextTable::Add(absl::string_view text) {
  const int known = Find(text);
  if (known >= 0) return known;
  texts_.emplace_back(text);
  sizes_ |= uint64_t{1} << (text.size() % kSizes);
  if (slots_.size() < 2 * texts_.size()) {
    shift_ = slots_.empty() ? kFewestShift : shift_ - 1;
    slots_.assign(slots_.empty() ? kFewestSlots : 2 * slots_.size(), Slot());
    for (int i = 0; i + 1 < size(); ++i) Insert(KeyOf(texts_[i]), i);
  }
  Insert(KeyOf(text), size() - 1);
  return size() - 1;
}

int TextTable::FindLongFolded(absl::string_view text) const {
  constexpr size_t kRoom = 128;
  char lower_case[kRoom + kWordBytes];
  if (text.size() <= kRoom && LowerCaseAscii(text, lower_case)) {
    return Find(absl::string_view(lower_case, text.size()));
  }
  return FindFoldedByUnicode(text);
}

int TextTable::FindFoldedByUnicode(absl::string_view text) const {
  FoldBuffer buffer;
  return Find(FoldInto(text, &buffer));
}

void TextTable::Insert(const Key& key, int32_t number) {
  const size_t mask = slots_.size() - 1;
  size_t i = PlaceOf(key);
  while (slots_[i].number >= 0) i = (i + 1) & mask;
  slots_[i] = {key, number};
}

}  // namespace bantam
