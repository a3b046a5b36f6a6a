#include <algorithm>

#include "absl/strings/str_join.h"
#include "server/engine/attributes.h"
#include "server/engine/check.h"
#include "server/engine/money.h"
#include "server/engine/points.h"
#include "server/engine/suggest.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

template <typename Map>
std::vector<std::string> SortedKeys(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : map) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

void CheckDecay(const v1::Decay& decay, absl::string_view path, Issues* issues) {
  switch (decay.kind_case()) {
    case v1::Decay::kStepwise: {
      const std::string place = Path(path, "stepwise");
      const v1::StepwiseDecay& stepwise = decay.stepwise();
      CheckPercent(stepwise.rate_percent(), Path(place, "rate_percent"), issues);
      if (stepwise.rate_percent() == 0) {
        issues->Error(Path(place, "rate_percent"),
                      "must be above 0; for no decay leave out "
                      "'decay'");
      }
      CheckSpan(stepwise.interval(), 1, Path(place, "interval"), issues);
      break;
    }
    case v1::Decay::kExponential:
      CheckSpan(decay.exponential().half_life(), 1, Path(path, "exponential.half_life"), issues);
      break;
    case v1::Decay::KIND_NOT_SET:
      issues->Error(path, "needs 'stepwise' or 'exponential'; for no decay leave out 'decay'");
  }
}

void CheckRule(const v1::EngagementRule& rule, absl::string_view path,
               const std::set<std::string>& groups, Issues* issues) {
  constexpr int kMostEvents = 10000;
  CheckText(rule.title(), Path(path, "title"), issues);
  if (rule.event_types().empty()) {
    issues->Error(path, "needs 'event_types', such as [page_view]");
  }
  CheckEventTypes(rule.event_types(), Path(path, "event_types"), issues);
  CheckPoints(rule.points(), -kMostPoints, kMostPoints, Path(path, "points"), issues);
  CheckInt(rule.min_count(), 1, kMostEvents, Path(path, "min_count"), issues);
  if (rule.has_max_count()) {
    CheckInt(rule.max_count(), std::clamp(rule.min_count(), 1, kMostEvents), kMostEvents,
             Path(path, "max_count"), issues);
  }
  if (rule.has_window()) CheckSpan(rule.window(), 1, Path(path, "window"), issues);
  if (rule.has_decay()) CheckDecay(rule.decay(), Path(path, "decay"), issues);
  if (rule.has_cap()) CheckPoints(rule.cap(), 0, kMostPoints, Path(path, "cap"), issues);
  if (!rule.group().empty() && groups.count(rule.group()) == 0) {
    issues->Error(Path(path, "group"), "there is no group '", rule.group(),
                  "' in engagement.groups",
                  DidYouMean(rule.group(), {groups.begin(), groups.end()}));
  }
  if (rule.points() == 0 && !rule.hand_raise()) {
    issues->Warning(path, "has no effect: it earns no points and raises no hand");
  }
}

void CheckBantPoints(const v1::Icp& icp, Issues* issues) {
  const v1::BantProfile& bant = icp.bant();
  const size_t issues_before = issues->list().size();
  CheckPoints(bant.budget().points(), 0, 100, "bant.budget.points", issues);
  CheckPoints(bant.authority().points(), 0, 100, "bant.authority.points", issues);
  CheckPoints(bant.need().points(), 0, 100, "bant.need.points", issues);
  CheckPoints(bant.timeline().points(), 0, 100, "bant.timeline.points", issues);
  if (issues->list().size() > issues_before) return;
  const Points sum = FromWire(bant.budget().points()) + FromWire(bant.authority().points()) +
                     FromWire(bant.need().points()) + FromWire(bant.timeline().points());
  const Points cap = FromWire(icp.caps().bant());
  const v1::PartCaps& caps = icp.caps();
  const bool caps_add_up =
      FromWire(caps.fit()) + FromWire(caps.engagement()) + cap == FromWire(100);
  if (caps_add_up && sum != cap) {
    issues->Warning("bant", "the four dimensions add up to ", FormatPoints(sum),
                    " points, but the cap of BANT is ", FormatPoints(cap));
  }
}

