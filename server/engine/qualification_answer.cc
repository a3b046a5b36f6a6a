#include "server/engine/qualification_answer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/engine/actions.h"
#include "server/engine/score_answer.h"

namespace bantam {
namespace {

v1::BantDimension DimensionOf(int dimension) {
  return static_cast<v1::BantDimension>(v1::BANT_DIMENSION_BUDGET + dimension);
}

// Appends "10000 EUR", "12000.50 EUR".
void AppendMoney(const v1::Money& money, ByteBuffer* out) {
  out->Append(absl::AlphaNum(money.units()).Piece());
  if (money.nanos() != 0) {
    std::string decimals = absl::StrFormat("%09d", std::abs(money.nanos()));
    decimals.resize(std::max<size_t>(2, decimals.find_last_not_of('0') + 1));
    out->Append('.');
    out->Append(decimals);
  }
  out->Append(' ');
  out->Append(money.currency_code());
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
void AppendRequired(const Profile& profile, const Gap& gap, const Texts& texts, ByteBuffer* out) {
  const v1::BantProfile& bant = profile.definition.bant();
  switch (gap.dimension) {
    case kBudget:
      if (!bant.budget().has_minimum()) return texts.Append(out, Phrase::kRequiredBudgetAny);
      return texts.Append(out, Phrase::kRequiredBudget, [&](ByteBuffer* amount) {
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
void AppendQuestion(const Profile& profile, const Gap& gap, const Texts& texts, ByteBuffer* out) {
  if (gap.dimension >= 0) {
    constexpr Phrase kQuestions[] = {Phrase::kQuestionBudget, Phrase::kQuestionAuthority,
                                     Phrase::kQuestionNeed, Phrase::kQuestionTimeline};
    out->Append(texts.OwnOr(profile.bant.question(gap.dimension), kQuestions[gap.dimension]));
    return;
  }
  const OwnText& own = profile.criteria[gap.criterion].question;
  if (own.empty()) {
    texts.AppendAttributeQuestion(gap.unknown_attributes, out);
  } else {
    out->Append(texts.Own(own, ""));
  }
}

absl::string_view GapId(const Profile& profile, const Gap& gap) {
  if (gap.criterion < 0) return BantId(gap.dimension);
  return profile.criteria[gap.criterion].definition->id();
}

void WriteGap(const Profile& profile, const Assessment& a, const Gap& gap, const Texts& texts,
              WireWriter* out) {
  using G = v1::Gap;
  out->Text(G::kIdFieldNumber, GapId(profile, gap));
  if (gap.dimension >= 0) {
    const BantOutcome& outcome = a.bant[gap.dimension];
    out->Integer(G::kDimensionFieldNumber, DimensionOf(gap.dimension));
    out->Integer(G::kStatusFieldNumber, StatusOf(outcome.state));
    out->WrittenText(G::kKnownFieldNumber, [&](ByteBuffer* known) {
      AppendBantReason(profile, outcome, gap.dimension, texts, known);
    });
  } else {
    out->Integer(G::kStatusFieldNumber, v1::RULE_STATUS_UNKNOWN);
    out->Text(G::kKnownFieldNumber, texts.Text(Phrase::kKnownNothing));
  }
  out->WrittenText(G::kRequiredFieldNumber,
                   [&](ByteBuffer* required) { AppendRequired(profile, gap, texts, required); });
  out->WrittenText(G::kQuestionFieldNumber,
                   [&](ByteBuffer* question) { AppendQuestion(profile, gap, texts, question); });
  out->Number(G::kPointsAtStakeFieldNumber, ToWire(gap.at_stake));
  out->Flag(G::kKnockoutPossibleFieldNumber, gap.knockout_possible);
  for (const absl::string_view path : gap.unknown_attributes) {
    out->TextElement(G::kUnknownAttributesFieldNumber, path);
  }
}

void WriteCriterion(const CompiledCriterion& criterion, const CriterionOutcome& outcome,
                    const Assessment& a, const Texts& texts, WireWriter* out) {
  using C = v1::CriterionMatch;
  out->Text(C::kCriterionFieldNumber, criterion.definition->id());
  out->Text(C::kTitleFieldNumber, CriterionTitle(criterion, texts));
  out->Integer(C::kStatusFieldNumber, StatusOf(outcome.truth));
  out->Number(C::kPointsFieldNumber, ToWire(outcome.points));
  out->Flag(C::kRequiredFieldNumber, criterion.required);
  out->Flag(C::kKnockoutFieldNumber, criterion.required && outcome.truth == Truth::kMissed);
  if (outcome.truth != Truth::kUnknown) return;
  AttributeList paths;
  criterion.test->CollectUnknown(*a.lead, a.now, &paths);
  for (const absl::string_view path : paths) {
    out->TextElement(C::kUnknownAttributesFieldNumber, path);
  }
}

void WriteBant(const Profile& profile, const BantOutcome& outcome, int dimension,
               const Texts& texts, WireWriter* out) {
  using B = v1::BantAssessment;
  out->Integer(B::kDimensionFieldNumber, DimensionOf(dimension));
  out->Integer(B::kStateFieldNumber, outcome.state);
  out->Number(B::kPointsFieldNumber, ToWire(outcome.points));
  out->WrittenText(B::kReasonFieldNumber, [&](ByteBuffer* reason) {
    AppendBantReason(profile, outcome, dimension, texts, reason);
  });
  out->Text(B::kContactIdFieldNumber, outcome.contact_id);
  if (outcome.observed.has_value()) {
    const absl::Time observed = outcome.observed.ToTime();
    out->Time(B::kObservedTimeFieldNumber, observed);
    out->Time(B::kExpireTimeFieldNumber, observed + profile.bant.valid_for(dimension).ToDuration());
  }
  out->Flag(B::kConflictFieldNumber, outcome.conflict);
}

void WriteNurture(const Profile& profile, const Assessment& a, WireWriter* out) {
  const v1::TemperatureRules& rules = profile.definition.temperature();
  const auto write = [&](v1::NurtureLevel level, const google::protobuf::Duration& interval) {
    out->Integer(v1::Qualification::kNurtureLevelFieldNumber, level);
    out->Duration(v1::Qualification::kTouchIntervalFieldNumber, interval.seconds(),
                  interval.nanos());
  };
  if (a.temperature == v1::TEMPERATURE_HOT) {
    out->Integer(v1::Qualification::kNurtureLevelFieldNumber, v1::NURTURE_LEVEL_NONE);
  } else if (a.temperature == v1::TEMPERATURE_WARM) {
    write(v1::NURTURE_LEVEL_MEDIUM, rules.warm_touch_interval());
  } else {
    write(v1::NURTURE_LEVEL_HIGH, rules.cold_touch_interval());
  }
}

// The gate in front of a lead in `stage`, if it is not open; none otherwise.
Funnel::NextGate ClosedGate(const Profile& profile, const Assessment& a, absl::string_view stage) {
  const Funnel::NextGate next = profile.funnel.Next(stage);
  const bool is_open =
      next.gate != nullptr && JudgeGate(profile, a, *next.gate) == v1::GATE_STATUS_MET;
  return is_open ? Funnel::NextGate() : next;
}

// The stage behind a closed gate, if the gate would open if these gaps closed.
absl::string_view StageIfClosed(const Profile& profile, const Assessment& a,
                                const Funnel::NextGate& next, const Gaps& gaps,
                                absl::Span<const int> indexes) {
  if (next.gate == nullptr) return "";
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

std::optional<absl::Time> WriteActions(const Profile& profile, const Assessment& a,
                                       const EventLog& log, const Texts& texts, const Gaps& gaps,
                                       const ActionStage& action_stage, WireWriter* out) {
  absl::InlinedVector<OpenGap, 12> open;
  for (const Gap& gap : gaps) {
    open.push_back(
        {GapId(profile, gap),
         gap.dimension >= 0 ? DimensionOf(gap.dimension) : v1::BANT_DIMENSION_UNSPECIFIED,
         gap.unknown_attributes});
  }
  const auto append_question = [&](int gap, ByteBuffer* question) {
    AppendQuestion(profile, gaps[gap], texts, question);
  };
  const auto points_if_closed = [&](absl::Span<const int> indexes) {
    Rise rise;
    for (const int i : indexes) rise.Add(profile, a, gaps[i]);
    return rise.OfTotal(profile, a);
  };
  std::optional<Funnel::NextGate> closed_gate;  // Once it is asked for.
  const auto stage_if_closed = [&](absl::Span<const int> indexes) {
    if (!closed_gate.has_value()) closed_gate = ClosedGate(profile, a, action_stage.stage);
    return StageIfClosed(profile, a, *closed_gate, gaps, indexes);
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
  return profile.advisor->Recommend(context, out);
}

}  // namespace

ReasonCodes WriteVerdict(const Profile& profile, const Assessment& assessment, const Texts& texts,
                         WireWriter* out) {
  const Assessment& a = assessment;
  ReasonCodes codes;
  out->Integer(v1::Evaluation::kVerdictFieldNumber, a.verdict);
  const auto add = [&](v1::VerdictReasonCode code, absl::string_view subject, Phrase phrase,
                       const auto&... args) {
    codes.push_back(code);
    out->Message(v1::Evaluation::kVerdictReasonsFieldNumber, [&] {
      out->Integer(v1::VerdictReason::kCodeFieldNumber, code);
      out->Text(v1::VerdictReason::kSubjectFieldNumber, subject);
      out->WrittenText(v1::VerdictReason::kTextFieldNumber,
                       [&](ByteBuffer* text) { texts.Append(text, phrase, args...); });
    });
  };
  if (a.restricted) {
    add(v1::VERDICT_REASON_CODE_MARKETING_OBJECTION, "", Phrase::kReasonObjection);
    return codes;
  }
  for (size_t i = 0; i < profile.criteria.size(); ++i) {
    const CompiledCriterion& criterion = profile.criteria[i];
    if (!criterion.required || a.criteria[i].truth != Truth::kMissed) continue;
    add(v1::VERDICT_REASON_CODE_KNOCKOUT, criterion.definition->id(), Phrase::kReasonKnockout,
        CriterionTitle(criterion, texts));
  }
  if (a.fit_below_floor) {
    const Points floor =
        DivideRounded(profile.fit_floor * profile.caps[v1::SCORE_PART_FIT], kWholeShare);
    add(v1::VERDICT_REASON_CODE_FIT_BELOW_FLOOR, "", Phrase::kReasonFitBelowFloor,
        FormatPoints(a.fit.most), FormatPoints(floor));
  }
  if (a.closed_lost) add(v1::VERDICT_REASON_CODE_CLOSED_LOST, "", Phrase::kReasonClosedLost);
  if (a.rejected_for_good) add(v1::VERDICT_REASON_CODE_REJECTED, "", Phrase::kReasonRejected);
  const auto add_unmet = [&](int dimension, v1::VerdictReasonCode code, Phrase phrase) {
    if (a.bant[dimension].state == v1::BANT_STATE_UNMET) add(code, "", phrase);
  };
  add_unmet(kBudget, v1::VERDICT_REASON_CODE_BUDGET_UNMET, Phrase::kReasonBudgetUnmet);
  add_unmet(kNeed, v1::VERDICT_REASON_CODE_NEED_UNMET, Phrase::kReasonNeedUnmet);
  add_unmet(kTimeline, v1::VERDICT_REASON_CODE_TIMELINE_UNMET, Phrase::kReasonTimelineUnmet);
  if (a.quiet) {
    add(v1::VERDICT_REASON_CODE_QUIET, a.stage, Phrase::kReasonQuiet, a.quiet_after->Days());
  }
  return codes;
}

std::optional<absl::Time> WriteQualification(const Profile& profile, const Assessment& assessment,
                                             const EventLog& log, const Texts& texts,
                                             const EvaluateOptions& options,
                                             const ActionStage& action_stage, WireWriter* out) {
  using Q = v1::Qualification;
  const Assessment& a = assessment;
  const bool wants_gaps = !options.omit_gaps;
  const Gaps gaps = wants_gaps || !options.omit_actions ? FindGaps(profile, a) : Gaps();
  for (size_t i = 0; wants_gaps && i < profile.criteria.size(); ++i) {
    out->Message(Q::kCriteriaFieldNumber,
                 [&] { WriteCriterion(profile.criteria[i], a.criteria[i], a, texts, out); });
  }
  for (int i = 0; i < 4; ++i) {
    out->Message(Q::kBantFieldNumber, [&] { WriteBant(profile, a.bant[i], i, texts, out); });
  }
  for (size_t i = 0; wants_gaps && i < gaps.size(); ++i) {
    out->Message(Q::kGapsFieldNumber, [&] { WriteGap(profile, a, gaps[i], texts, out); });
  }
  std::optional<absl::Time> first_due;
  if (!options.omit_actions) {
    first_due = WriteActions(profile, a, log, texts, gaps, action_stage, out);
  }
  WriteNurture(profile, a, out);
  return first_due;
}

}  // namespace bantam
