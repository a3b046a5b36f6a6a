#include "server/engine/assessment.h"

#include <algorithm>

#include "absl/base/attributes.h"

namespace bantam {
namespace {

// Whether a statement is in force: undated, or since its time.
bool InForce(bool dated, const google::protobuf::Timestamp& time, Standing* a) {
  if (!dated) return true;
  const Instant since(time);
  if (since <= a->now) return true;
  a->statements_until.Begins(since);
  return false;
}

bool Within(Instant time, TimeSpan window, Instant now) {
  return time.has_value() && time <= now && now - time <= window;
}

// Facts that sales or the person stated, as far as they are in force.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void AssessStatements(const v1::Lead& lead, Standing* a) {
  a->statements_until = Until();
  const auto in_force = [a](bool present, const auto& statement) {
    return present && InForce(statement.has_time(), statement.time(), a);
  };
  a->restricted = in_force(lead.has_marketing_objection(), lead.marketing_objection());
  a->closed_won = in_force(lead.has_closed_won(), lead.closed_won());
  a->closed_lost = in_force(lead.has_closed_lost(), lead.closed_lost());
  if (in_force(lead.has_sales_decision(), lead.sales_decision())) {
    const v1::SalesDecision& decision = lead.sales_decision();
    a->accepted = decision.kind() == v1::SALES_DECISION_KIND_ACCEPTED;
    a->rejected = decision.kind() == v1::SALES_DECISION_KIND_REJECTED;
    a->rejected_for_good = a->rejected && decision.final();
  }
  if (lead.has_stage_entered_time() && InForce(true, lead.stage_entered_time(), a)) {
    a->entered = Instant(lead.stage_entered_time());
  }
  if (!IsReferral(lead)) return;
  const v1::LeadSource& source = lead.source();
  a->undated_referral = !source.has_first_contact_time();
  if (!a->undated_referral && InForce(true, source.first_contact_time(), a)) {
    a->referral = Instant(source.first_contact_time());
  }
}

void LimitSums(Points cap, PartSums* sums) {
  sums->points = LimitPart(sums->raw, cap);
  sums->least = LimitPart(sums->raw_least, cap);
  sums->most = LimitPart(sums->raw_most, cap);
}

// Sums over the rules of a part. An unknown one earns nothing and could earn from least to most.
struct RuleSums {
  Points sum = 0;
  Points unknown_least = 0;
  Points unknown_most = 0;
  size_t unknown = 0;

