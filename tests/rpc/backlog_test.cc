#include "server/rpc/backlog.h"

#include "gtest/gtest.h"
#include "server/rpc/lane.h"

namespace bantam {
namespace {

class Nothing final : public Tag {
 public:
  void Run(bool /*ok*/) override {}
};

class BacklogTest : public ::testing::Test {
 protected:
  static Backlog::Instant At(int ms) { return Backlog::Instant() + std::chrono::milliseconds(ms); }

  Backlog backlog_{absl::Milliseconds(50)};
  Nothing work_[4];
};

TEST_F(BacklogTest, WorkIsDoneInTheOrderInWhichItCame) {
  EXPECT_TRUE(backlog_.empty());
  for (Nothing& work : work_) EXPECT_TRUE(backlog_.Push(&work, At(0)));
  EXPECT_FALSE(backlog_.empty());
  for (Nothing& work : work_) EXPECT_EQ(backlog_.Pop(), &work);
  EXPECT_TRUE(backlog_.empty());
  EXPECT_EQ(backlog_.Pop(), nullptr);
}

TEST_F(BacklogTest, WhatWouldWaitTooLongIsRefused) {
  EXPECT_TRUE(backlog_.Push(&work_[0], At(0)));
  EXPECT_TRUE(backlog_.Push(&work_[1], At(50)));
  EXPECT_FALSE(backlog_.Push(&work_[2], At(51)));
  EXPECT_EQ(backlog_.Pop(), &work_[0]);
  EXPECT_EQ(backlog_.Pop(), &work_[1]);
  EXPECT_TRUE(backlog_.empty());
}

TEST_F(BacklogTest, UnderStandingOverloadWhatIsAdmittedWaitsLittle) {
  EXPECT_TRUE(backlog_.Push(&work_[0], At(0)));
  EXPECT_FALSE(backlog_.Push(&work_[1], At(51)));
  backlog_.Pop();
  // For a second, and again for one from each refusal on.
  for (const int ms : {1000, 1900, 2800}) {
    EXPECT_TRUE(backlog_.Push(&work_[0], At(ms)));
    EXPECT_TRUE(backlog_.Push(&work_[1], At(ms + 5)));
    EXPECT_FALSE(backlog_.Push(&work_[2], At(ms + 6)));
    backlog_.Pop();
    backlog_.Pop();
  }
  EXPECT_TRUE(backlog_.Push(&work_[0], At(3900)));
  EXPECT_TRUE(backlog_.Push(&work_[1], At(3940)));
}

}  // namespace
}  // namespace bantam
