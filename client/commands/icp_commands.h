#ifndef BANTAM_CLIENT_COMMANDS_ICP_COMMANDS_H_
#define BANTAM_CLIENT_COMMANDS_ICP_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "client/commands/evaluate_command.h"

namespace bantam {

// Adds `icp` with all its commands to `app`; the one that is chosen is put into `*chosen`.
void AddIcpCommands(CLI::App* app, Command* chosen);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_COMMANDS_H_
