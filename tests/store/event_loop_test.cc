#include "server/store/event_loop.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/file_descriptor.h"

namespace bantam {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<EventLoop> StartLoop() {
  absl::StatusOr<std::unique_ptr<EventLoop>> loop = EventLoop::Start();
  EXPECT_TRUE(loop.ok()) << loop.status();
  return std::move(loop).value();
}

// Two connected sockets.
struct SocketPair {
  SocketPair() {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ours = std::make_unique<FileDescriptor>(fds[0]);
    theirs = std::make_unique<FileDescriptor>(fds[1]);
  }

  std::unique_ptr<FileDescriptor> ours;
  std::unique_ptr<FileDescriptor> theirs;
};

TEST(EventLoopTest, RunsPostsInOrderOnItsOwnThread) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  EXPECT_FALSE(loop->OnThread());
  std::vector<int> order;
  bool on_thread = false;
  for (int i = 0; i < 5; ++i) loop->Post([&order, i] { order.push_back(i); });
  loop->RunAndWait([&] { on_thread = loop->OnThread(); });
  EXPECT_TRUE(on_thread);
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST(EventLoopTest, RunsThePostsOfManyThreads) {
  std::atomic<int> runs{0};
  {
    const std::unique_ptr<EventLoop> loop = StartLoop();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) loop->Post([&runs] { ++runs; });
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(runs, 4000);
}

TEST(EventLoopTest, RunsATaskAtOnceForTheLoopItself) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  std::vector<int> order;
  loop->RunAndWait([&] {
    loop->RunAndWait([&] { order.push_back(1); });
    order.push_back(2);
  });
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(EventLoopTest, EndsAfterWhatWasPostedAndDropsTimers) {
  bool first = false;
  bool second = false;
  bool timer = false;
  {
    const std::unique_ptr<EventLoop> loop = StartLoop();
    EventLoop* const raw = loop.get();
    loop->Post([&, raw] {
      first = true;
      raw->RunAfter(absl::Hours(1), [&timer] { timer = true; });
      raw->Post([&second] { second = true; });
    });
  }
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(timer);
}

TEST(EventLoopTest, RunsTimersInTheOrderOfTheirTimes) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  std::vector<int> order;
  std::promise<void> last;
  const absl::Time start = absl::Now();
  loop->Post([&] {
    loop->RunAfter(absl::Milliseconds(60), [&] {
      order.push_back(4);
      last.set_value();
    });
    loop->RunAfter(absl::Milliseconds(20), [&] { order.push_back(2); });
    loop->RunAfter(absl::Milliseconds(20), [&] { order.push_back(3); });
    loop->RunAfter(-absl::InfiniteDuration(), [&] { order.push_back(1); });
    loop->RunAfter(absl::InfiniteDuration(), [&] { order.push_back(5); });
  });
  last.get_future().wait();
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(59));
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
}

TEST(EventLoopTest, ACancelledTimerIsDropped) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  bool dropped = true;
  std::promise<void> last;
  loop->Post([&] {
    const EventLoop::TimerId by_timer =
        loop->RunAfter(absl::Milliseconds(2), [&] { dropped = false; });
    const EventLoop::TimerId timer =
        loop->RunAfter(absl::Milliseconds(1), [&] { dropped = false; });
    loop->RunAfter(absl::ZeroDuration(), [&, by_timer] { loop->Cancel(by_timer); });
    loop->Cancel(timer);
    loop->Cancel(timer);
    loop->Cancel({});
    loop->RunAfter(absl::Milliseconds(5), [&] { last.set_value(); });
  });
  last.get_future().wait();
  EXPECT_TRUE(dropped);
}

TEST(EventLoopTest, TellsOnlyWhatIsWanted) {
  const SocketPair pair;
  const std::unique_ptr<EventLoop> loop = StartLoop();
  std::unique_ptr<FdWatch> watch;
  std::vector<std::string> told;
  std::promise<void> written;
  std::promise<void> read_again;
  loop->RunAndWait([&] {
    watch = loop->Watch(
        pair.ours->get(),
        [&] {
          char byte;
          ASSERT_EQ(read(pair.ours->get(), &byte, 1), 1);
          told.push_back(std::string("read ") + byte);
          if (byte == 'b') read_again.set_value();
        },
        [&] {
          told.push_back("write");
          watch->WantWrite(false);
          written.set_value();
        });
    ASSERT_NE(watch, nullptr);
    watch->WantWrite(true);
  });
  written.get_future().wait();
  // Both bytes are there before reading is wanted: the second must be told as well.
  ASSERT_EQ(write(pair.theirs->get(), "ab", 2), 2);
  loop->Post([&] { watch->WantRead(true); });
  read_again.get_future().wait();
  loop->RunAndWait([&] { watch.reset(); });
  EXPECT_THAT(told, ElementsAre("write", "read a", "read b"));
}

