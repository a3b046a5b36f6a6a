// When a catalog's store counts as working, and what operators are told.
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kYaml[] = "name: tenants/acme/icps/software\ntitle: Two\n";

class HealthTest : public LoadingCatalogTest {
 protected:
  // Waits until the replica has polled in vain this often from now on.
  static bool WaitForFailedPolls(Replica& replica, int64_t count) {
    const int64_t end = replica->Stats().poll_failures + count;
    return WaitUntil([&replica, end] { return replica->Stats().poll_failures >= end; });
  }
};

// Errors by which a store refuses what it is asked, though it can be reached.
class RefusalTest : public HealthTest, public ::testing::WithParamInterface<absl::StatusCode> {};

TEST_P(RefusalTest, StoreThatRefusesIsDownAndSaysWhyOnce) {
  options_.poll_interval = absl::Milliseconds(2);
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  revisions_->SetFailure(absl::Status(GetParam(), "permission denied for table icps"));
  ASSERT_TRUE(WaitUntil([&] { return !(*replica)->Stats().store_up; }));
  ASSERT_TRUE(WaitForFailedPolls(*replica, 20));
  EXPECT_TRUE((*replica)->Stats().store_breaker_open);
  EXPECT_THAT((*replica)->Stats().degraded,
              ElementsAre(AllOf(HasSubstr("database"), HasSubstr("permission denied for table"))));
  EXPECT_EQ(replica->Title(kName), "One");
  Put(kName, "Two");
  revisions_->SetFailure(absl::OkStatus());
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
  EXPECT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kStoreUp) == 1; }));
  EXPECT_EQ(replica->count(CatalogEvent::Kind::kStoreDown), 1);
  ASSERT_EQ(replica->count(CatalogEvent::Kind::kRefused), 1);
  const CatalogEvent refused = replica->First(CatalogEvent::Kind::kRefused);
  EXPECT_EQ(refused.part, "the database of the ICPs");
  EXPECT_EQ(refused.cause.message(), "permission denied for table icps");
}

TEST_P(RefusalTest, WhatIsRefusedIsToldAtTheFirstTimeAndEachReasonAnew) {
  const auto replica = OpenWithoutCache();
  for (const char* reason : {"no right", "no right", "no table"}) {
    revisions_->SetFailure(absl::Status(GetParam(), reason));
    EXPECT_TRUE(absl::IsUnavailable(replica->Get(kName).status()));
  }
  EXPECT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kRefused) == 2; }));
  EXPECT_EQ(replica->count(CatalogEvent::Kind::kStoreDown), 0);
}

INSTANTIATE_TEST_SUITE_P(Codes, RefusalTest,
                         ::testing::Values(absl::StatusCode::kFailedPrecondition,
                                           absl::StatusCode::kInternal),
                         [](const auto& info) {
                           return info.param == absl::StatusCode::kInternal ? "Internal"
                                                                            : "FailedPrecondition";
                         });

TEST_F(HealthTest, StoreThatHasTooMuchToDoIsNeitherDownNorUpAgain) {
  options_.poll_interval = absl::Milliseconds(2);
  const auto replica = OpenWithoutCache();
  const absl::Status busy = absl::ResourceExhaustedError("no connection was free");
  revisions_->SetFailure(busy);
  ASSERT_TRUE(WaitForFailedPolls(*replica, 20));
  EXPECT_TRUE((*replica)->Stats().store_up);
  revisions_->SetFailure(absl::UnavailableError("connection refused"));
  ASSERT_TRUE(WaitUntil([&] { return !(*replica)->Stats().store_up; }));
  revisions_->SetFailure(busy);
  ASSERT_TRUE(WaitForFailedPolls(*replica, 20));
  EXPECT_FALSE((*replica)->Stats().store_up);
}

TEST_F(HealthTest, StoreThatMayOnlyBeReadIsUpHoweverOftenSomebodySaves) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  revisions_->SetFailure(absl::PermissionDeniedError("permission denied for function save"));
  for (int i = 0; i < 20; ++i) {
    const absl::Status status = replica->Save(kYaml, "*").status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("nothing was changed"));
  }
  EXPECT_TRUE((*replica)->Stats().store_up);
  revisions_->SetFailure(absl::OkStatus());
  EXPECT_EQ(replica->Title(kName), "One");
}

TEST_F(HealthTest, StoreThatNeverAnsweredIsNotUpThoughItsBreakerIsClosed) {
  // Two failures open no breaker: a second poll comes when the cache is listened to.
  options_.poll_interval = absl::Hours(1);
  revisions_->SetFailure(absl::UnavailableError("connection refused"));
  const auto replica = Open();
  ASSERT_GE((*replica)->Stats().poll_failures, 1);
  EXPECT_FALSE((*replica)->Stats().store_up);
  EXPECT_FALSE((*replica)->Stats().store_breaker_open);
  EXPECT_FALSE((*replica)->Stats().cache_breaker_open);
}

}  // namespace
}  // namespace bantam
