#ifndef BANTAM_SERVER_SERVER_H_
#define BANTAM_SERVER_SERVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/options.h"
#include "server/telemetry/log.h"

namespace bantam {

// A whole bantamd but for flags and signals: the only place where the parts are wired together.
class Server {
 public:
  // Loads the ICPs and starts to serve. `log` must outlive the server.
  //
  // Errors have one line that says what to do: the directory cannot be read, the address cannot be
  // listened on; with `strict` one line for each bad ICP.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options, Log* log);

  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Lets calls in flight finish, at most for the drain time, and stops serving.
  void Drain();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_SERVER_H_
