#include "server/engine/qualification_answer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/engine/actions.h"
#include "server/engine/phrases/names.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/score_answer.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

v1::BantDimension DimensionOf(int dimension) {
  return static_cast<v1::BantDimension>(v1::BANT_DIMENSION_BUDGET + dimension);
}

// "10000 EUR", "12000.50 EUR".
std::string FormatMoney(const v1::Money& money) {
  if (money.nanos() == 0) return absl::StrCat(money.units(), " ", money.currency_code());
  std::string decimals = absl::StrFormat("%09d", std::abs(money.nanos()));
  decimals.resize(std::max<size_t>(2, decimals.find_last_not_of('0') + 1));
  return absl::StrCat(money.units(), ".", decimals, " ", money.currency_code());
}

// An open gap, with where it comes from.
struct Gap {
  int criterion = -1;  // Index; -1: a dimension.
  int dimension = -1;  // Index; -1: a criterion.
  Points at_stake = 0;
  bool knockout_possible = false;
  std::vector<std::string> unknown_attributes;
};

Points RiseIfClosed(const Profile& profile, const Assessment& a,
                    absl::Span<const Gap* const> gaps) {
  Points fit = 0;
  Points bant = 0;
  for (const Gap* gap : gaps) {
    if (gap->criterion >= 0) {
      fit += profile.criteria[gap->criterion].most;
    } else {
      bant += profile.bant.points(gap->dimension) - a.bant[gap->dimension].points;
    }
  }
  return std::max<Points>(0, TotalWith(profile, a, fit, bant) - a.total());
}

// Knockout possible first, then points at stake, then ICP order.
std::vector<Gap> FindGaps(const Profile& profile, const Assessment& a) {
  std::vector<Gap> gaps;
  for (size_t i = 0; i < profile.criteria.size(); ++i) {
    if (a.criteria[i].truth != Truth::kUnknown) continue;
    const CompiledCriterion& criterion = profile.criteria[i];
    Gap gap;
    gap.criterion = static_cast<int>(i);
    gap.knockout_possible = criterion.required && criterion.test->CanMiss(*a.lead, a.now);
    criterion.test->CollectUnknown(*a.lead, a.now, &gap.unknown_attributes);
    gaps.push_back(std::move(gap));
  }
  for (int i = 0; i < 4; ++i) {
    if (a.bant[i].state == v1::BANT_STATE_MET) continue;
    Gap gap;
    gap.dimension = i;
    gaps.push_back(std::move(gap));
  }
  for (Gap& gap : gaps) {
    const Gap* const alone[] = {&gap};
    gap.at_stake = RiseIfClosed(profile, a, alone);
  }
  std::stable_sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) {
    if (a.knockout_possible != b.knockout_possible) return a.knockout_possible;
    return a.at_stake > b.at_stake;
  });
  return gaps;
}

std::string RequiredText(const Profile& profile, const Gap& gap, const Texts& texts) {
  const v1::BantProfile& bant = profile.definition.bant();
  switch (gap.dimension) {
    case kBudget:
      return bant.budget().has_minimum()
                 ? texts.Say(Phrase::kRequiredBudget, FormatMoney(bant.budget().minimum()))
                 : texts.Say(Phrase::kRequiredBudgetAny);
    case kAuthority:
      return texts.Say(Phrase::kRequiredAuthority);
    case kNeed:
      return texts.Say(Phrase::kRequiredNeed);
    case kTimeline:
      return texts.Say(Phrase::kRequiredTimeline, bant.timeline().window_days());
    default:
      break;
  }
  const CompiledCriterion& criterion = profile.criteria[gap.criterion];
  if (criterion.required) {
    return texts.Say(Phrase::kRequiredCriterion, CriterionTitle(criterion, texts));
  }
  return texts.Say(Phrase::kWantedCriterion, FormatPoints(criterion.most));
}

std::string QuestionText(const Profile& profile, const Gap& gap, const Texts& texts) {
  const v1::BantProfile& bant = profile.definition.bant();
  switch (gap.dimension) {
    case kBudget:
      return texts.OwnOr(bant.budget().question(), Phrase::kQuestionBudget);
    case kAuthority:
      return texts.OwnOr(bant.authority().question(), Phrase::kQuestionAuthority);
    case kNeed:
      return texts.OwnOr(bant.need().question(), Phrase::kQuestionNeed);
    case kTimeline:
      return texts.OwnOr(bant.timeline().question(), Phrase::kQuestionTimeline);
    default:
      break;
  }
  const v1::LocalizedText& own = profile.criteria[gap.criterion].definition->question();
  return own.texts().empty() ? texts.AttributeQuestion(gap.unknown_attributes) : texts.Own(own, "");
}

