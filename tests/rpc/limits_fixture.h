#ifndef BANTAM_TESTS_RPC_LIMITS_FIXTURE_H_
#define BANTAM_TESTS_RPC_LIMITS_FIXTURE_H_

#include <cstdint>
#include <thread>

#include "absl/time/clock.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {

// A server with one limit of a test's own, and small calls to it.
class LimitsFixture : public RpcTest {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::BulkEvaluateRequest, v1::BulkEvaluateResponse>;

  // Replaces the server by one with this limit: StartWith(&RpcServerOptions::max_start_delay, …).
  template <typename Limit, typename Value>
  void StartWith(Limit RpcServerOptions::*limit, Value value) {
    RpcServerOptions options = DefaultOptions();
    options.*limit = value;
    Start(options);
  }

  // Waits until `condition` holds, for a minute at most.
  template <typename Condition>
  static bool WaitUntil(Condition condition) {
    const absl::Time limit = absl::Now() + absl::Minutes(1);
    while (!condition()) {
      if (absl::Now() > limit) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // Waits until so many calls are in flight.
  bool WaitForInFlight(int64_t calls) const {
    return WaitUntil([&] { return server_->Stats().calls_in_flight == calls; });
  }

  grpc::Status Get(grpc::ClientContext* context) const {
    v1::GetIcpRequest request;
    request.set_name(kIcp);
    v1::GetIcpResponse response;
    return icp_catalog_->GetIcp(context, request, &response);
  }
};

}  // namespace bantam

#endif  // BANTAM_TESTS_RPC_LIMITS_FIXTURE_H_
