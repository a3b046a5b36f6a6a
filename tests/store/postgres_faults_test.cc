// PostgreSQL is down, silent, slow or refuses: what callers see, and that all is well afterwards.
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/file_descriptor.h"
#include "server/store/postgres_store.h"
#include "tests/store/postgres_fixture.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kName[] = "tenants/acme/icps/software";

// That something went on rather than waited for its deadline, on a machine with much to do.
constexpr absl::Duration kSoon = absl::Seconds(20);

// A server of its own, which the tests may stop.
class PostgresFaultsTest : public ::testing::Test {
 protected:
  // A call under way in another thread.
  using Answer = std::future<absl::Status>;

  Answer StartRead(PostgresCalls* calls) {
    return std::async(std::launch::async, [calls] { return calls->ReadCurrent(kName).status(); });
  }

  Answer StartSave(PostgresCalls* calls, const std::string& name = kName) {
    return std::async(std::launch::async,
                      [calls, name] { return calls->Save(name, "x").status(); });
  }

  // How many connections of stores the server knows: all, or those of a state, such as "active".
  int64_t ServerConnections(const std::string& state = "%") {
    return std::stoll(server_.QueryAsSuperuser(
        url_, absl::StrCat("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                           "'bantamd' AND state LIKE '",
                           state, "'"))[0][0]);
  }

  // Keeps every save waiting, or every read, until Let() lets them go on. A prepared transaction
  // holds its locks without a connection.
  void HoldSaves() { Hold("UPDATE bantam.change_counter SET sequence = sequence"); }
  void HoldReads() { Hold("LOCK TABLE bantam.icps IN ACCESS EXCLUSIVE MODE"); }
  void Hold(const std::string& sql) {
    server_.Query(url_, absl::StrCat("BEGIN; ", sql, "; PREPARE TRANSACTION 'hold'"));
  }
  void Let() { server_.Query(url_, "ROLLBACK PREPARED 'hold'"); }

  // Ends the connections of all stores.
  void EndConnections() {
    server_.QueryAsSuperuser(url_,
                             "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE "
                             "application_name = 'bantamd'");
  }

  PostgresServer server_{{"max_prepared_transactions=2"}};
  const std::string url_ = NewMigratedDatabase(server_);

  // For stores whose connections and statements are not ended by time, however slow the machine.
  const std::string patient_url_ =
      url_ + "?connect_timeout=60&options=-c%20statement_timeout%3D10min";
};

TEST_F(PostgresFaultsTest, ARefusedConnectionIsToldAtOnceAndTriedAgain) {
  PostgresCalls calls(url_);
  server_.Stop();
  const absl::Time start = absl::Now();
  for (int i = 0; i < 3; ++i) {
    const absl::Status status = calls.ReadCurrent(kName).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(absl::StrCat("127.0.0.1:", server_.port())),
                      HasSubstr("Connection refused"), Not(HasSubstr("\n")),
                      Not(HasSubstr(PostgresServer::kPassword))));
  }
  EXPECT_LT(absl::Now() - start, kSoon);
  EXPECT_EQ(calls.Stats().last_connect.code(), absl::StatusCode::kUnavailable);
  server_.Start();
  EXPECT_TRUE(WaitFor([&] { return calls.ReadCurrent(kName).ok(); }));
  EXPECT_TRUE(calls.Stats().last_connect.ok());
}

TEST_F(PostgresFaultsTest, AWrongPasswordIsNotRepeated) {
  PostgresCalls calls(PostgresServer::WithWrongPassword(url_));
  for (const absl::Status& status :
       {calls.ReadCurrent(kName).status(), calls.Save(kName, "x").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("password authentication failed"), Not(HasSubstr("wrong4712")),
                      Not(HasSubstr(PostgresServer::kPassword)), Not(HasSubstr("\n"))));
  }
}

