// The database can be reached, but refuses what it is asked, or gives what is no good.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/stores/cluster.h"
#include "tests/integration/stores/versions.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

class RefusalTest : public ::testing::Test {
 protected:
  // Runs SQL as the role that the replicas use, to which the tables belong.
  void Run(const std::string& sql) { cluster_.postgres().Query(cluster_.database(), sql); }

  Cluster cluster_;
};

TEST_F(RefusalTest, RightsThatAreTakenAwayMakeTheDatabaseCountAsDown) {
  const std::string name = VersionedName("a", "icp", 0);
  const std::unique_ptr<Replica> replica = cluster_.NewServingReplica();
  ASSERT_TRUE(replica->Save(VersionedIcp(name, 1)).ok());
  ASSERT_TRUE(WaitUntil([&] { return replica->IsServing("bantam.source"); }));
  Run("REVOKE SELECT ON ALL TABLES IN SCHEMA bantam FROM CURRENT_USER");
  EXPECT_TRUE(WaitUntil([&] { return !replica->IsServing("bantam.source"); }));
  EXPECT_TRUE(replica->process().WaitForError("refused what it was asked")) << replica->LogEnd();
  EXPECT_THAT(replica->process().errors(), HasSubstr("permission denied for"));
  v1::ScoreResponse answer;
  EXPECT_TRUE(replica->Score(VersionRequest(name), &answer).ok());
  EXPECT_EQ(VersionOf(answer), 1);
  EXPECT_TRUE(replica->IsServing());
  Run("GRANT SELECT ON ALL TABLES IN SCHEMA bantam TO CURRENT_USER");
  EXPECT_TRUE(WaitUntil([&] { return replica->IsServing("bantam.source"); })) << replica->LogEnd();
  EXPECT_TRUE(replica->Save(VersionedIcp(name, 2)).ok());
}

// The server refuses what the database gives: an earlier revision serves.
TEST_F(RefusalTest, HealthShowsABadTextThatWasSavedByHand) {
  const std::string name = VersionedName("a", "icp", 0);
  const std::unique_ptr<Replica> replica = cluster_.NewServingReplica();
  ASSERT_TRUE(replica->Save(VersionedIcp(name, 1)).ok());
  EXPECT_TRUE(WaitUntil([&] { return replica->IsServing("bantam.icps"); }));
  Run(absl::StrCat("SELECT * FROM bantam.save('", name, "', 'oops: 1')"));
  v1::ScoreResponse answer;
  EXPECT_TRUE(WaitUntil([&] {
    return replica->Score(VersionRequest(name), &answer).ok() && !replica->IsServing("bantam.icps");
  })) << replica->LogEnd();
  EXPECT_EQ(VersionOf(answer), 1);
  EXPECT_TRUE(replica->IsServing());
  ASSERT_TRUE(replica->Save(VersionedIcp(name, 2)).ok());
  EXPECT_TRUE(WaitUntil([&] { return replica->IsServing("bantam.icps"); })) << replica->LogEnd();
}

}  // namespace
}  // namespace bantam
