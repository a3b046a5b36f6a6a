// Which requests go first where all connections are at work.
#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres_store.h"
#include "tests/store/postgres_fixture.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kName[] = "tenants/acme/icps/software";

PostgresPoolOptions OneConnection() {
  PostgresPoolOptions options;
  options.max_connections = 1;
  return options;
}

// A server of its own, on which a transaction can hold what others wait for.
class PostgresPriorityTest : public ::testing::Test {
 protected:
  // A prepared transaction holds its locks without a connection.
  void HoldReads() {
    server_.Query(url_,
                  "BEGIN; LOCK TABLE bantam.icps IN ACCESS EXCLUSIVE MODE; "
                  "PREPARE TRANSACTION 'hold'");
  }
  void Let() { server_.Query(url_, "ROLLBACK PREPARED 'hold'"); }

  bool WaitUntilWaiting(int count) {
    return WaitFor([this, count] { return calls_.Stats().waiting == count; });
  }

  // Asks for what changed, again and again until `stop_`, by callbacks on the loop's thread.
  void KeepPolling() {
    calls_.store()->ReadChanges(-1, calls_.Deadline(), [this](const absl::StatusOr<StoreChanges>&) {
      if (stop_) {
        --polling_;
      } else {
        KeepPolling();
      }
    });
  }

  PostgresServer server_{{"max_prepared_transactions=2"}};
  const std::string url_ = NewMigratedDatabase(server_);
  std::atomic<bool> stop_{false};
  std::atomic<int> polling_{0};
  PostgresCalls calls_{url_ + "?connect_timeout=60&options=-c%20statement_timeout%3D10min",
                       OneConnection()};
};

TEST_F(PostgresPriorityTest, ChangesGoFirstThenWhatIsHeldThenWhatIsNot) {
  ASSERT_TRUE(calls_.Save(kName, "x").ok());
  HoldReads();
  std::vector<std::string> answered;  // Of the loop's thread.
  std::atomic<int> missing{6};
  const auto note = [&answered, &missing](const char* what) {
    return [&answered, &missing, what](const auto& result) {
      answered.push_back(result.ok() ? what : result.status().ToString());
      --missing;
    };
  };
  PostgresStore* const store = calls_.store();
  const absl::Time deadline = calls_.Deadline();
  store->ReadCurrent(kName, 0, deadline, note("held up"));
  store->ReadCurrent(kName, 0, deadline, note("load"));
  store->ReadCurrent(kName, 1, deadline, note("reload"));
  store->Apply(Change(kName, "y"), deadline, note("save"));
  store->ReadChanges(-1, deadline, note("poll"));
  store->ReadPointers({kName}, deadline, note("confirmation"));
  ASSERT_TRUE(WaitUntilWaiting(5));
  Let();
  ASSERT_TRUE(WaitFor([&] { return missing == 0; }));
  EXPECT_THAT(answered, ElementsAre("held up", "save", "poll", "confirmation", "reload", "load"));
}

TEST_F(PostgresPriorityTest, WhoseTurnNeverComesIsToldThatThereIsTooMuchToDo) {
  for (polling_ = 0; polling_ < 4; ++polling_) KeepPolling();
  const absl::Status status =
      Await<CurrentRead>([this](auto done) {
        calls_.store()->ReadCurrent(kName, 0, absl::Now() + absl::Milliseconds(300),
                                    std::move(done));
      }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("no connection was free in time"));
  stop_ = true;
  EXPECT_TRUE(WaitFor([this] { return polling_ == 0; }));
}

}  // namespace
}  // namespace bantam
