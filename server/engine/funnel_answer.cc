#include "server/engine/funnel_answer.h"

#include <algorithm>

#include "server/engine/decimal.h"
#include "server/engine/phrases/names.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/sha256.h"

namespace bantam {
namespace {

void AppendScoreReason(const Profile& profile, const Assessment& a,
                       const CompiledCondition& condition, v1::GateStatus status,
                       const Texts& texts, ByteBuffer* out) {
  const absl::string_view part = texts.Text(PartName(condition.part));
  const PointsText has(a.PointsOf(condition.part));
  // Rounded up: with that many points the condition holds.
  const Points whole = condition.enter * profile.caps[condition.part];
  const PointsText needed((whole + kWholeShare - 1) / kWholeShare);
  if (status == v1::GATE_STATUS_UNKNOWN) {
    texts.Append(out, Phrase::kGateScoreOpen, part, has, PointsText(a.MostOf(condition.part)),
                 needed);
  } else {
    texts.Append(out, Phrase::kGateScore, part, has, needed);
  }
}

void AppendReason(const Profile& profile, const Assessment& a, const CompiledCondition& condition,
                  v1::GateStatus status, const Texts& texts, ByteBuffer* out) {
  switch (condition.kind) {
    case v1::GateCondition::kFact:
      return texts.Append(out, GateFactText(condition.fact, status));
    case v1::GateCondition::kScore:
      return AppendScoreReason(profile, a, condition, status, texts, out);
    case v1::GateCondition::kBant: {
      const auto dimension =
          static_cast<v1::BantDimension>(v1::BANT_DIMENSION_BUDGET + condition.dimension);
      return texts.Append(out, Phrase::kGateBant, texts.Text(DimensionName(dimension)),
                          texts.Text(StateName(a.bant[condition.dimension].state)),
                          texts.Text(StateName(condition.at_least)));
    }
    case v1::GateCondition::kAnyOf:
      return texts.Append(out, Phrase::kGateAnyOf);
    case v1::GateCondition::KIND_NOT_SET:
      break;
  }
}

void WriteCondition(const Profile& profile, const Assessment& a, const CompiledCondition& condition,
                    const Texts& texts, WireWriter* out) {
  using R = v1::GateConditionResult;
  const v1::GateStatus status = JudgeCondition(profile, a, condition);
  out->Text(R::kConditionFieldNumber, condition.id);
  out->Integer(R::kStatusFieldNumber, status);
  out->WrittenText(R::kReasonFieldNumber, [&](ByteBuffer* reason) {
    AppendReason(profile, a, condition, status, texts, reason);
  });
  for (const CompiledCondition& child : condition.any_of) {
    out->Message(R::kAnyOfFieldNumber, [&] { WriteCondition(profile, a, child, texts, out); });
  }
}

void WriteGate(const Profile& profile, const Assessment& a, const Move::Gate& gate,
               const Texts& texts, WireWriter* out) {
  using R = v1::GateResult;
  out->Text(R::kFromStageFieldNumber, gate.from_stage);
  out->Text(R::kToStageFieldNumber, gate.to_stage);
  out->Integer(R::kStatusFieldNumber, JudgeGate(profile, a, *gate.gate));
  for (const CompiledCondition& condition : gate.gate->conditions) {
    out->Message(R::kConditionsFieldNumber,
                 [&] { WriteCondition(profile, a, condition, texts, out); });
  }
}

void WriteTransition(const Profile& profile, const Assessment& a, const Move& move,
                     const v1::StageOverride* override_by, const ReasonCodes& reasons,
                     WireWriter* out) {
  using T = v1::Transition;
  const std::string& icp = profile.definition.name();
  const std::string& lead_id = a.lead->id();
  std::optional<absl::Time> entered;
  if (a.lead->has_stage_entered_time()) entered = ToTime(a.lead->stage_entered_time());
  out->WrittenText(T::kIdFieldNumber, [&](ByteBuffer* id) {
    AppendTransitionId(icp, lead_id, a.stage, move.to_stage, entered, a.now.ToTime(), id);
  });
  out->Text(T::kIcpFieldNumber, icp);
  out->Text(T::kIcpRevisionFieldNumber, profile.revision);
  out->Text(T::kLeadIdFieldNumber, lead_id);
  out->Text(T::kFromStageFieldNumber, a.stage);
  out->Text(T::kToStageFieldNumber, move.to_stage);
  if (entered.has_value()) out->Time(T::kStageEnteredTimeFieldNumber, *entered);
  out->Time(T::kTransitionTimeFieldNumber, a.now.ToTime());
  out->Integer(T::kReasonFieldNumber, move.reason);
  out->Integer(T::kVerdictFieldNumber, a.verdict);
  out->WrittenText(T::kVerdictReasonsFieldNumber, [&](ByteBuffer* packed) {
    for (const v1::VerdictReasonCode code : reasons) packed->Append(static_cast<char>(code));
  });
  if (!a.restricted) out->PresentNumber(T::kTotalFieldNumber, ToWire(a.total()));
  if (override_by == nullptr) return;
  out->Text(T::kActorFieldNumber, override_by->actor());
  out->Text(T::kOverrideReasonFieldNumber, override_by->reason());
}

// Appends `number` with `digits` digits.
void AppendDigits(int64_t number, int digits, ByteBuffer* out) {
  int64_t power = 1;
  for (int i = 1; i < digits; ++i) power *= 10;
  for (; power > 0; power /= 10) out->Append(static_cast<char>('0' + number / power % 10));
}

// Appends "2026-01-31T09:30:00.000000000Z", by UTC.
void AppendTime(absl::Time time, ByteBuffer* out) {
  const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const absl::Duration rest = time - absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  AppendDigits(civil.year(), 4, out);
  out->Append('-');
  AppendDigits(civil.month(), 2, out);
  out->Append('-');
  AppendDigits(civil.day(), 2, out);
  out->Append('T');
  AppendDigits(civil.hour(), 2, out);
  out->Append(':');
  AppendDigits(civil.minute(), 2, out);
  out->Append(':');
  AppendDigits(civil.second(), 2, out);
  out->Append('.');
  AppendDigits(absl::ToInt64Nanoseconds(rest), 9, out);
  out->Append('Z');
}

}  // namespace

Move OverrideMove(const Assessment& assessment, const v1::StageOverride& override_by) {
  Move move;
  move.to_stage = override_by.stage();
  move.reason = v1::ADVANCE_REASON_OVERRIDE;
  return move;
}

void WriteAdvancement(const Profile& profile, const Assessment& assessment, const Move& move,
                      const v1::StageOverride* override_by, const Texts& texts,
                      const ReasonCodes& reasons, std::optional<absl::Time> first_due,
                      WireWriter* out) {
  using A = v1::Advancement;
  out->Text(A::kFromStageFieldNumber, assessment.stage);
  out->Text(A::kToStageFieldNumber, move.to_stage);
  out->Integer(A::kReasonFieldNumber, move.reason);
  for (const Move::Gate& gate : move.gates) {
    out->LongMessage(A::kGatesFieldNumber,
                     [&] { WriteGate(profile, assessment, gate, texts, out); });
  }
  if (move.to_stage != assessment.stage) {
    out->LongMessage(A::kTransitionFieldNumber, [&] {
      WriteTransition(profile, assessment, move, override_by, reasons, out);
    });
  }
  if (first_due.has_value()) out->Time(A::kFirstActionDueTimeFieldNumber, *first_due);
}

void AppendTransitionId(absl::string_view icp, absl::string_view lead_id,
                        absl::string_view from_stage, absl::string_view to_stage,
                        std::optional<absl::Time> entered, absl::Time now, ByteBuffer* out) {
  ByteBuffer time;
  if (!entered.has_value()) time.Append('@');
  AppendTime(entered.value_or(now), &time);
  ByteBuffer text;
  for (const absl::string_view part : {icp, lead_id, from_stage, to_stage, time.view()}) {
    char digits[kLongestInteger];
    text.Append(WriteInteger(static_cast<int64_t>(part.size()), digits));
    text.Append(':');
    text.Append(part);
  }
  const Sha256Digits digits = Sha256Prefix(text.view());
  out->Append(absl::string_view(digits.data(), digits.size()));
}

}  // namespace bantam
