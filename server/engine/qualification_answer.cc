#include "server/engine/qualification_answer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/engine/actions.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/score_answer.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

v1::BantDimension DimensionOf(int dimension) {
  return static_cast<v1::BantDimension>(v1::BANT_DIMENSION_BUDGET + dimension);
}

// Appends "10000 EUR", "12000.50 EUR".
void AppendMoney(const v1::Money& money, std::string* out) {
  absl::StrAppend(out, money.units());
  if (money.nanos() != 0) {
    std::string decimals = absl::StrFormat("%09d", std::abs(money.nanos()));
    decimals.resize(std::max<size_t>(2, decimals.find_last_not_of('0') + 1));
    absl::StrAppend(out, ".", decimals);
  }
  absl::StrAppend(out, " ", money.currency_code());
}

// An open gap, with where it comes from.
struct Gap {
  int criterion = -1;  // Index; -1: a dimension.
  int dimension = -1;  // Index; -1: a criterion.
  Points at_stake = 0;
  bool knockout_possible = false;
  AttributeList unknown_attributes;
};

using Gaps = absl::InlinedVector<Gap, 12>;

// What gaps would add to the sums of fit and BANT if they closed at their best.
struct Rise {
  Points fit = 0;
  Points bant = 0;

  void Add(const Profile& profile, const Assessment& a, const Gap& gap) {
    if (gap.criterion >= 0) {
      fit += profile.criteria[gap.criterion].most;
    } else {
      bant += profile.bant.points(gap.dimension) - a.bant[gap.dimension].points;
    }
  }

  // The rise of the total, after limits.
  Points OfTotal(const Profile& profile, const Assessment& a) const {
    return std::max<Points>(0, TotalWith(profile, a, fit, bant) - a.total());
  }
};

// Knockout possible first, then points at stake, then ICP order.
Gaps FindGaps(const Profile& profile, const Assessment& a) {
  Gaps gaps;
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
    Rise rise;
    rise.Add(profile, a, gap);
    gap.at_stake = rise.OfTotal(profile, a);
  }
  // By index, so that equal ones keep their order: criteria come first, each by its index.
  std::sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) {
    const auto key = [](const Gap& gap) {
      return std::make_tuple(!gap.knockout_possible, -gap.at_stake, gap.criterion < 0,
                             gap.criterion, gap.dimension);
    };
    return key(a) < key(b);
  });
  return gaps;
}

// Appends what closes a gap.
void AppendRequired(const Profile& profile, const Gap& gap, const Texts& texts, std::string* out) {
  const v1::BantProfile& bant = profile.definition.bant();
  switch (gap.dimension) {
    case kBudget:
      if (!bant.budget().has_minimum()) return texts.Append(out, Phrase::kRequiredBudgetAny);
      return texts.Append(out, Phrase::kRequiredBudget, [&](std::string* amount) {
        AppendMoney(bant.budget().minimum(), amount);
      });
    case kAuthority:
      return texts.Append(out, Phrase::kRequiredAuthority);
    case kNeed:
      return texts.Append(out, Phrase::kRequiredNeed);
    case kTimeline:
      return texts.Append(out, Phrase::kRequiredTimeline, bant.timeline().window_days());
    default:
      break;
  }
  const CompiledCriterion& criterion = profile.criteria[gap.criterion];
  if (criterion.required) {
    texts.Append(out, Phrase::kRequiredCriterion, CriterionTitle(criterion, texts));
  } else {
    texts.Append(out, Phrase::kWantedCriterion, FormatPoints(criterion.most));
  }
}

// Appends the question that closes a gap.
void AppendQuestion(const Profile& profile, const Gap& gap, const Texts& texts, std::string* out) {
  if (gap.dimension >= 0) {
    constexpr Phrase kQuestions[] = {Phrase::kQuestionBudget, Phrase::kQuestionAuthority,
                                     Phrase::kQuestionNeed, Phrase::kQuestionTimeline};
    AppendText(texts.OwnOr(profile.bant.question(gap.dimension), kQuestions[gap.dimension]), out);
    return;
  }
  const OwnText& own = profile.criteria[gap.criterion].question;
  if (own.empty()) {
    texts.AppendAttributeQuestion(gap.unknown_attributes, out);
  } else {
    AppendText(texts.Own(own, ""), out);
  }
}

absl::string_view GapId(const Profile& profile, const Gap& gap) {
  if (gap.criterion < 0) return BantId(gap.dimension);
  return profile.criteria[gap.criterion].definition->id();
}

void WriteGap(const Profile& profile, const Assessment& a, const Gap& gap, const Texts& texts,
              v1::Gap* out) {
  SetText(GapId(profile, gap), out->mutable_id());
  if (gap.dimension >= 0) {
    out->set_dimension(DimensionOf(gap.dimension));
    out->set_status(StatusOf(a.bant[gap.dimension].state));
    AppendBantReason(profile, a.bant[gap.dimension], gap.dimension, texts, out->mutable_known());
  } else {
    out->set_status(v1::RULE_STATUS_UNKNOWN);
    texts.Append(out->mutable_known(), Phrase::kKnownNothing);
  }
  AppendRequired(profile, gap, texts, out->mutable_required());
  AppendQuestion(profile, gap, texts, out->mutable_question());
  out->set_points_at_stake(ToWire(gap.at_stake));
  out->set_knockout_possible(gap.knockout_possible);
  for (const absl::string_view path : gap.unknown_attributes) {
    SetText(path, out->add_unknown_attributes());
  }
}

