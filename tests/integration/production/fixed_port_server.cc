#include "tests/integration/production/fixed_port_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/servers/guarded_process.h"

namespace bantam {
namespace {

sockaddr_in LoopbackAddress(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

bool CanConnect(int port) {
  const sockaddr_in address = LoopbackAddress(port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return connected;
}

std::string HttpGet(int port, const std::string& path) {
  const sockaddr_in address = LoopbackAddress(port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit = {10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request =
        absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    if (write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
      char buffer[4096];
      ssize_t count = 0;
      while ((count = read(fd, buffer, sizeof(buffer))) > 0) answer.append(buffer, count);
    }
  }
  close(fd);
  return answer;
}

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
  double sum = 0;
  const std::string answer = HttpGet(admin_port_, "/metrics");
  for (const absl::string_view line : absl::StrSplit(answer, '\n')) {
    double value = 0;
    if (absl::StartsWith(line, prefix) &&
        absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
      sum += value;
    }
  }
  return sum;
}

}  // namespace bantam
