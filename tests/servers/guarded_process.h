// A server's process and folder, which nothing leaves behind.
#ifndef BANTAM_TESTS_SERVERS_GUARDED_PROCESS_H_
#define BANTAM_TESTS_SERVERS_GUARDED_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace bantam {

// A server that keeps its files in a temporary folder of its own and listens on a port of 127.0.0.1
// that nothing else uses. A process beside the test (guard.sh) ends it and deletes the folder when
// this object goes, or when the test dies before.
//
// As root the server runs as the user postgres, or nobody where there is none, since PostgreSQL
// refuses root.
//
// What keeps it from its work ends the test's process, with a message and the server's log. Not
// safe for concurrent use.
class GuardedProcess {
 public:
  // `name` is a part of the folder's name; `end_signal`, such as "KILL", is how the server is told
  // to end at last.
  GuardedProcess(const std::string& name, const std::string& end_signal);
  ~GuardedProcess();
  GuardedProcess(const GuardedProcess&) = delete;
  GuardedProcess& operator=(const GuardedProcess&) = delete;

  // Runs a command to its end, as the server's user, its output in the log.
  void Run(std::vector<std::string> command);

  // Starts the server by `command(port)` and waits until `answers(port)`: on a free port the first
  // time, then always on that one.
  void Start(const std::function<std::vector<std::string>(int port)>& command,
             const std::function<bool(int port)>& answers);

  // Sends `signal` and waits until the server has ended.
  void End(int signal);

  // Kills the server and its children in one moment, as a power cut does.
  void Kill();

  // Stops the server and its children (SIGSTOP), and returns when none of them runs any more; lets
  // them go on.
  void Pause();
  void Continue();

  bool running() const { return process_ != 0; }
  pid_t pid() const { return process_; }
  int port() const { return port_; }
  const std::string& folder() const { return folder_; }

  // What the server has written.
  std::string Log() const;

  // Ends the test's process with this message and the log.
  [[noreturn]] void Fail(const std::string& message) const;

 private:
  // The server's children that have not ended.
  std::vector<pid_t> Children() const;

  pid_t Spawn(std::vector<std::string> command) const;
  bool HasEnded();
  bool StartOn(int port, const std::vector<std::string>& command,
               const std::function<bool(int port)>& answers);

  std::string folder_;
  pid_t guard_ = 0;
  int guard_pipe_ = -1;
  pid_t process_ = 0;
  int port_ = 0;
};

// A loopback port that nothing listens on, and that the system does not give to clients: it is
// still free when a server is restarted.
int FreePort();

// Waits until `condition` holds. False: not within a minute.
bool WaitFor(const std::function<bool()>& condition);

}  // namespace bantam

#endif  // BANTAM_TESTS_SERVERS_GUARDED_PROCESS_H_
