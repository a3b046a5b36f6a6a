#ifndef BANTAM_SERVER_CATALOG_KNOWN_SEQUENCES_H_
#define BANTAM_SERVER_CATALOG_KNOWN_SEQUENCES_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace bantam {

// Remembers the newest sequence that was seen of each name, also of names that are not held any
// more, so that nothing older is taken for current afterwards. Bounded: forgets what was seen
// longest ago. By 64-bit hash: two names that share one are taken for one, which costs looks at the
// store. Not safe for concurrent use.
class KnownSequences {
 public:
  // Remembers the last `min_names` names at least, and twice as many at most, of about 32 bytes
  // each.
  explicit KnownSequences(size_t min_names) : min_names_(min_names) {}

  // Something was seen with this sequence; an older one than before changes nothing.
  void Raise(absl::string_view name, int64_t sequence);

  // This is the newest one, whatever was remembered.
  void Set(absl::string_view name, int64_t sequence);

  // The newest sequence seen of `name`; -1: none that is remembered.
  int64_t Of(absl::string_view name) const;

  void Clear();

 private:
  using Sequences = absl::flat_hash_map<uint64_t, int64_t>;

  const size_t min_names_;
  Sequences newer_;
  Sequences older_;  // Forgotten when `newer_` is full.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_KNOWN_SEQUENCES_H_
