#include "tests/integration/production/raw_http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bantam {
namespace {

using absl::string_view;

constexpr size_t kFrameHeadBytes = 9;

std::string BigEndian(uint32_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(number >> shift);
  }
  return text;
}

uint32_t FromBigEndian(string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

// A header that HPACK is to keep nothing of. Name and value have less than 127 bytes each.
std::string Header(string_view name, string_view value) {
  return absl::StrCat(string_view("\0", 1), BigEndian(name.size(), 1), name,
                      BigEndian(value.size(), 1), value);
}

}  // namespace

std::string Frame(size_t length, int type, int flags, uint32_t stream, string_view payload) {
  return absl::StrCat(BigEndian(length, 3), BigEndian(type, 1), BigEndian(flags, 1),
                      BigEndian(stream, 4), payload);
}

std::string Frame(int type, int flags, uint32_t stream, string_view payload) {
  return Frame(payload.size(), type, flags, stream, payload);
}

std::string CallHeaders(uint32_t stream, string_view path) {
  return Frame(kHeaders, kEndHeaders, stream,
               absl::StrCat(Header(":method", "POST"), Header(":scheme", "http"),
                            Header(":path", path), Header(":authority", "localhost"),
                            Header("te", "trailers"), Header("content-type", "application/grpc")));
}

std::string WithLength(string_view message) {
  return absl::StrCat(string_view("\0", 1), BigEndian(message.size(), 4), message);
}

Connection::Connection(int port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

Connection::~Connection() {
  if (descriptor_ >= 0) close(descriptor_);
}

Connection::Connection(Connection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      connected_(other.connected_),
      received_(std::move(other.received_)) {}

bool Connection::Send(string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

absl::optional<Connection::Received> Connection::Receive(absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  while (true) {
    if (received_.size() >= kFrameHeadBytes) {
      const string_view head = received_;
      const size_t length = FromBigEndian(head.substr(0, 3));
      if (received_.size() >= kFrameHeadBytes + length) {
        Received frame = {head[3], head[4], FromBigEndian(head.substr(5, 4)) & 0x7fffffff,
                          received_.substr(kFrameHeadBytes, length)};
        received_.erase(0, kFrameHeadBytes + length);
        return frame;
      }
    }
    pollfd readable = {descriptor_, POLLIN, 0};
    const int64_t left = absl::ToInt64Milliseconds(end - absl::Now());
    if (poll(&readable, 1, left > 0 ? static_cast<int>(left) : 0) <= 0) return absl::nullopt;
    char buffer[16384];
    const ssize_t count = read(descriptor_, buffer, sizeof(buffer));
    if (count <= 0) return absl::nullopt;
    received_.append(buffer, count);
  }
}

int64_t WindowIncrement(const Connection::Received& frame) {
  return FromBigEndian(frame.payload) & 0x7fffffff;
}

bool Connection::IsClosed() const {
  const timeval limit = {60, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  char buffer[4096];
  ssize_t count = 0;
  while ((count = read(descriptor_, buffer, sizeof(buffer))) > 0) {
  }
  return count == 0 || errno == ECONNRESET;
}

}  // namespace bantam
