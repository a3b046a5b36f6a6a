// The one place where failures become what a caller sees.
#ifndef BANTAM_SERVER_RPC_STATUS_H_
#define BANTAM_SERVER_RPC_STATUS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/qualification_service.pb.h"
#include "grpcpp/support/status.h"
#include "server/engine/validate.h"

namespace bantam {

// INVALID_ARGUMENT that names every violation (at least one) in one line and carries them as
// google.rpc.BadRequest. gRPC bounds the trailers of a call, so the list stops after about 1.5 KiB
// and says how many more there are.
absl::Status InvalidRequest(const std::vector<Violation>& violations);

// After which a call that was refused because there is too much to do may be tried again, at the
// earliest.
inline constexpr absl::Duration kRetryDelay = absl::Milliseconds(100);

// RESOURCE_EXHAUSTED with `message`, and that the call may be tried again after `delay` (positive;
// a day at most), as google.rpc.RetryInfo. Callers who were told so at the same time should not
// come back at the same time, so up to as much again is added at random.
absl::Status RetryLater(absl::string_view message, absl::Duration delay = kRetryDelay);

// RESOURCE_EXHAUSTED for a request that asks for more than is ever done at a time: the same one
// will never be answered. `violation` says which field must be smaller, and is carried as
// InvalidRequest() does.
absl::Status AskForLess(const Violation& violation);

// What the caller is told when CallObserver::OnLeads() refuses leads with this error: as
// RetryLater() or InvalidRequest().
absl::Status RefusedLeads(const absl::Status& refusal);

// After which time a call that failed like this may be tried again: what RetryLater() told;
// InfiniteDuration(): never, since AskForLess() said so; absent: nobody told.
absl::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// What the caller sees of `status`, by the table in proto/README.md:
//
//   codes that tell the caller what to do (INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION,
//   ABORTED, ALREADY_EXISTS, OUT_OF_RANGE, RESOURCE_EXHAUSTED, UNAVAILABLE, DEADLINE_EXCEEDED,
//   CANCELLED, PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED): as they are, with their details;
//   INTERNAL, UNKNOWN, DATA_LOSS: INTERNAL with a fixed text; the cause is for the log.
grpc::Status ToGrpcStatus(const absl::Status& status);

// INVALID_ARGUMENT of one lead of a batch or stream, which names all of `violations`, up to 1000:
// it is no trailer. The text is that of InvalidRequest().
v1::LeadError ToLeadError(const std::vector<Violation>& violations);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_STATUS_H_
