#include "tests/integration/stores/cluster.h"

#include <signal.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/integration/loopback_client.h"

namespace bantam {
namespace {

void SetDeadline(grpc::ClientContext* context) {
  context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
}

}  // namespace

Replica::Replica(const std::vector<std::string>& flags) : flags_(flags) { Start(); }

void Replica::Start() {
  process_ = std::make_unique<ServerProcess>(flags_);
  channel_ = process_->NewChannel();
  target_ = absl::StrCat("127.0.0.1:", process_->WaitForPort());
  catalog_ = v1::IcpCatalogService::NewStub(channel_);
  qualification_ = v1::QualificationService::NewStub(channel_);
}

void Replica::KillAndRestart() {
  process_->Signal(SIGKILL);
  process_->WaitForExit();
  Start();
}

bool Replica::IsServing(const std::string& service) const {
  return bantam::IsServing(channel_, service);
}

double Replica::Metric(const std::string& prefix) const {
  return bantam::Metric(process_->WaitForAdminPort(), prefix);
}

std::string Replica::LogEnd() const {
  constexpr size_t kLines = 40;
  std::vector<std::string> lines = absl::StrSplit(process_->errors(), '\n');
  const auto is_call = [](const std::string& line) {
    return absl::StrContains(line, "call failed");
  };
  lines.erase(std::remove_if(lines.begin(), lines.end(), is_call), lines.end());
  if (lines.size() > kLines) lines.erase(lines.begin(), lines.end() - kLines);
  return absl::StrJoin(lines, "\n");
}

bool Replica::WaitUntilServing() {
  return WaitUntil([this] { return IsServing(); });
}

grpc::Status Replica::Save(const std::string& yaml, const std::string& etag,
                           v1::SaveIcpResponse* response) const {
  v1::SaveIcpRequest request;
  request.set_yaml(yaml);
  request.set_etag(etag);
  grpc::ClientContext context;
  SetDeadline(&context);
  return catalog_->SaveIcp(&context, request, response);
}

grpc::Status Replica::Save(const std::string& yaml) const {
  v1::SaveIcpResponse response;
  return Save(yaml, "*", &response);
}

grpc::Status Replica::Get(const v1::GetIcpRequest& request, v1::GetIcpResponse* response) const {
  grpc::ClientContext context;
  SetDeadline(&context);
  return catalog_->GetIcp(&context, request, response);
}

grpc::Status Replica::Score(const v1::ScoreRequest& request, v1::ScoreResponse* response) const {
  grpc::ClientContext context;
  SetDeadline(&context);
  return qualification_->Score(&context, request, response);
}

std::unique_ptr<ServerProcess> Migrate(const std::string& database) {
  auto process = std::make_unique<ServerProcess>(
      std::vector<std::string>{"migrate", absl::StrCat("--icp_source=", database)});
  process->WaitForExit();
  return process;
}

Cluster::Cluster(std::unique_ptr<RedisServer> redis)
    : database_(postgres_.NewDatabase()), redis_(std::move(redis)) {
  const std::unique_ptr<ServerProcess> migration = Migrate(database_);
  EXPECT_EQ(migration->WaitForExit(), 0) << migration->errors();
}

void Cluster::WriteStraight(const std::string& name, const std::string& yaml) const {
  postgres_.Query(database_, absl::StrCat("SELECT bantam.save($$", name, "$$, $$", yaml, "$$)"));
}

void Cluster::WriteManyStraight(const std::string& name, const std::string& yaml, int count) const {
  postgres_.Query(
      database_,
      absl::StrCat("SELECT count(bantam.save(replace($$", name, "$$, '*', i::text), replace($$",
                   yaml, "$$, '*', i::text))) FROM generate_series(0, ", count - 1, ") AS i"));
}

int64_t Cluster::ChangeCount() const {
  return std::stoll(postgres_.Query(database_, "SELECT sequence FROM bantam.change_counter")[0][0]);
}

std::unique_ptr<Replica> Cluster::NewReplica(const std::vector<std::string>& flags) const {
  // These tests load the machine as far as it goes, and do not want to be told that it is much.
  std::vector<std::string> all = {"--listen=127.0.0.1:0", "--admin_listen=127.0.0.1:0",
                                  "--max_waiting_ms=60000",
                                  absl::StrCat("--icp_source=", database_)};
  const auto is_redis = [](const std::string& flag) { return absl::StartsWith(flag, "--redis="); };
  if (redis_ != nullptr && std::none_of(flags.begin(), flags.end(), is_redis)) {
    all.push_back(absl::StrCat("--redis=", redis_->url()));
  }
  all.insert(all.end(), flags.begin(), flags.end());
  return std::make_unique<Replica>(all);
}

std::unique_ptr<Replica> Cluster::NewServingReplica(const std::vector<std::string>& flags) const {
  std::unique_ptr<Replica> replica = NewReplica(flags);
  EXPECT_TRUE(replica->WaitUntilServing()) << replica->LogEnd();
  return replica;
}

}  // namespace bantam
