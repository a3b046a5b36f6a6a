// icp list, icp get, health: what a server says about itself.
#ifndef BANTAM_CLIENT_COMMANDS_SERVER_COMMANDS_H_
#define BANTAM_CLIENT_COMMANDS_SERVER_COMMANDS_H_

#include <string>

#include "client/commands/connection_flags.h"

namespace bantam {

// Prints the ICPs of `parent` (`tenants/{tenant}`, or `tenants/-` for all), as a table or as JSON.
int RunIcpList(const ServerFlags& flags, const std::string& parent, bool json);

// How `icp get` shows a definition.
enum class IcpForm {
  kWritten,   // The YAML as written, with its comments.
  kDefaults,  // YAML with every default filled in.
  kJson,      // The whole answer.
};

// Prints one ICP, in `revision` or (empty) the current one.
int RunIcpGet(const ServerFlags& flags, const std::string& name, const std::string& revision,
              IcpForm form);

// Asks grpc.health.v1 about the server and each of its services. Exit code 1: one is not serving.
int RunHealth(const ServerFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_SERVER_COMMANDS_H_