void WriteCriteria(const Profile& profile, const Assessment& a, const Texts& texts,
                   v1::Qualification* qualification) {
  for (size_t i = 0; i < profile.criteria.size(); ++i) {
    const CompiledCriterion& criterion = profile.criteria[i];
    const CriterionOutcome& outcome = a.criteria[i];
    v1::CriterionMatch* match = qualification->add_criteria();
    match->set_criterion(criterion.definition->id());
    SetText(CriterionTitle(criterion, texts), match->mutable_title());
    match->set_status(StatusOf(outcome.truth));
    match->set_points(ToWire(outcome.points));
    match->set_required(criterion.required);
    match->set_knockout(criterion.required && outcome.truth == Truth::kMissed);
    if (outcome.truth != Truth::kUnknown) continue;
    AttributeList paths;
    criterion.test->CollectUnknown(*a.lead, a.now, &paths);
    for (const absl::string_view path : paths) SetText(path, match->add_unknown_attributes());
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
    AppendBantReason(profile, outcome, i, texts, assessment->mutable_reason());
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
absl::string_view StageIfClosed(const Profile& profile, const Assessment& a,
                                absl::string_view stage, const Gaps& gaps,
                                absl::Span<const int> indexes) {
  const Funnel::NextGate next = profile.funnel.Next(stage);
  if (next.gate == nullptr || JudgeGate(profile, a, *next.gate) == v1::GATE_STATUS_MET) return "";
  absl::InlinedVector<int, 8> criteria;
  absl::InlinedVector<int, 4> dimensions;
  for (const int i : indexes) {
    if (gaps[i].criterion >= 0) criteria.push_back(gaps[i].criterion);
    if (gaps[i].dimension >= 0) dimensions.push_back(gaps[i].dimension);
  }
  const Assessment closed = AssessIfClosed(profile, a, criteria, dimensions);
  const bool opens = JudgeGate(profile, closed, *next.gate) == v1::GATE_STATUS_MET;
  return opens ? next.to_stage : "";
}

void WriteActions(const Profile& profile, const Assessment& a, const EventLog& log,
                  const Texts& texts, const Gaps& gaps, const ActionStage& action_stage,
                  v1::Qualification* qualification) {
  absl::InlinedVector<OpenGap, 12> open;
  for (const Gap& gap : gaps) {
    open.push_back(
        {GapId(profile, gap),
         gap.dimension >= 0 ? DimensionOf(gap.dimension) : v1::BANT_DIMENSION_UNSPECIFIED,
         gap.unknown_attributes});
  }
  const auto append_question = [&](int gap, std::string* out) {
    AppendQuestion(profile, gaps[gap], texts, out);
  };
  const auto points_if_closed = [&](absl::Span<const int> indexes) {
    Rise rise;
    for (const int i : indexes) rise.Add(profile, a, gaps[i]);
    return rise.OfTotal(profile, a);
  };
  const auto stage_if_closed = [&](absl::Span<const int> indexes) {
    return StageIfClosed(profile, a, action_stage.stage, gaps, indexes);
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
      append_question,
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
  // The reason's text is to be appended to the result.
  const auto add = [&](v1::VerdictReasonCode code, absl::string_view subject) {
    v1::VerdictReason* reason = evaluation->add_verdict_reasons();
    reason->set_code(code);
    SetText(subject, reason->mutable_subject());
    return reason->mutable_text();
  };
  if (a.restricted) {
    texts.Append(add(v1::VERDICT_REASON_CODE_MARKETING_OBJECTION, ""), Phrase::kReasonObjection);
    return;
  }
  for (size_t i = 0; i < profile.criteria.size(); ++i) {
    const CompiledCriterion& criterion = profile.criteria[i];
    if (!criterion.required || a.criteria[i].truth != Truth::kMissed) continue;
    texts.Append(add(v1::VERDICT_REASON_CODE_KNOCKOUT, criterion.definition->id()),
                 Phrase::kReasonKnockout, CriterionTitle(criterion, texts));
  }
  if (a.fit_below_floor) {
    const Points floor =
        DivideRounded(profile.fit_floor * profile.caps[v1::SCORE_PART_FIT], kWholeShare);
    texts.Append(add(v1::VERDICT_REASON_CODE_FIT_BELOW_FLOOR, ""), Phrase::kReasonFitBelowFloor,
                 FormatPoints(a.fit.most), FormatPoints(floor));
  }
  if (a.closed_lost) {
    texts.Append(add(v1::VERDICT_REASON_CODE_CLOSED_LOST, ""), Phrase::kReasonClosedLost);
  }
  if (a.rejected_for_good) {
    texts.Append(add(v1::VERDICT_REASON_CODE_REJECTED, ""), Phrase::kReasonRejected);
  }
  const auto add_unmet = [&](int dimension, v1::VerdictReasonCode code, Phrase phrase) {
    if (a.bant[dimension].state == v1::BANT_STATE_UNMET) texts.Append(add(code, ""), phrase);
  };
  add_unmet(kBudget, v1::VERDICT_REASON_CODE_BUDGET_UNMET, Phrase::kReasonBudgetUnmet);
  add_unmet(kNeed, v1::VERDICT_REASON_CODE_NEED_UNMET, Phrase::kReasonNeedUnmet);
  add_unmet(kTimeline, v1::VERDICT_REASON_CODE_TIMELINE_UNMET, Phrase::kReasonTimelineUnmet);
  if (a.quiet) {
    texts.Append(add(v1::VERDICT_REASON_CODE_QUIET, a.stage), Phrase::kReasonQuiet,
                 *a.quiet_after / absl::Hours(24));
  }
}

void WriteQualification(const Profile& profile, const Assessment& assessment, const EventLog& log,
                        const Texts& texts, const EvaluateOptions& options,
                        const ActionStage& action_stage, v1::Qualification* qualification) {
  const Gaps gaps = FindGaps(profile, assessment);
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
