#include "server/catalog/revision_store.h"

#include "absl/strings/str_cat.h"

namespace bantam {

// The time tells records of one number apart: a store that was restored from a backup gives its
// numbers again.
std::string EtagOf(const RevisionRecord& record) {
  return absl::StrCat(record.number, "-", absl::Hex(absl::ToUnixMicros(record.create_time)));
}

}  // namespace bantam
