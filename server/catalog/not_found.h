// What a catalog has not got: its NOT_FOUND answers, and too much. For any implementation. They may
// be shown to callers, and name nothing of other tenants.
#ifndef BANTAM_SERVER_CATALOG_NOT_FOUND_H_
#define BANTAM_SERVER_CATALOG_NOT_FOUND_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

// The part of an ICP's name that its tenant's other ICPs share: "tenants/acme/icps/"; `name` itself
// if it has no slash.
absl::string_view IcpNamePrefix(absl::string_view name);

// There is no ICP `name`. The most similar of `names`, which start with IcpNamePrefix(name), is
// suggested if one is similar enough.
absl::Status UnknownIcp(absl::string_view name, const std::vector<std::string>& names);

// There is a definition for `name`, but there never was a good one.
absl::Status BrokenIcp(absl::string_view name);

// `icp` is the current revision; `revision` is not held.
absl::Status UnknownRevision(const CompiledIcp& icp, absl::string_view revision);

// ICP `name` has no such revision, named by its number if `revision` is empty.
absl::Status UnknownRevision(absl::string_view name, absl::string_view revision, int64_t number);

// FAILED_PRECONDITION: `tenant` has `count` ICPs, which are too many for one answer.
absl::Status TooManyIcps(absl::string_view tenant, size_t count, size_t max);

// ICP `name` has this revision, but its text has errors for this version of the program.
absl::Status BadRevision(absl::string_view name, absl::string_view revision, int64_t number);

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_NOT_FOUND_H_
