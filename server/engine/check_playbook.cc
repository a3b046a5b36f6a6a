#include <algorithm>

#include "absl/strings/str_join.h"
#include "server/engine/business_hours.h"
#include "server/engine/check.h"
#include "server/engine/funnel.h"
#include "server/engine/suggest.h"

namespace bantam {
namespace {

// What a situation may name.
struct Names {
  std::vector<std::string> gaps;
  std::vector<std::string> stages;
};

Names NamesOf(const v1::Icp& icp) {
  Names names;
  names.gaps = {"budget", "authority", "need", "timeline", "criteria"};
  for (const v1::Criterion& criterion : icp.fit().criteria()) {
    names.gaps.push_back(criterion.id());
  }
  for (const v1::FunnelStage& stage : icp.funnel().stages()) names.stages.push_back(stage.id());
  names.stages.emplace_back(kNurtureStage);
  names.stages.emplace_back(kDisqualifiedStage);
  return names;
}

void CheckNamed(const google::protobuf::RepeatedPtrField<std::string>& values,
                const std::vector<std::string>& known, absl::string_view what,
                absl::string_view path, Issues* issues) {
  for (int i = 0; i < values.size(); ++i) {
    if (std::find(known.begin(), known.end(), values[i]) != known.end()) continue;
    issues->Error(absl::StrCat(path, "[", i, "]"), "there is no ", what, " '", values[i], "'",
                  DidYouMean(values[i], known));
  }
}

void CheckSituation(const v1::Situation& when, const Names& names, absl::string_view path,
                    Issues* issues) {
  CheckNamed(when.gaps(), names.gaps, "gap", Path(path, "gaps"), issues);
  CheckNamed(when.stages(), names.stages, "stage", Path(path, "stages"), issues);
  for (int i = 0; i < when.temperatures_size(); ++i) {
    if (!v1::Temperature_IsValid(when.temperatures(i)) ||
        when.temperatures(i) == v1::TEMPERATURE_UNSPECIFIED) {
      issues->Error(Path(path, "temperatures", i), "expected cold, warm or hot");
    }
  }
  for (int i = 0; i < when.verdicts_size(); ++i) {
    if (when.verdicts(i) == v1::VERDICT_RESTRICTED) {
      issues->Error(Path(path, "verdicts", i), "a restricted lead has no actions");
    } else if (!v1::Verdict_IsValid(when.verdicts(i)) ||
               when.verdicts(i) == v1::VERDICT_UNSPECIFIED) {
      issues->Error(Path(path, "verdicts", i), "expected disqualified, nurture, qualified or open");
    }
  }
  for (int i = 0; i < when.parts_size(); ++i) {
    const v1::PartRange& range = when.parts(i);
    const std::string place = Path(path, "parts", i);
    if (!v1::ScorePart_IsValid(range.part()) || range.part() == v1::SCORE_PART_UNSPECIFIED) {
      issues->Error(place, "needs a 'part': fit, engagement, bant or total");
    }
    CheckPercent(range.min_percent(), Path(place, "min_percent"), issues);
    CheckPercent(range.max_percent(), Path(place, "max_percent"), issues);
    if (range.min_percent() > range.max_percent()) {
      issues->Error(place, "'min_percent' is above 'max_percent'");
    }
  }
  if (when.has_hand_raised_within()) {
    CheckSpan(when.hand_raised_within(), 1, Path(path, "hand_raised_within"), issues);
  }
}

void CheckAction(const v1::Action& action, absl::string_view path, Issues* issues) {
  if (!v1::ActionKind_IsValid(action.kind()) || action.kind() == v1::ACTION_KIND_UNSPECIFIED) {
    issues->Error(path, "needs a 'kind', such as discovery_call");
  }
  if (action.kind() == v1::ACTION_KIND_OTHER && action.title().texts().empty()) {
    issues->Error(path, "needs a 'title': the kind 'other' has none of its own");
  }
  CheckText(action.title(), Path(path, "title"), issues);
  CheckText(action.script(), Path(path, "script"), issues);
  if (!v1::Channel_IsValid(action.channel())) {
    issues->Error(Path(path, "channel"), "expected email, phone, sms or post");
  }
  constexpr size_t kLongestAsset = 1024;
  if (action.asset().size() > kLongestAsset) {
    issues->Error(Path(path, "asset"), "must be at most ", kLongestAsset, " bytes long");
  }
  if (!action.has_sla()) return;
  CheckInt(action.sla().business_days(), 0, 365, Path(path, "sla.business_days"), issues);
  CheckInt(action.sla().business_minutes(), 0, 525600, Path(path, "sla.business_minutes"), issues);
}

// A stage for which no rule ever recommends anything.
void WarnOfIdleStages(const v1::Icp& icp, Issues* issues) {
  std::vector<std::string> idle;
  for (const std::string& stage : NamesOf(icp).stages) {
    if (stage == kCustomerStage || stage == kDisqualifiedStage) continue;
    const bool busy = std::any_of(icp.playbook().rules().begin(), icp.playbook().rules().end(),
                                  [&](const v1::PlaybookRule& rule) {
                                    const auto& stages = rule.when().stages();
                                    return stages.empty() || std::find(stages.begin(), stages.end(),
                                                                       stage) != stages.end();
                                  });
    if (!busy) idle.push_back(stage);
  }
  if (!idle.empty()) {
    issues->Warning("playbook", "no rule has an action for the stage: ", absl::StrJoin(idle, ", "));
  }
}

}  // namespace

void CheckPlaybook(const v1::Icp& icp, Issues* issues) {
  constexpr int kMostRules = 500;
  const v1::Playbook& playbook = icp.playbook();
  CheckCount(playbook.rules_size(), kMostRules, "playbook.rules", issues);
  const Names names = NamesOf(icp);
  std::set<std::string> ids;
  for (int i = 0; i < std::min(playbook.rules_size(), kMostRules); ++i) {
    const v1::PlaybookRule& rule = playbook.rules(i);
    const std::string path = Path("playbook", "rules", i);
    CheckId(rule.id(), Path(path, "id"), &ids, issues);
    CheckSituation(rule.when(), names, Path(path, "when"), issues);
    if (rule.has_action()) {
      CheckAction(rule.action(), Path(path, "action"), issues);
    } else {
      issues->Error(path, "needs an 'action', such as action: {kind: discovery_call}");
    }
    CheckInt(rule.priority(), -1000, 1000, Path(path, "priority"), issues);
  }
  WarnOfIdleStages(icp, issues);
}

void CheckBusinessHours(const v1::Icp& icp, const v1::Icp& written, const TimeZones& zones,
                        Issues* issues) {
  const v1::BusinessHours& hours = icp.business_hours();
  if (written.business_hours().time_zone().empty()) {
    issues->Warning("business_hours",
                    "no time_zone is set, so due times are counted in UTC; set "
                    "one such as Europe/Berlin");
  } else if (!zones.Find(hours.time_zone()).has_value()) {
    issues->Error("business_hours.time_zone", "'", hours.time_zone(),
                  "' is not a time zone; expected an IANA name such as Europe/Berlin");
  }
  std::set<int> days;
  for (int i = 0; i < hours.days_size(); ++i) {
    const std::string place = Path("business_hours", "days", i);
    if (!v1::Weekday_IsValid(hours.days(i)) || hours.days(i) == v1::WEEKDAY_UNSPECIFIED) {
      issues->Error(place, "expected a day of the week, such as monday");
    } else if (!days.insert(hours.days(i)).second) {
      issues->Error(place, "the day is listed twice");
    }
  }
  const std::optional<int> opens = ParseMinuteOfDay(hours.opens());
  const std::optional<int> closes = ParseMinuteOfDay(hours.closes());
  if (!opens.has_value() || *opens == 24 * 60) {
    issues->Error("business_hours.opens", "must be a time from \"00:00\" to \"23:59\"");
  }
  if (!closes.has_value() || *closes == 0) {
    issues->Error("business_hours.closes", "must be a time from \"00:01\" to \"24:00\"");
  } else if (opens.has_value() && *closes <= *opens) {
    issues->Error("business_hours.closes", "must be later than opens, which is ", hours.opens());
  }
  constexpr int kMostHolidays = 1000;
  CheckCount(hours.holidays_size(), kMostHolidays, "business_hours.holidays", issues);
  for (int i = 0; i < std::min(hours.holidays_size(), kMostHolidays); ++i) {
    if (!ParseDate(hours.holidays(i)).has_value()) {
      issues->Error(Path("business_hours", "holidays", i), "must be a date such as 2026-12-25");
    }
  }
}

}  // namespace bantam
