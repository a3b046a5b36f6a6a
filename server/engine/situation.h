// Whether a rule of the playbook applies, and what set it off.
#ifndef BANTAM_SERVER_ENGINE_SITUATION_H_
#define BANTAM_SERVER_ENGINE_SITUATION_H_

#include <optional>

#include "absl/time/time.h"
#include "server/engine/actions.h"

namespace bantam {

// What set an action off. Events later than the evaluation time do not count.
struct Triggers {
  // The newest hand-raise.
  std::optional<absl::Time> hand_raise;

  // Whether neither an attempt of ours nor a conversation followed it.
  bool hand_raise_waits = false;

  // The newest inbound activity or conversation.
  std::optional<absl::Time> activity;
};

Triggers FindTriggers(const ActionContext& context);

// Whether every field of `rule.when` that is set holds. A reply also needs a raised hand that
// waits. Disqualified leads and customers get only what names them: a rule that says the verdict
// DISQUALIFIED, or the stage they are in ("customer", "disqualified").
bool Applies(const CompiledRule& rule, const ActionContext& context, const Triggers& triggers);

// Whether a name in Situation.gaps means this gap.
bool NamesGap(absl::string_view name, const OpenGap& gap);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_SITUATION_H_
