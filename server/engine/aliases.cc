#include "server/engine/aliases.h"

#include <algorithm>

#include "server/engine/text.h"

namespace bantam {

void AliasTable::Add(absl::string_view alias, absl::string_view value) {
  const std::string folded = Fold(alias);
  const size_t number = spellings_.Add(folded);
  if (number == entries_.size()) entries_.emplace_back();
  entries_[number] = {folded, std::string(Trim(value))};
}

absl::string_view AliasTable::Resolve(absl::string_view text) const {
  const int number = spellings_.FindFolded(text);
  return number < 0 ? text : absl::string_view(entries_[number].value);
}

bool AliasTable::StandsFor(absl::string_view value) const {
  const std::string folded = Fold(value);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return Fold(entry.value) == folded; });
}

AliasTables MakeAliasTables(const google::protobuf::RepeatedPtrField<v1::AliasTable>& definitions) {
  AliasTables tables;
  for (const v1::AliasTable& definition : definitions) {
    AliasTable& table = tables[definition.attribute()];
    for (const auto& [alias, value] : definition.values()) table.Add(alias, value);
    table.Spread();
  }
  return tables;
}

WordTable::WordTable(const google::protobuf::RepeatedPtrField<std::string>& words,
                     const AliasTable* aliases) {
  TextTable folded_words;
  for (const std::string& word : words) {
    const std::string folded = Fold(word);
    const int number = folded_words.Add(folded);
    // A word that is itself an alias is found by what it stands for only.
    if (aliases == nullptr || !aliases->spellings_.Contains(folded)) {
      spellings_.AddAs(folded, number);
    }
  }
  spellings_.ReserveNumbers(folded_words.size());
  if (aliases != nullptr) {
    for (const AliasTable::Entry& entry : aliases->entries_) {
      const int number = folded_words.Find(Fold(entry.value));
      if (number >= 0) spellings_.AddAs(entry.alias, number);
    }
  }
  spellings_.Spread();
}

WordBits::WordBits(const Texts& words, const AliasTable* aliases) : words_(words, aliases) {
  constexpr int kMost = 64;
  if (words_.size() > kMost) return;
  for (const std::string& word : words) numbers_.Add(Fold(word));
}

uint64_t WordBits::Of(const Texts& words) const {
  uint64_t bits = 0;
  for (const std::string& word : words) bits |= uint64_t{1} << numbers_.Find(Fold(word));
  return bits;
}

uint64_t WordBits::In(const Texts& texts) const {
  uint64_t bits = 0;
  for (const std::string& text : texts) {
    const int word = words_.Find(text);
    if (word >= 0) bits |= uint64_t{1} << word;
  }
  return bits;
}

}  // namespace bantam
