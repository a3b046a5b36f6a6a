#include "client/watch/decision_line.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/output/words.h"
#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

template <typename T, typename U>
bool IsOneOf(const std::vector<T>& wanted, const U& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

// "tenants/acme/icps/software" → "acme/software".
std::string ShortName(absl::string_view icp) {
  const size_t middle = icp.find("/icps/");
  if (middle == absl::string_view::npos || !absl::ConsumePrefix(&icp, "tenants/")) {
    return std::string(icp);
  }
  const size_t tenant_end = icp.find('/');
  return absl::StrCat(icp.substr(0, tenant_end), "/", icp.substr(tenant_end + 6));
}

// "mql → sql", "mql", or nothing.
std::string Move(const v1::Decision& decision, const Style& style) {
  const v1::DecisionTransition& transition = decision.transition();
  if (!decision.has_transition() || transition.from_stage() == transition.to_stage()) {
    return Printable(decision.stage());
  }
  return absl::StrCat(Printable(transition.from_stage()), " → ",
                      Paint(style, Ink::kBold, Printable(transition.to_stage())), " (",
                      Words(transition.outcome()), ")");
}

}  // namespace

bool DecisionFilter::Wants(const v1::Decision& decision) const {
  return (tenant.empty() || absl::StartsWith(decision.icp(), absl::StrCat(tenant, "/"))) &&
         IsOneOf(icps, decision.icp()) && IsOneOf(verdicts, decision.verdict()) &&
         IsOneOf(lead_ids, decision.lead_id()) &&
         (!since.has_value() || ToTime(decision.time()) >= *since);
}

absl::optional<v1::Decision> ParseDecisionLine(const std::string& line) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  v1::Decision decision;
  if (!google::protobuf::util::JsonStringToMessage(line, &decision, options).ok() ||
      !decision.has_time()) {
    return absl::nullopt;
  }
  return decision;
}

std::string RenderDecision(const v1::Decision& decision, absl::TimeZone zone, const Style& style) {
  const std::string score = decision.has_score()
                                ? absl::StrCat(PadLeft(TwoDecimals(decision.score()), 6), " ",
                                               PadRight(Printable(decision.grade()), 1))
                                : std::string(8, ' ');
  const std::string lead = decision.lead_id().empty() ? "(no id)" : Printable(decision.lead_id());
  std::string line = absl::StrCat(
      Paint(style, Ink::kDim, absl::FormatTime("%Y-%m-%d %H:%M:%S", ToTime(decision.time()), zone)),
      "  ", Paint(style, VerdictInk(decision.verdict()), PadRight(Words(decision.verdict()), 12)),
      "  ", score, "  ", PadRight(Printable(ShortName(decision.icp())), 20), "  ",
      PadRight(lead, 20));
  const std::string move = Move(decision, style);
  if (!move.empty()) absl::StrAppend(&line, "  ", move);
  if (!decision.caller().empty()) {
    absl::StrAppend(&line, "  ", Paint(style, Ink::kDim, Printable(decision.caller())));
  }
  return line;
}

}  // namespace bantam
