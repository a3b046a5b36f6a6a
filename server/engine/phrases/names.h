// Which phrase names a thing of the contract.
#ifndef BANTAM_SERVER_ENGINE_PHRASES_NAMES_H_
#define BANTAM_SERVER_ENGINE_PHRASES_NAMES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/value.pb.h"
#include "server/engine/phrases/phrases.h"

namespace bantam {

// "fit", "engagement", "BANT"; "total" for everything else.
Phrase PartName(v1::ScorePart part);

// "budget", "authority", "need", "timeline". `dimension` must be one of the four.
Phrase DimensionName(v1::BantDimension dimension);

// "unmet", "stale", "partial", "met"; "unknown" for everything else.
Phrase StateName(v1::BantState state);

// The name of a role of AuthorityEvidence, in its canonical spelling ("decision_maker"). nullopt:
// not a role.
std::optional<Phrase> RoleName(absl::string_view role);

// The title of a standard stage, "nurture" or "disqualified". nullopt: the ICP's own stage.
std::optional<Phrase> StageTitle(absl::string_view stage);

// "e-mail", "phone", "SMS", "post". `channel` must be one of the four.
Phrase ChannelName(v1::Channel channel);

// The name of a standard attribute such as "company.industry". nullopt: not one.
std::optional<Phrase> AttributePhrase(absl::string_view attribute);

// The question that closes a gap of `dimension`, which must be one of the four.
Phrase DimensionQuestion(v1::BantDimension dimension);

// The line about a fact that a gate asks for. `fact` must be said; no status counts as unknown.
Phrase GateFactText(v1::GateFact fact, v1::GateStatus status);

// The title of an action; where it sends content, `asset` ("blog", "webinar" …) may tell more.
// nullopt: OTHER, which carries its own.
std::optional<Phrase> ActionTitle(v1::ActionKind kind, absl::string_view asset);

// The script of an action. ScriptAskForConsent needs the channels' names as $0. nullopt: OTHER.
std::optional<Phrase> ActionScript(v1::ActionKind kind);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PHRASES_NAMES_H_
