// Starting while stores are down, empty or not set up, and the worked example.
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/definition/yaml.h"
#include "tests/integration/stores/cluster.h"
#include "tests/integration/stores/versions.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string ReadTextFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

grpc::Status Score(const Replica& replica, const std::string& name, int* version) {
  v1::ScoreResponse answer;
  const grpc::Status status = replica.Score(VersionRequest(name), &answer);
  *version = status.ok() ? VersionOf(answer) : 0;
  return status;
}

class StartTest : public ::testing::Test {
 protected:
  // Saves some ICPs and reads them, so that Redis holds them and knows which are used.
  void Fill() {
    // What is written while Redis is away is lost, and a slow machine is soon taken for that.
    const std::unique_ptr<Replica> replica = cluster_.NewServingReplica({kPatientWithRedis});
    EXPECT_TRUE(WaitUntil([this] { return IsConnectedToRedis(); }));
    for (int i = 0; i < kIcps; ++i) {
      ASSERT_TRUE(replica->Save(VersionedIcp(VersionedName("a", "icp", i), i + 1)).ok());
      int version = 0;
      ASSERT_TRUE(Score(*replica, VersionedName("a", "icp", i), &version).ok());
    }
    EXPECT_TRUE(WaitUntil([this] { return RedisKnowsUses(); }));
  }

  bool RedisKnowsUses() { return cluster_.redis().Run({"EXISTS", "bantam:1:u"}) == "1"; }

  // One connection each for reads, for writes and for changes; and this one.
  bool IsConnectedToRedis() {
    const std::string clients = cluster_.redis().Run({"CLIENT", "LIST"});
    return std::count(clients.begin(), clients.end(), '\n') >= 4;
  }

  static constexpr char kPatientWithRedis[] = "--redis_timeout_ms=1000";
  static constexpr int kIcps = 20;
  Cluster cluster_;
};

