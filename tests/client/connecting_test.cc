// Calls of the catalog outlive a first failure to connect: nothing was asked yet.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

constexpr char kIcp[] =
    "name: tenants/acme/icps/software\n"
    "title: Software\n"
    "business_hours: {time_zone: UTC}\n"
    "bant: {budget: {points: 10}}\n";

// A port of this machine that turns away so many connections and hands over those behind them.
class Door {
 public:
  Door(int turned_away, std::function<void(int)> hand_over)
      : to_turn_away_(turned_away), hand_over_(std::move(hand_over)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, SOMAXCONN), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
    thread_ = std::thread([this] { Work(); });
  }

  ~Door() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }

  const std::string& address() const { return address_; }

  // How many connections have come.
  int connections() const { return connections_; }

 private:
  void Work() {
    while (true) {
      const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (connection < 0) return;
      if (++connections_ <= to_turn_away_) {
        close(connection);
      } else {
        hand_over_(connection);
      }
    }
  }

  const int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int to_turn_away_;
  const std::function<void(int)> hand_over_;
  std::atomic<int> connections_{0};
  std::string address_;
  std::thread thread_;
};

class ConnectingTest : public ::testing::Test {
 protected:
  ConnectingTest() { server_.Add(kIcp, "jo", "the first"); }

  Finished Run(const std::string& arguments) const {
    return RunBantam(absl::StrCat(arguments, " --server=", door_.address()));
  }

  FakeCatalogServer server_;
  const Door door_{1, [this](int connection) { server_.TakeConnection(connection); }};
};

TEST_F(ConnectingTest, WhatReadsTheCatalogConnectsAgain) {
  const Finished list = Run("icp list");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("tenants/acme/icps/software"));
  EXPECT_EQ(door_.connections(), 2);
}

TEST_F(ConnectingTest, WhatChangesTheCatalogConnectsAgainAndChangesItOnce) {
  const Finished deletion = Run("icp delete acme/software --yes -m over --author=al");
  EXPECT_EQ(deletion.exit_code, 0) << deletion.err;
  EXPECT_EQ(server_.History("tenants/acme/icps/software").size(), 2u);
  EXPECT_EQ(door_.connections(), 2);
}

TEST_F(ConnectingTest, HealthConnectsAgain) {
  const Finished health = Run("health");
  EXPECT_EQ(health.exit_code, 0) << health.err;
  EXPECT_EQ(door_.connections(), 2);
}

}  // namespace
}  // namespace bantam
