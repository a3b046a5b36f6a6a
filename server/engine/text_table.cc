#include "server/engine/text_table.h"

#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr size_t kFewestSlots = 8;

}  // namespace

int TextTable::Add(absl::string_view text) {
  const int known = Find(text);
  if (known >= 0) return known;
  texts_.emplace_back(text);
  if (slots_.size() < 2 * texts_.size()) {
    slots_.assign(slots_.empty() ? kFewestSlots : 2 * slots_.size(), Slot());
    for (int i = 0; i + 1 < size(); ++i) Insert(KeyOf(texts_[i]), i);
  }
  Insert(KeyOf(text), size() - 1);
  return size() - 1;
}

int TextTable::FindLongFolded(absl::string_view text) const {
  FoldBuffer buffer;
  return Find(FoldInto(text, &buffer));
}

void TextTable::Insert(const Key& key, int32_t number) {
  const size_t mask = slots_.size() - 1;
  size_t i = HashOf(key) & mask;
  while (slots_[i].number >= 0) i = (i + 1) & mask;
  slots_[i] = {key, number};
}

}  // namespace bantam