  void AddKnown(Points points) { sum += points; }
  void AddUnknown(Points least, Points most) {
    unknown_least += least;
    unknown_most += most;
    ++unknown;
  }
  void Add(const CompiledCriterion& criterion, const CriterionOutcome& outcome) {
    if (outcome.truth == Truth::kUnknown) return AddUnknown(criterion.least, criterion.most);
    AddKnown(outcome.points);
  }
};

// `spread` is that of all rules, most − least.
void SetSums(const RuleSums& rules, Points spread, Points cap, PartSums* sums) {
  sums->raw = rules.sum;
  sums->raw_least = rules.sum + rules.unknown_least;
  sums->raw_most = rules.sum + rules.unknown_most;
  sums->all_spread = spread;
  sums->known_spread = spread - (rules.unknown_most - rules.unknown_least);
  LimitSums(cap, sums);
}

void SetFit(const Profile& profile, const RuleSums& rules, Assessment* a) {
  a->any_fit_known = rules.unknown < profile.criteria.size();
  a->required_missed = a->required_unknown = false;
  for (const int i : profile.required_criteria) {
    const Truth truth = a->criteria[i].truth;
    a->required_missed = a->required_missed || truth == Truth::kMissed;
    a->required_unknown = a->required_unknown || truth == Truth::kUnknown;
  }
  const Points cap = profile.caps[v1::SCORE_PART_FIT];
  SetSums(rules, profile.fit_spread, cap, &a->fit);
  a->fit_below_floor = !Reaches(a->fit.most, profile.fit_floor, cap);
}

void AssessFit(const Profile& profile, Assessment* a) {
  a->criteria.Resize(profile.criteria.size());
  const TestedLead tested(*a->lead, a->now, profile.tests, &a->criteria_until);
  RuleSums sums;
  CriterionOutcome* outcome = a->criteria.data();
  for (const CompiledCriterion& criterion : profile.criteria) {
    EvaluateCriterion(criterion, tested, outcome);
    sums.Add(criterion, *outcome++);
  }
  SetFit(profile, sums, a);
}

void AddUpFit(const Profile& profile, Assessment* a) {
  RuleSums sums;
  const CriterionOutcome* outcome = a->criteria.data();
  for (const CompiledCriterion& criterion : profile.criteria) sums.Add(criterion, *outcome++);
  SetFit(profile, sums, a);
}

void ReassessTimedCriteria(const Profile& profile, Assessment* a) {
  a->criteria_until = Until();
  const TestedLead tested(*a->lead, a->now, &a->criteria_until);
  for (const int i : profile.timed_criteria) {
    EvaluateCriterion(profile.criteria[i], tested, &a->criteria[i]);
  }
  AddUpFit(profile, a);
}

void AddUpBant(const Profile& profile, Assessment* a) {
  RuleSums sums;
  Points spread = 0;
  for (int i = 0; i < 4; ++i) {
    const BantOutcome& outcome = a->bant[i];
    const Points most = profile.bant.points(i);
    spread += most;
    if (outcome.state == v1::BANT_STATE_UNKNOWN || outcome.state == v1::BANT_STATE_STALE) {
      sums.AddUnknown(0, most);
    } else {
      sums.AddKnown(outcome.points);
    }
  }
  SetSums(sums, spread, profile.caps[v1::SCORE_PART_BANT], &a->bant_part);
}

void AssessBant(const Profile& profile, Assessment* a) {
  a->bant_until = profile.bant.Evaluate(*a->lead, a->activity.need, a->now, &a->bant);
  AddUpBant(profile, a);
}

void AssessEngagement(const Profile& profile, const EventLog& log, Assessment* a) {
  EvaluateEngagement(profile.engagement, log, a->now, &a->engagement);
  PartSums& part = a->engagement_part;
  part.raw = part.raw_least = part.raw_most = a->engagement.sum;
  part.known_spread = part.all_spread = 0;
  LimitSums(profile.caps[v1::SCORE_PART_ENGAGEMENT], &part);
}

// Interest: an event, or a referral.
void AssessInterest(const Profile& profile, Standing* a) {
  const Instant newest = std::max(a->activity.interest, a->referral);
  a->activity.interest = newest;
  const bool recent = Within(newest, profile.interest_window, a->now);
  a->interest = recent || a->undated_referral;
  a->interest_after_entry = recent && a->entered.has_value() && newest > a->entered;
  a->conversation = Within(a->activity.conversation, profile.conversation_window, a->now);
}

// Quiet is counted from the newest of the last inbound activity and the stage's entry.
bool IsQuiet(const Standing& a) {
  const Instant last = std::max(a.activity.inbound, a.entered);
  return last.has_value() && a.now - last > a.quiet_after;
}

// Whether fit and BANT let a lead qualify that nothing else speaks against.
bool IsQualified(const Profile& profile, const Assessment& a) {
  const auto at_least_partial = [](const BantOutcome& outcome) {
    return outcome.state >= v1::BANT_STATE_PARTIAL;
  };
  if (a.bant[kNeed].state != v1::BANT_STATE_MET || !at_least_partial(a.bant[kBudget]) ||
      !at_least_partial(a.bant[kTimeline])) {
    return false;
  }
  for (const CompiledCondition& condition : profile.funnel.qualifying()) {
    if (JudgeCondition(profile, a, condition) != v1::GATE_STATUS_MET) return false;
  }
  return true;
}

v1::Verdict DecideVerdict(const Standing& a) {
  if (a.restricted) return v1::VERDICT_RESTRICTED;
  if (a.required_missed || a.fit_below_floor || a.closed_lost || a.rejected_for_good) {
    return v1::VERDICT_DISQUALIFIED;
  }
  const auto unmet = [&](int dimension) { return a.bant[dimension].state == v1::BANT_STATE_UNMET; };
  if (unmet(kBudget) || unmet(kNeed) || unmet(kTimeline) || a.quiet) return v1::VERDICT_NURTURE;
  return a.qualified ? v1::VERDICT_QUALIFIED : v1::VERDICT_OPEN;
}

v1::Temperature DecideTemperature(const Profile& profile, const Standing& a) {
  if (a.restricted) return v1::TEMPERATURE_UNSPECIFIED;
  if (a.verdict == v1::VERDICT_QUALIFIED && Within(a.activity.inbound, profile.hot_window, a.now)) {
    return v1::TEMPERATURE_HOT;
  }
  // An undated referral is older than any refusal.
  const bool refused = a.activity.refusal > a.activity.interest;
  const bool unanswered = a.activity.unanswered_attempts >= profile.unanswered_attempts &&
                          a.now - a.activity.attempt >= profile.unanswered_for;
  return !a.interest || refused || unanswered ? v1::TEMPERATURE_COLD : v1::TEMPERATURE_WARM;
}

// What follows from all the rest.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void Conclude(const Profile& profile, Standing* a) {
  AssessInterest(profile, a);
  a->quiet = IsQuiet(*a);
  a->verdict = DecideVerdict(*a);
  a->temperature = DecideTemperature(profile, *a);
}

}  // namespace