std::string GapId(const Profile& profile, const Gap& gap) {
  return gap.criterion >= 0 ? profile.criteria[gap.criterion].definition->id()
                            : std::string(BantId(gap.dimension));
}

void WriteGap(const Profile& profile, const Assessment& a, const Gap& gap, const Texts& texts,
              v1::Gap* out) {
  out->set_id(GapId(profile, gap));
  if (gap.dimension >= 0) {
    out->set_dimension(DimensionOf(gap.dimension));
    out->set_status(StatusOf(a.bant[gap.dimension].state));
    out->set_known(BantReason(profile, a.bant[gap.dimension], gap.dimension, texts));
  } else {
    out->set_status(v1::RULE_STATUS_UNKNOWN);
    out->set_known(texts.Say(Phrase::kKnownNothing));
  }
  out->set_required(RequiredText(profile, gap, texts));
  out->set_question(QuestionText(profile, gap, texts));
  out->set_points_at_stake(ToWire(gap.at_stake));
  out->set_knockout_possible(gap.knockout_possible);
  for (const std::string& path : gap.unknown_attributes) out->add_unknown_attributes(path);
}

void WriteCriteria(const Profile& profile, const Assessment& a, const Texts& texts,
                   v1::Qualification* qualification) {
  for (size_t i = 0; i < profile.criteria.size(); ++i) {
    const CompiledCriterion& criterion = profile.criteria[i];
    const CriterionOutcome& outcome = a.criteria[i];
    v1::CriterionMatch* match = qualification->add_criteria();
    match->set_criterion(criterion.definition->id());
    match->set_title(CriterionTitle(criterion, texts));
    match->set_status(StatusOf(outcome.truth));
    match->set_points(ToWire(outcome.points));
    match->set_required(criterion.required);
    match->set_knockout(criterion.required && outcome.truth == Truth::kMissed);
    if (outcome.truth != Truth::kUnknown) continue;
    std::vector<std::string> paths;
    criterion.test->CollectUnknown(*a.lead, a.now, &paths);
    for (std::string& path : paths) match->add_unknown_attributes(std::move(path));
  }
}

void WriteBant(const Profile& profile, const Assessment& a, const Texts& texts,
               v1::Qualification* qualification) {
  for (int i = 0; i < 4; ++i) {
    const BantOutcome& outcome = a.bant[i];
    v1::BantAssessment* assessment = qualification->add_bant();
    assessment->set_dimension(DimensionOf(i));
    assessment->set_state(outcome.state);
    assessment->set_points(ToWire(outcome.points));
    assessment->set_reason(BantReason(profile, outcome, i, texts));
    SetText(outcome.contact_id, assessment->mutable_contact_id());
    assessment->set_conflict(outcome.conflict);
    if (!outcome.observed.has_value()) continue;
    SetTime(*outcome.observed, assessment->mutable_observed_time());
    SetTime(*outcome.observed + profile.bant.valid_for(i), assessment->mutable_expire_time());
  }
}

void WriteNurture(const Profile& profile, const Assessment& a, v1::Qualification* qualification) {
  const v1::TemperatureRules& rules = profile.definition.temperature();
  switch (a.temperature) {
    case v1::TEMPERATURE_HOT:
      qualification->set_nurture_level(v1::NURTURE_LEVEL_NONE);
      break;
    case v1::TEMPERATURE_WARM:
      qualification->set_nurture_level(v1::NURTURE_LEVEL_MEDIUM);
      *qualification->mutable_touch_interval() = rules.warm_touch_interval();
      break;
    default:
      qualification->set_nurture_level(v1::NURTURE_LEVEL_HIGH);
      *qualification->mutable_touch_interval() = rules.cold_touch_interval();
  }
}

// The stage whose gate would open if these gaps closed, though it is not open now.
std::string StageIfClosed(const Profile& profile, const Assessment& a, absl::string_view stage,
                          const std::vector<const Gap*>& gaps) {
  const Funnel::NextGate next = profile.funnel.Next(stage);
  if (next.gate == nullptr || JudgeGate(profile, a, *next.gate) == v1::GATE_STATUS_MET) return "";
  std::vector<int> criteria;
  std::vector<int> dimensions;
  for (const Gap* gap : gaps) {
    (gap->criterion >= 0 ? criteria : dimensions)
        .push_back(gap->criterion >= 0 ? gap->criterion : gap->dimension);
  }
  const Assessment closed = AssessIfClosed(profile, a, criteria, dimensions);
  return JudgeGate(profile, closed, *next.gate) == v1::GATE_STATUS_MET ? std::string(next.to_stage)
                                                                     : std::string();
}

