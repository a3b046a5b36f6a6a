#include "tests/telemetry/http_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace bantam {

RawConnection::RawConnection(int port, bool ipv6) {
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  fd_ = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit = {60, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const auto* address = ipv6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
  if (connect(fd_, address, ipv6 ? sizeof v6 : sizeof v4) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

RawConnection::~RawConnection() {
  if (fd_ >= 0) close(fd_);
}

void RawConnection::Send(const std::string& bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += n;
  }
}

bool RawConnection::IsClosedWithin(absl::Duration limit) {
  pollfd descriptor = {fd_, POLLIN, 0};
  if (poll(&descriptor, 1, static_cast<int>(absl::ToInt64Milliseconds(limit))) <= 0) return false;
  char buffer[4096];
  return recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT) <= 0;
}

std::string RawConnection::ReadAll() {
  std::string all;
  char buffer[65536];
  for (;;) {
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return all;
    all.append(buffer, n);
  }
}

HttpAnswer Ask(int port, const std::string& request) {
  RawConnection connection(port);
  if (!connection.connected()) return {};
  connection.Send(request);
  const std::string all = connection.ReadAll();
  const size_t end = all.find("\r\n\r\n");
  if (!absl::StartsWith(all, "HTTP/1.") || end == std::string::npos) return {};
  HttpAnswer answer;
  answer.body = all.substr(end + 4);
  const std::vector<std::string> lines = absl::StrSplit(all.substr(0, end), "\r\n");
  if (!absl::SimpleAtoi(lines[0].substr(9, 3), &answer.code)) return {};
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> header =
        absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    answer.headers[absl::AsciiStrToLower(header.first)] = header.second;
  }
  return answer;
}

HttpAnswer Ask(int port, const std::string& method, const std::string& path) {
  return Ask(port, absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
}

}  // namespace bantam