TEST_F(PostgresFaultsTest, ThePasswordMayComeFromTheEnvironment) {
  const std::string url =
      absl::StrReplaceAll(url_, {{absl::StrCat(":", PostgresServer::kPassword, "@"), "@"}});
  ASSERT_EQ(setenv("PGPASSWORD", PostgresServer::kPassword, 1), 0);
  const absl::Status status = PostgresCalls(url).ReadCurrent(kName).status();
  unsetenv("PGPASSWORD");
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(PostgresFaultsTest, AHostWithoutAddressIsNamed) {
  PostgresCalls calls("postgres://ada:hush@no-such-host.invalid/x");
  const absl::Status status = calls.ReadCurrent(kName).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("no-such-host.invalid"), Not(HasSubstr("hush"))));
}

TEST_F(PostgresFaultsTest, NamesAreLookedUp) {
  const std::string url = absl::StrReplaceAll(url_, {{"@127.0.0.1:", "@localhost:"}});
  const absl::Status status = PostgresCalls(url).ReadCurrent(kName).status();
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(PostgresFaultsTest, OfSeveralHostsThatAreDownOrSilentAnotherIsTaken) {
  // One listens and never answers, one has gone.
  const FileDescriptor silent(socket(AF_INET, SOCK_STREAM, 0));
  const FileDescriptor gone(socket(AF_INET, SOCK_STREAM, 0));
  int ports[2];
  for (int i = 0; i < 2; ++i) {
    const int fd = i == 0 ? silent.get() : gone.get();
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ports[i] = ntohs(address.sin_port);
  }
  ASSERT_EQ(listen(silent.get(), 8), 0);
  const std::string ours = absl::StrCat("@127.0.0.1:", server_.port());
  const std::string all =
      absl::StrCat("@127.0.0.1:", ports[0], ",127.0.0.1:", ports[1], ",127.0.0.1:", server_.port());
  PostgresCalls calls(absl::StrCat(absl::StrReplaceAll(url_, {{ours, all}}), "?connect_timeout=4"));
  EXPECT_TRUE(calls.Save(kName, "x").ok());
  EXPECT_EQ(calls.Stats().connect_failures, 1);
}

TEST_F(PostgresFaultsTest, AServerThatDoesNotAnswerIsGivenUpInTime) {
  PostgresCalls calls(patient_url_);
  ASSERT_TRUE(calls.Save(kName, "x").ok());
  server_.Pause();
  calls.set_timeout(absl::Milliseconds(300));
  // The first is under way on a connection, the others are while one is being made.
  for (int i = 0; i < 3; ++i) {
    const absl::Time start = absl::Now();
    const absl::Status status = calls.ReadCurrent(kName).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_GE(absl::Now() - start, absl::Milliseconds(290));
    EXPECT_LT(absl::Now() - start, kSoon);
  }
  const absl::Status status = calls.Save(kName, "y").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("repeating it is safe"));
  EXPECT_EQ(calls.Stats().timeouts, 4);

  server_.Continue();
  calls.set_timeout(absl::Seconds(30));
  EXPECT_TRUE(WaitFor([&] { return calls.ReadCurrent(kName).ok(); }));
  ASSERT_TRUE(calls.Save(kName, "z").ok());
  // What was given up ends over there as well.
  EXPECT_TRUE(WaitFor([&] { return ServerConnections() == calls.Stats().connections; }));
}

TEST_F(PostgresFaultsTest, ManyCallsToAServerThatDoesNotAnswerLeakNothing) {
  PostgresCalls calls(url_);
  for (int round = 0; round < 3; ++round) {
    calls.set_timeout(absl::Seconds(30));
    EXPECT_TRUE(WaitFor([&] { return calls.ReadCurrent(kName).ok(); }));
    server_.Pause();
    calls.set_timeout(absl::Milliseconds(200));
    std::vector<Answer> answers;
    for (int i = 0; i < 30; ++i) answers.push_back(i % 2 ? StartRead(&calls) : StartSave(&calls));
    for (Answer& answer : answers) {
      EXPECT_EQ(answer.get().code(), absl::StatusCode::kUnavailable);
    }
    server_.Continue();
  }
  EXPECT_TRUE(WaitFor([&] { return calls.ReadCurrent(kName).ok(); }));
  EXPECT_TRUE(WaitFor([&] { return ServerConnections() == calls.Stats().connections; }));
  EXPECT_LE(calls.Stats().connections, PostgresPoolOptions().max_connections);
}

