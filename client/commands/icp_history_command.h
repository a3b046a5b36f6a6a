// icp history, icp delete, icp rollback: what became of an ICP, and going back.
#ifndef BANTAM_CLIENT_COMMANDS_ICP_HISTORY_COMMAND_H_
#define BANTAM_CLIENT_COMMANDS_ICP_HISTORY_COMMAND_H_

#include <cstdint>
#include <string>

#include "client/commands/change_flags.h"

namespace bantam {

// Names of ICPs are full ones here.

// Prints the entries of an ICP's history, newest first, as a table or as JSON. `limit`: the most
// of them; 0: all.
int RunIcpHistory(const ServerFlags& flags, const std::string& name, int64_t limit, bool json);

// Takes an ICP out of service, after a question on a terminal. Exit code 1: the answer was no.
int RunIcpDelete(const ChangeFlags& flags, const std::string& name);

// Makes an earlier revision current again, after showing what that changes and a question on a
// terminal. `to` is what ChooseRevision() understands. Exit code 1: the answer was no; 2: `to` is
// no revision.
int RunIcpRollback(const ChangeFlags& flags, const std::string& name, const std::string& to);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_HISTORY_COMMAND_H_
