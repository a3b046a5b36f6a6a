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

// The number of the revision that is in force, by the history. 0: none is.
int64_t CurrentNumber(const Replica& replica, const std::string& name) {
  v1::ListIcpRevisionsRequest request;
  request.set_name(name);
  v1::ListIcpRevisionsResponse response;
  grpc::ClientContext context;
  const grpc::Status status = replica.catalog()->ListIcpRevisions(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  for (const v1::IcpRevisionSummary& revision : response.revisions()) {
    if (revision.current()) return revision.number();
  }
  return 0;
}

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
  EXPECT_EQ(CurrentNumber(*replica, name), 1);
  ASSERT_TRUE(replica->Save(VersionedIcp(name, 2)).ok());
  EXPECT_TRUE(WaitUntil([&] { return replica->IsServing("bantam.icps"); })) << replica->LogEnd();
  EXPECT_EQ(CurrentNumber(*replica, name), 3);
}

TEST_F(RefusalTest, ATenantWithMoreIcpsThanAllowedIsNotEvaluatedAsAWhole) {
  const std::unique_ptr<Replica> replica = cluster_.NewServingReplica({"--max_tenant_icps=1"});
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(replica->Save(VersionedIcp(VersionedName("a", "icp", i), 1)).ok());
  }
  v1::ScoreRequest request = VersionRequest(VersionedName("a", "icp", 0));
  request.mutable_settings()->clear_icps();
  request.mutable_settings()->set_all_icps_of("tenants/a");
  v1::ScoreResponse answer;
  const grpc::Status status = replica->Score(request, &answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("tenants/a has 2 ICPs"));
}

TEST_F(RefusalTest, ABadTextThatWasSavedByHandCanBeReadAndMended) {
  const std::string name = VersionedName("a", "icp", 0);
  const std::unique_ptr<Replica> replica = cluster_.NewServingReplica();
  ASSERT_TRUE(replica->Save(VersionedIcp(name, 1)).ok());
  Run(absl::StrCat("SELECT * FROM bantam.save('", name, "', '# Mine.\noops: 1')"));
  v1::GetIcpRequest request;
  request.set_name(name);
  request.set_number(2);
  v1::GetIcpResponse bad;
  const grpc::Status status = replica->Get(request, &bad);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(bad.icp().yaml(), "# Mine.\noops: 1");
  ASSERT_GT(bad.icp().errors_size(), 0);
  EXPECT_THAT(bad.icp().errors(0).rendered(), HasSubstr("unknown key 'oops'"));
  v1::SaveIcpResponse saved;
  ASSERT_TRUE(replica->Save(VersionedIcp(name, 2), bad.icp().etag(), &saved).ok());
  EXPECT_EQ(saved.icp().number(), 3);
  EXPECT_EQ(CurrentNumber(*replica, name), 3);
}

}  // namespace
}  // namespace bantam