TEST(EventLoopTest, AWatchMayEndInItsOwnCallbackAndTheDescriptorBeUsedAnew) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  for (int round = 0; round < 3; ++round) {
    // The kernel hands out the same numbers each time.
    const SocketPair pair;
    std::unique_ptr<FdWatch> watch;
    std::promise<void> ended;
    loop->RunAndWait([&] {
      watch = loop->Watch(
          pair.ours->get(),
          [&] {
            watch.reset();
            ended.set_value();
          },
          [&] { ADD_FAILURE() << "after the end"; });
      ASSERT_NE(watch, nullptr);
      watch->WantRead(true);
      watch->WantWrite(true);
      // What is there before the loop looks is told at one time with that writing is possible.
      ASSERT_EQ(write(pair.theirs->get(), "x", 1), 1);
    });
    ended.get_future().wait();
    loop->RunAndWait([&] { EXPECT_EQ(watch, nullptr); });
  }
}

TEST(EventLoopTest, AnErrorIsToldToWhoeverWaits) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  // A connection that is refused: to a port that was bound and given back.
  const FileDescriptor reserved(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(reserved.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(reserved.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  // It is bound, and does not listen.
  const FileDescriptor client(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  connect(client.get(), reinterpret_cast<sockaddr*>(&address), size);
  std::promise<void> told;
  std::unique_ptr<FdWatch> watch;
  loop->RunAndWait([&] {
    watch = loop->Watch(
        client.get(), [] {},
        [&] {
          watch.reset();
          told.set_value();
        });
    ASSERT_NE(watch, nullptr);
    watch->WantWrite(true);
  });
  told.get_future().wait();
}

TEST(EventLoopTest, AFileCannotBeWatched) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  const FileDescriptor file(open(BANTAM_SOURCE_DIR "/README.md", O_RDONLY));
  ASSERT_TRUE(file.valid());
  loop->RunAndWait([&] {
    EXPECT_EQ(loop->Watch(
                  file.get(), [] {}, [] {}),
              nullptr);
  });
}

TEST(EventLoopTest, ABrokenPipeIsAnErrorAndNoSignal) {
  const SocketPair pair;
  const std::unique_ptr<EventLoop> loop = StartLoop();
  ASSERT_EQ(shutdown(pair.theirs->get(), SHUT_RDWR), 0);
  loop->RunAndWait([&] {
    EXPECT_EQ(write(pair.ours->get(), "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
  });
}

absl::StatusOr<std::vector<std::string>> Resolve(EventLoop* loop, const std::string& host) {
  std::promise<absl::StatusOr<std::vector<std::string>>> found;
  std::unique_ptr<NameLookup> lookup;
  loop->Post([&] {
    lookup = loop->Resolve(host, [&](absl::StatusOr<std::vector<std::string>> addresses) {
      // As a user may.
      lookup.reset();
      found.set_value(std::move(addresses));
    });
  });
  return found.get_future().get();
}

TEST(EventLoopTest, FindsTheAddressesOfAName) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  const absl::StatusOr<std::vector<std::string>> name = Resolve(loop.get(), "localhost");
  ASSERT_TRUE(name.ok()) << name.status();
  EXPECT_THAT(*name, Contains("127.0.0.1"));
  const absl::StatusOr<std::vector<std::string>> address = Resolve(loop.get(), "::1");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_THAT(*address, ElementsAre("::1"));
}

TEST(EventLoopTest, SaysWhichNameHasNoAddress) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  const std::string too_long = std::string(300, 'x') + ".invalid";
  for (const std::string& host : {std::string("no-such-host.invalid"), too_long}) {
    const absl::StatusOr<std::vector<std::string>> found = Resolve(loop.get(), host);
    EXPECT_EQ(found.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(found.status().message()), HasSubstr(host));
  }
}

TEST(EventLoopTest, ALookUpThatIsGivenUpSaysNothing) {
  const std::unique_ptr<EventLoop> loop = StartLoop();
  const std::string too_long = std::string(300, 'x') + ".invalid";
  loop->RunAndWait([&] {
    for (const std::string& host : {std::string("localhost"), too_long}) {
      loop->Resolve(host, [](auto) { ADD_FAILURE() << "after it was given up"; }).reset();
    }
  });
}

}  // namespace
}  // namespace bantam
