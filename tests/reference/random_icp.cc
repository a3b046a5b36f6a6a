#include <algorithm>

#include "tests/reference/random_input.h"

namespace bantam {
namespace reference {
namespace {

google::protobuf::Duration RandomSpan(Dice* dice) {
  const Nanos span = dice->Pick(Vocabulary::Seconds()) * kSecond;
  return ToDuration(dice->Chance(5) ? span + kSecond / 2 : span);
}

double RandomPoints(Dice* dice) {
  return dice->Pick(
      std::vector<double>{0, 0.01, 3.33, 5, 7.5, 10, 12.5, 15, 20, 25, 33.35, 40, -5, -10.01});
}

double RandomPercent(Dice* dice) {
  return dice->Pick(std::vector<double>{0, 5, 10, 25, 33.33, 40, 50, 62.5, 75, 100});
}

void AddWords(int count, Dice* dice, v1::TextList* list) {
  for (int i = 0; i < count; ++i) {
    const std::string word = dice->Pick(Vocabulary::Words());
    const bool repeated =
        std::any_of(list->values().begin(), list->values().end(),
                    [&](const std::string& other) { return Fold(other) == Fold(word); });
    if (!repeated) list->add_values(word);
  }
}

void SetBounds(Dice* dice, v1::NumberRange* range) {
  double min = dice->Pick(Vocabulary::Numbers());
  double max = dice->Pick(Vocabulary::Numbers());
  if (min > max) std::swap(min, max);
  const int kind = dice->Roll(6);
  if (kind != 0) range->set_min(min);
  if (kind != 1) range->set_max(max);
}

void RandomTextTest(Dice* dice, v1::Test* test) {
  test->set_attribute(dice->Pick(Vocabulary::TextAttributes()));
  switch (dice->Roll(3)) {
    case 0:
      return AddWords(1 + dice->Roll(4), dice, test->mutable_in());
    case 1:
      return AddWords(1 + dice->Roll(4), dice, test->mutable_not_in());
    default:
      test->set_matches(dice->Pick({"^s", "(?i)it$", "e", "[A-Z]{2}", "ß|Σ", "^$"}));
  }
}

void RandomTimeTest(Dice* dice, v1::Test* test) {
  test->set_attribute(dice->Pick(Vocabulary::TimeAttributes()));
  const Nanos fixed = Anchor() - dice->Pick(Vocabulary::Seconds()) * kSecond;
  switch (dice->Roll(4)) {
    case 0:
      *test->mutable_before() = ToTimestamp(fixed);
      break;
    case 1:
      *test->mutable_after() = ToTimestamp(fixed);
      break;
    case 2:
      *test->mutable_within_last() = RandomSpan(dice);
      break;
    default:
      *test->mutable_within_next() = RandomSpan(dice);
  }
}

void RandomLeaf(Dice* dice, v1::Test* test) {
  switch (dice->Roll(8)) {
    case 0:
    case 1:
    case 2:
      return RandomTextTest(dice, test);
    case 3:
      test->set_attribute(dice->Pick(Vocabulary::NumberAttributes()));
      return SetBounds(dice, test->mutable_range());
    case 4:
      test->set_attribute(dice->Pick(Vocabulary::ListAttributes()));
      return AddWords(
          1 + dice->Roll(3), dice,
          dice->Chance(50) ? test->mutable_contains_any() : test->mutable_contains_all());
    case 5:
      test->set_attribute(dice->Pick(Vocabulary::FlagAttributes()));
      return test->set_is(dice->Chance(50));
    case 6:
      return RandomTimeTest(dice, test);
    default:
      test->set_attribute(dice->Chance(50) ? dice->Pick(Vocabulary::TextAttributes())
                                           : dice->Pick(Vocabulary::NumberAttributes()));
      return test->set_present(true);
  }
}

void RandomTest(int depth, Dice* dice, v1::Test* test) {
  if (depth == 0 || dice->Chance(60)) return RandomLeaf(dice, test);
  if (dice->Chance(30)) return RandomTest(depth - 1, dice, test->mutable_not_());
  v1::TestList* list = dice->Chance(50) ? test->mutable_all_of() : test->mutable_any_of();
  const int count = 1 + dice->Roll(3);
  for (int i = 0; i < count; ++i) RandomTest(depth - 1, dice, list->add_tests());
}

// Bands from left to right, so that no two share a value.
void RandomBands(Dice* dice, v1::Test* test) {
  test->set_attribute(dice->Pick(Vocabulary::NumberAttributes()));
  std::vector<double> ends;
  for (const double number : Vocabulary::Numbers()) {
    if (dice->Chance(40)) ends.push_back(number);
  }
  if (ends.size() < 2) ends = {50, 999};
  if (ends.size() % 2 == 1) ends.pop_back();
  std::vector<v1::Band> bands;
  for (size_t i = 0; i < ends.size(); i += 2) {
    v1::Band band;
    if (i > 0 || dice->Chance(70)) band.set_min(ends[i]);
    if (!band.has_min() || i + 2 < ends.size() || dice->Chance(70)) band.set_max(ends[i + 1]);
    if (dice->Chance(90)) band.set_points(RandomPoints(dice));
    bands.push_back(band);
  }
  if (dice->Chance(30)) std::reverse(bands.begin(), bands.end());
  for (const v1::Band& band : bands) *test->mutable_bands()->add_bands() = band;
}

void RandomFit(Dice* dice, v1::FitProfile* fit) {
  const int count = dice->Roll(6);
  for (int i = 0; i < count; ++i) {
    v1::Criterion* criterion = fit->add_criteria();
    criterion->set_id("c" + std::to_string(i));
    if (dice->Chance(25)) {
      RandomBands(dice, criterion->mutable_test());
    } else {
      if (dice->Chance(90)) criterion->set_points(RandomPoints(dice));
      RandomTest(3, dice, criterion->mutable_test());
    }
    if (dice->Chance(30)) criterion->set_points_if_missed(RandomPoints(dice));
    criterion->set_required(dice->Chance(12));
  }
  if (dice->Chance(40)) {  // So that some leads fit.
    v1::Criterion* easy = fit->add_criteria();
    easy->set_id("easy");
    easy->set_points(40);
    easy->mutable_test()->set_attribute("company.industry");
    easy->mutable_test()->set_present(true);
  }
  if (dice->Chance(85)) fit->set_floor_percent(dice->Chance(80) ? 0 : RandomPercent(dice));
}

void RandomDecay(Dice* dice, v1::EngagementRule* rule) {
  if (dice->Chance(40)) {
    v1::StepwiseDecay* decay = rule->mutable_decay()->mutable_stepwise();
    decay->set_rate_percent(dice->Pick(std::vector<double>{5, 10, 25, 33.33, 50, 100}));
    *decay->mutable_interval() = RandomSpan(dice);
  } else {
    *rule->mutable_decay()->mutable_exponential()->mutable_half_life() = RandomSpan(dice);
  }
}

void RandomRule(int number, Dice* dice, v1::EngagementProfile* engagement) {
  v1::EngagementRule* rule = engagement->add_rules();
  rule->set_id("r" + std::to_string(number));
  const int types = 1 + dice->Roll(2);
  for (int i = 0; i < types; ++i) {
    const std::string type = dice->Pick(Vocabulary::EventTypes());
    if (i == 0 || rule->event_types(0) != type) rule->add_event_types(type);
  }
  rule->set_points(RandomPoints(dice));
  if (dice->Chance(20)) rule->set_min_count(1 + dice->Roll(3));
  if (dice->Chance(30)) rule->set_max_count(std::max(rule->min_count(), 1) + dice->Roll(3));
  if (dice->Chance(40)) *rule->mutable_window() = RandomSpan(dice);
  if (dice->Chance(40)) RandomDecay(dice, rule);
  if (dice->Chance(30)) rule->set_cap(dice->Pick(std::vector<double>{0, 5, 10, 12.34, 30}));
  if (engagement->groups_size() > 0 && dice->Chance(50)) {
    rule->set_group(engagement->groups(dice->Roll(engagement->groups_size())).id());
  }
  rule->set_hand_raise(dice->Chance(15));
}

// Points that first rise and then fall, since a penalty fades faster than what it is taken from.
void AddTugOfWar(Dice* dice, v1::EngagementProfile* engagement) {
  for (const bool penalty : {false, true}) {
    v1::EngagementRule* rule = engagement->add_rules();
    rule->set_id(penalty ? "penalty" : "reward");
    rule->add_event_types("page_view");
    rule->add_event_types("site_search");
    rule->set_points(penalty ? -dice->Pick(std::vector<double>{25, 40})
                             : dice->Pick(std::vector<double>{20, 30}));
    rule->mutable_decay()->mutable_exponential()->mutable_half_life()->set_seconds(
        (penalty ? 1 + dice->Roll(7) : 20 + dice->Roll(70)) * 86400);
  }
}

void RandomTypes(Dice* dice, v1::EventTypes* types) {
  for (const std::string& type : Vocabulary::EventTypes()) {
    if (dice->Chance(20)) types->add_types(type);
  }
}

void RandomEngagement(Dice* dice, v1::EngagementProfile* engagement) {
  const int groups = dice->Roll(3);
  for (int i = 0; i < groups; ++i) {
    v1::EngagementGroup* group = engagement->add_groups();
    group->set_id("g" + std::to_string(i));
    group->set_cap(dice->Pick(std::vector<double>{0, 5, 12.5, 20, 100}));
  }
  const int rules = dice->Roll(5);
  for (int i = 0; i < rules; ++i) RandomRule(i, dice, engagement);
  if (dice->Chance(6)) AddTugOfWar(dice, engagement);
  if (dice->Chance(10)) RandomTypes(dice, engagement->mutable_hand_raises());
  if (dice->Chance(10)) RandomTypes(dice, engagement->mutable_interest());
  if (dice->Chance(10)) RandomTypes(dice, engagement->mutable_conversations());
  if (dice->Chance(30)) *engagement->mutable_interest_window() = RandomSpan(dice);
  if (dice->Chance(30)) *engagement->mutable_conversation_window() = RandomSpan(dice);
  if (dice->Chance(30)) {
    *engagement->mutable_bot_window() = ToDuration(dice->Roll(3) * 5 * kSecond);
  }
}

void RandomCurrency(Dice* dice, v1::Icp* icp) {
  const bool euro = dice->Chance(70);
  if (!euro || dice->Chance(50)) icp->set_currency(euro ? "EUR" : "USD");
  if (dice->Chance(60)) (*icp->mutable_exchange_rates())[euro ? "USD" : "EUR"] = "0.92";
  if (dice->Chance(30))
    (*icp->mutable_exchange_rates())["GBP"] = dice->Pick({"1.000000000001", "999999.999999999999"});
}

void RandomBant(Dice* dice, v1::Icp* icp) {
  v1::BantProfile* bant = icp->mutable_bant();
  const std::vector<double> points = {0, 0.01, 5, 7.77, 10, 30};
  if (dice->Chance(30)) bant->mutable_budget()->set_points(dice->Pick(points));
  if (dice->Chance(30)) bant->mutable_authority()->set_points(dice->Pick(points));
  if (dice->Chance(30)) bant->mutable_need()->set_points(dice->Pick(points));
  if (dice->Chance(30)) bant->mutable_timeline()->set_points(dice->Pick(points));
  if (dice->Chance(30)) *bant->mutable_budget()->mutable_valid_for() = RandomSpan(dice);
  if (dice->Chance(30)) *bant->mutable_authority()->mutable_valid_for() = RandomSpan(dice);
  if (dice->Chance(30)) *bant->mutable_need()->mutable_valid_for() = RandomSpan(dice);
  if (dice->Chance(30)) *bant->mutable_timeline()->mutable_valid_for() = RandomSpan(dice);
  if (dice->Chance(70)) {
    v1::Money* minimum = bant->mutable_budget()->mutable_minimum();
    minimum->set_currency_code(icp->currency().empty() ? "EUR" : icp->currency());
    if (icp->currency() == "USD" && dice->Chance(50))
      icp->clear_currency();  // Told by the minimum.
    minimum->set_units(dice->Chance(10) ? 0 : 10000);
    if (dice->Chance(20)) minimum->set_nanos(10000000);
  }
  if (dice->Chance(40)) {
    auto* roles = bant->mutable_authority()->mutable_title_roles();
    (*roles)["head of it"] = dice->Pick({"decision_maker", "champion", "user"});
    (*roles)["CTO"] = dice->Pick({"economic_buyer", "user"});
  }
  for (const char* problem : {"churn", "grosse lücke"}) {
    if (dice->Chance(60)) bant->mutable_need()->add_solved_problems(problem);
  }
  if (dice->Chance(30)) {
    bant->mutable_need()->mutable_implying_events()->add_types("site_search");
    bant->mutable_need()->mutable_implying_events()->add_types("email_click");
  }
  if (dice->Chance(40)) {
    const int days = dice->Pick(std::vector<int>{0, 7, 30, 90});
    bant->mutable_timeline()->set_window_days(days);
    bant->mutable_timeline()->set_wider_window_days(days +
                                                    dice->Pick(std::vector<int>{0, 30, 120}));
  }
}

void RandomGradingAndTemperature(Dice* dice, v1::Icp* icp) {
  if (dice->Chance(20)) {
    v1::GradeThresholds* grades = icp->mutable_grading()->mutable_grades();
    grades->set_a_percent(90);
    grades->set_b_percent(62.5);
    grades->set_c_percent(33.33);
    grades->set_d_percent(dice->Pick(std::vector<double>{0, 12.5}));
  }
  if (dice->Chance(20)) {
    v1::LevelThresholds* levels = icp->mutable_grading()->mutable_levels();
    levels->set_level_1_percent(66.67);
    levels->set_level_2_percent(33.33);
    levels->set_level_3_percent(dice->Pick(std::vector<double>{0, 10}));
  }
  v1::TemperatureRules* rules = icp->mutable_temperature();
  if (dice->Chance(30)) *rules->mutable_hot_window() = RandomSpan(dice);
  if (dice->Chance(60)) rules->set_unanswered_attempts(1 + dice->Roll(3));
  if (dice->Chance(30)) *rules->mutable_unanswered_for() = RandomSpan(dice);
  if (dice->Chance(20)) *rules->mutable_cold_touch_interval() = RandomSpan(dice);
  if (dice->Chance(20)) *rules->mutable_warm_touch_interval() = RandomSpan(dice);
}

void RandomCondition(int depth, Dice* dice, v1::GateCondition* condition) {
  const int kind = dice->Roll(depth > 0 ? 8 : 6);
  if (kind < 3) {
    condition->set_fact(static_cast<v1::GateFact>(1 + dice->Roll(9)));
  } else if (kind < 5) {
    v1::GateScore* score = condition->mutable_score();
    score->set_part(static_cast<v1::ScorePart>(1 + dice->Roll(4)));
    score->set_enter_percent(RandomPercent(dice));
  } else if (kind < 6) {
    v1::GateBant* bant = condition->mutable_bant();
    bant->set_dimension(static_cast<v1::BantDimension>(1 + dice->Roll(4)));
    bant->set_at_least(dice->Chance(50) ? v1::BANT_STATE_PARTIAL : v1::BANT_STATE_MET);
  } else {
    const int count = 1 + dice->Roll(3);
    for (int i = 0; i < count; ++i) {
      RandomCondition(depth - 1, dice, condition->mutable_any_of()->add_conditions());
    }
  }
}

void RandomGate(bool may_exit, Dice* dice, v1::Gate* gate) {
  const int count = 1 + dice->Roll(3);
  for (int i = 0; i < count; ++i) {
    v1::GateCondition* condition = gate->add_conditions();
    RandomCondition(2, dice, condition);
    if (may_exit && condition->has_score() && condition->score().enter_percent() > 0 &&
        dice->Chance(60)) {
      condition->mutable_score()->set_exit_percent(condition->score().enter_percent() * 0.5);
      const double exit = FromHundredths(Hundredths(condition->score().exit_percent()));
      condition->mutable_score()->set_exit_percent(exit);
    }
  }
}

void RandomFunnel(Dice* dice, v1::Funnel* funnel) {
  if (dice->Chance(20)) RandomGate(false, dice, funnel->mutable_nurture_exit());
  if (dice->Chance(40)) return;
  const std::string standard[] = {"lead", "mql", "sql", "opportunity", "customer"};
  for (const std::string& id : standard) {
    if ((id == "mql" || id == "opportunity") && dice->Chance(20)) continue;
    if (id != "lead" && dice->Chance(15)) {
      v1::FunnelStage* between = funnel->add_stages();
      between->set_id("before_" + id);
      RandomGate(true, dice, between->mutable_gate());
    }
    v1::FunnelStage* stage = funnel->add_stages();
    stage->set_id(id);
    if (id != "lead" && dice->Chance(40)) RandomGate(true, dice, stage->mutable_gate());
  }
  for (int i = 1; i + 1 < funnel->stages_size(); ++i) {
    if (!dice->Chance(30)) continue;
    *funnel->mutable_stages(i)->mutable_quiet_after() =
        dice->Chance(20) ? ToDuration(0) : RandomSpan(dice);
  }
}

void RandomAliases(Dice* dice, v1::Icp* icp) {
  for (const std::string& attribute : Vocabulary::TextAttributes()) {
    if (!dice->Chance(8)) continue;
    v1::AliasTable* table = icp->add_aliases();
    table->set_attribute(attribute);
    (*table->mutable_values())["strasse"] = "DE";
    (*table->mutable_values())["DE"] = "software";
    if (dice->Chance(50)) (*table->mutable_values())["cto"] = "Head of IT";
  }
  if (dice->Chance(20)) {
    v1::AliasTable* table = icp->add_aliases();
    table->set_attribute("company.technologies");
    (*table->mutable_values())["online"] = "cto";
  }
}

// Texts in some languages, or none at all. No fact depends on them.
void RandomTexts(const std::string& what, Dice* dice, v1::LocalizedText* text) {
  for (const char* language : {"en", "de", "ro", "fr", "ab"}) {
    if (dice->Chance(40)) (*text->mutable_texts())[language] = what + " (" + language + "): \u00e4";
  }
  if (text->texts().empty()) (*text->mutable_texts())["de"] = what;
}

void RandomOwnTexts(Dice* dice, v1::Icp* icp) {
  for (v1::Criterion& criterion : *icp->mutable_fit()->mutable_criteria()) {
    if (dice->Chance(30)) RandomTexts("title", dice, criterion.mutable_title());
    if (dice->Chance(30)) RandomTexts("question", dice, criterion.mutable_question());
  }
  v1::BantProfile* bant = icp->mutable_bant();
  if (dice->Chance(20)) RandomTexts("budget", dice, bant->mutable_budget()->mutable_question());
  if (dice->Chance(20)) {
    RandomTexts("authority", dice, bant->mutable_authority()->mutable_question());
  }
  if (dice->Chance(20)) RandomTexts("need", dice, bant->mutable_need()->mutable_question());
  if (dice->Chance(20)) RandomTexts("timeline", dice, bant->mutable_timeline()->mutable_question());
}

}  // namespace

v1::Icp RandomIcp(const std::string& id, Dice* dice) {
  v1::Icp icp;
  icp.set_name("tenants/t/icps/" + id);
  RandomCurrency(dice, &icp);
  RandomAliases(dice, &icp);
  if (dice->Chance(40)) {
    const int fit = dice->Pick(std::vector<int>{0, 20, 50, 80, 100});
    const int engagement = dice->Chance(20) ? 0 : (100 - fit) / 2;
    icp.mutable_caps()->set_fit(fit);
    icp.mutable_caps()->set_engagement(engagement);
    if (fit + engagement < 100) icp.mutable_caps()->set_bant(100 - fit - engagement);
  }
  RandomFit(dice, icp.mutable_fit());
  RandomEngagement(dice, icp.mutable_engagement());
  RandomBant(dice, &icp);
  RandomGradingAndTemperature(dice, &icp);
  RandomFunnel(dice, icp.mutable_funnel());
  RandomOwnTexts(dice, &icp);
  return icp;
}

}  // namespace reference
}  // namespace bantam
