// Connections that mean no good, or nothing at all, do not take the server down.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/production/raw_http2.h"
#include "tests/integration/production/standard.h"
#include "tests/integration/server_process.h"

namespace bantam {
namespace {

using absl::string_view;
using ::testing::AnyOf;

// As many descriptors as this process, and those that it starts, may have from now on.
rlim_t DescriptorLimit() {
  rlimit limit = {};
  EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit wanted = {std::max<rlim_t>(limit.rlim_max, 10200),
                         std::max<rlim_t>(limit.rlim_max, 10200)};
  // More than the hard limit is for root only.
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) return wanted.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  return limit.rlim_cur;
}

class RobustnessTest : public ::testing::Test {
 protected:
  RobustnessTest() : descriptors_(DescriptorLimit()) {
    icps_.Write("a.yaml", "name: tenants/a/icps/b\n");
    icps_.Write("standard.yaml", StandardIcpText());
    Start({});
  }

  // Starts the server, in place of the one that runs.
  void Start(const std::vector<std::string>& flags) {
    server_ = ServerProcess::Serving(icps_.path(), flags);
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

  const rlim_t descriptors_;  // Raised before the server starts, which inherits it.
  TemporaryFolder icps_;
  std::unique_ptr<ServerProcess> server_;
  int port_ = 0;
};

TEST_F(RobustnessTest, TenThousandIdleConnectionsCostLittle) {
  const int wanted = std::min(10000, static_cast<int>(descriptors_ - 200));
  if (wanted < 10000) {
    std::printf(
        "figure: NOTE: only %d of 10000 connections are tried: this system lets a process have no "
        "more files; raise its hard limit (ulimit -Hn) to 10200\n",
        wanted);
  }
  ExpectServes();
  const int64_t before = server_->ResidentBytes();
  std::vector<Connection> connections;
  for (int i = 0; i < wanted; ++i) {
    connections.emplace_back(port_);
    ASSERT_TRUE(connections.back().connected()) << i;
    ASSERT_TRUE(connections.back().Send(absl::StrCat(kHttp2Preface, kEmptySettings))) << i;
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
        absl::StrCat(kHttp2Preface, kEmptySettings, Frame(100, 1, 4, 1, "")).substr(0, i % 43);
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
      Frame(3, 4, 0, 0, "xxx"),                          // SETTINGS of an odd length.
      Frame(4, 8, 0, 0, string_view("\0\0\0\0", 4)),     // WINDOW_UPDATE by nothing.
      Frame(64, 1, 4, 1, std::string(64, '\xff')),       // HEADERS that HPACK cannot read.
      Frame(16, 9, 4, 1, std::string(16, 'x')),          // CONTINUATION of nothing.
  };
  for (const std::string& frame : frames) {
    Connection connection(port_);
    connection.Send(absl::StrCat(kHttp2Preface, kEmptySettings, frame));
    EXPECT_TRUE(connection.IsClosed()) << "frame of type " << int{frame[3]};
  }
  ExpectServes();
}

// HTTP/2 would have these end the connection as well; gRPC 1.51 makes nothing of them.
TEST_F(RobustnessTest, FramesOnTheWrongStreamHarmNobody) {
  std::vector<Connection> connections;
  for (const std::string& frame : {Frame(5, 1, 4, 0, "xxxxx"),        // HEADERS on stream 0.
                                   Frame(8, 6, 0, 7, "12345678")}) {  // PING on a stream.
    connections.emplace_back(port_);
    connections.back().Send(absl::StrCat(kHttp2Preface, kEmptySettings, frame));
  }
  ExpectServes();
}

TEST_F(RobustnessTest, RandomBytesHarmNobody) {
  std::mt19937 random(20261122);
  for (int i = 0; i < 500; ++i) {
    std::string bytes(random() % 2048, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    Connection connection(port_);
    connection.Send(i % 2 == 0 ? bytes : absl::StrCat(kHttp2Preface, kEmptySettings, bytes));
  }
  ExpectServes();
}

// Batches whose answers nobody reads: without a bound, those of all that may wait for a worker
// would be made and kept.
TEST_F(RobustnessTest, AnswersThatNobodyReadsAreBounded) {
  Start({"--threads=1", "--rpc_memory_mib=64", "--max_waiting_ms=60000"});
  ExpectServes();
  const int64_t before = server_->ResidentBytes();
  v1::BatchQualifyRequest request;
  for (int i = 0; i < 1000; ++i) request.add_leads();
  request.mutable_settings()->add_icps()->set_name(kStandardIcp);
  const std::string message = WithLength(request.SerializeAsString());
  constexpr int kCalls = 60;  // On each connection.
  std::vector<Connection> connections;
  for (int i = 0; i < 4; ++i) {
    connections.emplace_back(port_);
    ASSERT_TRUE(connections.back().Send(absl::StrCat(kHttp2Preface, kEmptySettings)));
    for (int call = 0; call < kCalls; ++call) {
      const uint32_t stream = 2 * call + 1;
      ASSERT_TRUE(connections.back().Send(
          absl::StrCat(CallHeaders(stream, "/bantam.v1.QualificationService/BatchQualify"),
                       Frame(kData, kEndStream, stream, message))));
    }
  }
  // All have been dealt with when each has sent headers, which no window holds back: those that
  // begin an answer, or those that refuse one.
  int refused = 0;
  for (Connection& connection : connections) {
    for (int headers = 0; headers < kCalls;) {
      const absl::optional<Connection::Received> frame = connection.Receive(absl::Minutes(2));
      ASSERT_TRUE(frame.has_value()) << headers;
      if (frame->type != kHeaders) continue;
      ++headers;
      if ((frame->flags & kEndStream) != 0) ++refused;
    }
  }
  const int64_t grown = server_->ResidentBytes() - before;
  std::printf("figure: %d of %d batches that nobody reads were refused, %lld MiB are kept\n",
              refused, 4 * kCalls, static_cast<long long>(grown >> 20));
  EXPECT_GT(refused, 0);
  // 16 MiB may wait. The rest is what the one worker and the allocator hold.
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(grown, int64_t{128} << 20);
#endif
  // They stay connected, and keep others out for a while only, which a slow machine may have needed
  // to get here.
  EXPECT_THAT(Score().error_code(),
              AnyOf(grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::OK));
  EXPECT_TRUE(WaitUntil([&] { return Score().ok(); }));
  ExpectServes();
}

// One caller that begins many requests and ends none must not use up the memory of all.
TEST_F(RobustnessTest, RequestsThatAreHalfSentLeaveRoomForOthers) {
  Start({"--rpc_memory_mib=64"});
  Connection connection(port_);
  ASSERT_TRUE(connection.Send(absl::StrCat(kHttp2Preface, kEmptySettings)));
  int64_t window = 65535;  // Of the connection.
  bool agreed = false;     // To the server's settings, which bound the streams of a connection.
  bool open = true;
  const auto receive = [&](absl::Duration limit) {
    const absl::optional<Connection::Received> frame = connection.Receive(limit);
    if (!frame.has_value()) return false;
    if (frame->type == kSettings && frame->flags == 0) {
      open = connection.Send(Frame(kSettings, kAcknowledge, 0, ""));
      agreed = true;
    }
    if (frame->type == kGoAway) open = false;
    if (frame->type == kWindowUpdate && frame->stream == 0) window += WindowIncrement(*frame);
    return true;
  };
  while (!agreed) ASSERT_TRUE(receive(absl::Minutes(1)));
  const std::string part(16000, '\0');
  int begun = 0;
  for (; begun < 950 && open; ++begun) {
    const uint32_t stream = 2 * begun + 1;
    open = connection.Send(CallHeaders(stream, "/bantam.v1.QualificationService/Score"));
    // The head of a message of 65,000 bytes, and most of it.
    std::string bytes = WithLength(std::string(65000, '\0'));
    for (int i = 0; i < 4 && open; ++i) {
      while (open && window < static_cast<int64_t>(part.size()) && receive(absl::Seconds(1))) {
      }
      if (window < static_cast<int64_t>(part.size())) break;  // The server takes nothing more.
      open = connection.Send(Frame(kData, 0, stream, bytes.substr(0, part.size())));
      bytes.erase(0, part.size());
      window -= part.size();
    }
  }
  std::printf("figure: %d requests were half sent on one connection, which was %s\n", begun,
              open ? "kept" : "ended");
  EXPECT_GT(begun, 20);
  for (int i = 0; i < 50; ++i) ExpectServes();
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