void CheckBudget(const v1::Icp& icp, Issues* issues) {
  const v1::BudgetRule& budget = icp.bant().budget();
  CheckSpan(budget.valid_for(), 1, "bant.budget.valid_for", issues);
  CheckText(budget.question(), "bant.budget.question", issues);
  if (!budget.has_minimum()) return;
  constexpr int64_t kMostUnits = 1000000000000000;
  const v1::Money& minimum = budget.minimum();
  if (minimum.units() < 0 || minimum.nanos() < 0 || minimum.units() > kMostUnits ||
      minimum.nanos() > 999999999) {
    issues->Error("bant.budget.minimum", "must be from 0 to 10^15");
  }
  if (minimum.currency_code() != icp.currency()) {
    issues->Error("bant.budget.minimum", "must be in the ICP's currency, ", icp.currency(),
                  ", such as '10000 ", icp.currency(), "'");
  }
}

void CheckAuthority(const v1::AuthorityRule& authority, Issues* issues) {
  static const std::vector<std::string>& roles = *new std::vector<std::string>{
      "decision_maker", "economic_buyer", "influencer", "champion", "evaluator", "user"};
  CheckSpan(authority.valid_for(), 1, "bant.authority.valid_for", issues);
  CheckText(authority.question(), "bant.authority.question", issues);
  CheckCount(authority.title_roles_size(), 10000, "bant.authority.title_roles", issues);
  std::set<std::string> folded;
  for (const std::string& title : SortedKeys(authority.title_roles())) {
    const std::string place = absl::StrCat("bant.authority.title_roles[", title, "]");
    const std::string& role = authority.title_roles().at(title);
    if (std::find(roles.begin(), roles.end(), NormalizeRole(role)) == roles.end()) {
      issues->Error(place, "'", role, "' is not a role; expected one of ",
                    absl::StrJoin(roles, ", "), DidYouMean(role, roles));
    }
    if (Fold(title).empty()) {
      issues->Error(place, "the title must not be empty");
    } else if (!folded.insert(Fold(title)).second) {
      issues->Error(place, "the title '", title,
                    "' is listed twice (upper and lower case count "
                    "as equal)");
    }
  }
}

void CheckNeed(const v1::NeedRule& need, Issues* issues) {
  constexpr int kMostProblems = 1000;
  CheckSpan(need.valid_for(), 1, "bant.need.valid_for", issues);
  CheckText(need.question(), "bant.need.question", issues);
  CheckCount(need.solved_problems_size(), kMostProblems, "bant.need.solved_problems", issues);
  for (int i = 0; i < need.solved_problems_size(); ++i) {
    if (Fold(need.solved_problems(i)).empty()) {
      issues->Error(Path("bant.need", "solved_problems", i), "must not be empty");
    }
  }
  CheckEventTypes(need.implying_events().types(), "bant.need.implying_events", issues);
  if (need.solved_problems().empty()) {
    issues->Warning("bant.need",
                    "names no solved_problems, so a need is partial at most and "
                    "nobody can be QUALIFIED");
  }
}

}  // namespace

void CheckMoney(const v1::Icp& icp, Issues* issues) {
  if (!IsCurrencyCode(icp.currency())) {
    issues->Error("currency", "must be an ISO 4217 code of three upper-case letters, such as EUR");
  }
  constexpr int kMostRates = 300;
  CheckCount(icp.exchange_rates_size(), kMostRates, "exchange_rates", issues);
  for (const std::string& code : SortedKeys(icp.exchange_rates())) {
    const std::string place = absl::StrCat("exchange_rates[", code, "]");
    if (!IsCurrencyCode(code)) {
      issues->Error(place, "'", code, "' is not an ISO 4217 code of three upper-case letters");
    } else if (code == icp.currency()) {
      issues->Error(place, "is the ICP's own currency; its rate is always 1");
    }
    if (!ParseRate(icp.exchange_rates().at(code)).has_value()) {
      issues->Error(place,
                    "must be a decimal such as \"0.92\": above 0, at most 1000000, with at "
                    "most 12 decimals");
    }
  }
}

