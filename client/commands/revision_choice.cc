#include "client/commands/revision_choice.h"

#include <algorithm>
#include <iostream>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/commands/resource_names.h"
#include "client/qualifier/channel.h"
#include "server/definition/yaml.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

constexpr size_t kShortLength = 12;

// What the history shows for texts that were saved by hand in the database begins so.
constexpr char kByHand[] = "sql-";
constexpr size_t kLeastDigits = 4;
constexpr size_t kRevisionDigits = 32;

bool IsHexadecimal(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c)) && !absl::ascii_isupper(c);
  });
}

// What the history of `name` has for a text: the entry of a number, or the one revision that begins
// with `digits`; of several entries with it, the newest. `number`: what the digits are as one,
// which goes before; 0: they are none.
absl::StatusOr<RevisionChoice> FindInHistory(CatalogClient* client, const std::string& name,
                                             const std::string& digits, int64_t number,
                                             absl::string_view prefix) {
  std::map<std::string, int64_t> found;  // With their newest numbers.
  bool has_number = false;
  const absl::Status status =
      client->ListRevisions(name, 0, [&](const v1::IcpRevisionSummary& entry) {
        has_number = number > 0 && entry.number() == number;
        if (absl::StartsWith(entry.revision(), digits)) {
          found.emplace(entry.revision(), entry.number());
        }
        return !has_number;
      });
  // Who may not see the history can name a number all the same.
  if (has_number || (number > 0 && absl::IsPermissionDenied(status))) {
    return RevisionChoice{number, ""};
  }
  if (!status.ok()) return status;
  if (found.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no revision of ", name,
                     number > 0 ? absl::StrCat(" has the number ", number, ", and none") : "",
                     " begins with ", digits, "; `bantam icp history` lists them"));
  }
  if (found.size() > 1) {
    return UsageError(absl::StrCat(prefix, found.size(), " revisions of ", name, " begin with ",
                                   digits, "; give more digits"));
  }
  return RevisionChoice{found.begin()->second, ""};
}

}  // namespace

bool IsShortRevision(const std::string& text) {
  return text.size() >= kLeastDigits && text.size() < kRevisionDigits && IsHexadecimal(text);
}

absl::StatusOr<RevisionChoice> ChooseRevision(CatalogClient* client, const std::string& name,
                                              const std::string& text, absl::string_view prefix) {
  if (text == "current") return RevisionChoice{};
  if (IsRevision(text)) return RevisionChoice{0, text};
  const absl::string_view digits = absl::StripPrefix(text, kByHand);
  const bool may_be_digits = IsShortRevision(std::string(digits));
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 0) number = 0;
  // The history shows numbers without zeros in front.
  if (may_be_digits && text[0] == '0') number = 0;
  if (may_be_digits) return FindInHistory(client, name, text, number, prefix);
  if (number > 0) return RevisionChoice{number, ""};
  return UsageError(absl::StrCat(
      prefix, "'", text,
      "' is no revision; expected a number such as 3, or the digits of a revision, as ",
      "`bantam icp history` shows them"));
}

absl::StatusOr<v1::IcpRevision> GetChosen(CatalogClient* client, const std::string& name,
                                          const RevisionChoice& choice) {
  v1::GetIcpRequest request;
  request.set_name(name);
  request.set_number(choice.number);
  request.set_revision(choice.revision);
  if (choice.is_current()) request.mutable_max_staleness();  // 0 s.
  return client->Get(request);
}

std::string ErrorLines(const v1::IcpRevision& revision) {
  std::string lines;
  for (const v1::Issue& error : revision.errors()) {
    absl::StrAppend(&lines, "\n", absl::StripSuffix(error.rendered(), "\n"));
  }
  return lines;
}

absl::Status CheckGood(const v1::IcpRevision& revision) {
  if (revision.errors().empty()) return absl::OkStatus();
  const std::string number = absl::StrCat(revision.number());
  return absl::FailedPreconditionError(absl::StrCat(
      "number ", number, " of ", revision.name(), " is bad; read its text with `bantam icp get ",
      ShortIcpName(revision.name()), " --revision ", number,
      "`, mend it, and save it with `bantam icp put`:", ErrorLines(revision)));
}

void NoteBadNewest(CatalogClient* client, const v1::IcpRevision& served) {
  if (served.number() == 0) return;
  const absl::StatusOr<v1::IcpRevisionSummary> newest = client->NewestEntry(served.name());
  // What is newer and in force was saved meanwhile, or the server has not looked for it yet.
  if (!newest.ok() || newest->deletion() || newest->current()) return;
  if (newest->number() <= served.number()) return;
  std::cerr << "note: the newest revision of " << served.name() << ", number " << newest->number()
            << ", is bad; this is number " << served.number() << ", which serves in its place\n";
}

IcpVersion VersionOf(const v1::IcpRevision& revision) {
  IcpVersion version;
  version.full = revision.icp();
  // A newer server may know keys that this program does not; then nothing is told of defaults.
  if (!ParseYaml(revision.yaml(), "icp.yaml", &version.written, nullptr).empty()) {
    version.written = version.full;
  }
  return version;
}

std::string ShortRevision(const std::string& revision) {
  // Enough of these to be told apart as well.
  const size_t prefix = absl::StartsWith(revision, kByHand) ? sizeof(kByHand) - 1 : 0;
  return revision.substr(0, prefix + kShortLength);
}

}  // namespace bantam
