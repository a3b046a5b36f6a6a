#include "server/catalog/part_health.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "server/catalog/loader_threads.h"

namespace bantam {
namespace {

class PartHealthTest : public ::testing::Test {
 protected:
  using Done = PartHealth::Done<int>;

  // What a call answers that succeeds at once.
  absl::StatusOr<int> Ask() {
    absl::StatusOr<int> answer = absl::UnknownError("no answer");
    health_.Ask<int>([&](absl::StatusOr<int> result) { answer = result; },
                     [this](Done done) {
                       ++calls_;
                       done(7);
                     });
    return answer;
  }

  LoaderThreads threads_{1};
  CatalogEvents events_{[](const CatalogEvent&) {}, &threads_};
  PartHealth health_{"the store", CatalogEvent::Kind::kStoreDown, CatalogEvent::Kind::kStoreUp,
                     CircuitBreakerOptions(), &events_};
  int calls_ = 0;
};

TEST_F(PartHealthTest, AskedWhatItAnswers) {
  EXPECT_FALSE(health_.answered());
  EXPECT_EQ(*Ask(), 7);
  EXPECT_TRUE(health_.answered());
}

// What is run late, as the catalog ends, must find nobody who would answer later still.
TEST_F(PartHealthTest, NotAskedAnyMoreOnceItIsClosed) {
  health_.Close();
  const absl::Status status = Ask().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(status.message(), "the store is not asked any more");
  absl::Status anyway;
  health_.AskAnyway<int>([&](const absl::StatusOr<int>& result) { anyway = result.status(); },
                         [this](const Done&) { ++calls_; });
  EXPECT_TRUE(absl::IsUnavailable(anyway)) << anyway;
  EXPECT_EQ(calls_, 0);
  EXPECT_EQ(health_.failures(), 0) << "it did not fail";
}

// A call that is under way may lead to another one.
TEST_F(PartHealthTest, ClosingWaitsForWhatIsUnderWay) {
  Done under_way;
  bool answered = false;
  health_.Ask<int>([&](const absl::StatusOr<int>&) { answered = true; },
                   [&](Done done) { under_way = std::move(done); });
  // The call is over when its `done` is gone, too.
  threads_.Post([done = std::move(under_way)]() mutable { done(7); });
  health_.Close();
  EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace bantam
