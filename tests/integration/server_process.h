// Starts the real bantamd for a test.
#ifndef BANTAM_TESTS_INTEGRATION_SERVER_PROCESS_H_
#define BANTAM_TESTS_INTEGRATION_SERVER_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/credentials.h"

namespace bantam {

// A folder of its own, deleted at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

  // Replaces the file `name` by one with this text, in one step; gives its path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

// One bantamd process. It is killed at the end, if it still runs, and when the thread that has made
// this object ends.
class ServerProcess {
 public:
  // Starts it with `flags` and, beside this process's environment, `environment` ("NAME=value").
  // What it writes to the standard error goes to the file `errors`; empty: errors() has it.
  explicit ServerProcess(const std::vector<std::string>& flags,
                         const std::vector<std::string>& environment = {},
                         const std::string& errors = "");
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // The same with a free port and the ICPs of `icps`, once it serves. Fails the test if it does
  // not.
  static std::unique_ptr<ServerProcess> Serving(const std::string& icps,
                                                std::vector<std::string> flags = {});

  // The port it told by --port_file; waits for it. 0: it ended, or a minute has passed.
  int WaitForPort();

  // The same of the port of --admin_listen, which must be among the flags.
  int WaitForAdminPort();

  // A connection of its own to the server.
  std::shared_ptr<grpc::Channel> NewChannel(const std::shared_ptr<grpc::ChannelCredentials>&
                                                credentials = grpc::InsecureChannelCredentials());

  void Signal(int signal);

  // Its exit code (128 and the signal's number, if one ended it); waits for it. -1: it still runs
  // after a minute.
  int WaitForExit();

  // What it has written so far.
  std::string output() const;
  std::string errors() const;

  // Waits until `text` stands in errors(). False: not within a minute.
  bool WaitForError(const std::string& text) const;

  // Its resident memory, in bytes.
  int64_t ResidentBytes() const;

 private:
  bool Poll();
  int WaitForPortIn(const std::string& file);

  const TemporaryFolder folder_;
  pid_t process_ = 0;
  int exit_code_ = -1;
};

// Waits until `condition` holds. False: not within a minute.
bool WaitUntil(const std::function<bool()>& condition);

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_SERVER_PROCESS_H_
