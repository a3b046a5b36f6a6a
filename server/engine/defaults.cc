#include "server/engine/defaults.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/string_view.h"
#include "server/engine/funnel.h"
#include "server/engine/playbook.h"

namespace bantam {
namespace {

constexpr int64_t kDay = 86400;

void FillTest(v1::Test* test) {
  switch (test->kind_case()) {
    case v1::Test::kAllOf:
      for (v1::Test& child : *test->mutable_all_of()->mutable_tests()) FillTest(&child);
      break;
    case v1::Test::kAnyOf:
      for (v1::Test& child : *test->mutable_any_of()->mutable_tests()) FillTest(&child);
      break;
    case v1::Test::kNot:
      FillTest(test->mutable_not_());
      break;
    case v1::Test::kBands:
      for (v1::Band& band : *test->mutable_bands()->mutable_bands()) {
        band.set_points(band.points());
      }
      break;
    default:
      break;
  }
}

void FillFit(v1::FitProfile* fit) {
  for (v1::Criterion& criterion : *fit->mutable_criteria()) {
    if (!criterion.test().has_bands()) criterion.set_points(criterion.points());
    criterion.set_points_if_missed(criterion.points_if_missed());
    FillTest(criterion.mutable_test());
  }
  if (!fit->has_floor_percent()) fit->set_floor_percent(20);
}

void AddTypes(std::initializer_list<absl::string_view> types, v1::EventTypes* event_types) {
  for (const absl::string_view type : types) event_types->add_types(std::string(type));
}

void FillEngagement(v1::EngagementProfile* engagement) {
  for (v1::EngagementRule& rule : *engagement->mutable_rules()) {
    if (!rule.has_min_count()) rule.set_min_count(1);
  }
  v1::EngagementProfile& e = *engagement;
  if (!e.has_hand_raises()) {
    AddTypes({"demo_request", "contact_form", "pricing_request"}, e.mutable_hand_raises());
  }
  if (!e.has_interest()) {
    AddTypes({"newsletter_signup", "content_download", "webinar_attended", "form_submitted",
              "social_follow"},
             e.mutable_interest());
  }
  if (!e.has_conversations()) {
    AddTypes({"call_connected", "meeting_held", "email_reply", "chat"}, e.mutable_conversations());
  }
  if (!e.has_interest_window()) e.mutable_interest_window()->set_seconds(90 * kDay);
  if (!e.has_conversation_window()) e.mutable_conversation_window()->set_seconds(180 * kDay);
  if (!e.has_bot_window()) e.mutable_bot_window()->set_seconds(10);
}

void FillBant(v1::BantProfile* bant) {
  v1::BudgetRule& budget = *bant->mutable_budget();
  if (!budget.has_points()) budget.set_points(10);
  if (!budget.has_valid_for()) budget.mutable_valid_for()->set_seconds(180 * kDay);
  v1::AuthorityRule& authority = *bant->mutable_authority();
  if (!authority.has_points()) authority.set_points(8);
  if (!authority.has_valid_for()) authority.mutable_valid_for()->set_seconds(365 * kDay);
  v1::NeedRule& need = *bant->mutable_need();
  if (!need.has_points()) need.set_points(7);
  if (!need.has_valid_for()) need.mutable_valid_for()->set_seconds(180 * kDay);
  v1::TimelineRule& timeline = *bant->mutable_timeline();
  if (!timeline.has_points()) timeline.set_points(5);
  if (!timeline.has_valid_for()) timeline.mutable_valid_for()->set_seconds(90 * kDay);
  if (!timeline.has_window_days()) timeline.set_window_days(90);
  if (!timeline.has_wider_window_days()) timeline.set_wider_window_days(180);
}

void FillGrading(v1::Grading* grading) {
  v1::GradeThresholds& grades = *grading->mutable_grades();
  if (!grades.has_a_percent()) grades.set_a_percent(80);
  if (!grades.has_b_percent()) grades.set_b_percent(60);
  if (!grades.has_c_percent()) grades.set_c_percent(40);
  if (!grades.has_d_percent()) grades.set_d_percent(20);
  v1::LevelThresholds& levels = *grading->mutable_levels();
  if (!levels.has_level_1_percent()) levels.set_level_1_percent(75);
  if (!levels.has_level_2_percent()) levels.set_level_2_percent(50);
  if (!levels.has_level_3_percent()) levels.set_level_3_percent(25);
}

void FillTemperature(v1::TemperatureRules* rules) {
  if (!rules->has_hot_window()) rules->mutable_hot_window()->set_seconds(30 * kDay);
  if (!rules->has_unanswered_attempts()) rules->set_unanswered_attempts(6);
  if (!rules->has_unanswered_for()) rules->mutable_unanswered_for()->set_seconds(14 * kDay);
  if (!rules->has_cold_touch_interval())
    rules->mutable_cold_touch_interval()->set_seconds(30 * kDay);
  if (!rules->has_warm_touch_interval())
    rules->mutable_warm_touch_interval()->set_seconds(14 * kDay);
}

void AddFact(v1::GateFact fact, v1::Gate* gate) { gate->add_conditions()->set_fact(fact); }

void AddScore(v1::ScorePart part, double enter_percent, v1::Gate* gate) {
  v1::GateScore* score = gate->add_conditions()->mutable_score();
  score->set_part(part);
  score->set_enter_percent(enter_percent);
}

void AddBant(v1::BantDimension dimension, v1::BantState at_least, v1::Gate* gate) {
  v1::GateBant* bant = gate->add_conditions()->mutable_bant();
  bant->set_dimension(dimension);
  bant->set_at_least(at_least);
}

// The gate into a standard stage.
void FillGate(absl::string_view stage, v1::Gate* gate) {
  if (stage == kMqlStage) {
    AddFact(v1::GATE_FACT_NOT_DISQUALIFIED, gate);
    v1::Gate* any_of = gate->add_conditions()->mutable_any_of();
    AddFact(v1::GATE_FACT_INTEREST, any_of);
    AddScore(v1::SCORE_PART_ENGAGEMENT, 50, any_of);
  } else if (stage == kSqlStage) {
    AddScore(v1::SCORE_PART_FIT, 50, gate);
    AddFact(v1::GATE_FACT_REQUIRED_CRITERIA_KNOWN, gate);
    AddBant(v1::BANT_DIMENSION_BUDGET, v1::BANT_STATE_PARTIAL, gate);
    AddBant(v1::BANT_DIMENSION_AUTHORITY, v1::BANT_STATE_MET, gate);
    AddFact(v1::GATE_FACT_CONVERSATION, gate);
    AddFact(v1::GATE_FACT_NOT_REJECTED_BY_SALES, gate);
  } else if (stage == kOpportunityStage) {
    AddFact(v1::GATE_FACT_VERDICT_QUALIFIED, gate);
    AddFact(v1::GATE_FACT_ACCEPTED_BY_SALES, gate);
  } else if (stage == kCustomerStage) {
    AddFact(v1::GATE_FACT_CLOSED_WON, gate);
  }
}

bool HasStandardGate(absl::string_view stage) {
  return stage == kMqlStage || stage == kSqlStage || stage == kOpportunityStage ||
         stage == kCustomerStage;
}

void FillFunnel(v1::Funnel* funnel) {
  if (funnel->stages().empty()) {
    for (const absl::string_view stage :
         {kLeadStage, kMqlStage, kSqlStage, kOpportunityStage, kCustomerStage}) {
      funnel->add_stages()->set_id(std::string(stage));
    }
  }
  for (int i = 0; i < funnel->stages_size(); ++i) {
    v1::FunnelStage& stage = *funnel->mutable_stages(i);
    if (i > 0 && !stage.has_gate() && HasStandardGate(stage.id())) {
      FillGate(stage.id(), stage.mutable_gate());
    }
    if (i > 0 && i + 1 < funnel->stages_size()) {
      if (!stage.has_quiet_after())
        stage.mutable_quiet_after()->set_seconds((stage.id() == kOpportunityStage ? 180 : 90) *
                                                 kDay);
    }
  }
  if (!funnel->has_nurture_exit()) {
    AddFact(v1::GATE_FACT_INTEREST_AFTER_ENTRY, funnel->mutable_nurture_exit());
  }
}

// The built-in playbook, without the stages that the funnel does not have.
v1::Playbook DefaultPlaybookFor(const v1::Funnel& funnel) {
  const auto has_stage = [&](const std::string& id) {
    return id == kNurtureStage || id == kDisqualifiedStage ||
           std::any_of(funnel.stages().begin(), funnel.stages().end(),
                       [&](const v1::FunnelStage& stage) { return stage.id() == id; });
  };
  const v1::Playbook all = DefaultPlaybook();
  v1::Playbook playbook;
  for (const v1::PlaybookRule& rule : all.rules()) {
    v1::PlaybookRule fitting = rule;
    fitting.mutable_when()->clear_stages();
    for (const std::string& stage : rule.when().stages()) {
      if (has_stage(stage)) fitting.mutable_when()->add_stages(stage);
    }
    const bool anywhere = rule.when().stages().empty();
    if (anywhere || !fitting.when().stages().empty()) *playbook.add_rules() = fitting;
  }
  return playbook;
}

void FillPlaybook(v1::Playbook* playbook) {
  for (v1::PlaybookRule& rule : *playbook->mutable_rules()) {
    for (v1::PartRange& range : *rule.mutable_when()->mutable_parts()) {
      if (!range.has_min_percent()) range.set_min_percent(0);
      if (!range.has_max_percent()) range.set_max_percent(100);
    }
    rule.mutable_when();
  }
}

void FillBusinessHours(v1::BusinessHours* hours) {
  if (hours->time_zone().empty()) hours->set_time_zone("UTC");
  if (hours->days().empty()) {
    for (int day = v1::WEEKDAY_MONDAY; day <= v1::WEEKDAY_FRIDAY; ++day) {
      hours->add_days(static_cast<v1::Weekday>(day));
    }
  }
  if (hours->opens().empty()) hours->set_opens("09:00");
  if (hours->closes().empty()) hours->set_closes("17:00");
}

void FillCaps(v1::PartCaps* caps) {
  const bool any = caps->has_fit() || caps->has_engagement() || caps->has_bant();
  if (!caps->has_fit()) caps->set_fit(any ? 0 : 40);
  if (!caps->has_engagement()) caps->set_engagement(any ? 0 : 30);
  if (!caps->has_bant()) caps->set_bant(any ? 0 : 30);
}

}  // namespace

v1::Icp WithDefaults(const v1::Icp& icp) {
  v1::Icp full = icp;
  if (full.currency().empty()) {
    const std::string& of_budget = icp.bant().budget().minimum().currency_code();
    full.set_currency(of_budget.empty() ? "EUR" : of_budget);
  }
  FillCaps(full.mutable_caps());
  FillFit(full.mutable_fit());
  FillEngagement(full.mutable_engagement());
  FillBant(full.mutable_bant());
  FillGrading(full.mutable_grading());
  FillTemperature(full.mutable_temperature());
  FillFunnel(full.mutable_funnel());
  if (!full.has_playbook()) *full.mutable_playbook() = DefaultPlaybookFor(full.funnel());
  FillPlaybook(full.mutable_playbook());
  FillBusinessHours(full.mutable_business_hours());
  return full;
}

}  // namespace bantam
