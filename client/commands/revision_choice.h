#ifndef BANTAM_CLIENT_COMMANDS_REVISION_CHOICE_H_
#define BANTAM_CLIENT_COMMANDS_REVISION_CHOICE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "client/commands/catalog_client.h"
#include "client/diff/icp_diff.h"

namespace bantam {

// A revision as the contract names it: one of the two is set, or neither for the current one.
struct RevisionChoice {
  int64_t number = 0;
  std::string revision;

  bool is_current() const { return number == 0 && revision.empty(); }
};

// Whether `text` is the first digits of a revision, at least 4.
bool IsShortRevision(const std::string& text);

// What a person means by `text`: a number ("3"); the 32 digits of a revision, or its first 4 or
// more, for which the history of `name` is searched, as for the "sql-…" of one saved by hand in the
// database; "current". What could be both ("6340") is a number if the history has it.
// UsageError(), with `prefix` in front ("--to: "): it is none of these, or several revisions begin
// so; NOT_FOUND: none does; else as ListRevisions().
absl::StatusOr<RevisionChoice> ChooseRevision(CatalogClient* client, const std::string& name,
                                              const std::string& text, absl::string_view prefix);

// That revision, good or bad (which has errors, and no definition); current ones are the newest
// there are.
absl::StatusOr<v1::IcpRevision> GetChosen(CatalogClient* client, const std::string& name,
                                          const RevisionChoice& choice);

// The errors of a bad revision as a person reads them, each on lines of its own behind a line feed.
std::string ErrorLines(const v1::IcpRevision& revision);

// FAILED_PRECONDITION, with all its errors and what to do, if `revision` is bad.
absl::Status CheckGood(const v1::IcpRevision& revision);

// Notes on standard error if the newest revision of the ICP is bad, so that `served`, which is what
// the server has for the current one, serves in its place. Costs a call. Nothing is noted of a
// catalog of files, nor to those who may not see the history.
void NoteBadNewest(CatalogClient* client, const v1::IcpRevision& served);

// A revision as differences compare it.
IcpVersion VersionOf(const v1::IcpRevision& revision);

// The first digits of a revision, enough for people.
std::string ShortRevision(const std::string& revision);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_REVISION_CHOICE_H_
