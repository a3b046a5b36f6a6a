// Next actions: the playbook's rules that apply, filtered by consent, ranked, with due times.
#ifndef BANTAM_SERVER_ENGINE_ACTIONS_H_
#define BANTAM_SERVER_ENGINE_ACTIONS_H_

#include <array>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "server/engine/business_hours.h"
#include "server/engine/events.h"
#include "server/engine/instant.h"
#include "server/engine/localization.h"
#include "server/engine/playbook_rule.h"
#include "server/engine/points.h"
#include "server/engine/wire_writer.h"

namespace bantam {

// One open gap, as the actions see it. Gaps come in the answer's order.
struct OpenGap {
  absl::string_view id;                                    // "budget" …, or the criterion's id.
  v1::BantDimension dimension;                             // Unspecified for a criterion.
  absl::Span<const absl::string_view> unknown_attributes;  // Empty for BANT.
};

// The situation that actions are recommended in.
struct ActionContext {
  const v1::Lead& lead;
  absl::Span<const EventFact> events;  // As EventFact says; any order.
  Instant now;
  v1::Verdict verdict;
  v1::Temperature temperature;
  absl::string_view stage;                  // The current one (Advance: after the move).
  std::optional<absl::Time> stage_entered;  // Advance after a move: now.
  absl::Span<const OpenGap> gaps;

  // Appends the question that closes a gap (an index into `gaps`), in the answer's language.
  absl::FunctionRef<void(int, ByteBuffer*)> append_question;

  // Points after limits and caps, by ScorePart (index = enum value; TOTAL's cap is 100 points).
  std::array<Points, 5> points;
  std::array<Points, 5> caps;

  // The rise of the total, after limits, if these gaps (indexes into `gaps`) closed at their best.
  absl::FunctionRef<Points(absl::Span<const int>)> points_if_closed;

  // The stage whose gate all of whose conditions would then be met, though not all are now; empty:
  // none.
  absl::FunctionRef<absl::string_view(absl::Span<const int>)> stage_if_closed;

  // What people call a stage, in the answer's language.
  absl::FunctionRef<absl::string_view(absl::string_view)> stage_title;

  const Texts& texts;  // Built-in wording and ICP texts in the answer's language.
};

// The playbook and business hours of one ICP, compiled. Immutable.
class ActionAdvisor {
 public:
  // `playbook` and `hours` have passed Compile()'s checks and have their defaults filled in;
  // `playbook` must outlive this.
  ActionAdvisor(const v1::Playbook& playbook, BusinessHoursCalendar hours);
  ActionAdvisor(const ActionAdvisor&) = delete;
  ActionAdvisor& operator=(const ActionAdvisor&) = delete;

  // Writes the actions, best first, and the withheld ones, as fields of a Qualification. Returns
  // the due time of the first action that has one; nullopt: there is none.
  std::optional<absl::Time> Recommend(const ActionContext& context, WireWriter* out) const;

 private:
  StageBits stage_bits_;
  std::vector<CompiledRule> rules_;  // Refer to the playbook.
  std::vector<RuleFilter> filters_;  // Of the rules.
  BusinessHoursCalendar hours_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ACTIONS_H_
