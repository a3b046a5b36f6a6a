// Replicas that are restarted in turn, as a rollout does it, while callers go on calling: no call
// may fail. The callers' settings are those that k8s/README.md recommends
// (k8s/service_config.json).
#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/loopback_client.h"
#include "tests/integration/production/fixed_port_server.h"
#include "tests/servers/guarded_process.h"

namespace bantam {
namespace {

constexpr int kRestarts = 10;  // In all, in turn.

std::string ReadProjectFile(const std::string& path) {
  std::ifstream file(absl::StrCat(BANTAM_SOURCE_DIR "/", path));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The documented settings of clients. One that goes round the replicas asks each for its health,
// and so leaves one that drains before it hangs up; behind a proxy, which chooses, it does neither.
std::string ServiceConfig(bool behind_proxy) {
  google::protobuf::Struct config;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      ReadProjectFile("k8s/service_config.json"), &config);
  EXPECT_TRUE(parsed.ok()) << parsed.ToString();
  if (behind_proxy) {
    EXPECT_EQ(config.mutable_fields()->erase("loadBalancingConfig"), 1);
    EXPECT_EQ(config.mutable_fields()->erase("healthCheckConfig"), 1);
  }
  std::string text;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(config, &text).ok());
  return text;
}

// Calls from several threads until it ends.
class Callers {
 public:
  Callers(const std::string& target, const std::string& service_config, int channels,
          int threads_per_channel) {
    for (int i = 0; i < channels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetServiceConfigJSON(service_config);
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      const auto channel =
          grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
      for (int j = 0; j < threads_per_channel; ++j) {
        threads_.emplace_back([this, channel, streams = j == 0] { Call(channel, streams); });
      }
    }
  }

  ~Callers() { Stop(); }

  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // Waits until that many further calls have ended.
  bool WaitForCalls(int64_t count) const {
    const int64_t wanted = ok_ + count;
    return WaitUntil([&] { return ok_ >= wanted || failures_ > 0; });
  }

  int64_t ok() const { return ok_; }
  int64_t failures() const { return failures_; }
  std::string first_failure() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return first_failure_;
  }

 private:
  void Call(const std::shared_ptr<grpc::Channel>& channel, bool streams) {
    const auto stub = v1::QualificationService::NewStub(channel);
    while (!stopping_) {
      const grpc::Status status = streams ? Stream(stub.get()) : Qualify(stub.get());
      if (status.ok()) {
        ++ok_;
        continue;
      }
      ++failures_;
      std::lock_guard<std::mutex> lock(mutex_);
      if (first_failure_.empty()) {
        first_failure_ = absl::StrCat(streams ? "stream: " : "call: ", status.error_code(), ": ",
                                      status.error_message());
      }
    }
  }

  static grpc::Status Qualify(v1::QualificationService::Stub* stub) {
    v1::QualifyRequest request;
    request.mutable_lead()->mutable_company()->set_employee_count(120);
    request.mutable_settings()->add_icps()->set_name("tenants/a/icps/b");
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::QualifyResponse response;
    const grpc::Status status = stub->Qualify(&context, request, &response);
    if (status.ok() && !response.has_evaluation()) {
      return grpc::Status(grpc::StatusCode::INTERNAL, "an answer without an evaluation");
    }
    return status;
  }

  // A short stream. It is not retried once it has been answered, so the drain must let it end.
  static grpc::Status Stream(v1::QualificationService::Stub* stub) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    const auto stream = stub->BulkEvaluate(&context);
    v1::BulkEvaluateRequest request;
    request.mutable_start()->set_operation(v1::BULK_OPERATION_SCORE);
    request.mutable_start()->mutable_settings()->add_icps()->set_name("tenants/a/icps/b");
    stream->Write(request);
    for (int chunk = 0; chunk < 3; ++chunk) {
      request.mutable_chunk()->Clear();
      request.mutable_chunk()->set_number(chunk);
      request.mutable_chunk()->add_leads();
      stream->Write(request);
    }
    stream->WritesDone();
    v1::BulkEvaluateResponse response;
    int answers = 0;
    while (stream->Read(&response)) ++answers;
    const grpc::Status status = stream->Finish();
    if (status.ok() && answers != 3) {
      return grpc::Status(grpc::StatusCode::INTERNAL, absl::StrCat(answers, " of 3 answers"));
    }
    return status;
  }

  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> ok_{0}, failures_{0};
  mutable std::mutex mutex_;
  std::string first_failure_;
};

