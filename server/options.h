#ifndef BANTAM_SERVER_OPTIONS_H_
#define BANTAM_SERVER_OPTIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/telemetry/decision_log.h"
#include "server/telemetry/log.h"

namespace bantam {

// What bantamd is to do.
enum class Command {
  kServe,    // Serve until it is told to end.
  kMigrate,  // `bantamd migrate`: set up the database, or bring it to this version, and end.
};

// Which ICPs are loaded before a replica over a database reports ready.
enum class Preload {
  kNone,  // None: each is loaded when it is asked for first.
  kUsed,  // Those that all replicas used most, as Redis tells.
  kAll,   // All, as far as the cache's bound goes.
};

// Whether callers must show a certificate of a certification authority that is trusted.
enum class ClientCertificate {
  kRequired,  // No connection without one.
  kOptional,  // Who shows one must show a good one; others may prove who they are by a token.
};

// Every setting of bantamd. Each field `x` is set by --x=VALUE, or by the environment variable
// BANTAM_X (upper case); the command line wins. `bantamd --help` shows them with these defaults.
struct Options {
  // Where to listen: host:port, or [IPv6 address]:port. Port 0: any free one, which is logged.
  std::string listen = "127.0.0.1:7770";

  // Whether to listen without TLS on an address that other machines reach. On a loopback address it
  // needs no asking.
  bool insecure = false;

  // The server's certificate and what leads to its authority, PEM, and the key, PEM. Read again
  // when they change; a bad pair is refused, and the old one serves on. Both or neither; empty: no
  // TLS.
  std::string tls_cert;
  std::string tls_key;

  // Authorities whose client certificates are taken, PEM. Empty: callers are asked for none.
  std::string tls_client_ca;

  // Whether callers must have a certificate; with `tls_client_ca` only.
  ClientCertificate tls_client_auth = ClientCertificate::kRequired;

  // Who may call what, YAML (server/access/README.md). Read again when it changes; a bad one is
  // refused, and the old one stays in force. Empty: everybody may call everything. With TLS only.
  std::string access_policy;

  // Bearer tokens: a line `NAME SHA256` for each. Read again when it changes. With TLS only.
  std::string tokens;

  // File to write the port to once the server is ready, for those who start it with port 0.
  // Replaced by a rename, so that a reader never sees half of it. Empty: none.
  std::string port_file;

  // Directory of the ICPs: every *.yaml and *.yml below it, reloaded when they change. Not used
  // with `icp_source`.
  std::string icps = "/etc/bantam/icps";

  // Where the ICPs are kept instead of a directory: postgres://user@host:port/database. Empty: the
  // directory. A password is better kept out of the process list: in the variable
  // BANTAM_ICP_SOURCE, or in libpq's PGPASSWORD or PGPASSFILE. It is never logged.
  std::string icp_source;

  // Cache that all replicas share: redis://[user:password@]host:port/db. Empty: none. With
  // `icp_source` only: a directory is held in memory as a whole.
  std::string redis;

  // What the keys in Redis start with, so that several installations can share one. Each database
  // needs a prefix of its own.
  std::string redis_prefix = "bantam";

  // How long a call waits for Redis before it goes on to the database, in ms. Range: [1, 1000].
  int redis_timeout_ms = 10;

  // Most connections to the database. Range: [1, 100].
  int postgres_connections = 8;

  // How long one load from the database may take, in ms; callers who wait for it are told
  // UNAVAILABLE then. Range: [100, 60000].
  int load_timeout_ms = 3000;

  // How often the database is asked what changed, in ms, with a jitter of 20 %: the bound of
  // staleness where Redis tells nothing. Range: [50, 60000].
  int change_poll_ms = 1000;

  // Most memory that ICPs from a database may take in this process, in MiB; what is used least goes
  // first. Range: [1, 1048576].
  int cache_mib = 256;

  // How long ago an ICP may have been known to be current while the database cannot be reached, in
  // seconds; then calls are UNAVAILABLE. 0: for ever, the last good definition serves.
  // Range: [0, 2592000].
  int max_staleness_seconds = 0;

  // Which ICPs from a database are loaded before the replica is ready: "none", "used" or "all".
  Preload preload = Preload::kUsed;

  // How long that may take at most, in seconds. Range: [1, 600].
  int preload_seconds = 10;

  // Whether a bad ICP file keeps the server from starting. Else it is logged and left out: one bad
  // edit must not keep new replicas from starting. For a directory only.
  bool strict = false;

  // Completion queues for calls, each with three threads, and as many workers for large requests.
  // 0: one for each processor that the process may use (its affinity and its container's quota).
  // Range: [0, 256].
  int threads = 0;

