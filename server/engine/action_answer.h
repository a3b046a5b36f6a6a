// Writes next actions: what actions.cc chose.
#ifndef BANTAM_SERVER_ENGINE_ACTION_ANSWER_H_
#define BANTAM_SERVER_ENGINE_ACTION_ANSWER_H_

#include <array>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/engine/actions.h"
#include "server/engine/consent.h"
#include "server/engine/points.h"
#include "server/engine/wire_writer.h"

namespace bantam {

// A set of gaps, by their indexes in the answer's order, and what closing them would bring.
struct GapSet {
  absl::InlinedVector<int, 8> gaps;
  Points points = 0;
  absl::string_view unlocks_stage;  // Empty: none.
};

// An action on its way into the answer.
struct Candidate {
  const CompiledRule* rule = nullptr;
  v1::ActionKind kind = v1::ACTION_KIND_UNSPECIFIED;  // ASK_FOR_CONSENT where that replaces it.
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  v1::Channel replaced_channel = v1::CHANNEL_UNSPECIFIED;
  const GapSet* closes = nullptr;
  int priority = 0;
  absl::Time due;
  std::array<bool, v1::Channel_ARRAYSIZE> asks_for = {};  // ASK_FOR_CONSENT only.

  const std::string& id() const { return rule->definition->id(); }
};

// Writes the fields of a NextAction.
void WriteAction(const ActionContext& context, const Candidate& candidate, WireWriter* out);

// Writes the fields of a WithheldAction: that of a candidate whose channel may not be used. It has
// the channel that takes its place, if any.
void WriteWithheldAction(const ActionContext& context, const Consents& consents,
                         const Candidate& candidate, WireWriter* out);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ACTION_ANSWER_H_
