#ifndef BANTAM_TESTS_RPC_RPC_TEST_BASE_H_
#define BANTAM_TESTS_RPC_RPC_TEST_BASE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "bantam/v1/error_details.pb.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "server/rpc/rpc_server.h"
#include "server/zones/system_time_zones.h"
#include "tests/rpc/fake_catalog.h"
#include "tests/rpc/fake_icp_editor.h"

namespace bantam {

// Keeps what it hears.
class RecordingObserver : public CallObserver {
 public:
  struct Call {
    std::string method;
    absl::Status status;
    int leads;
    absl::Duration duration;
    absl::optional<Refusal> refusal;
    std::string request_id;  // Empty unless AskForRequestIds().
    std::string traceparent;
  };

  void OnCallBegin(const CallInfo& info) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status OnLeads(const CallInfo& info, int leads) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDecision(const CallInfo& info, const Decision& decision) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnLeadError(const CallInfo& info) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnLeadsSkipped(const CallInfo& info, int leads) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnCallEnd(const CallReport& report) override ABSL_LOCKS_EXCLUDED(mu_);

  void OnCallAbandoned(const CallInfo& info) override ABSL_LOCKS_EXCLUDED(mu_);

  // From now on OnLeads() answers this, and OnCallEnd() asks for the ids of calls.
  void RefuseLeads(absl::Status status) ABSL_LOCKS_EXCLUDED(mu_);
  void AskForRequestIds() ABSL_LOCKS_EXCLUDED(mu_);

  // From now on whoever tells a decision of a batch waits, for a minute at most, until
  // LetDecisions().
  void HoldDecisions() ABSL_LOCKS_EXCLUDED(mu_);
  void LetDecisions() ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until a decision is held.
  void WaitForHeldDecision() ABSL_LOCKS_EXCLUDED(mu_);

  // All that was heard, in this order: "begin Score", "leads 1", "decision l1 ICP score",
  // "lead error", "skipped 3", "end Score 1 CALLER".
  std::vector<std::string> events() ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until a call was abandoned.
  void WaitForAbandoned() ABSL_LOCKS_EXCLUDED(mu_);

  // Whether there is a call within `limit`.
  bool HasCallWithin(absl::Duration limit) ABSL_LOCKS_EXCLUDED(mu_);

  // All calls so far, once there are at least `count`.
  std::vector<Call> WaitFor(size_t count) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  std::vector<Call> calls_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> events_ ABSL_GUARDED_BY(mu_);
  absl::Status leads_status_ ABSL_GUARDED_BY(mu_);
  bool asks_for_request_ids_ ABSL_GUARDED_BY(mu_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mu_) = false;
  bool decisions_may_go_ ABSL_GUARDED_BY(mu_) = true;
  bool decision_held_ ABSL_GUARDED_BY(mu_) = false;
};

// What came back from a call of bytes.
struct RawAnswer {
  grpc::Status status;
  std::string bytes;
};

// A server on a free port of this machine, over a catalog in memory that holds
// "tenants/acme/icps/software", and a client of it. The server's clock stands at `kNow`.
class RpcTest : public ::testing::Test {
 protected:
  static constexpr char kIcp[] = "tenants/acme/icps/software";

  RpcTest();
  ~RpcTest() override;

  static RpcServerOptions DefaultOptions();

  // Replaces the server. `with_editor`: whether its catalog can be changed.
  void Start(const RpcServerOptions& options, bool with_editor = true);

  // Replaces the connection, and the stubs that use it.
  void Use(std::shared_ptr<grpc::Channel> channel);

  static absl::Time Now() { return absl::FromUnixSeconds(1769817600); }  // 2026-01-31T00:00Z

  // Settings that name these ICPs.
  static v1::EvaluationSettings Settings(const std::vector<std::string>& icps = {kIcp});

  // A lead of this size, which decides about its fit.
  static v1::Lead LeadOf(const std::string& id, int employees);

  // A stream's first message, and one of those after it: leads of 240 employees with the ids
  // "1.0", "1.1" and so on for chunk 1.
  static v1::BulkEvaluateRequest StartOf(v1::BulkOperation operation = v1::BULK_OPERATION_SCORE,
                                         const v1::EvaluationSettings& settings = Settings());
  static v1::BulkEvaluateRequest ChunkOf(int64_t number, int leads = 1);

  // Calls a method (such as "bantam.v1.QualificationService/Score") with any bytes.
  RawAnswer CallRaw(const std::string& method, absl::string_view request);

  // The standard details of a failure.
  static std::vector<std::string> FieldsIn(const grpc::Status& status);

  // The value of the age of the data in an answer's metadata; empty: it has none.
  static std::string DataAge(const grpc::ClientContext& context);

  // After what time the trailers of a failed call say that it may be tried again; zero: they do
  // not say; negative: never.
  static absl::Duration RetryPushback(const grpc::ClientContext& context);

  FakeCatalog catalog_;
  FakeIcpEditor editor_;
  RecordingObserver observer_;
  const SystemTimeZones zones_;
  std::unique_ptr<RpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::QualificationService::Stub> qualification_;
  std::unique_ptr<v1::IcpCatalogService::Stub> icp_catalog_;
};

// `text` as the protocol wants bytes.
grpc::ByteBuffer ToByteBuffer(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_TESTS_RPC_RPC_TEST_BASE_H_
