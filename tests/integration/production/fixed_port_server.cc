#include "tests/integration/production/fixed_port_server.h"

#include <signal.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/loopback_client.h"
#include "tests/servers/guarded_process.h"

namespace bantam {
FixedPortServer::FixedPortServer(const std::string& icps, const std::vector<std::string>& flags)
    : port_(FreePort()), admin_port_(FreePort()), flags_(flags) {
  flags_.push_back(absl::StrCat("--icps=", icps));
  flags_.push_back(absl::StrCat("--listen=127.0.0.1:", port_));
  flags_.push_back(absl::StrCat("--admin_listen=127.0.0.1:", admin_port_));
  Start();
}

void FixedPortServer::Start() {
  process_ = std::make_unique<ServerProcess>(flags_);
  EXPECT_EQ(process_->WaitForPort(), port_) << process_->errors();
  EXPECT_TRUE(WaitUntil([this] {
    return absl::StartsWith(HttpGet(admin_port_, "/readyz"), "HTTP/1.1 200");
  })) << process_->errors();
}

void FixedPortServer::Restart() {
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->WaitForExit(), 0) << process_->errors();
  Start();
}

double FixedPortServer::Metric(const std::string& prefix) const {
  return bantam::Metric(admin_port_, prefix);
}

}  // namespace bantam
