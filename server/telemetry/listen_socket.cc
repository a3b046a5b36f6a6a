#include "server/telemetry/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bantam {
namespace {

constexpr int kBacklog = 128;

absl::Status Failed(const std::string& host, int port, absl::string_view why) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return absl::UnavailableError(absl::StrCat("cannot listen on ", is_ipv6 ? "[" : "", host,
                                             is_ipv6 ? "]:" : ":", port, ": ", why));
}

// A socket that listens at `address`; -1 and errno if there cannot be one.
int TryAddress(const addrinfo& address) {
  const int fd =
      socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
  if (fd < 0) return -1;
  // Connections of a server that ended just now do not keep the port; one that serves does.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const int off = 0;
  if (address.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (bind(fd, address.ai_addr, address.ai_addrlen) == 0 && listen(fd, kBacklog) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

int PortOf(int fd) {
  sockaddr_storage address;
  socklen_t length = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

absl::StatusOr<ListenSocket> ListenAt(const std::string& host, int port) {
  addrinfo hints = {};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found);
  if (error != 0) return Failed(host, port, gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  int first_error = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int fd = TryAddress(*address);
    if (fd >= 0) return ListenSocket{fd, PortOf(fd)};
    if (first_error == 0) first_error = errno;
  }
  return Failed(host, port, std::strerror(first_error));
}

}  // namespace bantam
