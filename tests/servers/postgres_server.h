#ifndef BANTAM_TESTS_SERVERS_POSTGRES_SERVER_H_
#define BANTAM_TESTS_SERVERS_POSTGRES_SERVER_H_

#include <string>
#include <vector>

#include "tests/servers/guarded_process.h"

namespace bantam {

// A real PostgreSQL. What it has answered as committed outlives Kill(), but not a crash of the
// machine. Texts are ordered as English readers do by default, as in many real databases, so that
// what needs the order of bytes must ask for it.
//
// Functions that take a database's url wait for the answer. Not safe for concurrent use. What fails
// ends the test's process with a message.
class PostgresServer {
 public:
  // Makes a cluster, starts it, with further settings ({"max_connections=5"}), and waits until it
  // answers: about a second.
  explicit PostgresServer(std::vector<std::string> settings = {});

  // One for all tests of this process, each with databases of its own. Not for tests that stop it.
  static PostgresServer& Shared();

  // Makes an empty database; gives its url. Its owner, who is no superuser, has the password
  // `kPassword`, which must be shown to nobody.
  std::string NewDatabase();
  static constexpr char kPassword[] = "hush4711";

  // The same url with another password. It is refused.
  static std::string WithWrongPassword(const std::string& url);

  int port() const { return process_.port(); }

  // Ends it, at once but in good order; kills it with all of its processes; starts it again on its
  // port.
  void Stop();
  void Kill();
  void Start();

  // Stops all of its processes (SIGSTOP), so that connections stay open, or can even be made, but
  // nothing answers; lets them go on.
  void Pause() { process_.Pause(); }
  void Continue() { process_.Continue(); }

  // Runs SQL as the owner of the database; gives the rows of the last statement, NULL as "".
  using Rows = std::vector<std::vector<std::string>>;
  Rows Query(const std::string& url, const std::string& sql) const;

  // The same as superuser.
  Rows QueryAsSuperuser(const std::string& url, const std::string& sql) const;

 private:
  std::string SuperuserUrl(const std::string& database) const;
  Rows Execute(const std::string& url, const std::string& sql) const;

  const std::vector<std::string> settings_;
  const std::string programs_;  // The folder of initdb and postgres.
  GuardedProcess process_;
  int databases_ = 0;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_SERVERS_POSTGRES_SERVER_H_