TEST_F(StartTest, ServesFromRedisWhilePostgresIsDown) {
  Fill();
  cluster_.postgres().Kill();
  // On a busy machine Redis may be slow, and there is nothing else to go to.
  const std::unique_ptr<Replica> replica = cluster_.NewServingReplica({kPatientWithRedis});
  for (int i = 0; i < kIcps; ++i) {
    int version = 0;
    const grpc::Status status = Score(*replica, VersionedName("a", "icp", i), &version);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(version, i + 1);
  }
  // What Redis does not hold is not said to be absent.
  int version = 0;
  EXPECT_EQ(Score(*replica, VersionedName("a", "icp", kIcps), &version).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(replica->Save(VersionedIcp(VersionedName("a", "icp", 1), 1000)).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  cluster_.postgres().Start();
  EXPECT_TRUE(WaitUntil([&] {
    return Score(*replica, VersionedName("a", "icp", kIcps), &version).error_code() ==
           grpc::StatusCode::NOT_FOUND;
  }));
  EXPECT_TRUE(replica->Save(VersionedIcp(VersionedName("a", "icp", 1), 1000)).ok());
}

TEST_F(StartTest, IsNotReadyWhileBothAreDownAndReadyWhenPostgresComes) {
  Fill();
  cluster_.postgres().Kill();
  cluster_.redis().Kill();
  const std::unique_ptr<Replica> replica = cluster_.NewReplica({"--preload_seconds=1"});
  EXPECT_TRUE(replica->process().WaitForError("cannot be reached")) << replica->LogEnd();
  EXPECT_FALSE(replica->IsServing());
  int version = 0;
  EXPECT_EQ(Score(*replica, VersionedName("a", "icp", 1), &version).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  cluster_.postgres().Start();
  EXPECT_TRUE(replica->WaitUntilServing()) << replica->LogEnd();
  EXPECT_TRUE(Score(*replica, VersionedName("a", "icp", 1), &version).ok());
  EXPECT_EQ(version, 2);
}

// What a new replica with a wrong --icp_source sees beside an empty Redis: it must not take the
// place of one that can answer.
TEST_F(StartTest, IsNotReadyWithoutPostgresWhileRedisIsEmpty) {
  cluster_.postgres().Kill();
  const std::unique_ptr<Replica> replica = cluster_.NewReplica({"--preload_seconds=1"});
  EXPECT_TRUE(WaitUntil([&] { return replica->IsServing("bantam.cache"); })) << replica->LogEnd();
  EXPECT_FALSE(replica->IsServing());
  cluster_.postgres().Start();
  EXPECT_TRUE(replica->WaitUntilServing()) << replica->LogEnd();
}

TEST_F(StartTest, EndsAtOnceWhileItWaitsForPostgres) {
  cluster_.postgres().Kill();
  ServerProcess server({"--listen=127.0.0.1:0", "--preload_seconds=600",
                        absl::StrCat("--icp_source=", cluster_.database())});
  ASSERT_TRUE(server.WaitForError("cannot be reached")) << server.errors();
  server.Signal(SIGTERM);
  EXPECT_EQ(server.WaitForExit(), 0);
  EXPECT_THAT(server.errors(), Not(HasSubstr("serving")));
}

TEST_F(StartTest, IsReadyWhenRedisComesFirst) {
  Fill();
  cluster_.postgres().Kill();
  cluster_.redis().Pause();
  const std::unique_ptr<Replica> replica = cluster_.NewReplica({"--preload_seconds=1"});
  EXPECT_TRUE(replica->process().WaitForError("cannot be reached")) << replica->LogEnd();
  EXPECT_FALSE(replica->IsServing());
  cluster_.redis().Continue();
  EXPECT_TRUE(replica->WaitUntilServing()) << replica->LogEnd();
}

TEST_F(StartTest, DoesNotNeedRedisToBeReady) {
  Fill();
  cluster_.redis().Kill();
  const std::unique_ptr<Replica> replica = cluster_.NewServingReplica();
  int version = 0;
  EXPECT_TRUE(Score(*replica, VersionedName("a", "icp", 1), &version).ok());
  EXPECT_EQ(version, 2);
}

TEST_F(StartTest, PreloadsWhatWasUsedBeforeItIsReady) {
  Fill();
  const std::unique_ptr<Replica> replica =
      cluster_.NewServingReplica({"--preload=all", "--preload_seconds=600"});
  // From now on nothing can be loaded.
  cluster_.postgres().Kill();
  cluster_.redis().Kill();
  for (int i = 0; i < kIcps; ++i) {
    int version = 0;
    const grpc::Status status = Score(*replica, VersionedName("a", "icp", i), &version);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(version, i + 1);
  }
}

TEST(StartWithoutSchemaTest, EndsAndNamesTheCommandThatSetsUpTheDatabase) {
  const std::string database = PostgresServer::Shared().NewDatabase();
  ServerProcess server({"--listen=127.0.0.1:0", absl::StrCat("--icp_source=", database)});
  EXPECT_EQ(server.WaitForExit(), 1);
  EXPECT_THAT(server.errors(), HasSubstr("bantamd migrate --icp_source="));
  EXPECT_THAT(server.errors(), Not(HasSubstr(PostgresServer::kPassword)));
  // It did not help itself.
  EXPECT_EQ(PostgresServer::Shared().Query(
                database,
                "SELECT count(*) FROM information_schema.tables "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"),
            PostgresServer::Rows({{"0"}}));
}

TEST(MigrateTest, CanBeRepeatedAndShowsNoPassword) {
  PostgresServer& postgres = PostgresServer::Shared();
  const std::string database = postgres.NewDatabase();
  for (int i = 0; i < 2; ++i) {
    const std::unique_ptr<ServerProcess> migration = Migrate(database);
    EXPECT_EQ(migration->WaitForExit(), 0) << migration->errors();
    EXPECT_THAT(migration->errors() + migration->output(),
                Not(HasSubstr(PostgresServer::kPassword)));
  }
  const std::unique_ptr<ServerProcess> refused =
      Migrate(PostgresServer::WithWrongPassword(database));
  EXPECT_EQ(refused->WaitForExit(), 1);
  EXPECT_THAT(refused->errors(), HasSubstr("password"));
  EXPECT_THAT(refused->errors() + refused->output(), Not(HasSubstr("wrong4712")));
}

TEST(WorkedExampleTest, HoldsWithADatabase) {
  const Cluster cluster;
  const std::unique_ptr<Replica> replicas[] = {cluster.NewServingReplica(),
                                               cluster.NewServingReplica()};
  const std::string folder = BANTAM_TESTDATA_DIR "/worked_example/";
  const std::string yaml = ReadTextFile(folder + "icp.yaml");
  ASSERT_TRUE(replicas[0]->Save(yaml).ok());
  v1::AdvanceRequest request;
  EXPECT_TRUE(
      ParseYaml(ReadTextFile(folder + "lead.yaml"), "lead.yaml", request.mutable_lead(), nullptr)
          .empty());
  const std::string name = "tenants/example/icps/worked-example";
  request.mutable_settings()->add_icps()->set_name(name);
  request.mutable_settings()->mutable_evaluate_time()->set_seconds(1769817600);  // 2026-01-31
  for (const auto& replica : replicas) {
    v1::AdvanceResponse response;
    grpc::ClientContext context;
    const grpc::Status status = replica->qualification()->Advance(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.evaluation().score().total(), 59);
    EXPECT_EQ(response.evaluation().score().range_max(), 76);
    EXPECT_EQ(response.evaluation().score().label(), "B2");
    EXPECT_EQ(response.evaluation().verdict(), v1::VERDICT_OPEN);
    EXPECT_EQ(response.evaluation().advancement().transition().to_stage(), "mql");
    v1::GetIcpRequest get;
    get.set_name(name);
    v1::GetIcpResponse icp;
    ASSERT_TRUE(replica->Get(get, &icp).ok());
    EXPECT_EQ(icp.icp().yaml(), yaml);  // With its comments.
  }
}

}  // namespace
}  // namespace bantam
