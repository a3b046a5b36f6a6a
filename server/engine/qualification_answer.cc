#include "server/engine/qualification_answer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/engine/actions.h"
#include "server/engine/decimal.h"
#include "server/engine/score_answer.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

v1::BantDimension DimensionOf(int dimension) {
  return static_cast<v1::BantDimension>(v1::BANT_DIMENSION_BUDGET + dimension);
}

// Digits, sign and nine decimals.
constexpr size_t kLongestAmount = kLongestInteger + 1 + 9;

// Writes the decimals of `nanos`, at least two, without more zeros at the end.
char* WriteDecimals(int32_t nanos, char* out) {
  constexpr uint64_t kUnit = 1000000000;  // A digit more keeps the zeros at the beginning.
  char room[kLongestInteger];
  const char* const digits = WriteDigitsBefore(room + sizeof(room), kUnit + std::abs(nanos)) + 1;
  size_t size = room + sizeof(room) - digits;
  while (size > 2 && digits[size - 1] == '0') --size;
  return PutBytes(absl::string_view(digits, size), out);
}

// Writes "10000 EUR", "12000.50 EUR".
char* WriteMoney(const v1::Money& money, char* out) {
  char room[kLongestInteger];
  out = PutBytes(WriteInteger(money.units(), room), out);
  if (money.nanos() != 0) {
    *out++ = '.';
    out = WriteDecimals(money.nanos(), out);
  }
  *out++ = ' ';
  return PutBytes(money.currency_code(), out);
}

// An open gap, with where it comes from.
struct Gap {
  int criterion = -1;  // Index; -1: a dimension.
  int dimension = -1;  // Index; -1: a criterion.
  Points at_stake = 0;
  bool knockout_possible = false;
  AttributeList unknown_attributes;
};

// All open gaps. It does not move, since its order refers to it.
struct Gaps {
  Gaps() = default;
  Gaps(const Gaps&) = delete;
  Gaps& operator=(const Gaps&) = delete;

  size_t size() const { return ordered.size(); }
  const Gap& operator[](size_t index) const { return *ordered[index]; }

  absl::InlinedVector<Gap, 12> found;           // Criteria, then dimensions, as the ICP has them.
  absl::InlinedVector<const Gap*, 12> ordered;  // Of these, in the answer's order.
};

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
bool ComesBefore(const Gap* a, const Gap* b) {
  if (a->knockout_possible != b->knockout_possible) return a->knockout_possible;
  if (a->at_stake != b->at_stake) return a->at_stake > b->at_stake;
  return a < b;
}

void FindGaps(const Profile& profile, const Assessment& a, Gaps* gaps) {
  const absl::Span<const CriterionOutcome> outcomes = a.criteria;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].truth != Truth::kUnknown) continue;
    const CompiledCriterion& criterion = profile.criteria[i];
    Gap& gap = gaps->found.emplace_back();
    gap.criterion = static_cast<int>(i);
    gap.knockout_possible = criterion.required && criterion.test.CanMiss(*a.lead, a.now);
    criterion.test.CollectUnknown(*a.lead, a.now, &gap.unknown_attributes);
  }
  for (int i = 0; i < 4; ++i) {
    if (a.bant[i].state != v1::BANT_STATE_MET) gaps->found.emplace_back().dimension = i;
  }
  for (Gap& gap : gaps->found) {
    Rise rise;
    rise.Add(profile, a, gap);
    gap.at_stake = rise.OfTotal(profile, a);
    gaps->ordered.push_back(&gap);
  }
  std::sort(gaps->ordered.begin(), gaps->ordered.end(), ComesBefore);
}

// Appends what a criterion asks for: its own title, else the values that it tests, else its id.
void AppendWanted(const CompiledCriterion& criterion, const Texts& texts, ByteBuffer* out) {
  const TestedValues& tested = criterion.tested;
  if (tested.values.empty()) return out->Append(CriterionTitle(criterion, texts));
  texts.AppendAttributeName(criterion.test.path(), out);
  out->Append(" (");
  if (tested.frame.has_value()) {
    texts.Append(out, *tested.frame, absl::string_view(tested.values));
  } else {
    out->Append(tested.values);
  }
  out->Append(')');
}

// Bytes that WriteRequired() writes at most, beside what a criterion asks for: a phrase, an amount
// and its currency.
constexpr size_t kLongestRequired = kLongestPhrase + kLongestAmount + 1 + 3;

