// Certificates and CAs that are replaced while a server runs, and what its callers notice.
#include <openssl/ssl.h>

#include <array>
#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/health.pb.h"
#include "tests/rpc/raw_stream.h"
#include "tests/rpc/tls_server.h"

namespace bantam {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using Kind = ReloadEvent::Kind;

// Callers who do not pause: three who make a connection for each call, and one who keeps the first.
// A call that fails is a failure of the test, and ends the load.
class Load {
 public:
  Load(const TlsServer& server, TestIdentity client) : server_(server), client_(std::move(client)) {
    for (std::atomic<int>& connections : connections_) {
      threads_.emplace_back([this, &connections] {
        while (goes_on()) {
          Call(server_.Connect(Client()));
          ++connections;
        }
      });
    }
    threads_.emplace_back([this, channel = server_.Connect(Client())] {
      while (goes_on()) Call(channel);
    });
  }
  ~Load() { Stop(); }

  // New connections show this from now on. Returns when those begun before are over.
  void SetClient(TestIdentity client) {
    {
      absl::MutexLock lock(&mu_);
      client_ = std::move(client);
    }
    AwaitConnections();
  }

  // Waits until each caller has made a connection that began after this.
  void AwaitConnections() const {
    std::array<int, 3> before;
    for (size_t i = 0; i < before.size(); ++i) before[i] = connections_[i];
    for (size_t i = 0; i < before.size(); ++i) {
      // The next one may have begun already.
      while (connections_[i] < before[i] + 2 && goes_on()) std::this_thread::yield();
    }
  }

  // Ends it, and tells how it went.
  void Stop() {
    if (threads_.empty()) return;
    done_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    int connections = 0;
    for (const std::atomic<int>& each : connections_) connections += each;
    std::cout << connections << " connections, " << calls_ << " calls, " << failures_
              << " failed\n";
  }

 private:
  bool goes_on() const { return !done_ && failures_ == 0; }

  TestIdentity Client() const {
    absl::MutexLock lock(&mu_);
    return client_;
  }

  void Call(const std::shared_ptr<grpc::Channel>& channel) {
    const grpc::Status status = CallHealth(channel);
    ++calls_;
    if (status.ok()) return;
    ++failures_;
    ADD_FAILURE() << status.error_code() << " " << status.error_message();
  }

  const TlsServer& server_;
  mutable absl::Mutex mu_;
  TestIdentity client_ ABSL_GUARDED_BY(mu_);
  std::atomic<bool> done_{false};
  std::atomic<int> calls_{0};
  std::atomic<int> failures_{0};
  std::array<std::atomic<int>, 3> connections_ = {};
  std::vector<std::thread> threads_;
};

TEST(RotationTest, ABadPairIsNotUsedAndTheOldOneStays) {
  TlsServer server(Clients::kNotAsked);
  const TestIdentity good = server.authority().IssueServer();
  server.Rotate(good);
  TestCertificate expired;
  expired.alternative_names = "IP:127.0.0.1";
  expired.not_after = absl::Now() - absl::Minutes(1);
  const std::vector<std::pair<TestIdentity, std::string>> bad = {
      {{"rubbish", good.key}, "cannot be read"},
      {{good.certificate.substr(0, good.certificate.size() / 2), good.key}, "cannot be read"},
      {{good.certificate, server.authority().IssueServer().key}, "is not that of the server's"},
      {server.authority().Issue(expired), "has expired on"},
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    server.Replace(bad[i].first);
    ASSERT_TRUE(server.events().WaitFor(Kind::kFailed, bad[i].second));
    EXPECT_TRUE(CallHealth(server.Connect()).ok()) << bad[i].second;
    EXPECT_TRUE(server.certificates().Stats().failed);
    std::string shown;
    EXPECT_NE(Handshake(server.port(), TLS1_3_VERSION, &shown), "");
    EXPECT_EQ(shown, good.certificate);
  }
  const TestIdentity next = server.authority().IssueServer();
  server.Rotate(next);
  std::string shown;
  EXPECT_NE(Handshake(server.port(), TLS1_3_VERSION, &shown), "");
  EXPECT_EQ(shown, next.certificate);
  EXPECT_FALSE(server.certificates().Stats().failed);
}

// Else nobody would be asked for a certificate, or the server's own authorities would be trusted.
TEST(RotationTest, AnEmptyFileOfClientCasChangesNothing) {
  TlsServer server(Clients::kRequired);
  const TestAuthority other("Of servers");
  const TestIdentity client = server.authority().IssueClient(kCrmNames);
  EXPECT_TRUE(CallHealth(server.Connect(client)).ok());
  server.ReplaceClientCa("");
  ASSERT_TRUE(server.events().WaitFor(Kind::kFailed, "clients' CAs cannot be read"));
  EXPECT_TRUE(server.certificates().Stats().failed);
  EXPECT_TRUE(CallHealth(server.Connect(client)).ok());
  EXPECT_EQ(CallHealth(server.Connect()).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallHealth(server.Connect(other.IssueClient(kCrmNames))).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST(RotationTest, FiftyRotationsUnderLoadFailNoCall) {
  TlsServer server(Clients::kRequired);
  Load load(server, server.authority().IssueClient(kCrmNames));
  for (int i = 0; i < 50; ++i) {
    // Each certificate is used for connections before the next one comes.
    server.Rotate(server.authority().IssueServer());
    load.AwaitConnections();
  }
  load.Stop();
}

// As it is done: both are trusted until every client has its new certificate.
TEST(RotationTest, AnotherClientCaUnderLoadFailsNoCall) {
  TlsServer server(Clients::kRequired);
  const TestAuthority next("Next CA");
  const TestIdentity old_client = server.authority().IssueClient(kCrmNames);
  const TestIdentity new_client = next.IssueClient(kCrmNames);
  EXPECT_EQ(CallHealth(server.Connect(new_client)).error_code(), grpc::StatusCode::UNAVAILABLE);
  // In flight all the time.
  RawStream watch(server.Connect(old_client), std::string(kHealthWatch).substr(1));
  HealthCheckResponse health;
  ASSERT_TRUE(watch.Write(HealthCheckRequest()) && watch.Read(&health));
  EXPECT_EQ(health.status(), HealthCheckResponse::SERVING);

  Load load(server, old_client);
  server.RotateClientCa(server.authority().certificate() + next.certificate());
  load.AwaitConnections();
  load.SetClient(new_client);
  server.RotateClientCa(next.certificate());
  load.AwaitConnections();
  EXPECT_EQ(CallHealth(server.Connect(old_client)).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(CallHealth(server.Connect(new_client)).ok());
  load.Stop();

  server.SetServing(false);
  ASSERT_TRUE(watch.Read(&health));
  EXPECT_EQ(health.status(), HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace bantam
