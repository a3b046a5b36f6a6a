#include "server/catalog/known_sequences.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"

namespace bantam {
namespace {

uint64_t HashOf(absl::string_view name) { return absl::Hash<absl::string_view>()(name); }

}  // namespace

void KnownSequences::Raise(absl::string_view name, int64_t sequence) {
  Set(name, std::max(Of(name), sequence));
}

void KnownSequences::Set(absl::string_view name, int64_t sequence) {
  newer_[HashOf(name)] = sequence;
  if (newer_.size() < min_names_) return;
  older_ = std::move(newer_);
  newer_ = Sequences();
}

int64_t KnownSequences::Of(absl::string_view name) const {
  const uint64_t hash = HashOf(name);
  if (const auto it = newer_.find(hash); it != newer_.end()) return it->second;
  if (const auto it = older_.find(hash); it != older_.end()) return it->second;
  return -1;
}

void KnownSequences::Clear() {
  newer_.clear();
  older_.clear();
}

}  // namespace bantam
