#ifndef BANTAM_TESTS_SERVERS_REDIS_SERVER_H_
#define BANTAM_TESTS_SERVERS_REDIS_SERVER_H_

#include <string>
#include <vector>

#include "tests/servers/guarded_process.h"

namespace bantam {

// A real redis-server, which keeps nothing on disk: it is empty after a restart. Not safe for
// concurrent use. What fails ends the test's process with a message.
class RedisServer {
 public:
  // Starts it, with further settings by name and value ({"--maxmemory", "4mb"}), and waits until it
  // answers. With a password, which may hold letters and digits only, nobody gets in without it.
  explicit RedisServer(std::vector<std::string> settings = {}, std::string password = "");

  // "redis://127.0.0.1:port/0", with the password, if there is one.
  std::string url() const { return UrlWithPassword(password_); }

  // The same with another password.
  std::string UrlWithPassword(const std::string& password) const;

  int port() const { return process_.port(); }

  // Has it listen with TLS as well, until it is started again, with this certificate and its key:
  // files that every user can read. "rediss://localhost:port/0", without a password.
  std::string ListenWithTls(const std::string& certificate_file, const std::string& key_file) const;

  // Ends it as an operator does; kills it; starts it again on its port.
  void Stop();
  void Kill();
  void Start();

  // Stops it (SIGSTOP), so that connections stay open, or can even be made, but nothing answers;
  // lets it go on.
  void Pause() { process_.Pause(); }
  void Continue() { process_.Continue(); }

  // Runs one command on a new connection. What it answers: a text as it is, a number in digits,
  // nothing as "(nil)", an error as its text, a list as its elements joined by newlines. "(no
  // answer)": it is down, or did not answer for 10 s.
  std::string Run(const std::vector<std::string>& command) const;

 private:
  const std::vector<std::string> settings_;
  const std::string password_;
  GuardedProcess process_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_SERVERS_REDIS_SERVER_H_
