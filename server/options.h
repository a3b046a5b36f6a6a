#ifndef BANTAM_SERVER_OPTIONS_H_
#define BANTAM_SERVER_OPTIONS_H_

#include <string>

#include "server/telemetry/log.h"

namespace bantam {

// Every setting of bantamd. Each field `x` is set by --x=VALUE, or by the environment variable
// BANTAM_X (upper case); the command line wins. `bantamd --help` shows them with these defaults.
struct Options {
  // Where to listen: host:port, or [IPv6 address]:port. Port 0: any free one, which is logged.
  std::string listen = "127.0.0.1:7770";

  // File to write the port to once the server is ready, for those who start it with port 0.
  // Replaced by a rename, so that a reader never sees half of it. Empty: none.
  std::string port_file;

  // Directory of the ICPs: every *.yaml and *.yml below it, reloaded when they change.
  std::string icps = "/etc/bantam/icps";

  // Whether a bad ICP file keeps the server from starting. Else it is logged and left out: one bad
  // edit must not keep new replicas from starting.
  bool strict = false;

  // Completion queues for calls, each with three threads, and as many workers for large requests.
  // 0: one for each processor that the process may use (its affinity and its container's quota).
  // Range: [0, 256].
  int threads = 0;

  // Largest request, in bytes; a larger one is RESOURCE_EXHAUSTED. Range: [1024, 67108864].
  int max_request_bytes = 4 * 1024 * 1024;

  // Most leads of one batch; more are INVALID_ARGUMENT. Range: [1, 100000].
  int max_batch_leads = 1000;

  // Most calls at a time on one connection; further ones wait at the caller. Range: [1, 100000].
  int max_concurrent_streams = 1000;

  // How long calls in flight may go on after SIGTERM or SIGINT, in seconds; then they are
  // cancelled. Keep it below the grace period of whoever stops the server. Range: [0, 3600].
  int drain_seconds = 20;

  // How often the directory is looked through even if the system tells of no change (it tells
  // nothing of network file systems), in seconds. Range: [1, 3600].
  int reload_poll_seconds = 5;

  // What log lines look like: "human" or "json".
  LogFormat log_format = LogFormat::kHuman;

  // The least that is logged: "debug", "info", "warning" or "error". Failed calls are "info",
  // failures of the server's own "error".
  LogLevel log_level = LogLevel::kInfo;
};

// Exit codes of bantamd.
enum ExitCode {
  kExitOk = 0,        // It was told to end, or has shown help or its version.
  kExitFailed = 1,    // It could not start: the port, the directory, with --strict an ICP.
  kExitBadUsage = 2,  // Flags or environment variables are wrong.
  kExitForced = 3,    // A second signal ended it at once.
};

// What the command line and the environment ask for.
struct ParsedOptions {
  Options options;

  // Whether the process should end at once, with this code, after it has shown `text`: help or the
  // version on the standard output, or all problems, one line each, on the standard error.
  bool ends = false;
  ExitCode exit_code = kExitOk;
  std::string text;
};

// Reads `argv` and the environment. Finds all problems at once.
ParsedOptions ParseOptions(int argc, const char* const* argv);

}  // namespace bantam

#endif  // BANTAM_SERVER_OPTIONS_H_
