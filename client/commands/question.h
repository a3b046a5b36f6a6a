#ifndef BANTAM_CLIENT_COMMANDS_QUESTION_H_
#define BANTAM_CLIENT_COMMANDS_QUESTION_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/commands/connection_flags.h"
#include "client/commands/evaluate_command.h"
#include "client/qualifier.h"

namespace bantam {

// An instant as all options take it, such as 2026-01-31, 2026-01-31T09:00 or
// 2026-01-31 09:00:00+01:00; times without a zone are in `zone`. Nullopt: it is none.
std::optional<absl::Time> ParseInstant(const std::string& text, absl::TimeZone zone);

// The instant that --at names (but for "now"); times without a zone are in `zone`. UsageError(): it
// is none.
absl::StatusOr<absl::Time> ParseAt(const std::string& text, absl::TimeZone zone);

// UsageError(): the engine, here or on a server, would refuse what is asked; told by option.
absl::Status CheckQuestion(const Question& question);

// What the options ask, but for --revision and what the output decides. `connection` is what they
// come to, `zone` that of --at. UsageError(): they say too little, or what no ICP could answer; the
// message names the options.
absl::StatusOr<Question> MakeQuestion(const EvaluateFlags& flags, const Connection& connection,
                                      absl::TimeZone zone);

// Pins the revision that --revision means, which a server may have to be asked for. UsageError():
// it means none; else as ChooseRevision().
absl::Status PinRevision(const EvaluateFlags& flags, const Connection& connection,
                         Question* question);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_QUESTION_H_
