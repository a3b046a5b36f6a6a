#include "tests/reference/defaults.h"

#include <initializer_list>

#include "tests/reference/values.h"

namespace bantam {
namespace reference {
namespace {

template <typename Message>
void DefaultDuration(Message* message, bool (Message::*has)() const,
                     google::protobuf::Duration* (Message::*mutate)(), Nanos value) {
  if (!(message->*has)()) *(message->*mutate)() = ToDuration(value);
}

// By member pointers, as in DefaultDuration(): `mutate` must not be called before `has`, and the
// order in which arguments are evaluated is unspecified.
void DefaultTypes(v1::EngagementProfile* engagement, bool (v1::EngagementProfile::*has)() const,
                  v1::EventTypes* (v1::EngagementProfile::*mutate)(),
                  std::initializer_list<const char*> names) {
  if ((engagement->*has)()) return;
  for (const char* name : names) (engagement->*mutate)()->add_types(name);
}

void FillCurrency(v1::Icp* icp) {
  if (!icp->currency().empty()) return;
  const std::string& of_minimum = icp->bant().budget().minimum().currency_code();
  icp->set_currency(of_minimum.empty() ? "EUR" : of_minimum);
}

void FillCaps(v1::Icp* icp) {
  v1::PartCaps* caps = icp->mutable_caps();
  const bool any = caps->has_fit() || caps->has_engagement() || caps->has_bant();
  if (!caps->has_fit()) caps->set_fit(any ? 0 : 40);
  if (!caps->has_engagement()) caps->set_engagement(any ? 0 : 30);
  if (!caps->has_bant()) caps->set_bant(any ? 0 : 30);
}

void FillEngagement(v1::EngagementProfile* e) {
  using P = v1::EngagementProfile;
  DefaultTypes(e, &P::has_hand_raises, &P::mutable_hand_raises,
               {"demo_request", "contact_form", "pricing_request"});
  DefaultTypes(e, &P::has_interest, &P::mutable_interest,
               {"newsletter_signup", "content_download", "webinar_attended", "form_submitted",
                "social_follow"});
  DefaultTypes(e, &P::has_conversations, &P::mutable_conversations,
               {"call_connected", "meeting_held", "email_reply", "chat"});
  DefaultDuration(e, &P::has_interest_window, &P::mutable_interest_window, 90 * kDay);
  DefaultDuration(e, &P::has_conversation_window, &P::mutable_conversation_window, 180 * kDay);
  DefaultDuration(e, &P::has_bot_window, &P::mutable_bot_window, 10 * kSecond);
}

void FillBant(v1::BantProfile* bant) {
  v1::BudgetRule* budget = bant->mutable_budget();
  if (!budget->has_points()) budget->set_points(10);
  DefaultDuration(budget, &v1::BudgetRule::has_valid_for, &v1::BudgetRule::mutable_valid_for,
                  180 * kDay);
  v1::AuthorityRule* authority = bant->mutable_authority();
  if (!authority->has_points()) authority->set_points(8);
  DefaultDuration(authority, &v1::AuthorityRule::has_valid_for,
                  &v1::AuthorityRule::mutable_valid_for, 365 * kDay);
  v1::NeedRule* need = bant->mutable_need();
  if (!need->has_points()) need->set_points(7);
  DefaultDuration(need, &v1::NeedRule::has_valid_for, &v1::NeedRule::mutable_valid_for, 180 * kDay);
  v1::TimelineRule* timeline = bant->mutable_timeline();
  if (!timeline->has_points()) timeline->set_points(5);
  DefaultDuration(timeline, &v1::TimelineRule::has_valid_for, &v1::TimelineRule::mutable_valid_for,
                  90 * kDay);
  if (!timeline->has_window_days()) timeline->set_window_days(90);
  if (!timeline->has_wider_window_days()) timeline->set_wider_window_days(180);
}

void FillGrading(v1::Grading* grading) {
  v1::GradeThresholds* grades = grading->mutable_grades();
  if (!grades->has_a_percent()) grades->set_a_percent(80);
  if (!grades->has_b_percent()) grades->set_b_percent(60);
  if (!grades->has_c_percent()) grades->set_c_percent(40);
  if (!grades->has_d_percent()) grades->set_d_percent(20);
  v1::LevelThresholds* levels = grading->mutable_levels();
  if (!levels->has_level_1_percent()) levels->set_level_1_percent(75);
  if (!levels->has_level_2_percent()) levels->set_level_2_percent(50);
  if (!levels->has_level_3_percent()) levels->set_level_3_percent(25);
}

void FillTemperature(v1::TemperatureRules* rules) {
  using T = v1::TemperatureRules;
  DefaultDuration(rules, &T::has_hot_window, &T::mutable_hot_window, 30 * kDay);
  if (!rules->has_unanswered_attempts()) rules->set_unanswered_attempts(6);
  DefaultDuration(rules, &T::has_unanswered_for, &T::mutable_unanswered_for, 14 * kDay);
  DefaultDuration(rules, &T::has_cold_touch_interval, &T::mutable_cold_touch_interval, 30 * kDay);
  DefaultDuration(rules, &T::has_warm_touch_interval, &T::mutable_warm_touch_interval, 14 * kDay);
}

void AddFact(v1::Gate* gate, v1::GateFact fact) { gate->add_conditions()->set_fact(fact); }

void AddScore(v1::Gate* gate, v1::ScorePart part, double percent) {
  v1::GateScore* score = gate->add_conditions()->mutable_score();
  score->set_part(part);
  score->set_enter_percent(percent);
}

void AddBant(v1::Gate* gate, v1::BantDimension dimension, v1::BantState state) {
  v1::GateBant* bant = gate->add_conditions()->mutable_bant();
  bant->set_dimension(dimension);
  bant->set_at_least(state);
}

// The gates that FunnelStage documents.
v1::Gate DefaultGate(const std::string& stage) {
  v1::Gate gate;
  if (stage == "mql") {
    AddFact(&gate, v1::GATE_FACT_NOT_DISQUALIFIED);
    v1::Gate* either = gate.add_conditions()->mutable_any_of();
    AddFact(either, v1::GATE_FACT_INTEREST);
    AddScore(either, v1::SCORE_PART_ENGAGEMENT, 50);
  } else if (stage == "sql") {
    AddScore(&gate, v1::SCORE_PART_FIT, 50);
    AddFact(&gate, v1::GATE_FACT_REQUIRED_CRITERIA_KNOWN);
    AddBant(&gate, v1::BANT_DIMENSION_BUDGET, v1::BANT_STATE_PARTIAL);
    AddBant(&gate, v1::BANT_DIMENSION_AUTHORITY, v1::BANT_STATE_MET);
    AddFact(&gate, v1::GATE_FACT_CONVERSATION);
    AddFact(&gate, v1::GATE_FACT_NOT_REJECTED_BY_SALES);
  } else if (stage == "opportunity") {
    AddFact(&gate, v1::GATE_FACT_VERDICT_QUALIFIED);
    AddFact(&gate, v1::GATE_FACT_ACCEPTED_BY_SALES);
  } else if (stage == "customer") {
    AddFact(&gate, v1::GATE_FACT_CLOSED_WON);
  }
  return gate;
}

void FillFunnel(v1::Funnel* funnel) {
  if (funnel->stages().empty()) {
    for (const char* id : {"lead", "mql", "sql", "opportunity", "customer"}) {
      funnel->add_stages()->set_id(id);
    }
  }
  for (int i = 1; i < funnel->stages_size(); ++i) {
    v1::FunnelStage* stage = funnel->mutable_stages(i);
    if (!stage->has_gate()) *stage->mutable_gate() = DefaultGate(stage->id());
    if (i + 1 < funnel->stages_size()) {
      DefaultDuration(stage, &v1::FunnelStage::has_quiet_after,
                      &v1::FunnelStage::mutable_quiet_after,
                      (stage->id() == "opportunity" ? 180 : 90) * kDay);
    }
  }
  if (!funnel->has_nurture_exit()) {
    AddFact(funnel->mutable_nurture_exit(), v1::GATE_FACT_INTEREST_AFTER_ENTRY);
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

}  // namespace

v1::Icp WithDefaults(v1::Icp icp) {
  FillCurrency(&icp);
  FillCaps(&icp);
  if (!icp.fit().has_floor_percent()) icp.mutable_fit()->set_floor_percent(20);
  FillEngagement(icp.mutable_engagement());
  FillBant(icp.mutable_bant());
  FillGrading(icp.mutable_grading());
  FillTemperature(icp.mutable_temperature());
  FillFunnel(icp.mutable_funnel());
  FillBusinessHours(icp.mutable_business_hours());
  return icp;
}

}  // namespace reference
}  // namespace bantam
