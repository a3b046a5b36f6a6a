#include "server/rpc/icp_messages.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

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

}  // namespace

void DescribeRevision(const CatalogEntry& entry, v1::IcpRevision* revision) {
  revision->set_name(entry.icp->name());
  revision->set_revision(entry.icp->revision());
  *revision->mutable_icp() = entry.icp->definition();
  revision->set_yaml(entry.yaml);
  SetTime(entry.load_time, revision->mutable_load_time());
  revision->mutable_warnings()->Add(entry.warnings.begin(), entry.warnings.end());
  const RevisionOrigin& origin = entry.origin;
  revision->set_etag(origin.etag);
  revision->set_author(origin.author);
  revision->set_comment(origin.comment);
  if (origin.number == 0) return;
  revision->set_number(origin.number);
  SetTime(origin.create_time, revision->mutable_create_time());
}

void SummarizeRevision(const RevisionRecord& record, bool current,
                       v1::IcpRevisionSummary* summary) {
  summary->set_number(record.number);
  summary->set_revision(record.revision);
  summary->set_etag(EtagOf(record));
  summary->set_author(record.author);
  summary->set_comment(record.comment);
  SetTime(record.create_time, summary->mutable_create_time());
  summary->set_title(record.title);
  summary->set_deletion(record.deletion());
  summary->set_current(current);
}

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

std::string FileName(const std::string& file) { return file.empty() ? "icp.yaml" : file; }

}  // namespace bantam