bool IsReferral(const v1::Lead& lead) {
  const v1::SourceChannel channel = lead.source().channel();
  return channel == v1::SOURCE_CHANNEL_REFERRAL_EMPLOYEE ||
         channel == v1::SOURCE_CHANNEL_REFERRAL_PARTNER ||
         channel == v1::SOURCE_CHANNEL_REFERRAL_CUSTOMER;
}

Points LimitPart(Points sum, Points cap) { return std::clamp<Points>(sum, 0, cap); }

Points TotalWith(const Profile& profile, const Assessment& assessment, Points fit_rise,
                 Points bant_rise) {
  return LimitPart(assessment.fit.raw + fit_rise, profile.caps[v1::SCORE_PART_FIT]) +
         assessment.engagement_part.points +
         LimitPart(assessment.bant_part.raw + bant_rise, profile.caps[v1::SCORE_PART_BANT]);
}

Assessment Assess(const Profile& profile, const v1::Lead& lead, const EventLog& log, Instant now) {
  Assessment a;
  a.lead = &lead;
  a.now = now;
  a.stage = lead.stage().empty() ? kLeadStage : absl::string_view(lead.stage());
  a.stage_index = profile.funnel.IndexOf(a.stage);
  a.quiet_after = profile.funnel.QuietAfter(a.stage_index);
  AssessStatements(lead, &a);
  if (a.restricted) {
    a.verdict = v1::VERDICT_RESTRICTED;
    a.fit = a.engagement_part = a.bant_part = PartSums();
    return a;
  }
  a.activity = log.ActivityAt(now);
  AssessFit(profile, &a);
  AssessEngagement(profile, log, &a);
  AssessBant(profile, &a);
  a.qualified = IsQualified(profile, a);
  Conclude(profile, &a);
  return a;
}

void MoveOn(const Profile& profile, const EventLog& log, Instant later, bool with_engagement,
            Assessment* assessment) {
  Assessment& a = *assessment;
  a.now = later;
  if (a.statements_until.Reached(later)) AssessStatements(*a.lead, &a);
  const Instant need_before = a.activity.need;
  a.activity = log.ActivityAt(later);
  const bool criteria_change = a.criteria_until.Reached(later);
  if (criteria_change) ReassessTimedCriteria(profile, &a);
  if (with_engagement) AssessEngagement(profile, log, &a);
  const bool bant_changes = a.bant_until.Reached(later) || a.activity.need != need_before;
  if (bant_changes) {
    a.bant = BantOutcomes();
    AssessBant(profile, &a);
  }
  if (criteria_change || bant_changes) a.qualified = IsQualified(profile, a);
  Conclude(profile, &a);
}

Assessment AssessIfClosed(const Profile& profile, const Assessment& current,
                          absl::Span<const int> criteria, absl::Span<const int> dimensions) {
  Assessment a = current;
  for (const int i : criteria) {
    a.criteria[i] = {Truth::kMatched, static_cast<int32_t>(profile.criteria[i].most)};
  }
  for (const int i : dimensions) {
    a.bant[i].state = v1::BANT_STATE_MET;
    a.bant[i].points = profile.bant.points(i);
  }
  AddUpFit(profile, &a);
  AddUpBant(profile, &a);
  a.qualified = IsQualified(profile, a);
  Conclude(profile, &a);
  return a;
}

}  // namespace bantam
