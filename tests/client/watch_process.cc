#include "tests/client/watch_process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/client/run_command.h"

namespace bantam {

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

Watch::Watch(const std::vector<std::string>& arguments)
    : out_(WriteTempFile("watch.out", "")), err_(WriteTempFile("watch.err", "")) {
  std::vector<std::string> all = {BANTAM_COMMAND, "watch"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);
  fflush(nullptr);  // Or the child writes it as well.
  process_ = fork();
  if (process_ != 0) return;
  unsetenv("BANTAM_REDIS");
  if (freopen(out_.c_str(), "w", stdout) == nullptr ||
      freopen(err_.c_str(), "w", stderr) == nullptr) {
    _exit(126);
  }
  execv(argv[0], argv.data());
  _exit(127);
}

Watch::~Watch() {
  if (process_ > 0) End(SIGKILL);
}

std::string Watch::out() const { return ReadTextFile(out_); }

std::string Watch::err() const { return ReadTextFile(err_); }

bool Watch::WaitUntil(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(5));  // Between two looks.
  }
  return true;
}

bool Watch::WaitForLines(size_t count) const {
  return WaitUntil([&] { return Lines(out()).size() >= count; });
}

int Watch::End(int signal) {
  if (signal != 0) kill(process_, signal);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace bantam
