#include "server/engine/verdict_answer.h"

#include "server/engine/score_answer.h"
#include "server/engine/text.h"

namespace bantam {

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
    add(v1::VERDICT_REASON_CODE_MARKETING_OBJECTION, "marketing_objection",
        Phrase::kReasonObjection);
    return codes;
  }
  for (const int i : profile.required_criteria) {
    const CompiledCriterion& criterion = profile.criteria[i];
    if (a.criteria[i].truth != Truth::kMissed) continue;
    add(v1::VERDICT_REASON_CODE_KNOCKOUT, criterion.id, Phrase::kReasonKnockout,
        CriterionTitle(criterion, texts));
  }
  if (a.fit_below_floor) {
    const Points floor =
        DivideRounded(profile.fit_floor * profile.caps[v1::SCORE_PART_FIT], kWholeShare);
    add(v1::VERDICT_REASON_CODE_FIT_BELOW_FLOOR, "fit", Phrase::kReasonFitBelowFloor,
        FormatPoints(a.fit.most), FormatPoints(floor));
  }
  // With the reason that the caller gave, if any.
  const auto add_stated = [&](v1::VerdictReasonCode code, absl::string_view field, Phrase phrase,
                              absl::string_view reason) {
    reason = Trim(reason);
    if (reason.empty()) return add(code, field, phrase);
    add(code, field, Phrase::kReasonStated, texts.Text(phrase), reason);
  };
  if (a.closed_lost) {
    add_stated(v1::VERDICT_REASON_CODE_CLOSED_LOST, "closed_lost", Phrase::kReasonClosedLost,
               a.lead->closed_lost().reason());
  }
  if (a.rejected_for_good) {
    add_stated(v1::VERDICT_REASON_CODE_REJECTED, "sales_decision", Phrase::kReasonRejected,
               a.lead->sales_decision().reason());
  }
  const auto add_unmet = [&](int dimension, v1::VerdictReasonCode code, Phrase phrase) {
    if (a.bant[dimension].state == v1::BANT_STATE_UNMET) add(code, BantId(dimension), phrase);
  };
  add_unmet(kBudget, v1::VERDICT_REASON_CODE_BUDGET_UNMET, Phrase::kReasonBudgetUnmet);
  add_unmet(kNeed, v1::VERDICT_REASON_CODE_NEED_UNMET, Phrase::kReasonNeedUnmet);
  add_unmet(kTimeline, v1::VERDICT_REASON_CODE_TIMELINE_UNMET, Phrase::kReasonTimelineUnmet);
  if (a.quiet) {
    const SpanText quiet_after(texts, a.quiet_after);
    add(v1::VERDICT_REASON_CODE_QUIET, a.stage, Phrase::kReasonQuiet,
        absl::string_view(quiet_after));
  }
  return codes;
}

}  // namespace bantam
