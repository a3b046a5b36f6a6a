#ifndef BANTAM_CLIENT_COMMANDS_WATCH_COMMAND_H_
#define BANTAM_CLIENT_COMMANDS_WATCH_COMMAND_H_

#include <CLI/CLI.hpp>

#include "client/commands/evaluate_command.h"

namespace bantam {

// Adds `watch` to `app`: decisions as they are made, from the Redis stream or the file that
// `bantamd --decision_log` writes. If it is chosen, it is put into `*chosen`.
void AddWatchCommand(CLI::App* app, Command* chosen);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_WATCH_COMMAND_H_
