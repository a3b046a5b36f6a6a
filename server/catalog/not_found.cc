#include "server/catalog/not_found.h"

#include "absl/strings/str_cat.h"
#include "server/engine/suggest.h"

namespace bantam {
namespace {

std::string Named(absl::string_view revision, int64_t number) {
  return revision.empty() ? absl::StrCat("number ", number) : absl::StrCat("'", revision, "'");
}

}  // namespace

absl::string_view IcpNamePrefix(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == absl::string_view::npos ? name : name.substr(0, slash + 1);
}

absl::Status UnknownIcp(absl::string_view name, const std::vector<std::string>& names) {
  // Only the last part is compared: the tenant is the same.
  const absl::string_view prefix = IcpNamePrefix(name);
  std::vector<std::string> ids;
  for (const std::string& candidate : names) ids.push_back(candidate.substr(prefix.size()));
  const std::string nearest = Nearest(name.substr(prefix.size()), ids);
  return absl::NotFoundError(
      absl::StrCat("there is no ICP '", name, "'",
                   nearest.empty() ? "" : absl::StrCat("; did you mean '", prefix, nearest, "'?")));
}

absl::Status BrokenIcp(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat(
      "ICP '", name, "' has no good definition yet: the one there is has errors, or several have ",
      "this name; the server's log shows them"));
}

absl::Status UnknownRevision(const CompiledIcp& icp, absl::string_view revision) {
  return absl::NotFoundError(absl::StrCat("ICP '", icp.name(), "' has no revision '", revision,
                                          "', or it is not held any more; ",
                                          "the current revision is '", icp.revision(), "'"));
}

absl::Status UnknownRevision(absl::string_view name, absl::string_view revision, int64_t number) {
  return absl::NotFoundError(absl::StrCat("ICP '", name, "' has no revision ",
                                          Named(revision, number),
                                          "; its history lists those that it has "
                                          "(ListIcpRevisions, `bantam icp history`)"));
}

absl::Status TooManyIcps(absl::string_view tenant, size_t count, size_t max) {
  return absl::FailedPreconditionError(absl::StrCat(
      tenant, " has ", count, " ICPs; one request is evaluated against ", max,
      " of a tenant at most (bantamd --max_tenant_icps); name those that are wanted in `icps`"));
}

absl::Status BadRevision(absl::string_view name, absl::string_view revision, int64_t number) {
  return absl::NotFoundError(absl::StrCat("revision ", Named(revision, number), " of ICP '", name,
                                          "' has errors for this version of the program; "
                                          "ValidateIcp with its text, or `bantam icp check`, "
                                          "shows them"));
}

}  // namespace bantam
