#ifndef BANTAM_SERVER_RPC_CALL_METADATA_H_
#define BANTAM_SERVER_RPC_CALL_METADATA_H_

#include <atomic>
#include <string>

#include "absl/base/call_once.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"
#include "server/rpc/call_observer.h"

namespace bantam {

// Keys of metadata, as callers send them and get them back.
inline constexpr char kRequestIdKey[] = "x-request-id";
inline constexpr char kTraceparentKey[] = "traceparent";

// Whether `id` may be a request's id: 1 to 128 printable ASCII characters.
bool IsRequestId(absl::string_view id);

// Whether `text` is a traceparent of W3C's Trace Context, version 00: "00-" with 32, 16 and 2
// lower-case hexadecimal digits, and neither id all zeros.
bool IsTraceparent(absl::string_view text);

// What a call's metadata tells, looked up when it is first asked for.
class CallMetadata final : public CallInfo {
 public:
  // `context` is that of a call that has arrived, and outlives this.
  CallMetadata(const RpcMethod* method, grpc::ServerContext* context)
      : CallInfo(method), context_(context) {}

  absl::string_view caller() const override;
  absl::string_view request_id() const override;
  absl::string_view traceparent() const override;

  // Has the end of the call tell its request's id, if `failed` or if somebody asked. Once, before
  // the end is sent.
  void TellRequestId(bool failed) const;

 private:
  void Find() const;

  grpc::ServerContext* const context_;
  mutable absl::once_flag once_;
  mutable std::atomic<bool> asked_{false};
  mutable std::string request_id_;
  mutable std::string traceparent_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CALL_METADATA_H_
