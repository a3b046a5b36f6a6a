// Connections that mean no good, or nothing at all, do not take the server down.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/server_process.h"

namespace bantam {
namespace {

using absl::string_view;

constexpr string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
constexpr string_view kEmptySettings("\0\0\0\x4\0\0\0\0\0", 9);

// A TCP connection to a port of 127.0.0.1.
class Connection {
 public:
  explicit Connection(int port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Connection() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Connection(Connection&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), connected_(other.connected_) {}
  Connection& operator=(Connection&&) = delete;

  bool connected() const { return connected_; }

  // False: the other side has closed it.
  bool Send(string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(sent);
    }
    return true;
  }

  // Whether the server closes the connection within a minute, whatever it says before.
  bool IsClosed() const {
    const timeval limit = {60, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    char buffer[4096];
    ssize_t count = 0;
    while ((count = read(descriptor_, buffer, sizeof(buffer))) > 0) {
    }
    return count == 0 || errno == ECONNRESET;
  }

 private:
  int descriptor_;
  bool connected_;
};

std::string Frame(size_t length, int type, int flags, uint32_t stream, string_view payload) {
  std::string frame;
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(length >> shift);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return absl::StrCat(frame, payload);
}

class RobustnessTest : public ::testing::Test {
 protected:
  RobustnessTest() {
    icps_.Write("a.yaml", "name: tenants/a/icps/b\n");
    server_ = ServerProcess::Serving(icps_.path());
    port_ = server_->WaitForPort();
  }

  grpc::Status Score() {
    v1::ScoreRequest request;
    request.mutable_lead();
    request.mutable_settings()->add_icps()->set_name("tenants/a/icps/b");
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::ScoreResponse response;
    return v1::QualificationService::NewStub(server_->NewChannel())
        ->Score(&context, request, &response);
  }

  void ExpectServes() {
    const grpc::Status status = Score();
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  TemporaryFolder icps_;
  std::unique_ptr<ServerProcess> server_;
  int port_ = 0;
};

TEST_F(RobustnessTest, TenThousandIdleConnectionsCostLittle) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  const int wanted = static_cast<int>(std::min<rlim_t>(10000, limit.rlim_max - 200));
  ExpectServes();
  const int64_t before = server_->ResidentBytes();
  std::vector<Connection> connections;
  for (int i = 0; i < wanted; ++i) {
    connections.emplace_back(port_);
    ASSERT_TRUE(connections.back().connected()) << i;
    ASSERT_TRUE(connections.back().Send(absl::StrCat(kPreface, kEmptySettings))) << i;
  }
  ExpectServes();
  const int64_t each = (server_->ResidentBytes() - before) / wanted;
  std::printf("figure: %d idle connections, %lld bytes of the server's memory each\n", wanted,
              static_cast<long long>(each));
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(each, 64 * 1024);
#endif
  connections.clear();
  ExpectServes();
}

TEST_F(RobustnessTest, ConnectionsThatSayNothingOrStopHalfWayHarmNobody) {
  std::vector<Connection> connections;
  for (int i = 0; i < 200; ++i) {
    connections.emplace_back(port_);
    // Up to all of the preface and the head of a frame that never comes.
    const std::string beginning =
        absl::StrCat(kPreface, kEmptySettings, Frame(100, 1, 4, 1, "")).substr(0, i % 43);
    EXPECT_TRUE(connections.back().Send(beginning));
  }
  ExpectServes();
}

TEST_F(RobustnessTest, WhatIsNotHttp2IsHungUpOn) {
  for (const string_view nonsense :
       {string_view("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), string_view("\x16\x03\x01\x02\0\x01", 6),
        string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24)}) {
    Connection connection(port_);
    connection.Send(nonsense);
    EXPECT_TRUE(connection.IsClosed());
  }
  ExpectServes();
}

TEST_F(RobustnessTest, MalformedFramesEndTheirConnectionOnly) {
  const std::string frames[] = {
      Frame(0xffffff, 0, 0, 1, std::string(4096, 'x')),  // DATA, far over the limit.
      Frame(5, 1, 4, 0, "xxxxx"),                        // HEADERS on stream 0.
      Frame(3, 4, 0, 0, "xxx"),                          // SETTINGS of an odd length.
      Frame(4, 8, 0, 0, string_view("\0\0\0\0", 4)),     // WINDOW_UPDATE by nothing.
      Frame(64, 1, 4, 1, std::string(64, '\xff')),       // HEADERS that HPACK cannot read.
      Frame(8, 6, 0, 7, "12345678"),                     // PING on a stream.
      Frame(16, 9, 4, 1, std::string(16, 'x')),          // CONTINUATION of nothing.
  };
  for (const std::string& frame : frames) {
    Connection connection(port_);
    connection.Send(absl::StrCat(kPreface, kEmptySettings, frame));
  }
  ExpectServes();
}

TEST_F(RobustnessTest, RandomBytesHarmNobody) {
  std::mt19937 random(20261122);
  for (int i = 0; i < 500; ++i) {
    std::string bytes(random() % 2048, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    Connection connection(port_);
    connection.Send(i % 2 == 0 ? bytes : absl::StrCat(kPreface, kEmptySettings, bytes));
  }
  ExpectServes();
}

TEST_F(RobustnessTest, HeadersOverTheLimitAreRefused) {
  grpc::ClientContext context;
  context.AddMetadata("x-long", std::string(64 * 1024, 'x'));
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  v1::ScoreResponse response;
  const grpc::Status status = v1::QualificationService::NewStub(server_->NewChannel())
                                  ->Score(&context, v1::ScoreRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  ExpectServes();
}

}  // namespace
}  // namespace bantam
