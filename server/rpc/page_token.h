#ifndef BANTAM_SERVER_RPC_PAGE_TOKEN_H_
#define BANTAM_SERVER_RPC_PAGE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bantam {

// The token of the page of `parent`'s list that goes on after the entry `last_name`. Callers must
// not look into it; it holds no secret. It stays valid when entries come and go.
std::string MakePageToken(absl::string_view parent, absl::string_view last_name);

// The `last_name` in `token` (empty: an empty name, the first page). INVALID_ARGUMENT if it was not
// made for `parent`.
absl::StatusOr<std::string> ReadPageToken(absl::string_view token, absl::string_view parent);

// The same for the history of ICP `name`, which goes on before number `last_number`.
std::string MakeRevisionPageToken(absl::string_view name, int64_t last_number);

// The `last_number` in `token` (empty: 0, the first page).
absl::StatusOr<int64_t> ReadRevisionPageToken(absl::string_view token, absl::string_view name);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_PAGE_TOKEN_H_
