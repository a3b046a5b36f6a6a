// The options that say where answers come from.
#ifndef BANTAM_CLIENT_COMMANDS_CONNECTION_FLAGS_H_
#define BANTAM_CLIENT_COMMANDS_CONNECTION_FLAGS_H_

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "client/qualifier.h"
#include "client/qualifier/channel.h"

namespace bantam {

// Which server, and how long to wait for it.
struct ServerFlags {
  std::string timeout = "10s";
  ChannelOptions channel;  // Its files are read when the server is called.

  ServerFlags() { channel.server = "localhost:7770"; }

  void AddTo(CLI::App* command);

  // Whom failures name.
  const std::string& server() const { return channel.server; }

  // `timeout`, which has been checked.
  absl::Duration Timeout() const;
};

// How fresh the ICPs have to be. Files are read anew by each run, so this is about servers.
struct FreshnessFlags {
  std::string max_staleness;
  bool newest = false;

  void AddTo(CLI::App* command);

  // What they come to; absent: the server's own bound.
  absl::optional<absl::Duration> MaxStaleness() const;
};

// A server, or the engine in this process.
struct QualifierFlags {
  ServerFlags server;
  bool local = false;
  std::string icps_folder;
  std::vector<std::string> icp_files;

  void AddTo(CLI::App* command);

  // To be called when all options of `command` are read. Throws CLI::ValidationError if its command
  // line names what is for servers beside what asks the engine here; the environment may name both.
  void CheckTogether(const CLI::App& command) const;

  bool IsLocal() const { return local || !icps_folder.empty() || !icp_files.empty(); }

  // Whom failures name; empty: the engine in this process.
  std::string ServerName() const { return IsLocal() ? "" : server.server(); }
};

// What the flags come to.
struct Connection {
  std::unique_ptr<Qualifier> qualifier;
  std::map<std::string, std::string> revisions;              // Of the local ICPs, by their names.
  std::map<std::string, std::vector<std::string>> warnings;  // About them, rendered.
};

// Errors: as LoadIcps() and Connect(). A server is not contacted yet.
absl::StatusOr<Connection> MakeConnection(const QualifierFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_CONNECTION_FLAGS_H_
