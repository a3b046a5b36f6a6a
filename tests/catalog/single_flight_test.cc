#include "server/catalog/single_flight.h"

#include <vector>

#include "gtest/gtest.h"

namespace bantam {
namespace {

constexpr char kKey[] = "tenants/acme/icps/software";

class SingleFlightTest : public ::testing::Test {
 protected:
  void Join() {
    flights_.Join(kKey, Demand(), [this](const absl::StatusOr<HeldEntryPtr>&) { ++answered_; });
  }
  void Finish(const SingleFlight::FlightPtr& flight) {
    flights_.Finish(flight, absl::UnavailableError("down"), [] {});
  }

  int answered_ = 0;
  std::vector<SingleFlight::FlightPtr> begun_;
  SingleFlight flights_{
      {/*max_running=*/10, /*max_waiting=*/10, absl::Minutes(1)},
      [this](const SingleFlight::FlightPtr& flight) { begun_.push_back(flight); }};
};

TEST_F(SingleFlightTest, OneLoadIsForAllWhoCameBeforeItEnded) {
  Join();
  flights_.BeginStoreRead(begun_[0]);
  Join();
  Finish(begun_[0]);
  EXPECT_EQ(answered_, 2);
  EXPECT_EQ(begun_.size(), 1);
}

// What it has found may have been replaced, and what replaced it answered and evicted, before who
// comes now has asked.
TEST_F(SingleFlightTest, WhoComesWhenTheResultIsAboutToBeHeldWaitsForTheNextLoad) {
  Join();
  flights_.BeginStoreRead(begun_[0]);
  flights_.Close(begun_[0]);
  Join();
  EXPECT_EQ(begun_.size(), 1) << "one at a time";
  Finish(begun_[0]);
  EXPECT_EQ(answered_, 1);
  ASSERT_EQ(begun_.size(), 2);
  Finish(begun_[1]);
  EXPECT_EQ(answered_, 2);
}

TEST_F(SingleFlightTest, LoadThatAsksTheStoreAgainCanBeJoinedAgain) {
  Join();
  flights_.BeginStoreRead(begun_[0]);
  flights_.Close(begun_[0]);
  flights_.BeginStoreRead(begun_[0]);
  Join();
  Finish(begun_[0]);
  EXPECT_EQ(answered_, 2);
  EXPECT_EQ(begun_.size(), 1);
}

}  // namespace
}  // namespace bantam
