#include "server/engine/text_table.h"

#include "server/engine/words.h"

namespace bantam {
namespace {

constexpr size_t kFewestSlots = 8;

}  // namespace

TextTable::Key TextTable::KeyOf(absl::string_view text) {
  const size_t size = text.size();
  if (size < kWordBytes) return {LoadPart(text.data(), size), 0, size};
  const uint64_t last = size == kWordBytes ? 0 : LoadWord(text.data() + size - kWordBytes);
  return {LoadWord(text.data()), last, size};
}

// The upper half of a product depends on all bits of the factors.
size_t TextTable::HashOf(const Key& key) {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15;  // 2^64 ÷ the golden ratio.
  constexpr uint64_t kOther = 0xC2B2AE3D27D4EB4F;
  return ((key.first + key.size) * kFactor ^ (key.last * kOther)) * kFactor >> 32;
}

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

void TextTable::Insert(const Key& key, int32_t number) {
  const size_t mask = slots_.size() - 1;
  size_t i = HashOf(key) & mask;
  while (slots_[i].number >= 0) i = (i + 1) & mask;
  slots_[i] = {key, number};
}

int TextTable::Find(absl::string_view text) const {
  if (slots_.empty()) return -1;
  const Key key = KeyOf(text);
  const size_t mask = slots_.size() - 1;
  for (size_t i = HashOf(key) & mask; slots_[i].number >= 0; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.key.size != key.size || slot.key.first != key.first || slot.key.last != key.last) {
      continue;
    }
    if (key.size <= 2 * kWordBytes || texts_[slot.number] == text) return slot.number;
  }
  return -1;
}

}  // namespace bantam
