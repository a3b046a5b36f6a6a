#include "tests/reference/picture.h"

#include <algorithm>

#include "tests/reference/defaults.h"
#include "tests/reference/gates.h"

namespace bantam {
namespace reference {
namespace {

void LimitPart(Part* part, int64_t lowest_sum, int64_t highest_sum) {
  part->points = LimitToPart(part->sum, part->cap);
  part->lowest = LimitToPart(lowest_sum, part->cap);
  part->highest = LimitToPart(highest_sum, part->cap);
}

// A known rule counts its points; an unknown one its least and its most.
void AddUpFit(Picture* picture) {
  int64_t lowest = 0;
  int64_t highest = 0;
  for (const CriterionOutcome& criterion : picture->criteria) {
    const bool unknown = criterion.truth == Truth::kUnknown;
    picture->fit.sum += criterion.points;
    lowest += unknown ? criterion.least : criterion.points;
    highest += unknown ? criterion.most : criterion.points;
  }
  LimitPart(&picture->fit, lowest, highest);
}

void AddUpBant(Picture* picture) {
  int64_t highest = 0;
  for (const BantOutcome& dimension : picture->bant) {
    picture->bant_part.sum += dimension.points;
    highest += dimension.known() ? dimension.points : dimension.full_points;
  }
  LimitPart(&picture->bant_part, picture->bant_part.sum, highest);
}

void AddUp(const Case& subject, Picture* picture) {
  const v1::PartCaps& caps = subject.icp.caps();
  picture->fit.cap = Hundredths(caps.fit());
  picture->engagement.cap = Hundredths(caps.engagement());
  picture->bant_part.cap = Hundredths(caps.bant());
  picture->total.cap = 10000;
  AddUpFit(picture);
  AddUpBant(picture);
  LimitPart(&picture->engagement, picture->engagement.sum, picture->engagement.sum);
  for (const Part* part : {&picture->fit, &picture->engagement, &picture->bant_part}) {
    picture->total.points += part->points;
    picture->total.lowest += part->lowest;
    picture->total.highest += part->highest;
  }
}

// When the current stage was entered. CHOICE: an entry in the future is not yet a fact.
bool EntryKnown(const v1::Lead& lead, Nanos now) {
  return lead.has_stage_entered_time() && ToNanos(lead.stage_entered_time()) <= now;
}

// Quiet means age > limit, from the newest of the last inbound activity and the stage's entry.
bool IsQuiet(const Case& subject, const Picture& picture) {
  const Nanos limit = QuietLimit(subject.icp, subject.stage());
  if (limit == 0) return false;
  std::optional<Nanos> since = picture.activity.last_inbound;
  if (EntryKnown(subject.lead, picture.now)) {
    const Nanos entered = ToNanos(subject.lead.stage_entered_time());
    if (!since.has_value() || entered > *since) since = entered;
  }
  return since.has_value() && picture.now - *since > limit;
}

void FindDisqualification(const Case& subject, Picture* picture) {
  for (int i = 0; i < subject.icp.fit().criteria_size(); ++i) {
    const v1::Criterion& criterion = subject.icp.fit().criteria(i);
    if (criterion.required() && picture->criteria[i].truth == Truth::kMissed) {
      picture->reasons.emplace_back(v1::VERDICT_REASON_CODE_KNOCKOUT, criterion.id());
    }
  }
  const int64_t floor = Hundredths(subject.icp.fit().floor_percent());
  if (!ReachesShare(picture->fit.highest, floor, picture->fit.cap)) {
    picture->reasons.emplace_back(v1::VERDICT_REASON_CODE_FIT_BELOW_FLOOR, "fit");
  }
  const v1::Lead& lead = subject.lead;
  if (InForce(lead.has_closed_lost(), lead.closed_lost(), picture->now)) {
    picture->reasons.emplace_back(v1::VERDICT_REASON_CODE_CLOSED_LOST, "closed_lost");
  }
  if (DecisionOfSales(lead, picture->now) == v1::SALES_DECISION_KIND_REJECTED &&
      lead.sales_decision().final()) {
    picture->reasons.emplace_back(v1::VERDICT_REASON_CODE_REJECTED, "sales_decision");
  }
}

void FindReasonsForNurture(const Case& subject, Picture* picture) {
  if (picture->bant[0].state == v1::BANT_STATE_UNMET) {
    picture->reasons.emplace_back(v1::VERDICT_REASON_CODE_BUDGET_UNMET, "budget");
  }
  if (picture->bant[2].state == v1::BANT_STATE_UNMET) {
    picture->reasons.emplace_back(v1::VERDICT_REASON_CODE_NEED_UNMET, "need");
  }
  if (picture->bant[3].state == v1::BANT_STATE_UNMET) {
    picture->reasons.emplace_back(v1::VERDICT_REASON_CODE_TIMELINE_UNMET, "timeline");
  }
  if (IsQuiet(subject, *picture)) {
    picture->reasons.emplace_back(v1::VERDICT_REASON_CODE_QUIET, subject.stage());
  }
}

// The gate into SQL's fit, required criteria and authority hold, need is met, budget and timeline
// are at least partial.
bool IsQualified(const Case& subject, const Picture& picture) {
  return picture.bant[2].state == v1::BANT_STATE_MET &&
         picture.bant[0].state >= v1::BANT_STATE_PARTIAL &&
         picture.bant[3].state >= v1::BANT_STATE_PARTIAL && SqlGateQualifies(subject, picture);
}

// All reasons that apply are given, also those that a graver one overrules.
void FindVerdict(const Case& subject, Picture* picture) {
  const v1::Lead& lead = subject.lead;
  if (InForce(lead.has_marketing_objection(), lead.marketing_objection(), picture->now)) {
    picture->verdict = v1::VERDICT_RESTRICTED;
    picture->reasons = {{v1::VERDICT_REASON_CODE_MARKETING_OBJECTION, "marketing_objection"}};
    return;
  }
  FindDisqualification(subject, picture);
  const bool disqualified = !picture->reasons.empty();
  FindReasonsForNurture(subject, picture);
  if (disqualified) {
    picture->verdict = v1::VERDICT_DISQUALIFIED;
  } else if (!picture->reasons.empty()) {
    picture->verdict = v1::VERDICT_NURTURE;
  } else {
    picture->verdict = IsQualified(subject, *picture) ? v1::VERDICT_QUALIFIED : v1::VERDICT_OPEN;
  }
}

// CHOICE: hot goes before cold. With no interest but a referral without a time any refusal is
// newer.
v1::Temperature FindTemperature(const Case& subject, const Picture& picture) {
  const v1::TemperatureRules& rules = subject.icp.temperature();
  const Activity& activity = picture.activity;
  if (picture.verdict == v1::VERDICT_RESTRICTED) return v1::TEMPERATURE_UNSPECIFIED;
  if (picture.verdict == v1::VERDICT_QUALIFIED && activity.last_inbound.has_value() &&
      picture.now - *activity.last_inbound <= ToNanos(rules.hot_window())) {
    return v1::TEMPERATURE_HOT;
  }
  if (!activity.interest) return v1::TEMPERATURE_COLD;
  if (activity.last_refusal.has_value() && (!activity.newest_interest.has_value() ||
                                            *activity.last_refusal > *activity.newest_interest)) {
    return v1::TEMPERATURE_COLD;
  }
  if (activity.unanswered_attempts >= rules.unanswered_attempts() &&
      picture.now - *activity.last_unanswered >= ToNanos(rules.unanswered_for())) {
    return v1::TEMPERATURE_COLD;
  }
  return v1::TEMPERATURE_WARM;
}

}  // namespace

Case::Case(const v1::Icp& icp_without_defaults, const v1::Lead& the_lead)
    : icp(WithDefaults(icp_without_defaults)), lead(the_lead), events(CountedEvents(icp, lead)) {}

const Part& Picture::part(v1::ScorePart which) const {
  switch (which) {
    case v1::SCORE_PART_FIT:
      return fit;
    case v1::SCORE_PART_ENGAGEMENT:
      return engagement;
    case v1::SCORE_PART_BANT:
      return bant_part;
    default:
      return total;
  }
}

Picture Look(const Case& subject, Nanos now, bool with_engagement) {
  Picture picture;
  picture.now = now;
  picture.criteria = JudgeCriteria(subject.icp, subject.lead, now);
  picture.bant = JudgeBant(subject.icp, subject.lead, subject.events, now);
  picture.activity = ActivityAt(subject.icp, subject.lead, subject.events, now);
  if (with_engagement) {
    picture.engagement.sum = EngagementSum(subject.icp, subject.events, picture.now);
  }
  Reconsider(subject, &picture);
  return picture;
}

void Reconsider(const Case& subject, Picture* picture) {
  const int64_t engagement = picture->engagement.sum;
  picture->fit = picture->engagement = picture->bant_part = picture->total = Part();
  picture->engagement.sum = engagement;
  picture->reasons.clear();
  AddUp(subject, picture);
  FindVerdict(subject, picture);
  picture->temperature = FindTemperature(subject, *picture);
}

int64_t LimitToPart(int64_t points, int64_t cap) {
  return std::min(std::max<int64_t>(points, 0), cap);
}

v1::SalesDecisionKind DecisionOfSales(const v1::Lead& lead, Nanos now) {
  if (!InForce(lead.has_sales_decision(), lead.sales_decision(), now)) {
    return v1::SALES_DECISION_KIND_UNSPECIFIED;
  }
  return lead.sales_decision().kind();
}

Nanos QuietLimit(const v1::Icp& icp, const std::string& stage) {
  const int index = StageIndex(icp, stage);
  if (index <= 0 || index + 1 == icp.funnel().stages_size()) return 0;
  return ToNanos(icp.funnel().stages(index).quiet_after());
}

int StageIndex(const v1::Icp& icp, const std::string& stage) {
  for (int i = 0; i < icp.funnel().stages_size(); ++i) {
    if (icp.funnel().stages(i).id() == stage) return i;
  }
  return -1;
}

}  // namespace reference
}  // namespace bantam