TEST_F(PostgresFaultsTest, AKilledServerIsFoundAgainWithWhatWasSaved) {
  PostgresCalls calls(patient_url_);
  ASSERT_TRUE(calls.Save(kName, "x").ok());
  HoldSaves();
  Answer save = StartSave(&calls, "tenants/acme/icps/other");
  ASSERT_TRUE(WaitFor([&] { return ServerConnections("active") == 1; }));
  server_.Kill();
  const absl::Status status = save.get();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("repeating it is safe"));
  EXPECT_EQ(calls.ReadCurrent(kName).status().code(), absl::StatusCode::kUnavailable);
  server_.Start();
  Let();
  EXPECT_TRUE(WaitFor([&] { return calls.ReadCurrent(kName).ok(); }));
  EXPECT_EQ(calls.ReadCurrent(kName)->current.number, 1);
  // A change whose outcome is not known is not made again behind the editor's back.
  EXPECT_EQ(calls.ReadChanges(-1)->sequence, 1);
}

TEST_F(PostgresFaultsTest, ALostReadIsRepeatedAndALostSaveIsNot) {
  PostgresCalls calls(patient_url_);
  HoldReads();
  Answer read = StartRead(&calls);
  Answer save = StartSave(&calls);
  ASSERT_TRUE(WaitFor([&] { return ServerConnections("active") == 2; }));
  EndConnections();
  EXPECT_EQ(save.get().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(WaitFor([&] { return ServerConnections("active") == 1; }));
  EXPECT_EQ(calls.Stats().retries, 1);
  Let();
  EXPECT_TRUE(read.get().ok());
  EXPECT_EQ(calls.ReadChanges(-1)->sequence, 0);
}

TEST_F(PostgresFaultsTest, AReadIsRepeatedOnceOnly) {
  PostgresCalls calls(patient_url_);
  HoldReads();
  Answer read = StartRead(&calls);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(
        WaitFor([&] { return calls.Stats().retries == i && ServerConnections("active") == 1; }));
    EndConnections();
  }
  const absl::Status status = read.get();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("connection lost"));
  EXPECT_EQ(calls.Stats().retries, 1);
  Let();
}

TEST_F(PostgresFaultsTest, AnIdleConnectionThatIsLostDisturbsNobody) {
  PostgresCalls calls(url_);
  ASSERT_TRUE(calls.Save(kName, "x").ok());
  EndConnections();
  ASSERT_TRUE(WaitFor([&] { return calls.Stats().connections == 0; }));
  EXPECT_EQ(calls.Stats().lost_connections, 1);
  EXPECT_TRUE(calls.Save(kName, "y").ok());
}

TEST_F(PostgresFaultsTest, ConnectionsAreBounded) {
  PostgresPoolOptions options;
  options.max_connections = 3;
  PostgresCalls calls(patient_url_, options);
  HoldSaves();
  std::vector<Answer> saves;
  for (int i = 0; i < 20; ++i) {
    saves.push_back(StartSave(&calls, absl::StrCat("tenants/acme/icps/i", i)));
  }
  ASSERT_TRUE(WaitFor([&] { return ServerConnections("active") == 3; }));
  ASSERT_TRUE(WaitFor([&] { return calls.Stats().waiting == 17; }));
  EXPECT_EQ(calls.Stats().connections, 3);
  EXPECT_EQ(calls.Stats().connecting, 0);
  Let();
  for (Answer& save : saves) EXPECT_TRUE(save.get().ok());
  EXPECT_EQ(calls.Stats().connected, 3);
  EXPECT_EQ(calls.ReadChanges(-1)->sequence, 20);
}

