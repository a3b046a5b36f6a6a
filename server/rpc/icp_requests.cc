#include "server/rpc/icp_requests.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/rpc/data_age.h"
#include "server/rpc/page_token.h"

namespace bantam {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr size_t kMaxEtagBytes = 256;
constexpr size_t kMaxYamlBytes = 1024 * 1024;
constexpr size_t kMaxFileBytes = 256;
constexpr size_t kMaxAuthorBytes = 256;
constexpr size_t kMaxCommentBytes = 1024;

void CheckLength(absl::string_view field, absl::string_view text, size_t max_bytes,
                 std::vector<Violation>* violations) {
  if (text.size() <= max_bytes) return;
  violations->push_back(
      {std::string(field), absl::StrCat("must be at most ", max_bytes, " bytes long")});
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Each appends what is wrong with fields of these names.

void CheckIcpName(absl::string_view name, std::vector<Violation>* violations) {
  if (IsIcpName(name)) return;
  violations->push_back({"name",
                         "must be of the form tenants/{tenant}/icps/{icp}; ids have "
                         "lower-case letters, digits and hyphens"});
}

void CheckRevisionOrNumber(absl::string_view revision, int64_t number,
                           std::vector<Violation>* violations) {
  if (!revision.empty() && !IsRevision(revision)) {
    violations->push_back({"revision",
                           "must be 32 lower-case hexadecimal digits; leave it out for the current "
                           "revision"});
  }
  if (number < 0) {
    violations->push_back({"number", "must be at least 1; leave it out to name none"});
  } else if (number > 0 && !revision.empty()) {
    violations->push_back({"number", "must not be set together with revision; name one of both"});
  }
}

void CheckPageSize(int page_size, std::vector<Violation>* violations) {
  if (page_size >= 0 && page_size <= kMaxPageSize) return;
  violations->push_back({"page_size", absl::StrCat("must be from 0 to ", kMaxPageSize)});
}

void CheckYaml(absl::string_view yaml, absl::string_view what_for,
               std::vector<Violation>* violations) {
  if (yaml.empty()) {
    violations->push_back({"yaml", absl::StrCat("must be set: the definition to ", what_for)});
  } else if (yaml.size() > kMaxYamlBytes) {
    violations->push_back({"yaml", "must be at most 1 MiB long"});
  }
}

void CheckFile(absl::string_view file, std::vector<Violation>* violations) {
  CheckLength("file", file, kMaxFileBytes, violations);
}

void CheckAuthorAndComment(absl::string_view author, absl::string_view comment,
                           std::vector<Violation>* violations) {
  CheckLength("author", author, kMaxAuthorBytes, violations);
  if (std::any_of(author.begin(), author.end(), IsControl)) {
    violations->push_back({"author", "must be one line without control characters"});
  }
  CheckLength("comment", comment, kMaxCommentBytes, violations);
  const auto is_bad = [](char c) { return IsControl(c) && c != '\n' && c != '\t'; };
  if (std::any_of(comment.begin(), comment.end(), is_bad)) {
    violations->push_back(
        {"comment", "must not hold control characters other than line feeds and tabs"});
  }
}

void CheckEtag(absl::string_view etag, bool required, std::vector<Violation>* violations) {
  if (etag.empty() && required) {
    violations->push_back({"etag", "must be set: the etag that GetIcp gave, or * for any"});
  } else if (etag.size() > kMaxEtagBytes) {
    violations->push_back({"etag", "must be the etag that GetIcp gave, or * for any"});
  }
}

}  // namespace

std::vector<Violation> CheckGetIcp(const v1::GetIcpRequest& request) {
  std::vector<Violation> violations;
  CheckIcpName(request.name(), &violations);
  CheckRevisionOrNumber(request.revision(), request.number(), &violations);
  if (request.has_max_staleness()) {
    CheckMaxStaleness(request.max_staleness(), "max_staleness", &violations);
  }
  return violations;
}

std::vector<Violation> CheckListIcps(const v1::ListIcpsRequest& request, std::string* after) {
  std::vector<Violation> violations;
  if (request.parent() != kAllTenants && !IsTenantName(request.parent())) {
    violations.push_back({"parent", "must be of the form tenants/{tenant}, or tenants/-"});
  }
  CheckPageSize(request.page_size(), &violations);
  absl::StatusOr<std::string> token = ReadPageToken(request.page_token(), request.parent());
  if (token.ok()) {
    *after = *std::move(token);
  } else {
    violations.push_back({"page_token", std::string(token.status().message())});
  }
  return violations;
}

std::vector<Violation> CheckValidateIcp(const v1::ValidateIcpRequest& request) {
  std::vector<Violation> violations;
  CheckYaml(request.yaml(), "check", &violations);
  CheckFile(request.file(), &violations);
  return violations;
}

std::vector<Violation> CheckSaveIcp(const v1::SaveIcpRequest& request) {
  std::vector<Violation> violations;
  CheckYaml(request.yaml(), "save", &violations);
  CheckEtag(request.etag(), /*required=*/false, &violations);
  CheckAuthorAndComment(request.author(), request.comment(), &violations);
  CheckFile(request.file(), &violations);
  return violations;
}

std::vector<Violation> CheckDeleteIcp(const v1::DeleteIcpRequest& request) {
  std::vector<Violation> violations;
  CheckIcpName(request.name(), &violations);
  CheckEtag(request.etag(), /*required=*/true, &violations);
  CheckAuthorAndComment(request.author(), request.comment(), &violations);
  return violations;
}

std::vector<Violation> CheckListIcpRevisions(const v1::ListIcpRevisionsRequest& request,
                                             int64_t* before) {
  std::vector<Violation> violations;
  CheckIcpName(request.name(), &violations);
  CheckPageSize(request.page_size(), &violations);
  const absl::StatusOr<int64_t> token = ReadRevisionPageToken(request.page_token(), request.name());
  if (token.ok()) {
    *before = *token;
  } else {
    violations.push_back({"page_token", std::string(token.status().message())});
  }
  return violations;
}

std::vector<Violation> CheckRollbackIcp(const v1::RollbackIcpRequest& request) {
  std::vector<Violation> violations;
  CheckIcpName(request.name(), &violations);
  if (request.revision().empty() && request.number() == 0) {
    violations.push_back({"revision", "must be set, or number: what to go back to"});
  }
  CheckRevisionOrNumber(request.revision(), request.number(), &violations);
  CheckEtag(request.etag(), /*required=*/true, &violations);
  CheckAuthorAndComment(request.author(), request.comment(), &violations);
  return violations;
}

std::vector<Violation> DefinitionErrors(const std::vector<v1::Issue>& issues) {
  std::vector<Violation> violations;
  for (const v1::Issue& issue : issues) {
    if (issue.severity() != v1::ISSUE_SEVERITY_ERROR) continue;
    const std::string place =
        issue.line() == 0 ? "" : absl::StrCat(":", issue.line(), ":", issue.column());
    violations.push_back({issue.field().empty() ? "yaml" : issue.field(),
                          absl::StrCat(issue.file(), place, ": ", issue.message())});
  }
  return violations;
}

int PageLimit(int page_size) { return page_size == 0 ? kDefaultPageSize : page_size; }

std::string FileName(const std::string& file) { return file.empty() ? "icp.yaml" : file; }

}  // namespace bantam
