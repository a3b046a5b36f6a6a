#ifndef BANTAM_SERVER_RPC_CALL_METADATA_H_
#define BANTAM_SERVER_RPC_CALL_METADATA_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/base/call_once.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"
#include "server/access/access_control.h"
#include "server/rpc/call_observer.h"

namespace bantam {

// Keys of metadata, as callers send them and get them back.
inline constexpr char kRequestIdKey[] = "x-request-id";
inline constexpr char kTraceparentKey[] = "traceparent";
inline constexpr char kRetryPushbackKey[] = "grpc-retry-pushback-ms";

// Whether `id` may be a request's id: 1 to 128 printable ASCII characters.
bool IsRequestId(absl::string_view id);

// Whether `text` is a traceparent of W3C's Trace Context, version 00: "00-" with 32, 16 and 2
// lower-case hexadecimal digits, and neither id all zeros.
bool IsTraceparent(absl::string_view text);

// What a call is called in logs.
struct CallIds {
  std::string request_id;   // As CallInfo::request_id(), so never empty.
  std::string traceparent;  // As CallInfo::traceparent().
};

// From the values that the caller sent; empty: it sent none, or more than one.
CallIds CheckedIds(absl::string_view request_id, absl::string_view traceparent);

// What a call's metadata tells, looked up when it is first asked for. Safe for concurrent use.
class CallMetadata final : public CallInfo {
 public:
  // `context` is that of a call that has arrived, and outlives this. `access` is null where nobody
  // is asked who he is.
  CallMetadata(const RpcMethod* method, const AccessControl* access, grpc::ServerContext* context)
      : CallInfo(method), access_(access), context_(context) {}

  absl::string_view caller() const override;
  absl::string_view request_id() const override;
  absl::string_view traceparent() const override;

  // Who calls; null: it cannot be told, for the reason that `identified` gets (its token is not
  // known any more). Only with an AccessControl.
  const Caller* Identify(absl::Status* identified) const;

  // Has the trailers of a call that ends like this tell its request's id, if it failed or somebody
  // asked for it, and when it may be tried again, or that it never may, if that is known. Once,
  // before the end is sent.
  void TellEnd(const absl::Status& status) const;

 private:
  void Find() const;
  void FindCaller() const;

  const AccessControl* const access_;
  grpc::ServerContext* const context_;
  mutable absl::once_flag found_;
  mutable std::atomic<bool> id_asked_{false};
  mutable CallIds ids_;
  mutable absl::once_flag caller_found_;
  mutable std::shared_ptr<const Caller> caller_;
  mutable absl::Status identified_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CALL_METADATA_H_