TEST_F(PostgresFaultsTest, WaitingIsBoundedInNumberAndTime) {
  PostgresPoolOptions options;
  options.max_connections = 1;
  options.max_waiting = 2;
  PostgresCalls calls(patient_url_, options);
  HoldSaves();
  Answer save = StartSave(&calls);
  ASSERT_TRUE(WaitFor([&] { return ServerConnections("active") == 1; }));
  std::promise<absl::Status> waited[2];
  for (std::promise<absl::Status>& answer : waited) {
    calls.store()->ReadCurrent(
        kName, 0, absl::Now() + absl::Seconds(5),
        [&answer](absl::StatusOr<CurrentRead> read) { answer.set_value(read.status()); });
  }
  const absl::Status refused = calls.ReadCurrent(kName).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_EQ(calls.Stats().refused, 1);
  for (std::promise<absl::Status>& answer : waited) {
    const absl::Status status = answer.get_future().get();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("no connection was free in time"));
  }
  Let();
  EXPECT_TRUE(save.get().ok());
}

TEST_F(PostgresFaultsTest, UnusedConnectionsAreClosedButOne) {
  PostgresPoolOptions options;
  options.idle_timeout = absl::Milliseconds(50);
  PostgresCalls calls(patient_url_, options);
  HoldSaves();
  std::vector<Answer> saves;
  for (int i = 0; i < 5; ++i) {
    saves.push_back(StartSave(&calls, absl::StrCat("tenants/acme/icps/i", i)));
  }
  ASSERT_TRUE(WaitFor([&] { return ServerConnections("active") == 5; }));
  Let();
  for (Answer& save : saves) EXPECT_TRUE(save.get().ok());
  EXPECT_TRUE(WaitFor([&] { return ServerConnections() == 1; }));
  EXPECT_EQ(calls.Stats().connections, 1);
  EXPECT_TRUE(calls.Save(kName, "x").ok());
  EXPECT_EQ(calls.Stats().lost_connections, 0);
}

TEST_F(PostgresFaultsTest, WhatIsUnderWayIsGivenUpAtTheEnd) {
  auto calls = std::make_unique<PostgresCalls>(patient_url_);
  HoldReads();
  int given_up = 0;
  for (int i = 0; i < 20; ++i) {
    calls->store()->ReadCurrent(kName, 0, calls->Deadline(),
                                [&given_up](absl::StatusOr<CurrentRead> read) {
                                  if (absl::IsUnavailable(read.status())) ++given_up;
                                });
  }
  ASSERT_TRUE(WaitFor([&] { return ServerConnections("active") == 8; }));
  calls.reset();
  EXPECT_EQ(given_up, 20);
  Let();
}

TEST_F(PostgresFaultsTest, AStoreThatNobodyAskedEndsAtOnce) { PostgresCalls calls(url_); }

TEST(PostgresFewConnectionsTest, WhatTheServerGrantsWillDo) {
  // Two for others than superusers.
  PostgresServer server({"max_connections=5", "superuser_reserved_connections=3"});
  const std::string url = NewMigratedDatabase(server);
  PostgresCalls calls(url);
  ASSERT_TRUE(calls.Save(kName, "x").ok());
  std::vector<std::future<absl::Status>> reads;
  for (int i = 0; i < 50; ++i) {
    reads.push_back(
        std::async(std::launch::async, [&calls] { return calls.ReadCurrent(kName).status(); }));
  }
  for (std::future<absl::Status>& read : reads) {
    const absl::Status status = read.get();
    EXPECT_TRUE(status.ok()) << status;
  }
}

}  // namespace
}  // namespace bantam