// Writes what closes a gap to `out`; returns the end of what it wrote. `wanted`: what a criterion
// asks for.
char* WriteRequired(const Profile& profile, const Gap& gap, absl::string_view wanted,
                    const Texts& texts, char* out) {
  const v1::BantProfile& bant = profile.definition.bant();
  switch (gap.dimension) {
    case kBudget: {
      if (!bant.budget().has_minimum()) return texts.Write(out, Phrase::kRequiredBudgetAny);
      char amount[kLongestRequired];
      const char* const end = WriteMoney(bant.budget().minimum(), amount);
      return texts.Write(out, Phrase::kRequiredBudget, absl::string_view(amount, end - amount));
    }
    case kAuthority:
      return texts.Write(out, Phrase::kRequiredAuthority);
    case kNeed:
      return texts.Write(out, Phrase::kRequiredNeed);
    case kTimeline:
      return texts.Write(out, Phrase::kRequiredTimeline, bant.timeline().window_days());
    default:
      break;
  }
  const CompiledCriterion& criterion = profile.criteria[gap.criterion];
  if (criterion.required) return texts.Write(out, Phrase::kRequiredCriterion, wanted);
  return texts.Write(out, Phrase::kWantedCriterion, PointsText(criterion.most), wanted);
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
  return profile.criteria[gap.criterion].id;
}

void WriteGap(const Profile& profile, const Assessment& a, const Gap& gap, const Texts& texts,
              WireWriter* out) {
  using G = v1::Gap;
  const absl::string_view id = GapId(profile, gap);
  ByteBuffer wanted;
  if (gap.criterion >= 0) AppendWanted(profile.criteria[gap.criterion], texts, &wanted);
  const size_t texts_size = id.size() + kLongestBantReason + kLongestRequired + wanted.size();
  out->Fields(5 * WireFields::kLongestField + texts_size, [&](WireFields* fields) {
    fields->Text(G::kIdFieldNumber, id);
    if (gap.dimension >= 0) {
      const BantOutcome& outcome = a.bant[gap.dimension];
      fields->Integer(G::kDimensionFieldNumber, DimensionOf(gap.dimension));
      fields->Integer(G::kStatusFieldNumber, StatusOf(outcome.state));
      fields->WrittenText(G::kKnownFieldNumber, [&](char* known) {
        return WriteBantReason(profile, outcome, gap.dimension, texts, known);
      });
    } else {
      fields->Integer(G::kStatusFieldNumber, v1::RULE_STATUS_UNKNOWN);
      fields->Text(G::kKnownFieldNumber, KnownText(profile.criteria[gap.criterion], a, texts));
    }
    fields->WrittenText(G::kRequiredFieldNumber, [&](char* required) {
      return WriteRequired(profile, gap, wanted.view(), texts, required);
    });
  });
  out->WrittenText(G::kQuestionFieldNumber,
                   [&](ByteBuffer* question) { AppendQuestion(profile, gap, texts, question); });
  out->Fields(2 * WireFields::kLongestField, [&](WireFields* fields) {
    fields->Number(G::kPointsAtStakeFieldNumber, ToWire(gap.at_stake));
    fields->Flag(G::kKnockoutPossibleFieldNumber, gap.knockout_possible);
  });
  for (const absl::string_view path : gap.unknown_attributes) {
    out->TextElement(G::kUnknownAttributesFieldNumber, path);
  }
}

// Writes one criterion; `unknown` are the attributes whose absence makes it unknown.
void WriteCriterion(const CompiledCriterion& criterion, const CriterionOutcome& outcome,
                    absl::Span<const absl::string_view> unknown, const Texts& texts,
                    WireWriter* out) {
  using C = v1::CriterionMatch;
  const absl::string_view id = criterion.id;
  const absl::string_view title = CriterionTitle(criterion, texts);
  constexpr size_t kFields = 7;  // With the criterion itself.
  size_t most = kFields * WireFields::kLongestField + id.size() + title.size();
  for (const absl::string_view path : unknown) most += WireFields::kLongestField + path.size();
  out->Fields(most, [&](WireFields* fields) {
    fields->Message(v1::Qualification::kCriteriaFieldNumber, [&] {
      fields->TextElement(C::kCriterionFieldNumber, id);  // Not empty.
      fields->Text(C::kTitleFieldNumber, title);
      fields->Integer(C::kStatusFieldNumber, StatusOf(outcome.truth));
      fields->Number(C::kPointsFieldNumber, ToWire(outcome.points));
      if (criterion.required) {
        fields->Flag(C::kRequiredFieldNumber, true);
        fields->Flag(C::kKnockoutFieldNumber, outcome.truth == Truth::kMissed);
      }
      for (const absl::string_view path : unknown) {
        fields->TextElement(C::kUnknownAttributesFieldNumber, path);
      }
    });
  });
}

void WriteCriteria(const Profile& profile, const Assessment& a, const Gaps& gaps,
                   const Texts& texts, WireWriter* out) {
  auto gap = gaps.found.begin();  // Of the next unknown criterion.
  const CriterionOutcome* outcome = a.criteria.data();
  for (const CompiledCriterion& criterion : profile.criteria) {
    absl::Span<const absl::string_view> unknown;
    if (outcome->truth == Truth::kUnknown) unknown = (gap++)->unknown_attributes;
    WriteCriterion(criterion, *outcome++, unknown, texts, out);
  }
}