class RollingRestartTest : public ::testing::Test {
 protected:
  // The drain settings that k8s/README.md documents, made short: longer than it takes until nobody
  // sends any more, which here is the proxy's check interval.
  RollingRestartTest() {
    icps_.Write("a.yaml", "name: tenants/a/icps/b\n");
    for (int i = 0; i < 2; ++i) {
      servers_.push_back(std::make_unique<FixedPortServer>(
          icps_.path(), std::vector<std::string>{"--drain_delay_seconds=1", "--drain_seconds=20"}));
    }
  }

  void RestartInTurn(const std::string& target, bool behind_proxy) {
    Callers callers(target, ServiceConfig(behind_proxy), /*channels=*/4, /*threads_per_channel=*/4);
    ASSERT_TRUE(callers.WaitForCalls(500));
    // Both get calls.
    for (const auto& server : servers_) {
      EXPECT_TRUE(WaitUntil([&] { return server->Metric("grpc_server_handled_total") > 50; }))
          << server->port();
    }
    for (int i = 0; i < kRestarts && callers.failures() == 0; ++i) {
      FixedPortServer& server = *servers_[i % servers_.size()];
      server.Restart();
      // The next one only when this one has its part of the calls again.
      EXPECT_TRUE(WaitUntil([&] { return server.Metric("grpc_server_handled_total") > 50; }));
    }
    callers.Stop();
    EXPECT_EQ(callers.failures(), 0) << callers.first_failure();
    std::printf("figure: %d restarts: %lld calls, %lld failed\n", kRestarts,
                static_cast<long long>(callers.ok()), static_cast<long long>(callers.failures()));
  }

  const TemporaryFolder icps_;
  std::vector<std::unique_ptr<FixedPortServer>> servers_;
};

TEST_F(RollingRestartTest, ClientsThatGoRoundTheReplicasNoticeNothing) {
  RestartInTurn(
      absl::StrCat("ipv4:127.0.0.1:", servers_[0]->port(), ",127.0.0.1:", servers_[1]->port()),
      /*behind_proxy=*/false);
}

TEST_F(RollingRestartTest, ClientsBehindHaproxyNoticeNothing) {
  const std::string configuration = ReadProjectFile("k8s/haproxy.cfg");
  GuardedProcess haproxy("haproxy", "KILL");
  haproxy.Start(
      [&](int port) -> std::vector<std::string> {
        // The documented configuration, with the addresses of this test.
        const std::string replaced = absl::StrReplaceAll(
            configuration,
            {{"bind :7770", absl::StrCat("bind 127.0.0.1:", port)},
             {"bantam-0.bantam-headless:7770", absl::StrCat("127.0.0.1:", servers_[0]->port())},
             {"bantam-1.bantam-headless:7770", absl::StrCat("127.0.0.1:", servers_[1]->port())},
             {"port 7771 # 0", absl::StrCat("port ", servers_[0]->admin_port())},
             {"port 7771 # 1", absl::StrCat("port ", servers_[1]->admin_port())}});
        const std::string path = haproxy.folder() + "/haproxy.cfg";
        std::ofstream(path) << replaced;
        return {"haproxy", "-db", "-f", path};
      },
      [](int port) { return CanConnect(port); });
  RestartInTurn(absl::StrCat("ipv4:127.0.0.1:", haproxy.port()), /*behind_proxy=*/true);
}

}  // namespace
}  // namespace bantam
