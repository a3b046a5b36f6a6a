#include "server/catalog/held_entry.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/catalog/retired_revisions.h"

namespace bantam {

KeyKind KindOfKey(absl::string_view key) {
  if (key.find_first_of("@#") != absl::string_view::npos) return KeyKind::kPinned;
  return absl::StrContains(key, "/icps/") ? KeyKind::kIcp : KeyKind::kTenant;
}

std::string TenantOf(absl::string_view name) {
  return std::string(name.substr(0, name.find("/icps/")));
}

std::string PinnedKey(absl::string_view name, absl::string_view revision, int64_t number) {
  return number != 0 ? absl::StrCat(name, "#", number) : absl::StrCat(name, "@", revision);
}

size_t HeldBytes(absl::string_view key, const Finding& finding) {
  size_t bytes = sizeof(HeldEntry) + key.size() + finding.current.name.capacity() +
                 finding.current.revision.capacity() + finding.absence.capacity();
  for (const std::string& name : finding.names) bytes += sizeof(name) + name.capacity();
  if (finding.entry != nullptr) bytes += ByteSize(*finding.entry);
  return bytes;
}

}  // namespace bantam