void WriteBant(const Profile& profile, const BantOutcome& outcome, int dimension,
               const Texts& texts, WireWriter* out) {
  using B = v1::BantAssessment;
  const absl::string_view source =
      outcome.evidence == nullptr ? "" : Trim(outcome.evidence->source());
  constexpr size_t kFields = 8;  // With the assessment itself.
  const size_t most = kFields * WireFields::kLongestField + 2 * WireFields::kLongestTime +
                      kLongestBantReason + outcome.contact_id.size() + source.size();
  out->Fields(most, [&](WireFields* fields) {
    fields->Message(v1::Qualification::kBantFieldNumber, [&] {
      fields->Integer(B::kDimensionFieldNumber, DimensionOf(dimension));
      fields->Integer(B::kStateFieldNumber, outcome.state);
      fields->Number(B::kPointsFieldNumber, ToWire(outcome.points));
      fields->WrittenText(B::kReasonFieldNumber, [&](char* reason) {
        return WriteBantReason(profile, outcome, dimension, texts, reason);
      });
      fields->Text(B::kContactIdFieldNumber, outcome.contact_id);
      if (outcome.observed.has_value()) {
        const TimeSpan valid_for = profile.bant.valid_for(dimension);
        fields->Time(B::kObservedTimeFieldNumber, outcome.observed);
        fields->Time(B::kExpireTimeFieldNumber, outcome.observed, valid_for);
      }
      fields->Flag(B::kConflictFieldNumber, outcome.conflict);
      fields->Text(B::kSourceFieldNumber, source);
    });
  });
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

// Whether the gate would open if these gaps closed.
bool OpensIfClosed(const Profile& profile, const Assessment& a, const CompiledGate& gate,
                   const Gaps& gaps, absl::Span<const int> indexes) {
  absl::InlinedVector<int, 8> criteria;
  absl::InlinedVector<int, 4> dimensions;
  for (const int i : indexes) {
    if (gaps[i].criterion >= 0) criteria.push_back(gaps[i].criterion);
    if (gaps[i].dimension >= 0) dimensions.push_back(gaps[i].dimension);
  }
  const Assessment closed = AssessIfClosed(profile, a, criteria, dimensions);
  return JudgeGate(profile, closed, gate) == v1::GATE_STATUS_MET;
}

std::optional<absl::Time> WriteActions(const Profile& profile, const Assessment& a,
                                       const EventLog& log, const Texts& texts, const Gaps& gaps,
                                       const ActionStage& action_stage, WireWriter* out) {
  absl::InlinedVector<OpenGap, 12> open;
  for (const Gap* gap : gaps.ordered) {
    open.push_back(
        {GapId(profile, *gap),
         gap->dimension >= 0 ? DimensionOf(gap->dimension) : v1::BANT_DIMENSION_UNSPECIFIED,
         gap->unknown_attributes});
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
  const auto stage_if_closed = [&](absl::Span<const int> indexes) -> absl::string_view {
    if (!closed_gate.has_value()) closed_gate = ClosedGate(profile, a, action_stage.stage);
    const bool opens = closed_gate->gate != nullptr &&
                       OpensIfClosed(profile, a, *closed_gate->gate, gaps, indexes);
    return opens ? closed_gate->to_stage : absl::string_view();
  };
  const auto stage_title = [&](absl::string_view stage) {
    const absl::string_view built_in = texts.StageTitle(stage);
    const int index = profile.funnel.IndexOf(stage);
    return index < 0 ? built_in : texts.Own(profile.funnel.title(index), built_in);
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
      stage_title,
      texts};
  return profile.advisor->Recommend(context, out);
}

}  // namespace

std::optional<absl::Time> WriteQualification(const Profile& profile, const Assessment& assessment,
                                             const EventLog& log, const Texts& texts,
                                             const EvaluateOptions& options,
                                             const ActionStage& action_stage, WireWriter* out) {
  const Assessment& a = assessment;
  const bool wants_gaps = !options.omit_gaps;
  Gaps gaps;
  if (wants_gaps || !options.omit_actions) FindGaps(profile, a, &gaps);
  if (wants_gaps) WriteCriteria(profile, a, gaps, texts, out);
  for (int i = 0; i < 4; ++i) WriteBant(profile, a.bant[i], i, texts, out);
  for (size_t i = 0; wants_gaps && i < gaps.size(); ++i) {
    out->Message(v1::Qualification::kGapsFieldNumber,
                 [&] { WriteGap(profile, a, gaps[i], texts, out); });
  }
  std::optional<absl::Time> first_due;
  if (!options.omit_actions) {
    first_due = WriteActions(profile, a, log, texts, gaps, action_stage, out);
  }
  WriteNurture(profile, a, out);
  return first_due;
}

}  // namespace bantam
