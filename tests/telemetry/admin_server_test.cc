#include "server/telemetry/admin_server.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/telemetry/http_client.h"

namespace bantam {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

AdminPages SimplePages() {
  return {[] {
            Readiness readiness;
            readiness.ready = true;
            return readiness;
          },
          [] { return std::string("# TYPE x counter\n"); },
          [] { return std::string("<!DOCTYPE html>page"); }};
}

std::unique_ptr<AdminServer> StartServer(AdminPages pages = SimplePages(),
                                         AdminServerOptions options = {}) {
  auto server = AdminServer::Start(options, std::move(pages));
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? *std::move(server) : nullptr;
}

TEST(AdminServerTest, ServesItsPages) {
  const auto server = StartServer();
  const HttpAnswer metrics = Ask(server->port(), "GET", "/metrics");
  EXPECT_EQ(metrics.code, 200);
  EXPECT_EQ(metrics.body, "# TYPE x counter\n");
  EXPECT_THAT(metrics.headers,
              Contains(Pair("content-type", "text/plain; version=0.0.4; charset=utf-8")));
  const HttpAnswer page = Ask(server->port(), "GET", "/?any=query");
  EXPECT_EQ(page.body, "<!DOCTYPE html>page");
  EXPECT_THAT(page.headers, Contains(Pair("content-type", "text/html; charset=utf-8")));
  EXPECT_EQ(Ask(server->port(), "GET", "/healthz").body, "ok\n");
  EXPECT_EQ(Ask(server->port(), "GET", "/readyz").body, "ok\n");
}

TEST(AdminServerTest, NothingIsCachedAndNoScriptRuns) {
  const auto server = StartServer();
  for (const char* path : {"/", "/metrics", "/healthz", "/readyz", "/nowhere"}) {
    SCOPED_TRACE(path);
    const HttpAnswer answer = Ask(server->port(), "GET", path);
    EXPECT_THAT(answer.headers, Contains(Pair("cache-control", "no-store")));
    EXPECT_THAT(answer.headers, Contains(Pair("x-content-type-options", "nosniff")));
    EXPECT_THAT(answer.headers, Contains(Pair("connection", "close")));
    EXPECT_THAT(answer.headers,
                Contains(Pair("content-security-policy", HasSubstr("default-src 'none'"))));
  }
}

TEST(AdminServerTest, HeadHasNoBody) {
  const auto server = StartServer();
  const HttpAnswer answer = Ask(server->port(), "HEAD", "/");
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_THAT(answer.headers, Contains(Pair("content-length", "19")));
}

TEST(AdminServerTest, OtherPathsAndMethodsAreRefused) {
  const auto server = StartServer();
  for (const char* path : {"/nowhere", "/metrics/", "/../etc/passwd", "//", "/%2e%2e/"}) {
    EXPECT_EQ(Ask(server->port(), "GET", path).code, 404) << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"}) {
    const HttpAnswer answer = Ask(server->port(), method, "/metrics");
    EXPECT_EQ(answer.code, 405) << method;
    EXPECT_THAT(answer.headers, Contains(Pair("allow", "GET, HEAD"))) << method;
  }
}

TEST(AdminServerTest, ReadinessTellsWhatIsMissingAndWhatIsDegraded) {
  std::atomic<int> step{0};
  AdminPages pages = SimplePages();
  pages.readiness = [&step] {
    Readiness readiness;
    if (step == 0) readiness.missing = {"the database was never reached"};
    readiness.ready = step == 1;
    if (step == 1) readiness.degraded = {"the cache cannot be reached", "tokens: line 3 is bad"};
    readiness.draining = step == 2;
    return readiness;
  };
  const auto server = StartServer(pages);
  HttpAnswer answer = Ask(server->port(), "GET", "/readyz");
  EXPECT_EQ(answer.code, 503);
  EXPECT_EQ(answer.body, "not ready\nmissing: the database was never reached\n");
  step = 1;
  answer = Ask(server->port(), "GET", "/readyz");
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body,
            "ok\ndegraded: the cache cannot be reached\ndegraded: tokens: line 3 is bad\n");
  step = 2;
  answer = Ask(server->port(), "GET", "/readyz");
  EXPECT_EQ(answer.code, 503);
  EXPECT_EQ(answer.body, "draining\n");
}

TEST(AdminServerTest, APortInUseIsAClearError) {
  const auto server = StartServer();
  AdminServerOptions options;
  options.port = server->port();
  const auto second = AdminServer::Start(options, SimplePages());
  ASSERT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(second.status().message(), absl::StrCat("cannot listen on 127.0.0.1:", server->port(),
                                                    ": Address already in use"));
}

