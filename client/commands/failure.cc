#include "client/commands/failure.h"

#include <iostream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/exit_codes.h"
#include "client/qualifier.h"
#include "client/qualifier/channel.h"
#include "client/qualifier/remote_qualifier.h"

namespace bantam {
namespace {

// Younger data is as fresh as it gets without asking for more.
constexpr absl::Duration kRemarkableAge = absl::Seconds(5);

}  // namespace

void PrintError(absl::string_view message) { std::cerr << "bantam: " << message << "\n"; }

int PrintFailedCall(const absl::Status& status, absl::string_view server, Instead instead) {
  if (IsUsageError(status)) {
    PrintError(status.message());
    return kExitUsage;
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (IsTlsFailure(status)) {
        PrintError(absl::StrCat("no connection to the server at ", server, ": ", status.message()));
        return kExitUnreachable;
      }
      if (CameFromServer(status)) {
        PrintError(
            absl::StrCat("the server at ", server, " cannot answer now: ", status.message()));
        return kExitUnreachable;
      }
      PrintError(absl::StrCat(
          "cannot reach a server at ", server, "; start one (bantamd --icps=DIR)",
          instead == Instead::kEngine
              ? ", name another (--server or BANTAM_SERVER), or ask the engine here (--icps=DIR)"
              : " or name another (--server or BANTAM_SERVER)",
          ". Cause: ", status.message()));
      return kExitUnreachable;
    case absl::StatusCode::kDeadlineExceeded:
      PrintError(absl::StrCat("the server at ", server,
                              " did not answer in time; allow more with --timeout"));
      return kExitUnreachable;
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kResourceExhausted:
      PrintError(absl::StrCat("the server at ", server,
                              " did not take all of it: ", status.message(), "; try again later"));
      return kExitUnreachable;
    case absl::StatusCode::kUnauthenticated:
      PrintError(absl::StrCat("the server at ", server,
                              " does not know who asks: ", status.message(),
                              "; give a token that it knows (--token-file), or a certificate "
                              "(--tls-cert, --tls-key)"));
      return kExitRefused;
    case absl::StatusCode::kPermissionDenied:
      PrintError(absl::StrCat("the server at ", server, " does not allow that: ", status.message(),
                              "; its operators can grant it in the server's access policy"));
      return kExitRefused;
    default:
      break;
  }
  const v1::BadRequest violations = Violations(status);
  if (violations.field_violations().empty()) {
    PrintError(status.message());
  } else {
    PrintError("the request is invalid:");
    for (const v1::BadRequestFieldViolation& field : violations.field_violations()) {
      std::cerr << "  " << field.field() << ": " << field.description() << "\n";
    }
  }
  return ConcernsLead(status) ? kExitSomeFailed : kExitRefused;
}

void PrintDataAge(absl::optional<absl::Duration> age) {
  if (!age.has_value() || *age <= kRemarkableAge) return;
  std::cerr << "note: the server last knew its ICPs to be current "
            << absl::FormatDuration(absl::Trunc(*age, absl::Seconds(1)))
            << " ago; --newest asks for what is saved now\n";
}

std::string DescribeLeadError(const v1::LeadError& error) {
  std::vector<std::string> fields;
  for (const v1::FieldViolation& violation : error.violations()) {
    fields.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
  }
  return fields.empty() ? error.message() : absl::StrJoin(fields, "; ");
}

size_t PrintFailedLeads(const std::vector<std::string>& failed, size_t all) {
  if (failed.empty()) return 0;
  std::cout << std::flush;
  for (const std::string& line : failed) std::cerr << line << "\n";
  PrintError(absl::StrCat(failed.size(), " of ", all, all == 1 ? " lead failed" : " leads failed"));
  return failed.size();
}

bool ConcernsLead(const absl::Status& status) {
  const v1::BadRequest violations = Violations(status);
  if (!absl::IsInvalidArgument(status) || violations.field_violations().empty()) return false;
  for (const v1::BadRequestFieldViolation& field : violations.field_violations()) {
    if (field.field() != "lead" && !absl::StartsWith(field.field(), "lead.")) return false;
  }
  return true;
}

v1::LeadError ToLeadError(const absl::Status& status) {
  v1::LeadError error;
  error.set_code(static_cast<int>(status.code()));
  error.set_message(std::string(status.message()));
  const v1::BadRequest violations = Violations(status);
  for (const v1::BadRequestFieldViolation& field : violations.field_violations()) {
    v1::FieldViolation* violation = error.add_violations();
    violation->set_field(field.field());
    violation->set_description(field.description());
  }
  return error;
}

}  // namespace bantam