void CheckAliases(const v1::Icp& icp, Issues* issues) {
  constexpr int kMostAliases = 10000;
  std::set<std::string> attributes;
  for (int i = 0; i < icp.aliases_size(); ++i) {
    const v1::AliasTable& table = icp.aliases(i);
    const std::string path = Path("", "aliases", i);
    const Attribute* attribute = FindAttribute(table.attribute());
    if (attribute == nullptr && !CustomName(table.attribute()).has_value()) {
      issues->Error(Path(path, "attribute"), "unknown attribute '", table.attribute(), "'",
                    DidYouMean(table.attribute(), AttributePaths()));
    } else if (attribute != nullptr && attribute->type != ValueType::kText &&
               attribute->type != ValueType::kTextList) {
      issues->Error(Path(path, "attribute"), "aliases are for texts; ", table.attribute(), " is a ",
                    TypeName(attribute->type));
    } else if (!attributes.insert(table.attribute()).second) {
      issues->Error(Path(path, "attribute"), "there is another table for ", table.attribute(),
                    "; put all its aliases into one");
    }
    CheckCount(table.values_size(), kMostAliases, Path(path, "values"), issues);
    std::set<std::string> folded;
    for (const std::string& alias : SortedKeys(table.values())) {
      const std::string place = absl::StrCat(path, ".values[", alias, "]");
      if (Fold(alias).empty() || Fold(table.values().at(alias)).empty()) {
        issues->Error(place, "neither the alias nor its value may be empty");
      } else if (!folded.insert(Fold(alias)).second) {
        issues->Error(place, "the alias '", alias,
                      "' is listed twice (upper and lower case count "
                      "as equal)");
      }
    }
  }
}

void CheckCaps(const v1::Icp& icp, Issues* issues) {
  const v1::PartCaps& caps = icp.caps();
  const size_t issues_before = issues->list().size();
  CheckPoints(caps.fit(), 0, 100, "caps.fit", issues);
  CheckPoints(caps.engagement(), 0, 100, "caps.engagement", issues);
  CheckPoints(caps.bant(), 0, 100, "caps.bant", issues);
  if (issues->list().size() > issues_before) return;
  const Points sum = FromWire(caps.fit()) + FromWire(caps.engagement()) + FromWire(caps.bant());
  if (sum != FromWire(100)) {
    issues->Error("caps", "fit ", FormatPoints(FromWire(caps.fit())), " + engagement ",
                  FormatPoints(FromWire(caps.engagement())), " + bant ",
                  FormatPoints(FromWire(caps.bant())), " add up to ", FormatPoints(sum),
                  "; they must add up to 100");
  }
}

