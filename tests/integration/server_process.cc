#include "tests/integration/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

extern char** environ;

namespace bantam {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(1);

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

bool WaitUntil(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(5));  // Between two looks.
  }
  return true;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = absl::StrCat(testing::TempDir(), "/bantam.XXXXXX");
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::Write(const std::string& name, const std::string& text) const {
  const std::string path = absl::StrCat(path_, "/", name);
  std::ofstream(path + ".new") << text;
  std::filesystem::rename(path + ".new", path);
  return path;
}

ServerProcess::ServerProcess(const std::vector<std::string>& flags,
                             const std::vector<std::string>& environment,
                             const std::string& errors) {
  // It ends with the thread that starts it, should this process die before it has told it to.
  std::vector<std::string> words = {"setpriv", "--pdeathsig=KILL", "--", BANTAMD};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<std::string> variables = environment;
  variables.push_back(absl::StrCat("BANTAM_PORT_FILE=", folder_.path(), "/port"));
  variables.push_back(absl::StrCat("BANTAM_ADMIN_PORT_FILE=", folder_.path(), "/admin_port"));
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!absl::StartsWith(*variable, "BANTAM_")) variables.emplace_back(*variable);
  }
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const auto redirect = [&](int descriptor, const std::string& file) {
    posix_spawn_file_actions_addopen(&actions, descriptor, file.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  };
  redirect(STDOUT_FILENO, folder_.path() + "/output");
  redirect(STDERR_FILENO, errors.empty() ? folder_.path() + "/errors" : errors);
  const int error = posix_spawnp(&process_, words[0].c_str(), &actions, nullptr,
                                 pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    ADD_FAILURE() << "cannot start " BANTAMD;
    process_ = 0;
  }
}

ServerProcess::~ServerProcess() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

std::unique_ptr<ServerProcess> ServerProcess::Serving(const std::string& icps,
                                                      std::vector<std::string> flags) {
  flags.push_back("--listen=127.0.0.1:0");
  flags.push_back(absl::StrCat("--icps=", icps));
  auto server = std::make_unique<ServerProcess>(flags);
  EXPECT_NE(server->WaitForPort(), 0) << server->errors();
  return server;
}

int ServerProcess::WaitForPort() { return WaitForPortIn("port"); }

int ServerProcess::WaitForAdminPort() { return WaitForPortIn("admin_port"); }

int ServerProcess::WaitForPortIn(const std::string& file) {
  int port = 0;
  WaitUntil([&] {
    std::ifstream(absl::StrCat(folder_.path(), "/", file)) >> port;
    return port != 0 || !Poll();
  });
  return port;
}

std::shared_ptr<grpc::Channel> ServerProcess::NewChannel(
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", WaitForPort()), credentials,
                                   arguments);
}

void ServerProcess::Signal(int signal) {
  if (process_ != 0) kill(process_, signal);
}

// Whether it still runs.
bool ServerProcess::Poll() {
  if (process_ == 0) return false;
  int status = 0;
  if (waitpid(process_, &status, WNOHANG) == 0) return true;
  process_ = 0;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

int ServerProcess::WaitForExit() {
  WaitUntil([this] { return !Poll(); });
  return exit_code_;
}

std::string ServerProcess::output() const { return ReadFile(folder_.path() + "/output"); }

std::string ServerProcess::errors() const { return ReadFile(folder_.path() + "/errors"); }

bool ServerProcess::WaitForError(const std::string& text) const {
  return WaitUntil([&] { return absl::StrContains(errors(), text); });
}

int64_t ServerProcess::ResidentBytes() const {
  int64_t total = 0, resident = 0;
  std::ifstream(absl::StrCat("/proc/", process_, "/statm")) >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace bantam
