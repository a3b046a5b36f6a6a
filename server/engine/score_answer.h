// Writes the score: points, grade, level, label, and the trace.
#ifndef BANTAM_SERVER_ENGINE_SCORE_ANSWER_H_
#define BANTAM_SERVER_ENGINE_SCORE_ANSWER_H_

#include <string>

#include "bantam/v1/evaluation.pb.h"
#include "server/engine/assessment.h"
#include "server/engine/localization.h"

namespace bantam {

// Writes the fields of a Score. The trace's points add up to the total.
void WriteScore(const Profile& profile, const Assessment& assessment, const Texts& texts,
                bool omit_trace, WireWriter* out);

// "A" to "F"; empty while every criterion is unknown, or with a fit cap of 0.
absl::string_view GradeOf(const Profile& profile, const Assessment& assessment);

// What people call a criterion.
inline absl::string_view CriterionTitle(const CompiledCriterion& criterion, const Texts& texts) {
  return texts.Own(criterion.title, criterion.id);
}

// What is known about a criterion that is unknown.
absl::string_view KnownText(const CompiledCriterion& criterion, const Assessment& assessment,
                            const Texts& texts);

// Bytes that WriteBantReason() writes at most: three phrases and two numbers.
inline constexpr size_t kLongestBantReason = 3 * kLongestPhrase + 2 * kLongestInteger + 2;

// Writes why a dimension is in its state, in one line, to `out`; returns the end of what it wrote.
char* WriteBantReason(const Profile& profile, const BantOutcome& outcome, int dimension,
                      const Texts& texts, char* out);

// The trace's status for an outcome.
inline v1::RuleStatus StatusOf(Truth truth) {
  constexpr v1::RuleStatus kStatuses[] = {v1::RULE_STATUS_MISSED, v1::RULE_STATUS_UNKNOWN,
                                          v1::RULE_STATUS_MATCHED};
  return kStatuses[static_cast<int>(truth)];
}
v1::RuleStatus StatusOf(v1::BantState state);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_SCORE_ANSWER_H_
