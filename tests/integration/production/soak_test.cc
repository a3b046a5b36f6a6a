// Mixed load with reloads for as long as BANTAM_SOAK_SECONDS says (10): memory and descriptors must
// not grow.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/production/fixed_port_server.h"
#include "tests/integration/production/standard.h"

namespace bantam {
namespace {

absl::Duration SoakTime() {
  const char* const given = std::getenv("BANTAM_SOAK_SECONDS");
  int seconds = 10;
  if (given != nullptr && !absl::SimpleAtoi(given, &seconds)) {
    ADD_FAILURE() << "BANTAM_SOAK_SECONDS must be a whole number";
  }
  return absl::Seconds(seconds);
}

class SoakTest : public ::testing::Test {
 protected:
  SoakTest() {
    WriteIcps(0);
    server_ = std::make_unique<FixedPortServer>(
        icps_.path(),
        std::vector<std::string>{absl::StrCat("--decision_log=", logs_.path(), "/decisions"),
                                 "--max_waiting_ms=60000"});  // A busy machine is no overload.
  }

  static bool IsBad(int version) { return version % 5 == 4; }

  // This version of all ICPs; every fifth is bad.
  void WriteIcps(int version) {
    icps_.Write("standard.yaml", StandardIcpText());
    icps_.Write("other.yaml", absl::StrCat("name: tenants/a/icps/b\ntitle: ", version, "\n",
                                           IsBad(version) ? "nonsense: true\n" : ""));
  }

  // The version of tenants/a/icps/b that serves, as its title tells. Empty: the call failed.
  std::string ServedVersion();

  // Load of one kind until `stop_`, each round on a connection of its own.
  void Call(int kind);
  grpc::Status Round(int kind, const std::shared_ptr<grpc::Channel>& channel);

  int64_t Descriptors() { return static_cast<int64_t>(server_->Metric("process_open_fds ")); }

  const TemporaryFolder icps_;
  const TemporaryFolder logs_;
  std::unique_ptr<FixedPortServer> server_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> calls_{0};
  std::atomic<int64_t> failures_{0};
};

std::string SoakTest::ServedVersion() {
  v1::ListIcpsRequest request;
  request.set_parent("tenants/a");
  v1::ListIcpsResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stub = v1::IcpCatalogService::NewStub(server_->process().NewChannel());
  const grpc::Status status = stub->ListIcps(&context, request, &response);
  for (const v1::IcpSummary& icp : response.icps()) {
    if (status.ok() && icp.name() == "tenants/a/icps/b") return icp.title();
  }
  return "";
}

grpc::Status SoakTest::Round(int kind, const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = v1::QualificationService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  switch (kind) {
    case 0: {
      v1::QualifyRequest request;
      *request.mutable_lead() = StandardLead();
      request.mutable_settings()->add_icps()->set_name(kStandardIcp);
      v1::QualifyResponse response;
      return stub->Qualify(&context, request, &response);
    }
    case 1: {
      v1::BatchAdvanceRequest request;
      for (int i = 0; i < 50; ++i) *request.add_items()->mutable_lead() = StandardLead();
      request.mutable_settings()->add_icps()->set_name("tenants/a/icps/b");
      v1::BatchAdvanceResponse response;
      return stub->BatchAdvance(&context, request, &response);
    }
    case 2: {
      const auto stream = stub->BulkEvaluate(&context);
      v1::BulkEvaluateRequest request;
      request.mutable_start()->set_operation(v1::BULK_OPERATION_QUALIFY);
      request.mutable_start()->mutable_settings()->add_icps()->set_name(kStandardIcp);
      stream->Write(request);
      v1::BulkEvaluateResponse response;
      for (int number = 0; number < 5; ++number) {
        request.mutable_chunk()->set_number(number);
        *request.mutable_chunk()->add_leads() = StandardLead();
        stream->Write(request);
        stream->Read(&response);
      }
      if (calls_ % 3 == 0) context.TryCancel();
      stream->WritesDone();
      const grpc::Status status = stream->Finish();
      return status.error_code() == grpc::StatusCode::CANCELLED ? grpc::Status::OK : status;
    }
    case 3: {
      v1::ListIcpsRequest request;
      request.set_parent("tenants/-");
      v1::ListIcpsResponse response;
      return v1::IcpCatalogService::NewStub(channel)->ListIcps(&context, request, &response);
    }
    default: {
      // A bad request, of an unknown ICP.
      v1::ScoreRequest request;
      request.mutable_lead();
      request.mutable_settings()->add_icps()->set_name(
          absl::StrCat("tenants/x/icps/i", calls_.load()));
      v1::ScoreResponse response;
      const grpc::Status status = stub->Score(&context, request, &response);
      return status.error_code() == grpc::StatusCode::NOT_FOUND ? grpc::Status::OK : status;
    }
  }
}

void SoakTest::Call(int kind) {
  while (!stop_) {
    const std::shared_ptr<grpc::Channel> channel = server_->process().NewChannel();
    for (int i = 0; i < 50 && !stop_; ++i) {
      const grpc::Status status = Round(kind, channel);
      ++calls_;
      if (status.ok()) continue;
      if (++failures_ == 1) ADD_FAILURE() << kind << ": " << status.error_message();
    }
  }
}

TEST_F(SoakTest, MemoryAndDescriptorsDoNotGrow) {
  const absl::Duration time = SoakTime();
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) threads.emplace_back([this, i] { Call(i); });
  const absl::Time start = absl::Now();
  int version = 0;
  const auto reload_until = [&](absl::Time end) {
    absl::Time next = absl::Now();
    while (absl::Now() < end) {
      WaitUntil([&] { return absl::Now() >= std::min(next, end); });
      WriteIcps(++version);
      next += absl::Milliseconds(200);
    }
  };
  // Pools, caches and the allocator reach their size.
  reload_until(start + time / 3);
  const int64_t bytes_before = server_->process().ResidentBytes();
  const int64_t descriptors_before = Descriptors();
  for (int i = 1; i <= 4; ++i) {
    reload_until(start + time / 3 + time * 2 / 3 * i / 4);
    std::printf("figure: after %3.0f s: resident %.1f MiB, %lld descriptors, %lld calls\n",
                absl::ToDoubleSeconds(absl::Now() - start),
                server_->process().ResidentBytes() / 1048576.0,
                static_cast<long long>(Descriptors()), static_cast<long long>(calls_.load()));
  }
  const int64_t bytes = server_->process().ResidentBytes();
  const int64_t descriptors = Descriptors();
  // Under all that load what is written is still taken over, behind a bad version too.
  while (!IsBad(version)) ++version;
  WriteIcps(version);
  WriteIcps(++version);
  EXPECT_TRUE(WaitUntil([&] { return ServedVersion() == absl::StrCat(version); }))
      << ServedVersion() << " serves, " << version << " is written";
  stop_ = true;
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(failures_, 0);
  EXPECT_GT(calls_, 100);
  EXPECT_GT(version, 3);
  // Each thread's connection comes and goes.
  EXPECT_NEAR(descriptors, descriptors_before, 20);
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(bytes, bytes_before * 1.15 + (8 << 20));
#endif
}

}  // namespace
}  // namespace bantam
