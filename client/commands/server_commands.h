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

struct GetFlags {
  ServerFlags server;
  FreshnessFlags freshness;
  std::string name;      // In full.
  std::string revision;  // What ChooseRevision() understands; empty: the current one.
  IcpForm form = IcpForm::kWritten;
};

// Prints one ICP.
int RunIcpGet(const GetFlags& flags);

// Asks grpc.health.v1 about the server, each of its services, and the parts that it can do without
// for a while: its source of ICPs and its cache, where it has such. Exit code 1: the server or a
// service is not serving; a part that is down makes the server degraded, no more.
int RunHealth(const ServerFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_SERVER_COMMANDS_H_
