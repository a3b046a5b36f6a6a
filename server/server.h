#ifndef BANTAM_SERVER_SERVER_H_
#define BANTAM_SERVER_SERVER_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/options.h"
#include "server/telemetry/log.h"

namespace bantam {

// A whole bantamd but for flags and signals: the only place where the parts are wired together.
class Server {
 public:
  // Opens the catalog, which may take as long as loading in advance may. Only the pages are served
  // by then. `log` must outlive the server.
  //
  // Errors have one line that says what to do: the directory cannot be read, the database is not
  // set up; with `strict` one line for each bad ICP. A database that cannot be reached is no error:
  // health says NOT_SERVING until calls can be answered.
  static absl::StatusOr<std::unique_ptr<Server>> Open(const Options& options, Log* log);

  // Starts to serve calls. Errors, as above: the address cannot be listened on.
  absl::Status Serve();

  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Opens files again that were moved away, as log rotation does (SIGHUP).
  void ReopenLogs();

  // Says that it is about to end, goes on for the drain delay, lets calls in flight finish, at most
  // for the drain time, stops serving, and writes what decisions wait.
  void Drain();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

// `bantamd migrate`: sets up the database of `options.icp_source`, or brings it to this version.
// Writes to the standard output what it does, and to the standard error one line, without
// credentials, if it fails.
ExitCode MigrateDatabase(const Options& options);

}  // namespace bantam

#endif  // BANTAM_SERVER_SERVER_H_
