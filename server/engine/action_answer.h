// Writes next actions: what actions.cc chose.
#ifndef BANTAM_SERVER_ENGINE_ACTION_ANSWER_H_
#define BANTAM_SERVER_ENGINE_ACTION_ANSWER_H_

#include <array>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "server/engine/actions.h"
#include "server/engine/consent.h"
#include "server/engine/instant.h"
#include "server/engine/playbook_rule.h"
#include "server/engine/points.h"
#include "server/engine/wire_writer.h"

namespace bantam {

// Indexes of gaps in the answer's order.
using GapIndexes = absl::InlinedVector<int, 8>;

// A set of gaps and what closing them would bring.
struct GapSet {
  GapIndexes gaps;
  Bits kinds = 0;  // They are all open gaps of these kinds; 0: a rule named single criteria.
  Points points = 0;
  absl::string_view unlocks_stage;  // Empty: none.
  Points worth = 0;                 // For ranking: the points; if it unlocks a stage, far more.
};

// An action on its way into the answer.
struct Candidate {
  const CompiledRule* rule = nullptr;
  v1::ActionKind kind = v1::ACTION_KIND_UNSPECIFIED;  // ASK_FOR_CONSENT where that replaces it.
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  v1::Channel replaced_channel = v1::CHANNEL_UNSPECIFIED;
  const GapSet* closes = nullptr;
  int priority = 0;
  Instant due;          // None: it waits for the lead.
  bool may_ask = true;  // False: no channel may be used to ask the contact its questions.
  std::array<bool, v1::Channel_ARRAYSIZE> asks_for = {};  // ASK_FOR_CONSENT only.
};

// Writes the fields of a NextAction.
void WriteAction(const ActionContext& context, const Candidate& candidate, WireWriter* out);

// Writes the fields of a WithheldAction: that of a candidate whose channel may not be used. It has
// the channel that takes its place, if any.
void WriteWithheldAction(const ActionContext& context, const Consents& consents,
                         const Candidate& candidate, WireWriter* out);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ACTION_ANSWER_H_
