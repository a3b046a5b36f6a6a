// bantamd: flags → Options → Server.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/options.h"
#include "server/server.h"
#include "server/telemetry/log.h"

namespace {

// How long the end waits for the standard error to take the rest of the log.
constexpr absl::Duration kLogLimit = absl::Seconds(2);

// What the thread that takes signals shares with the one that serves.
struct Ending {
  std::atomic<bantam::Server*> server{nullptr};  // Null: it is being opened.
  absl::Notification told;
};

// Takes `signals`, which are blocked in every thread, until the process ends. While the server is
// being opened, which may take as long as its database does, there is nothing to drain.
void TakeSignals(sigset_t signals, Ending* ending) {
  while (true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    bantam::Server* const server = ending->server;
    const bool is_ending = ending->told.HasBeenNotified();
    if (signal == SIGHUP) {
      if (server != nullptr && !is_ending) server->ReopenLogs();
      continue;
    }
    if (server == nullptr) _exit(bantam::kExitOk);
    if (is_ending) _exit(bantam::kExitForced);
    ending->told.Notify();
  }
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
  static Ending ending;
  std::thread(TakeSignals, signals, &ending).detach();
  auto server = bantam::Server::Open(parsed.options, &log);
  if (server.ok()) ending.server = server->get();
  const absl::Status status = server.ok() ? (*server)->Serve() : server.status();
  if (!status.ok()) {
    log.Write(bantam::LogLevel::kError, std::string(status.message()));
    return bantam::kExitFailed;
  }
  ending.told.WaitForNotification();
  (*server)->Drain();
  // All that counts is done. What is left of the log is not waited for, if nobody reads it.
  std::thread([] {
    absl::SleepFor(kLogLimit);
    _exit(bantam::kExitOk);
  }).detach();
  return bantam::kExitOk;
}
