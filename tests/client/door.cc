#include "tests/client/door.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {

Door::Door(std::function<Fate(int number, int socket)> judge)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), judge_(std::move(judge)) {
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

Door::~Door() {
  shutdown(socket_, SHUT_RDWR);
  thread_.join();
  close(socket_);
  for (const int ignored : ignored_) close(ignored);
}

void Door::Work() {
  while (true) {
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) return;
    const Fate fate = judge_(++connections_, connection);
    if (fate == Fate::kTurnedAway) close(connection);
    if (fate == Fate::kIgnored) ignored_.push_back(connection);
  }
}

}  // namespace bantam
