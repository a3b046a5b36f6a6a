#include "tests/servers/guarded_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

extern char** environ;

namespace bantam {
namespace {

// Below the ports that the kernel gives to clients: one of those could else take the port while the
// server is down, or even connect to itself.
constexpr int kFirstPort = 10000, kLastPort = 32000;

// Who runs the servers where this process is root; null where it is not.
const passwd* ServerUser() {
  if (geteuid() != 0) return nullptr;
  const passwd* const postgres = getpwnam("postgres");
  return postgres != nullptr ? postgres : getpwnam("nobody");
}

bool IsFree(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(descriptor);
  return free;
}

// Starts a program in a session of its own, so that Ctrl-C and its like reach the test only.
pid_t SpawnProgram(std::vector<std::string> words, int input, const std::string& output) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input >= 0) {
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t process = 0;
  const int error =
      posix_spawnp(&process, words[0].c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? process : 0;
}

struct ProcessState {
  char letter = 0;  // As ps shows it: 'T' stopped, 'Z' ended, 0 there is no such process.
  pid_t parent = 0;
};

ProcessState StateOf(pid_t process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/stat"));
  std::string pid, name;
  ProcessState state;
  file >> pid >> name >> state.letter >> state.parent;
  return state;
}

}  // namespace

int FreePort() {
  std::random_device random;
  std::uniform_int_distribution<int> ports(kFirstPort, kLastPort);
  int port = ports(random);
  while (!IsFree(port)) port = ports(random);
  return port;
}

bool WaitFor(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(5));  // Between two looks.
  }
  return true;
}

GuardedProcess::GuardedProcess(const std::string& name, const std::string& end_signal) {
  folder_ = (std::filesystem::temp_directory_path() / ("bantam-" + name + "-XXXXXX")).string();
  if (mkdtemp(folder_.data()) == nullptr) Fail("cannot make " + folder_);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Fail("no pipe");
  guard_pipe_ = ends[1];
  guard_ = SpawnProgram({"sh", BANTAM_SERVER_GUARD, folder_, end_signal}, ends[0], "/dev/null");
  close(ends[0]);
  if (guard_ == 0) Fail("cannot start " BANTAM_SERVER_GUARD);
  const passwd* const user = ServerUser();
  if (user != nullptr && chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
    Fail(absl::StrCat("cannot give the folder to ", user->pw_name));
  }
}

GuardedProcess::~GuardedProcess() {
  close(guard_pipe_);
  // Ended children count as running until they are waited for.
  if (process_ != 0) waitpid(process_, nullptr, 0);
  waitpid(guard_, nullptr, 0);
}

pid_t GuardedProcess::Spawn(std::vector<std::string> command) const {
  // The pid is written before the server can begin, so that the guard knows it for sure.
  std::vector<std::string> words = {"sh", "-c", "cd \"$0\" && echo $$ >pid && exec \"$@\"",
                                    folder_};
  if (const passwd* const user = ServerUser(); user != nullptr) {
    words.insert(words.end(), {"setpriv", absl::StrCat("--reuid=", user->pw_uid),
                               absl::StrCat("--regid=", user->pw_gid), "--clear-groups", "--"});
  }
  words.insert(words.end(), command.begin(), command.end());
  const pid_t process = SpawnProgram(words, -1, folder_ + "/log");
  if (process == 0) Fail("cannot start " + command[0]);
  return process;
}

void GuardedProcess::Run(std::vector<std::string> command) {
  int status = 0;
  const bool ended = waitpid(Spawn(command), &status, 0) > 0;
  unlink(absl::StrCat(folder_, "/pid").c_str());
  if (!ended || status != 0) Fail(command[0] + " failed");
}

bool GuardedProcess::HasEnded() {
  if (process_ != 0 && waitpid(process_, nullptr, WNOHANG) == process_) {
    process_ = 0;
    // Its number may be given to another process, which the guard must leave alone.
    unlink(absl::StrCat(folder_, "/pid").c_str());
  }
  return process_ == 0;
}

// False: it ended before it answered, as when the port is taken.
bool GuardedProcess::StartOn(int port, const std::vector<std::string>& command,
                             const std::function<bool(int port)>& answers) {
  process_ = Spawn(command);
  bool answered = false;
  if (!WaitFor([&] { return HasEnded() || (answered = answers(port)); })) {
    Fail(command[0] + " does not answer");
  }
  return answered;
}

void GuardedProcess::Start(const std::function<std::vector<std::string>(int port)>& command,
                           const std::function<bool(int port)>& answers) {
  if (running()) Fail("it runs already");
  for (int tries = 0; tries < 20; ++tries) {
    const int port = port_ != 0 ? port_ : FreePort();
    if (StartOn(port, command(port), answers)) {
      port_ = port;
      return;
    }
    absl::SleepFor(absl::Milliseconds(10 * tries));  // Until whoever has the port gives it back.
  }
  Fail("it ends before it answers");
}

void GuardedProcess::End(int signal) {
  if (!running()) return;
  kill(process_, signal);
  if (!WaitFor([this] { return HasEnded(); })) Fail("it does not end");
}

std::vector<pid_t> GuardedProcess::Children() const {
  std::vector<pid_t> children;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    pid_t process = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &process)) continue;
    const ProcessState state = StateOf(process);
    if (state.parent == process_ && state.letter != 'Z') children.push_back(process);
  }
  return children;
}

void GuardedProcess::Kill() {
  if (!running()) return;
  Pause();  // So that it starts no more children, and none sees another die.
  const std::vector<pid_t> all = Children();
  for (const pid_t child : all) kill(child, SIGKILL);
  End(SIGKILL);
  const auto is_alive = [](pid_t child) { return kill(child, 0) == 0; };
  if (!WaitFor([&] { return std::none_of(all.begin(), all.end(), is_alive); })) {
    Fail("its children do not end");
  }
}

void GuardedProcess::Pause() {
  kill(process_, SIGSTOP);
  const auto has_stopped = [](pid_t process) {
    const char state = StateOf(process).letter;
    return state == 'T' || state == 'Z' || state == 0;
  };
  if (!WaitFor([&] { return has_stopped(process_); })) Fail("it does not stop");
  const std::vector<pid_t> children = Children();  // It starts no more of them.
  for (const pid_t child : children) kill(child, SIGSTOP);
  if (!WaitFor([&] { return std::all_of(children.begin(), children.end(), has_stopped); })) {
    Fail("its children do not stop");
  }
}

void GuardedProcess::Continue() {
  for (const pid_t child : Children()) kill(child, SIGCONT);
  kill(process_, SIGCONT);
}

std::string GuardedProcess::Log() const {
  std::ifstream file(folder_ + "/log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void GuardedProcess::Fail(const std::string& message) const {
  std::fprintf(stderr, "the server in %s: %s. Its log:\n%s\n", folder_.c_str(), message.c_str(),
               Log().c_str());
  std::abort();
}

}  // namespace bantam