void WriteActions(const Profile& profile, const Assessment& a, const EventLog& log,
                  const Texts& texts, const std::vector<Gap>& gaps, const ActionStage& action_stage,
                  v1::Qualification* qualification) {
  std::vector<OpenGap> open;
  for (const Gap& gap : gaps) {
    open.push_back(
        {GapId(profile, gap),
         gap.dimension >= 0 ? DimensionOf(gap.dimension) : v1::BANT_DIMENSION_UNSPECIFIED,
         QuestionText(profile, gap, texts), gap.at_stake, gap.unknown_attributes});
  }
  const auto pick = [&](absl::Span<const int> indexes) {
    std::vector<const Gap*> picked;
    for (const int i : indexes) picked.push_back(&gaps[i]);
    return picked;
  };
  const auto points_if_closed = [&](absl::Span<const int> indexes) {
    return RiseIfClosed(profile, a, pick(indexes));
  };
  const auto stage_if_closed = [&](absl::Span<const int> indexes) {
    return StageIfClosed(profile, a, action_stage.stage, pick(indexes));
  };
  const ActionContext context{
      *a.lead,
      log.past(),
      a.now,
      a.verdict,
      a.temperature,
      action_stage.stage,
      action_stage.entered,
      open,
      {0, a.fit.points, a.engagement_part.points, a.bant_part.points, a.total()},
      profile.caps,
      points_if_closed,
      stage_if_closed,
      texts};
  profile.advisor->Recommend(context, qualification);
}

}  // namespace

void WriteVerdict(const Profile& profile, const Assessment& assessment, const Texts& texts,
                  v1::Evaluation* evaluation) {
  const Assessment& a = assessment;
  evaluation->set_verdict(a.verdict);
  const auto add = [&](v1::VerdictReasonCode code, absl::string_view subject, std::string text) {
    v1::VerdictReason* reason = evaluation->add_verdict_reasons();
    reason->set_code(code);
    reason->set_subject(std::string(subject));
    reason->set_text(std::move(text));
  };
  if (a.restricted) {
    add(v1::VERDICT_REASON_CODE_MARKETING_OBJECTION, "", texts.Say(Phrase::kReasonObjection));
    return;
  }
  for (size_t i = 0; i < profile.criteria.size(); ++i) {
    const CompiledCriterion& criterion = profile.criteria[i];
    if (!criterion.required || a.criteria[i].truth != Truth::kMissed) continue;
    add(v1::VERDICT_REASON_CODE_KNOCKOUT, criterion.definition->id(),
        texts.Say(Phrase::kReasonKnockout, CriterionTitle(criterion, texts)));
  }
  if (a.fit_below_floor) {
    const Points floor =
        DivideRounded(profile.fit_floor * profile.caps[v1::SCORE_PART_FIT], kWholeShare);
    add(v1::VERDICT_REASON_CODE_FIT_BELOW_FLOOR, "",
        texts.Say(Phrase::kReasonFitBelowFloor, FormatPoints(a.fit.most), FormatPoints(floor)));
  }
  if (a.closed_lost) {
    add(v1::VERDICT_REASON_CODE_CLOSED_LOST, "", texts.Say(Phrase::kReasonClosedLost));
  }
  if (a.rejected_for_good) {
    add(v1::VERDICT_REASON_CODE_REJECTED, "", texts.Say(Phrase::kReasonRejected));
  }
  const auto add_unmet = [&](int dimension, v1::VerdictReasonCode code, Phrase phrase) {
    if (a.bant[dimension].state == v1::BANT_STATE_UNMET) add(code, "", texts.Say(phrase));
  };
  add_unmet(kBudget, v1::VERDICT_REASON_CODE_BUDGET_UNMET, Phrase::kReasonBudgetUnmet);
  add_unmet(kNeed, v1::VERDICT_REASON_CODE_NEED_UNMET, Phrase::kReasonNeedUnmet);
  add_unmet(kTimeline, v1::VERDICT_REASON_CODE_TIMELINE_UNMET, Phrase::kReasonTimelineUnmet);
  if (a.quiet) {
    add(v1::VERDICT_REASON_CODE_QUIET, a.stage,
        texts.Say(Phrase::kReasonQuiet, *a.quiet_after / absl::Hours(24)));
  }
}

void WriteQualification(const Profile& profile, const Assessment& assessment, const EventLog& log,
                        const Texts& texts, const EvaluateOptions& options,
                        const ActionStage& action_stage, v1::Qualification* qualification) {
  const std::vector<Gap> gaps = FindGaps(profile, assessment);
  if (!options.omit_gaps) {
    WriteCriteria(profile, assessment, texts, qualification);
    for (const Gap& gap : gaps) {
      WriteGap(profile, assessment, gap, texts, qualification->add_gaps());
    }
  }
  WriteBant(profile, assessment, texts, qualification);
  WriteNurture(profile, assessment, qualification);
  if (options.omit_actions) return;
  WriteActions(profile, assessment, log, texts, gaps, action_stage, qualification);
}

}  // namespace bantam
