#include "tests/reference/reference_evaluator.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "tests/reference/gates.h"
#include "tests/reference/next_actions.h"
#include "tests/reference/picture.h"
#include "tests/reference/reevaluation.h"

namespace bantam {
namespace reference {
namespace {

v1::RuleStatus StatusOf(Truth truth) {
  return truth == Truth::kMatched  ? v1::RULE_STATUS_MATCHED
         : truth == Truth::kMissed ? v1::RULE_STATUS_MISSED
                                   : v1::RULE_STATUS_UNKNOWN;
}

v1::RuleStatus StatusOf(v1::BantState state) {
  switch (state) {
    case v1::BANT_STATE_MET:
      return v1::RULE_STATUS_MET;
    case v1::BANT_STATE_PARTIAL:
      return v1::RULE_STATUS_PARTIAL;
    case v1::BANT_STATE_UNMET:
      return v1::RULE_STATUS_UNMET;
    case v1::BANT_STATE_STALE:
      return v1::RULE_STATUS_STALE;
    default:
      return v1::RULE_STATUS_UNKNOWN;
  }
}

const char* NameOf(v1::BantDimension dimension) {
  static const char* const kNames[] = {"", "budget", "authority", "need", "timeline"};
  return kNames[dimension];
}

void AddLine(v1::ScorePart part, const std::string& rule, v1::RuleStatus status, int64_t points,
             v1::Score* score) {
  v1::TraceLine* line = score->add_trace();
  line->set_part(part);
  line->set_rule(rule);
  line->set_status(status);
  line->set_points(FromHundredths(points));
}

void AddPartLimit(v1::ScorePart which, const Part& part, v1::Score* score) {
  if (part.points == part.sum) return;
  AddLine(which, "limit", v1::RULE_STATUS_LIMITED, part.points - part.sum, score);
}

void FillTrace(const Case& subject, const Picture& picture, v1::Score* score) {
  for (int i = 0; i < subject.icp.fit().criteria_size(); ++i) {
    AddLine(v1::SCORE_PART_FIT, subject.icp.fit().criteria(i).id(),
            StatusOf(picture.criteria[i].truth), picture.criteria[i].points, score);
  }
  AddPartLimit(v1::SCORE_PART_FIT, picture.fit, score);
  for (const EngagementLine& line : EngagementLines(subject.icp, subject.events, picture.now)) {
    AddLine(v1::SCORE_PART_ENGAGEMENT, line.id,
            line.limit     ? v1::RULE_STATUS_LIMITED
            : line.matched ? v1::RULE_STATUS_MATCHED
                           : v1::RULE_STATUS_MISSED,
            line.points, score);
  }
  AddPartLimit(v1::SCORE_PART_ENGAGEMENT, picture.engagement, score);
  for (const BantOutcome& bant : picture.bant) {
    AddLine(v1::SCORE_PART_BANT, NameOf(bant.dimension), StatusOf(bant.state), bant.points, score);
  }
  AddPartLimit(v1::SCORE_PART_BANT, picture.bant_part, score);
}

void FillPart(const Part& part, v1::PartScore* score) {
  score->set_points(FromHundredths(part.points));
  score->set_cap(FromHundredths(part.cap));
  score->set_range_min(FromHundredths(part.lowest));
  score->set_range_max(FromHundredths(part.highest));
}

// Σ spread of the known rules ÷ Σ spread of all; nothing to know is 1.
double Completeness(const Picture& picture) {
  int64_t known = 0;
  int64_t all = 0;
  for (const CriterionOutcome& criterion : picture.criteria) {
    const int64_t spread = criterion.most - criterion.least;
    all += spread;
    if (criterion.truth != Truth::kUnknown) known += spread;
  }
  for (const BantOutcome& bant : picture.bant) {
    all += bant.full_points;
    if (bant.known()) known += bant.full_points;
  }
  return all == 0 ? 1.0 : FromHundredths(RoundedQuotient(static_cast<__int128>(known) * 100, all));
}

// Unset while every criterion is unknown (also if there is none), or with a fit cap of 0.
std::string GradeOf(const Case& subject, const Picture& picture) {
  const bool some_known =
      std::any_of(picture.criteria.begin(), picture.criteria.end(),
                  [](const CriterionOutcome& c) { return c.truth != Truth::kUnknown; });
  if (!some_known || picture.fit.cap == 0) return "";
  const v1::GradeThresholds& grades = subject.icp.grading().grades();
  const double percents[] = {grades.a_percent(), grades.b_percent(), grades.c_percent(),
                             grades.d_percent()};
  for (int i = 0; i < 4; ++i) {
    if (ReachesShare(picture.fit.points, Hundredths(percents[i]), picture.fit.cap)) {
      return std::string(1, static_cast<char>('A' + i));
    }
  }
  return "F";
}

int LevelOf(const Case& subject, const Picture& picture) {
  const v1::LevelThresholds& levels = subject.icp.grading().levels();
  const double percents[] = {levels.level_1_percent(), levels.level_2_percent(),
                             levels.level_3_percent()};
  if (picture.engagement.cap == 0) return 4;
  for (int i = 0; i < 3; ++i) {
    if (ReachesShare(picture.engagement.points, Hundredths(percents[i]), picture.engagement.cap)) {
      return i + 1;
    }
  }
  return 4;
}

void FillScore(const Case& subject, const Picture& picture, v1::Score* score) {
  score->set_total(FromHundredths(picture.total.points));
  score->set_range_min(FromHundredths(picture.total.lowest));
  score->set_range_max(FromHundredths(picture.total.highest));
  FillPart(picture.fit, score->mutable_fit());
  FillPart(picture.engagement, score->mutable_engagement());
  FillPart(picture.bant_part, score->mutable_bant());
  score->set_completeness(Completeness(picture));
  score->set_grade(GradeOf(subject, picture));
  score->set_level(LevelOf(subject, picture));
  score->set_label(score->grade() + std::to_string(score->level()));
  score->set_temperature(picture.temperature);
  FillTrace(subject, picture, score);
}

void FillCriteria(const Case& subject, const Picture& picture, v1::Qualification* result) {
  for (int i = 0; i < subject.icp.fit().criteria_size(); ++i) {
    const v1::Criterion& criterion = subject.icp.fit().criteria(i);
    const CriterionOutcome& outcome = picture.criteria[i];
    v1::CriterionMatch* match = result->add_criteria();
    match->set_criterion(criterion.id());
    match->set_status(StatusOf(outcome.truth));
    match->set_points(FromHundredths(outcome.points));
    match->set_required(criterion.required());
    match->set_knockout(criterion.required() && outcome.truth == Truth::kMissed);
    for (const std::string& name : outcome.unknown_attributes) match->add_unknown_attributes(name);
  }
}

void FillBant(const Picture& picture, v1::Qualification* result) {
  for (const BantOutcome& outcome : picture.bant) {
    v1::BantAssessment* bant = result->add_bant();
    bant->set_dimension(outcome.dimension);
    bant->set_state(outcome.state);
    bant->set_points(FromHundredths(outcome.points));
    bant->set_contact_id(outcome.contact_id);
    if (outcome.observed.has_value())
      *bant->mutable_observed_time() = ToTimestamp(*outcome.observed);
    if (outcome.expires.has_value()) *bant->mutable_expire_time() = ToTimestamp(*outcome.expires);
    bant->set_conflict(outcome.conflict);
    bant->set_source(outcome.source);
  }
}

// The rise of the part, after its limits, if its sum rose by `rise`.
int64_t PointsAtStake(const Part& part, int64_t rise) {
  return std::max<int64_t>(0, LimitToPart(part.sum + rise, part.cap) - part.points);
}

void FillGaps(const Case& subject, const Picture& picture, v1::Qualification* result) {
  std::vector<v1::Gap> gaps;
  for (int i = 0; i < subject.icp.fit().criteria_size(); ++i) {
    const CriterionOutcome& outcome = picture.criteria[i];
    if (outcome.truth != Truth::kUnknown) continue;
    v1::Gap gap;
    gap.set_id(subject.icp.fit().criteria(i).id());
    gap.set_status(v1::RULE_STATUS_UNKNOWN);
    gap.set_points_at_stake(FromHundredths(PointsAtStake(picture.fit, outcome.most)));
    gap.set_knockout_possible(subject.icp.fit().criteria(i).required() && outcome.can_be_missed);
    for (const std::string& name : outcome.unknown_attributes) gap.add_unknown_attributes(name);
    gaps.push_back(gap);
  }
  for (const BantOutcome& outcome : picture.bant) {
    if (outcome.state == v1::BANT_STATE_MET) continue;
    v1::Gap gap;
    gap.set_id(NameOf(outcome.dimension));
    gap.set_dimension(outcome.dimension);
    gap.set_status(StatusOf(outcome.state));
    gap.set_points_at_stake(
        FromHundredths(PointsAtStake(picture.bant_part, outcome.full_points - outcome.points)));
    gaps.push_back(gap);
  }
  std::stable_sort(gaps.begin(), gaps.end(), [](const v1::Gap& a, const v1::Gap& b) {
    if (a.knockout_possible() != b.knockout_possible()) return a.knockout_possible();
    return a.points_at_stake() > b.points_at_stake();
  });
  for (const v1::Gap& gap : gaps) *result->add_gaps() = gap;
}

void FillQualification(const Case& subject, const Picture& picture, v1::Qualification* result) {
  FillCriteria(subject, picture, result);
  FillBant(picture, result);
  FillGaps(subject, picture, result);
  if (picture.temperature == v1::TEMPERATURE_HOT) {
    result->set_nurture_level(v1::NURTURE_LEVEL_NONE);
  } else if (picture.temperature == v1::TEMPERATURE_WARM) {
    result->set_nurture_level(v1::NURTURE_LEVEL_MEDIUM);
    *result->mutable_touch_interval() = subject.icp.temperature().warm_touch_interval();
  } else {
    result->set_nurture_level(v1::NURTURE_LEVEL_HIGH);
    *result->mutable_touch_interval() = subject.icp.temperature().cold_touch_interval();
  }
}

std::string TransitionId(const Case& subject, const v1::Advancement& move, Nanos now) {
  const v1::Lead& lead = subject.lead;
  const std::string when = lead.has_stage_entered_time()
                               ? Rfc3339(ToNanos(lead.stage_entered_time()))
                               : "@" + Rfc3339(now);
  std::string text;
  for (const std::string& part :
       {subject.icp.name(), lead.id(), move.from_stage(), move.to_stage(), when}) {
    text += std::to_string(part.size()) + ":" + part;
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  std::string id;
  for (int i = 0; i < 16; ++i) {
    char byte[3];
    std::snprintf(byte, sizeof byte, "%02x", digest[i]);
    id += byte;
  }
  return id;
}

void FillTransition(const Case& subject, const Picture& picture, const Question& question,
                    v1::Advancement* move) {
  if (move->from_stage() == move->to_stage()) return;
  v1::Transition* record = move->mutable_transition();
  record->set_id(TransitionId(subject, *move, picture.now));
  record->set_icp(subject.icp.name());
  record->set_lead_id(subject.lead.id());
  record->set_from_stage(move->from_stage());
  record->set_to_stage(move->to_stage());
  if (subject.lead.has_stage_entered_time()) {
    *record->mutable_stage_entered_time() = subject.lead.stage_entered_time();
  }
  *record->mutable_transition_time() = ToTimestamp(picture.now);
  record->set_reason(move->reason());
  record->set_verdict(picture.verdict);
  // CHOICE: one code for each reason, so that two knockouts stand there twice.
  for (const Reason& reason : picture.reasons) record->add_verdict_reasons(reason.first);
  if (picture.verdict != v1::VERDICT_RESTRICTED) {
    record->set_total(FromHundredths(picture.total.points));
  }
  if (question.override_by != nullptr) {
    record->set_actor(question.override_by->actor());
    record->set_override_reason(question.override_by->reason());
  }
}

void FillVerdict(const Picture& picture, v1::Evaluation* answer) {
  answer->set_verdict(picture.verdict);
  for (const Reason& reason : picture.reasons) {
    v1::VerdictReason* added = answer->add_verdict_reasons();
    added->set_code(reason.first);
    added->set_subject(reason.second);
  }
}

// In Advance the actions are those of the stage after the move, which is entered now.
void AddActions(const Case& subject, const Picture& picture, v1::Evaluation* answer) {
  if (!answer->has_qualification()) return;
  std::string stage = subject.stage();
  std::optional<Nanos> entered;
  const v1::Lead& lead = subject.lead;
  if (lead.has_stage_entered_time() && ToNanos(lead.stage_entered_time()) <= picture.now) {
    entered = ToNanos(lead.stage_entered_time());
  }
  if (answer->advancement().has_transition()) {
    stage = answer->advancement().to_stage();
    entered = picture.now;
  }
  FillActions(subject, picture, stage, entered, answer->mutable_qualification());
  if (!answer->has_advancement()) return;
  for (const v1::NextAction& action : answer->qualification().actions()) {
    if (!action.has_due_time()) continue;
    *answer->mutable_advancement()->mutable_first_action_due_time() = action.due_time();
    break;
  }
}

// CHOICE: a restricted answer has no reevaluate_time, as an objection does not end.
v1::Evaluation Answer(const Case& subject, const Picture& picture, const Question& question) {
  const bool advance = question.operation == v1::BULK_OPERATION_ADVANCE;
  const bool restricted = picture.verdict == v1::VERDICT_RESTRICTED;
  const v1::StageOverride* override_by = advance ? question.override_by : nullptr;
  v1::Evaluation answer;
  answer.set_icp(subject.icp.name());
  *answer.mutable_evaluate_time() = ToTimestamp(picture.now);
  if (question.operation != v1::BULK_OPERATION_SCORE || restricted) FillVerdict(picture, &answer);
  if (!restricted) {
    FillScore(subject, picture, answer.mutable_score());
    if (question.operation != v1::BULK_OPERATION_SCORE) {
      FillQualification(subject, picture, answer.mutable_qualification());
    }
    const std::optional<Nanos> next =
        NextChange(subject, picture.now, advance, question.as_far_as_possible, override_by);
    if (next.has_value()) *answer.mutable_reevaluate_time() = ToTimestamp(*next);
  }
  if (advance && (!restricted || override_by != nullptr)) {
    *answer.mutable_advancement() =
        DecideMove(subject, picture, question.as_far_as_possible, override_by);
    FillTransition(subject, picture, question, answer.mutable_advancement());
  }
  if (question.with_actions) AddActions(subject, picture, &answer);
  return answer;
}

// QUALIFIED, then OPEN, then the rest.
int RankOf(v1::Verdict verdict) {
  return verdict == v1::VERDICT_QUALIFIED ? 0 : verdict == v1::VERDICT_OPEN ? 1 : 2;
}

}  // namespace

v1::Evaluation Evaluate(const v1::Icp& icp, const v1::Lead& lead, const Question& question) {
  return EvaluateBest({icp}, lead, question);
}

v1::Evaluation EvaluateBest(const std::vector<v1::Icp>& icps, const v1::Lead& lead,
                            const Question& question) {
  std::vector<Case> cases;
  cases.reserve(icps.size());
  for (const v1::Icp& icp : icps) cases.emplace_back(icp, lead);
  std::vector<std::pair<const Case*, Picture>> ranked;
  for (const Case& subject : cases) {
    ranked.emplace_back(&subject, Look(subject, ToNanos(question.now), true));
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    if (RankOf(a.second.verdict) != RankOf(b.second.verdict)) {
      return RankOf(a.second.verdict) < RankOf(b.second.verdict);
    }
    const bool restricted = a.second.verdict == v1::VERDICT_RESTRICTED;
    if (!restricted && a.second.total.points != b.second.total.points) {
      return a.second.total.points > b.second.total.points;
    }
    return a.first->icp.name() < b.first->icp.name();
  });
  v1::Evaluation answer = Answer(*ranked[0].first, ranked[0].second, question);
  for (size_t i = 1; i < ranked.size(); ++i) {
    v1::OtherIcp* other = answer.add_other_icps();
    other->set_icp(ranked[i].first->icp.name());
    other->set_verdict(ranked[i].second.verdict);
    if (ranked[i].second.verdict != v1::VERDICT_RESTRICTED) {
      other->set_total(FromHundredths(ranked[i].second.total.points));
    }
  }
  return answer;
}

}  // namespace reference
}  // namespace bantam
