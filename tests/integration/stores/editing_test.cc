// Saves through replicas that compete, or die.
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/stores/cluster.h"
#include "tests/integration/stores/versions.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

// No save is to fail because the machine is slow.
constexpr char kPatient[] = "--load_timeout_ms=60000";

v1::GetIcpResponse GetNewest(const Replica& replica, const std::string& name) {
  v1::GetIcpRequest request;
  request.set_name(name);
  request.mutable_max_staleness();  // Zero.
  v1::GetIcpResponse response;
  const grpc::Status status = replica.Get(request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

TEST(EditingTest, OfTwoEditorsWithOneEtagOneWinsAndTheOtherIsToldWhatToDo) {
  const Cluster cluster;
  const std::unique_ptr<Replica> replicas[] = {cluster.NewServingReplica({kPatient}),
                                               cluster.NewServingReplica({kPatient})};
  const std::string name = VersionedName("a", "b", 1);
  ASSERT_TRUE(replicas[0]->Save(VersionedIcp(name, 1)).ok());
  for (int round = 1; round <= 50; ++round) {
    const std::string etag = GetNewest(*replicas[0], name).icp().etag();
    grpc::Status results[2];
    v1::SaveIcpResponse responses[2];
    std::vector<std::thread> editors;
    for (int i = 0; i < 2; ++i) {
      editors.emplace_back([&, i] {
        results[i] = replicas[i]->Save(VersionedIcp(name, 2 * round + i), etag, &responses[i]);
      });
    }
    for (std::thread& editor : editors) editor.join();
    const int loser = results[0].ok() ? 1 : 0;
    ASSERT_TRUE(results[1 - loser].ok()) << results[1 - loser].error_message();
    EXPECT_EQ(results[loser].error_code(), grpc::StatusCode::ABORTED);
    EXPECT_THAT(results[loser].error_message(), HasSubstr("again")) << "That is the advice.";
    // The winner's save stands, everywhere.
    for (const auto& replica : replicas) {
      EXPECT_EQ(GetNewest(*replica, name).icp().etag(), responses[1 - loser].icp().etag());
    }
  }
}

// The text of a revision, as written.
std::string GetText(const Replica& replica, const std::string& name, int64_t number) {
  v1::GetIcpRequest request;
  request.set_name(name);
  request.set_number(number);
  v1::GetIcpResponse response;
  const grpc::Status status = replica.Get(request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.icp().yaml();
}

// Saves new versions of one ICP until it is told to end, whatever happens to the server.
class Editor {
 public:
  Editor(const Replica& replica, std::string name) : replica_(replica), name_(std::move(name)) {}

  // Until a save fails. The version of a save without an answer is saved again: it may have been
  // made or not.
  void Run(std::atomic<int>* saves) {
    while (true) {
      v1::SaveIcpResponse response;
      const std::string text = VersionedIcp(name_, version_);
      if (!replica_.Save(text, "*", &response).ok()) return;
      acknowledged_[response.icp().number()] = response.icp();
      texts_[response.icp().number()] = text;
      ++version_;
      ++*saves;
    }
  }

  const std::string& name() const { return name_; }
  const std::map<int64_t, v1::IcpRevision>& acknowledged() const { return acknowledged_; }

  // What was sent for each of them.
  const std::map<int64_t, std::string>& texts() const { return texts_; }

 private:
  const Replica& replica_;
  const std::string name_;
  int version_ = 1;
  std::map<int64_t, v1::IcpRevision> acknowledged_;
  std::map<int64_t, std::string> texts_;
};

// The whole history of an ICP, newest first.
std::vector<v1::IcpRevisionSummary> History(const Replica& replica, const std::string& name) {
  v1::ListIcpRevisionsRequest request;
  request.set_name(name);
  request.set_page_size(1000);
  v1::ListIcpRevisionsResponse response;
  grpc::ClientContext context;
  const grpc::Status status = replica.catalog()->ListIcpRevisions(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.next_page_token(), "");
  return {response.revisions().begin(), response.revisions().end()};
}

TEST(EditingTest, KillingTheServerLosesNoAcknowledgedRevision) {
  constexpr int kEditors = 6, kKills = 8, kSavesBetween = 100;
  Cluster cluster;
  const std::unique_ptr<Replica> replica = cluster.NewServingReplica({kPatient});
  std::vector<std::unique_ptr<Editor>> editors;
  for (int i = 0; i < kEditors; ++i) {
    editors.push_back(std::make_unique<Editor>(*replica, VersionedName("a", "icp", i)));
  }
  for (int kill = 0; kill < kKills; ++kill) {
    std::atomic<int> saves{0};
    std::vector<std::thread> threads;
    for (const auto& editor : editors) threads.emplace_back([&] { editor->Run(&saves); });
    EXPECT_TRUE(WaitUntil([&] { return saves >= kSavesBetween; }));
    replica->Signal(SIGKILL);
    for (std::thread& thread : threads) thread.join();
    replica->KillAndRestart();
    ASSERT_TRUE(replica->WaitUntilServing()) << replica->LogEnd();
  }
  int64_t records = 0;
  for (const auto& editor : editors) {
    const std::vector<v1::IcpRevisionSummary> history = History(*replica, editor->name());
    const int64_t newest = static_cast<int64_t>(history.size());
    records += newest;
    for (int64_t number = 1; number <= newest; ++number) {
      EXPECT_EQ(history[newest - number].number(), number);  // Without gaps.
    }
    ASSERT_LE(editor->acknowledged().rbegin()->first, newest);
    for (const auto& [number, revision] : editor->acknowledged()) {
      EXPECT_EQ(history[newest - number].revision(), revision.revision());
      EXPECT_EQ(history[newest - number].etag(), revision.etag());
      ASSERT_EQ(GetText(*replica, editor->name(), number), editor->texts().at(number));
    }
    // At most one save for each death was made without an answer.
    EXPECT_LE(newest, static_cast<int64_t>(editor->acknowledged().size()) + kKills);
    EXPECT_EQ(GetNewest(*replica, editor->name()).icp().number(), newest);
    EXPECT_TRUE(history[0].current());
  }
  // Every record was one change, so that no reader of changes waits for one that never comes.
  EXPECT_EQ(cluster.ChangeCount(), records);
}

}  // namespace
}  // namespace bantam
