#ifndef BANTAM_CLIENT_COMMANDS_OVERWRITTEN_INPUT_H_
#define BANTAM_CLIENT_COMMANDS_OVERWRITTEN_INPUT_H_

#include "absl/status/status.h"
#include "client/commands/evaluate_command.h"

namespace bantam {

// That the file of --to is none of the files that are read, by whatever path or link; to be called
// before it is opened. INVALID_ARGUMENT: it is one; the message says which, and what to do. OK,
// too, without --to.
absl::Status CheckOverwritesNoInput(const EvaluateFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_OVERWRITTEN_INPUT_H_
