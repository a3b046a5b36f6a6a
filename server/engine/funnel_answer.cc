#include "server/engine/funnel_answer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/engine/phrases/names.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/sha256.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

void AppendScoreReason(const Profile& profile, const Assessment& a,
                       const CompiledCondition& condition, v1::GateStatus status,
                       const Texts& texts, std::string* out) {
  const v1::ScorePart score_part = condition.definition->score().part();
  const absl::string_view part = texts.Text(PartName(score_part));
  const std::string has = FormatPoints(a.PointsOf(score_part));
  // Rounded up: with that many points the condition holds.
  const Points whole = condition.enter * profile.caps[score_part];
  const std::string needed = FormatPoints((whole + kWholeShare - 1) / kWholeShare);
  if (status == v1::GATE_STATUS_UNKNOWN) {
    texts.Append(out, Phrase::kGateScoreOpen, part, has, FormatPoints(a.MostOf(score_part)),
                 needed);
  } else {
    texts.Append(out, Phrase::kGateScore, part, has, needed);
  }
}

void AppendReason(const Profile& profile, const Assessment& a, const CompiledCondition& condition,
                  v1::GateStatus status, const Texts& texts, std::string* out) {
  const v1::GateCondition& definition = *condition.definition;
  switch (definition.kind_case()) {
    case v1::GateCondition::kFact:
      return texts.Append(out, GateFactText(definition.fact(), status));
    case v1::GateCondition::kScore:
      return AppendScoreReason(profile, a, condition, status, texts, out);
    case v1::GateCondition::kBant: {
      const v1::GateBant& bant = definition.bant();
      const v1::BantState state = a.bant[bant.dimension() - v1::BANT_DIMENSION_BUDGET].state;
      return texts.Append(out, Phrase::kGateBant, texts.Text(DimensionName(bant.dimension())),
                          texts.Text(StateName(state)), texts.Text(StateName(bant.at_least())));
    }
    case v1::GateCondition::kAnyOf:
      return texts.Append(out, Phrase::kGateAnyOf);
    case v1::GateCondition::KIND_NOT_SET:
      break;
  }
}

void WriteCondition(const Profile& profile, const Assessment& a, const CompiledCondition& condition,
                    const Texts& texts, v1::GateConditionResult* result) {
  const v1::GateStatus status = JudgeCondition(profile, a, condition);
  result->set_condition(condition.id);
  result->set_status(status);
  AppendReason(profile, a, condition, status, texts, result->mutable_reason());
  for (const CompiledCondition& child : condition.any_of) {
    WriteCondition(profile, a, child, texts, result->add_any_of());
  }
}

void WriteTransition(const Profile& profile, const Assessment& a, const Move& move,
                     const v1::StageOverride* override_by, const v1::Evaluation& evaluation,
                     v1::Transition* transition) {
  const std::string& icp = profile.definition.name();
  const std::string& lead_id = a.lead->id();
  std::optional<absl::Time> entered;
  if (a.lead->has_stage_entered_time()) entered = ToTime(a.lead->stage_entered_time());
  transition->set_id(TransitionId(icp, lead_id, a.stage, move.to_stage, entered, a.now));
  transition->set_icp(icp);
  transition->set_icp_revision(profile.revision);
  transition->set_lead_id(lead_id);
  SetText(a.stage, transition->mutable_from_stage());
  SetText(move.to_stage, transition->mutable_to_stage());
  if (entered.has_value()) SetTime(*entered, transition->mutable_stage_entered_time());
  SetTime(a.now, transition->mutable_transition_time());
  transition->set_reason(move.reason);
  transition->set_verdict(a.verdict);
  for (const v1::VerdictReason& reason : evaluation.verdict_reasons()) {
    transition->add_verdict_reasons(reason.code());
  }
  if (!a.restricted) transition->set_total(ToWire(a.total()));
  if (override_by == nullptr) return;
  transition->set_actor(override_by->actor());
  transition->set_override_reason(override_by->reason());
}

// Appends `number` with `digits` digits.
void AppendDigits(int64_t number, int digits, std::string* out) {
  int64_t power = 1;
  for (int i = 1; i < digits; ++i) power *= 10;
  for (; power > 0; power /= 10) out->push_back(static_cast<char>('0' + number / power % 10));
}

// Appends "2026-01-31T09:30:00.000000000Z", by UTC.
void AppendTime(absl::Time time, std::string* out) {
  const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const absl::Duration rest = time - absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  AppendDigits(civil.year(), 4, out);
  out->push_back('-');
  AppendDigits(civil.month(), 2, out);
  out->push_back('-');
  AppendDigits(civil.day(), 2, out);
  out->push_back('T');
  AppendDigits(civil.hour(), 2, out);
  out->push_back(':');
  AppendDigits(civil.minute(), 2, out);
  out->push_back(':');
  AppendDigits(civil.second(), 2, out);
  out->push_back('.');
  AppendDigits(absl::ToInt64Nanoseconds(rest), 9, out);
  out->push_back('Z');
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
                      v1::Evaluation* evaluation) {
  v1::Advancement* advancement = evaluation->mutable_advancement();
  SetText(assessment.stage, advancement->mutable_from_stage());
  SetText(move.to_stage, advancement->mutable_to_stage());
  advancement->set_reason(move.reason);
  for (const Move::Gate& gate : move.gates) {
    v1::GateResult* result = advancement->add_gates();
    SetText(gate.from_stage, result->mutable_from_stage());
    SetText(gate.to_stage, result->mutable_to_stage());
    result->set_status(JudgeGate(profile, assessment, *gate.gate));
    for (const CompiledCondition& condition : gate.gate->conditions) {
      WriteCondition(profile, assessment, condition, texts, result->add_conditions());
    }
  }
  if (move.to_stage == assessment.stage) return;
  WriteTransition(profile, assessment, move, override_by, *evaluation,
                  advancement->mutable_transition());
}

std::string TransitionId(absl::string_view icp, absl::string_view lead_id,
                         absl::string_view from_stage, absl::string_view to_stage,
                         std::optional<absl::Time> entered, absl::Time now) {
  std::string time = entered.has_value() ? "" : "@";
  AppendTime(entered.value_or(now), &time);
  std::string text;
  for (const absl::string_view part :
       {icp, lead_id, from_stage, to_stage, absl::string_view(time)}) {
    absl::StrAppend(&text, part.size(), ":", part);
  }
  return Sha256Prefix(text);
}

}  // namespace bantam
