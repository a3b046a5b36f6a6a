#include "tests/servers/postgres_server.h"

#include <libpq-fe.h>
#include <signal.h>
#include <sys/shm.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace bantam {
namespace {

using Connection = std::unique_ptr<PGconn, void (*)(PGconn*)>;
using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

constexpr char kSuperuser[] = "postgres";

Connection Connect(const std::string& url) {
  return Connection(PQconnectdb(absl::StrCat(url, "?connect_timeout=10").c_str()), PQfinish);
}

// The newest version's programs, which Debian keeps out of PATH.
std::string FindPrograms() {
  std::string found;
  int newest = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    int version = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &version) && version > newest &&
        std::filesystem::exists(entry.path() / "bin/initdb")) {
      newest = version;
      found = (entry.path() / "bin/").string();
    }
  }
  return found;  // None: let them be found in PATH.
}

}  // namespace

constexpr char PostgresServer::kPassword[];

PostgresServer::PostgresServer(std::vector<std::string> settings)
    : settings_(std::move(settings)), programs_(FindPrograms()), process_("postgres", "QUIT") {
  process_.Run({programs_ + "initdb", "--pgdata=data", absl::StrCat("--username=", kSuperuser),
                "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu",
                "--icu-locale=en-US", "--wal-segsize=1", "--no-sync", "--no-instructions"});
  std::ofstream(process_.folder() + "/data/pg_hba.conf")
      << "host all " << kSuperuser << " 127.0.0.1/32 trust\n"
      << "host all all 127.0.0.1/32 scram-sha-256\n";
  Start();
  Execute(SuperuserUrl("postgres"),
          absl::StrCat("CREATE ROLE bantam LOGIN PASSWORD '", kPassword, "'"));
}

PostgresServer& PostgresServer::Shared() {
  // Never destroyed: the guard ends it after the process.
  static PostgresServer* const server = new PostgresServer;
  return *server;
}

std::string PostgresServer::SuperuserUrl(const std::string& database) const {
  return absl::StrCat("postgres://", kSuperuser, "@127.0.0.1:", port(), "/", database);
}

std::string PostgresServer::NewDatabase() {
  const std::string name = absl::StrCat("bantam_", ++databases_);
  Execute(SuperuserUrl("postgres"), absl::StrCat("CREATE DATABASE ", name, " OWNER bantam"));
  return absl::StrCat("postgres://bantam:", kPassword, "@127.0.0.1:", port(), "/", name);
}

std::string PostgresServer::WithWrongPassword(const std::string& url) {
  return absl::StrReplaceAll(url, {{absl::StrCat(":", kPassword, "@"), ":wrong4712@"}});
}

void PostgresServer::Start() {
  const auto command = [this](int port) {
    std::vector<std::string> words = {programs_ + "postgres", "-D", "data", "-p",
                                      absl::StrCat(port)};
    // A crash of the machine may lose data here, so nothing waits for the disk.
    for (const char* setting :
         {"listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off",
          "full_page_writes=off", "synchronous_commit=on", "shared_buffers=16MB",
          "max_connections=100", "dynamic_shared_memory_type=mmap", "wal_level=minimal",
          "max_wal_senders=0", "autovacuum=off", "jit=off", "timezone=UTC", "log_timezone=UTC"}) {
      words.insert(words.end(), {"-c", setting});
    }
    for (const std::string& setting : settings_) words.insert(words.end(), {"-c", setting});
    return words;
  };
  process_.Start(command, [this](int port) {
    const Connection connection =
        Connect(absl::StrCat("postgres://", kSuperuser, "@127.0.0.1:", port, "/postgres"));
    if (PQstatus(connection.get()) != CONNECTION_OK) return false;
    // Its own answer, not that of another server which has taken the port.
    const Result result(PQexec(connection.get(), "SHOW data_directory"), PQclear);
    return PQntuples(result.get()) == 1 &&
           PQgetvalue(result.get(), 0, 0) == process_.folder() + "/data";
  });
}

void PostgresServer::Stop() { process_.End(SIGINT); }

void PostgresServer::Kill() {
  // The seventh line of its file names a small block of System V shared memory, which would
  // outlive it.
  std::ifstream file(process_.folder() + "/data/postmaster.pid");
  std::string line;
  for (int i = 0; i < 6; ++i) std::getline(file, line);
  uint64_t key = 0;
  int id = -1;
  file >> key >> id;
  process_.Kill();
  shmctl(id, IPC_RMID, nullptr);
}

PostgresServer::Rows PostgresServer::Query(const std::string& url, const std::string& sql) const {
  return Execute(url, sql);
}

PostgresServer::Rows PostgresServer::QueryAsSuperuser(const std::string& url,
                                                      const std::string& sql) const {
  return Execute(SuperuserUrl(url.substr(url.rfind('/') + 1)), sql);
}

PostgresServer::Rows PostgresServer::Execute(const std::string& url, const std::string& sql) const {
  const Connection connection = Connect(url);
  const Result result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    process_.Fail(absl::StrCat(sql, ": ", PQerrorMessage(connection.get())));
  }
  Rows rows(PQntuples(result.get()));
  for (size_t row = 0; row < rows.size(); ++row) {
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      const int y = static_cast<int>(row);
      rows[row].emplace_back(PQgetvalue(result.get(), y, column),
                             PQgetlength(result.get(), y, column));
    }
  }
  return rows;
}

}  // namespace bantam
