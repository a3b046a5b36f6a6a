// A host's name that has several addresses of which some never answer.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/file_descriptor.h"
#include "server/store/silent_addresses.h"
#include "tests/store/postgres_fixture.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kName[] = "tenants/acme/icps/software";

using Addresses = std::vector<std::string>;

Addresses Order(const SilentAddresses& silent, Addresses addresses) {
  silent.PutLast(&addresses);
  return addresses;
}

TEST(SilentAddressesTest, TheOrderStaysWhereAllAnswer) {
  EXPECT_THAT(Order(SilentAddresses(), {"c", "a", "b"}), ElementsAre("c", "a", "b"));
}

TEST(SilentAddressesTest, SilentOnesComeLastUntilTheyAnswer) {
  SilentAddresses silent;
  silent.Add("c");
  silent.Add("b");
  silent.Add("");
  EXPECT_THAT(Order(silent, {"b", "c", "d", "a"}), ElementsAre("d", "a", "c", "b"));
  EXPECT_THAT(Order(silent, {"a", "d", "c", "b"}), ElementsAre("a", "d", "c", "b"));
  silent.Add("c");
  EXPECT_THAT(Order(silent, {"c", "b", "a"}), ElementsAre("a", "b", "c"));
  silent.Remove("b");
  silent.Remove("unknown");
  EXPECT_THAT(Order(silent, {"c", "b", "a"}), ElementsAre("b", "a", "c"));
}

TEST(SilentAddressesTest, EachComesFirstInItsTurnWhereAllAreSilent) {
  SilentAddresses silent;
  std::string turns;
  for (int i = 0; i < 6; ++i) {
    const std::string first = Order(silent, {"a", "b", "c"})[0];
    turns += first;
    silent.Add(first);
  }
  EXPECT_EQ(turns, "abcabc");
}

TEST(SilentAddressesTest, LibpqDoesNotTellTheInterface) {
  SilentAddresses silent;
  silent.Add("fe80::1");
  EXPECT_THAT(Order(silent, {"fe80::1%eth0", "fe80::2%eth0"}),
              ElementsAre("fe80::2%eth0", "fe80::1%eth0"));
}

TEST(SilentAddressesTest, IsBounded) {
  SilentAddresses silent;
  for (int i = 0; i < 65; ++i) silent.Add(absl::StrCat(i));
  EXPECT_THAT(Order(silent, {"64", "1", "0", "new"}), ElementsAre("0", "new", "1", "64"));
}

// Accepts connections at an address, and never says a word.
class SilentServer {
 public:
  SilentServer(uint32_t address, int port) {
    sockaddr_in place = {};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(address);
    place.sin_port = htons(static_cast<uint16_t>(port));
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&place), sizeof(place)), 0);
    EXPECT_EQ(listen(listener_.get(), 64), 0);
  }

 private:
  const FileDescriptor listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

class PostgresAddressesTest : public ::testing::Test {
 protected:
  // What look-ups of every name tell: `addresses`, one further on at each look-up, as name servers
  // do that spread load.
  PostgresPoolOptions Resolving(Addresses addresses) {
    PostgresPoolOptions options;
    options.resolve = [this, addresses](EventLoop* loop, const std::string&, auto done) {
      Addresses now = addresses;
      std::rotate(now.begin(), now.begin() + lookups_++ % now.size(), now.end());
      // Any other look-up ends later as well, and can be given up.
      return loop->Resolve("127.0.0.1", [now = std::move(now), done = std::move(done)](
                                            const absl::StatusOr<Addresses>&) { done(now); });
    };
    return options;
  }

  const std::string url_ = NewMigratedDatabase();
  const int port_ = PostgresServer::Shared().port();
  const std::string named_url_ = absl::StrCat(
      absl::StrReplaceAll(url_, {{"@127.0.0.1:", "@db.example:"}}), "?connect_timeout=4");
  std::atomic<size_t> lookups_{0};
};

TEST_F(PostgresAddressesTest, WhereOneIsSilentTheNextIsTaken) {
  const SilentServer silent(INADDR_LOOPBACK + 1, port_);
  PostgresCalls calls(named_url_, Resolving({"127.0.0.2", "127.0.0.1"}));
  const absl::StatusOr<AppliedChange> saved = calls.Save(kName, "x");
  EXPECT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(calls.Stats().connect_failures, 1);
  // Further connections begin with what has answered, in whatever order the addresses come.
  for (int i = 0; i < 4; ++i) {
    PostgresServer::Shared().QueryAsSuperuser(
        url_,
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = "
        "'bantamd' AND datname = current_database()");
    ASSERT_TRUE(WaitFor([&] { return calls.Stats().connections == 0; }));
    EXPECT_TRUE(calls.ReadCurrent(kName).ok());
  }
  EXPECT_EQ(calls.Stats().connected, 5);
  EXPECT_EQ(calls.Stats().connect_failures, 1);
}

TEST_F(PostgresAddressesTest, OneThatRefusesBeforeTheSilentOneChangesNothing) {
  const SilentServer silent(INADDR_LOOPBACK + 1, port_);
  PostgresCalls calls(named_url_, Resolving({"127.0.0.3", "127.0.0.2", "127.0.0.1"}));
  const absl::StatusOr<AppliedChange> saved = calls.Save(kName, "x");
  EXPECT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(calls.Stats().connect_failures, 1);
}

TEST_F(PostgresAddressesTest, WhereAllAreSilentCallersAreTold) {
  const SilentServer one(INADDR_LOOPBACK + 1, port_);
  const SilentServer two(INADDR_LOOPBACK + 2, port_);
  PostgresCalls calls(absl::StrReplaceAll(named_url_, {{"timeout=4", "timeout=1"}}),
                      Resolving({"127.0.0.2", "127.0.0.3"}));
  const absl::Status status = calls.ReadCurrent(kName).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("no connection within 1s"));
  EXPECT_EQ(calls.Stats().connect_failures, 2);
}

}  // namespace
}  // namespace bantam
