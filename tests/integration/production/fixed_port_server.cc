#include "tests/integration/production/fixed_port_server.h"

#include <signal.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/loopback_client.h"
#include "tests/servers/guarded_process.h"

namespace bantam {
namespace {

std::vector<std::string> With(std::vector<std::string> flags, const std::string& flag) {
  flags.push_back(flag);
  return flags;
}

}  // namespace

FixedPortServer::FixedPortServer(const std::string& icps, const std::vector<std::string>& flags)
    : flags_(With(flags, absl::StrCat("--icps=", icps))) {
  // A port that was free a moment ago may have been taken by a test beside this one.
  for (int tries = 0; tries < 10 && (process_ == nullptr || process_->WaitForPort() == 0);
       ++tries) {
    port_ = FreePort();
    admin_port_ = FreePort();
    Spawn();
  }
  ExpectReady();
}

void FixedPortServer::Spawn() {
  std::vector<std::string> flags = flags_;
  flags.push_back(absl::StrCat("--listen=127.0.0.1:", port_));
  flags.push_back(absl::StrCat("--admin_listen=127.0.0.1:", admin_port_));
  process_ = std::make_unique<ServerProcess>(flags);
}

void FixedPortServer::ExpectReady() {
  EXPECT_EQ(process_->WaitForPort(), port_) << process_->errors();
  EXPECT_TRUE(WaitUntil([this] {
    return absl::StartsWith(HttpGet(admin_port_, "/readyz"), "HTTP/1.1 200");
  })) << process_->errors();
}

void FixedPortServer::Restart() {
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->WaitForExit(), 0) << process_->errors();
  Spawn();
  ExpectReady();
}

double FixedPortServer::Metric(const std::string& prefix) const {
  return bantam::Metric(admin_port_, prefix);
}

}  // namespace bantam