void CheckEngagement(const v1::Icp& icp, Issues* issues) {
  constexpr int kMostRules = 1000;
  constexpr int kMostGroups = 100;
  const v1::EngagementProfile& engagement = icp.engagement();
  CheckCount(engagement.rules_size(), kMostRules, "engagement.rules", issues);
  CheckCount(engagement.groups_size(), kMostGroups, "engagement.groups", issues);
  std::set<std::string> groups;
  for (int i = 0; i < engagement.groups_size(); ++i) {
    const v1::EngagementGroup& group = engagement.groups(i);
    const std::string path = Path("engagement", "groups", i);
    CheckId(group.id(), Path(path, "id"), &groups, issues);
    if (!group.has_cap()) {
      issues->Error(path, "needs a 'cap'");
    } else {
      CheckPoints(group.cap(), 0, kMostPoints, Path(path, "cap"), issues);
    }
    const bool used =
        std::any_of(engagement.rules().begin(), engagement.rules().end(),
                    [&](const v1::EngagementRule& rule) { return rule.group() == group.id(); });
    if (!used) issues->Warning(path, "no rule is in the group '", group.id(), "'");
  }
  std::set<std::string> ids;
  for (int i = 0; i < std::min(engagement.rules_size(), kMostRules); ++i) {
    const v1::EngagementRule& rule = engagement.rules(i);
    const std::string path = Path("engagement", "rules", i);
    CheckId(rule.id(), Path(path, "id"), &ids, issues);
    if (rule.id() == "limit" || groups.count(rule.id()) > 0) {
      issues->Error(Path(path, "id"), "'", rule.id(), "' is ",
                    rule.id() == "limit" ? "reserved" : "the id of a group", "; choose another id");
    }
    CheckRule(rule, path, groups, issues);
  }
  CheckEventTypes(engagement.hand_raises().types(), "engagement.hand_raises", issues);
  CheckEventTypes(engagement.interest().types(), "engagement.interest", issues);
  CheckEventTypes(engagement.conversations().types(), "engagement.conversations", issues);
  CheckSpan(engagement.interest_window(), 1, "engagement.interest_window", issues);
  CheckSpan(engagement.conversation_window(), 1, "engagement.conversation_window", issues);
  CheckSpan(engagement.bot_window(), 0, "engagement.bot_window", issues);
}

void CheckBant(const v1::Icp& icp, Issues* issues) {
  CheckBantPoints(icp, issues);
  CheckBudget(icp, issues);
  CheckAuthority(icp.bant().authority(), issues);
  CheckNeed(icp.bant().need(), issues);
  const v1::TimelineRule& timeline = icp.bant().timeline();
  constexpr int kMostDays = 36500;
  CheckSpan(timeline.valid_for(), 1, "bant.timeline.valid_for", issues);
  CheckText(timeline.question(), "bant.timeline.question", issues);
  CheckInt(timeline.window_days(), 0, kMostDays, "bant.timeline.window_days", issues);
  CheckInt(timeline.wider_window_days(), std::clamp(timeline.window_days(), 0, kMostDays),
           kMostDays, "bant.timeline.wider_window_days", issues);
}

void CheckGrading(const v1::Icp& icp, Issues* issues) {
  const auto check = [&](absl::string_view path, std::vector<std::string> names,
                         std::vector<double> percents) {
    for (size_t i = 0; i < names.size(); ++i) {
      CheckPercent(percents[i], Path(path, names[i]), issues);
      if (i > 0 && percents[i] >= percents[i - 1]) {
        issues->Error(Path(path, names[i]), "must be below ", names[i - 1], ", which is ",
                      percents[i - 1]);
      }
    }
  };
  const v1::GradeThresholds& grades = icp.grading().grades();
  check("grading.grades", {"a_percent", "b_percent", "c_percent", "d_percent"},
        {grades.a_percent(), grades.b_percent(), grades.c_percent(), grades.d_percent()});
  const v1::LevelThresholds& levels = icp.grading().levels();
  check("grading.levels", {"level_1_percent", "level_2_percent", "level_3_percent"},
        {levels.level_1_percent(), levels.level_2_percent(), levels.level_3_percent()});
}

void CheckTemperature(const v1::Icp& icp, Issues* issues) {
  const v1::TemperatureRules& rules = icp.temperature();
  CheckSpan(rules.hot_window(), 1, "temperature.hot_window", issues);
  CheckInt(rules.unanswered_attempts(), 1, 10000, "temperature.unanswered_attempts", issues);
  CheckSpan(rules.unanswered_for(), 0, "temperature.unanswered_for", issues);
  CheckSpan(rules.cold_touch_interval(), 1, "temperature.cold_touch_interval", issues);
  CheckSpan(rules.warm_touch_interval(), 1, "temperature.warm_touch_interval", issues);
}

}  // namespace bantam