  // Largest message of a request, in bytes; a larger one is RESOURCE_EXHAUSTED. Range: [1024,
  // 67108864].
  int max_request_bytes = 4 * 1024 * 1024;

  // Most leads of one batch; more are INVALID_ARGUMENT. Range: [1, 100000].
  int max_batch_leads = 1000;

  // Most ICPs that a tenant may have for a request to be evaluated against all of them
  // (`all_icps_of`); with more, such a request is FAILED_PRECONDITION. Range: [1, 100000].
  int max_tenant_icps = 1000;

  // Most calls at a time on one connection; further ones wait at the caller. What one caller can
  // have half sent, or waiting, is bounded by it. Range: [1, 100000].
  int max_concurrent_streams = 100;

  // Most calls that are being worked on at a time; further ones are RESOURCE_EXHAUSTED at once.
  // Streams are at most half of them, so that single calls always have room. 0: 1000 for each of
  // `threads`. Range: [0, 1000000].
  int max_calls_in_flight = 0;

  // How long a large request may be expected to wait for a worker, in ms, or as long as its own
  // work takes, if that is longer; one that would wait longer is RESOURCE_EXHAUSTED at once. Small
  // ones are when the first that was taken in has waited so long. Range: [1, 60000].
  int max_waiting_ms = 50;

  // Memory that requests being received may take, in MiB; then gRPC reads nothing more for a while.
  // Answers that their callers have not read yet may take a quarter of it beside that; then calls
  // are RESOURCE_EXHAUSTED, and streams go on one chunk at a time. Range: [16, 1048576].
  int rpc_memory_mib = 512;

  // How long a connection may last, in seconds; then the caller is told to make a new one, so that
  // calls spread over replicas again. 0: for ever. Range: [0, 86400].
  int max_connection_age_seconds = 0;

  // How long calls in flight may go on on a connection of that age. Range: [1, 86400].
  int max_connection_age_grace_seconds = 60;

  // How long calls are still taken after SIGTERM or SIGINT, while health says NOT_SERVING already,
  // in seconds: as long as it takes until nobody sends any more. Range: [0, 3600].
  int drain_delay_seconds = 0;

  // How long calls in flight may go on after that, in seconds; then they are cancelled. Keep both
  // together below the grace period of whoever stops the server. Range: [0, 3600].
  int drain_seconds = 20;

  // How often the directory of the ICPs (if they do not come from a database) and the files of
  // certificates, access policy and tokens are looked at even if the system tells of no change (it
  // tells nothing of network file systems), in seconds. Range: [1, 3600].
  int reload_poll_seconds = 5;

  // Where to serve metrics, probes and the status page over HTTP: host:port. It has neither TLS nor
  // passwords, so keep it inside. Port 0: any free one. Empty: nowhere.
  std::string admin_listen;

  // File to write that port to, as `port_file`. Empty: none.
  std::string admin_port_file;

  // Most ICPs that metrics tell apart; the leads of further ones are counted under "other".
  // Range: [0, 100000].
  int metrics_max_icps = 200;

  // Where every decision is written to: "stdout", a file, or redis://[user:password@]host:port/db,
  // a stream. Empty: nowhere.
  std::string decision_log;

  // Name of the stream in Redis, and about how many decisions it keeps. Range: [1000, 1000000000].
  std::string decision_log_stream = "bantam:decisions";
  int decision_log_max_length = 1000000;

  // Most decisions that wait to be written. Range: [1000, 10000000].
  int decision_log_queue = 65536;

  // What becomes of decisions when that many wait: "drop" or "refuse".
  WhenFull decision_log_when_full = WhenFull::kDrop;

  // Whether decisions tell what is personal in a lead, not only its id.
  bool decision_log_personal_data = false;

  // What log lines look like: "human" or "json".
  LogFormat log_format = LogFormat::kHuman;

  // The least that is logged: "debug", "info", "warning" or "error". Failed calls are "info",
  // failures of the server's own "error".
  LogLevel log_level = LogLevel::kInfo;
};

// `status` with the name of the option that is the reason: "--listen: …".
absl::Status OptionError(absl::string_view option, const absl::Status& status);

// Exit codes of bantamd.
enum ExitCode {
  kExitOk = 0,        // It was told to end, or has shown help or its version.
  kExitFailed = 1,    // It could not start (port, directory, database), or not migrate.
  kExitBadUsage = 2,  // Flags or environment variables are wrong.
  kExitForced = 3,    // A second signal ended it at once.
};

// What the command line and the environment ask for.
struct ParsedOptions {
  Command command = Command::kServe;
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
