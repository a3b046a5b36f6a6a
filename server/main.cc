// bantamd: flags → Options → Server.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>

#include "server/options.h"
#include "server/server.h"
#include "server/telemetry/log.h"

namespace {

// Waits for one of `signals`, which are blocked in every thread.
int WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

}  // namespace

int main(int argc, char** argv) {
  const bantam::ParsedOptions parsed = bantam::ParseOptions(argc, argv);
  if (parsed.ends) {
    std::fputs(parsed.text.c_str(), parsed.exit_code == bantam::kExitOk ? stdout : stderr);
    return parsed.exit_code;
  }
  if (parsed.command == bantam::Command::kMigrate) return bantam::MigrateDatabase(parsed.options);

  // Before the first thread starts, so that all inherit it.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  bantam::Log log(parsed.options.log_format, parsed.options.log_level);
  auto server = bantam::Server::Start(parsed.options, &log);
  if (!server.ok()) {
    log.Write(bantam::LogLevel::kError, std::string(server.status().message()));
    return bantam::kExitFailed;
  }

  while (WaitForSignal(signals) == SIGHUP) (*server)->ReopenLogs();
  std::thread([signals] {
    while (WaitForSignal(signals) == SIGHUP) {
    }
    _exit(bantam::kExitForced);
  }).detach();
  (*server)->Drain();
  return bantam::kExitOk;
}