TEST(AdminServerTest, AnAddressOfAnotherMachineIsAClearError) {
  AdminServerOptions options;
  options.host = "192.0.2.1";
  EXPECT_EQ(AdminServer::Start(options, SimplePages()).status().message(),
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

TEST(AdminServerTest, TheUnspecifiedAddressTakesBothProtocols) {
  AdminServerOptions options;
  options.host = "::";
  const auto server = StartServer(SimplePages(), options);
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(Ask(server->port(), "GET", "/healthz").code, 200);
  RawConnection six(server->port(), /*ipv6=*/true);
  ASSERT_TRUE(six.connected());
  six.Send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_THAT(six.ReadAll(), HasSubstr("200 OK"));
}

TEST(AdminServerTest, SilentAndSlowClientsBlockNeitherTheOthersNorTheEnd) {
  AdminServerOptions options;
  options.timeout = absl::Hours(1);
  auto server = StartServer(SimplePages(), options);
  std::vector<std::unique_ptr<RawConnection>> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(std::make_unique<RawConnection>(server->port()));
    if (i % 2 == 0) clients.back()->Send("GET /metrics HTTP/1.1\r\nHost: lo");
  }
  const absl::Time start = absl::Now();
  EXPECT_EQ(Ask(server->port(), "GET", "/healthz").code, 200);
  server.reset();
  // The clients would be disconnected after an hour.
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  for (const auto& client : clients) client->ReadAll();
}

TEST(AdminServerTest, ASilentClientIsDisconnected) {
  AdminServerOptions options;
  options.timeout = absl::Seconds(1);
  const auto server = StartServer(SimplePages(), options);
  RawConnection client(server->port());
  const absl::Time start = absl::Now();
  client.Send("GET / HTTP/1.1\r\n");
  client.ReadAll();
  // It reads for a minute at most.
  EXPECT_LT(absl::Now() - start, absl::Seconds(50));
}

// More connections than the server takes, and a probe of somebody else's behind them.
class CrowdedAdminServerTest : public ::testing::Test {
 protected:
  CrowdedAdminServerTest() { options_.max_connections = 8; }

  void StartCrowded(AdminPages pages, const std::string& request) {
    server_ = StartServer(std::move(pages), options_);
    for (int i = 0; i < 2 * options_.max_connections; ++i) {
      crowd_.push_back(std::make_unique<RawConnection>(server_->port()));
      crowd_.back()->Send(request);
    }
  }

  // Whether the probe is answered within a minute. Meanwhile each of the crowd does `keep_busy`.
  bool IsProbeAnswered(const std::function<void(RawConnection*)>& keep_busy) {
    std::atomic<bool> over{false};
    std::thread busy([&] {
      while (!over) {
        for (const auto& connection : crowd_) keep_busy(connection.get());
      }
    });
    const absl::Time end = absl::Now() + absl::Minutes(1);
    bool answered = false;
    while (!answered && absl::Now() < end) {
      answered = Ask(server_->port(), "GET", "/healthz").code == 200;
    }
    over = true;
    busy.join();
    return answered;
  }

  AdminServerOptions options_;
  std::unique_ptr<AdminServer> server_;
  std::vector<std::unique_ptr<RawConnection>> crowd_;
};

TEST_F(CrowdedAdminServerTest, ClientsWhoseRequestsDripDoNotKeepOthersOut) {
  options_.timeout = absl::Seconds(1);
  StartCrowded(SimplePages(), "GET /healthz HTTP/1.1\r\nX-Drip: ");
  EXPECT_TRUE(IsProbeAnswered([](RawConnection* connection) {
    if (!connection->IsClosedWithin(absl::Milliseconds(20))) connection->Send("x");
  }));
}

TEST_F(CrowdedAdminServerTest, ClientsThatDoNotTakeTheirAnswersDoNotKeepOthersOut) {
  options_.timeout = absl::Hours(1);
  options_.answer_timeout = absl::Seconds(1);
  AdminPages pages = SimplePages();
  pages.status_page = [] { return std::string(16 << 20, 'x'); };
  StartCrowded(std::move(pages), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(IsProbeAnswered([](RawConnection*) { std::this_thread::yield(); }));
}

TEST(AdminServerTest, AClientThatTakesNothingBlocksNobody) {
  AdminPages pages = SimplePages();
  pages.status_page = [] { return std::string(16 << 20, 'x'); };
  const auto server = StartServer(pages);
  std::vector<std::unique_ptr<RawConnection>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawConnection>(server->port()));
    clients.back()->Send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  EXPECT_EQ(Ask(server->port(), "GET", "/readyz").code, 200);
}

TEST(AdminServerTest, APageThatTakesLongDoesNotBlockProbes) {
  std::promise<void> begun;
  std::promise<void> may_end;
  AdminPages pages = SimplePages();
  pages.metrics = [&begun, end = may_end.get_future().share()] {
    begun.set_value();
    end.wait();
    return std::string("late");
  };
  const auto server = StartServer(pages);
  std::string late;
  std::thread scraper([&] { late = Ask(server->port(), "GET", "/metrics").body; });
  EXPECT_EQ(begun.get_future().wait_for(std::chrono::minutes(1)), std::future_status::ready);
  EXPECT_EQ(Ask(server->port(), "GET", "/healthz").code, 200);
  may_end.set_value();
  scraper.join();
  EXPECT_EQ(late, "late");
}

TEST(AdminServerTest, HeadersThatAreTooLargeAreRefused) {
  const auto server = StartServer();
  const HttpAnswer answer =
      Ask(server->port(), absl::StrCat("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
                                       std::string(100000, 'x'), "\r\n\r\n"));
  EXPECT_THAT(answer.code, ::testing::AnyOf(0, 413, 414, 431));
  EXPECT_EQ(Ask(server->port(), "GET", "/healthz").code, 200);
}

TEST(AdminServerTest, GarbageIsRefused) {
  const auto server = StartServer();
  for (const std::string& garbage :
       {std::string("\0\1\2\3\r\n\r\n", 8), std::string("\r\n\r\n\r\n"), std::string(5000, '\n'),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("GET\r\n\r\n")}) {
    RawConnection connection(server->port());
    connection.Send(garbage);
  }
  EXPECT_EQ(Ask(server->port(), "GET", "/healthz").code, 200);
}

TEST(AdminServerTest, ABodyIsNotReadAndEndsTheConnection) {
  const auto server = StartServer();
  const HttpAnswer answer = Ask(
      server->port(), "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_EQ(answer.code, 405);
}

}  // namespace
}  // namespace bantam
