#ifndef BANTAM_SERVER_RPC_DATA_AGE_H_
#define BANTAM_SERVER_RPC_DATA_AGE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/duration.pb.h"
#include "grpcpp/server_context.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/validate.h"

namespace bantam {

// Key in the initial metadata of answers: how long ago the ICPs used were known to be current, in
// whole milliseconds, rounded down; of several the longest.
inline constexpr char kDataAgeKey[] = "bantam-data-age-ms";

// Appends a violation if `max_staleness`, at `path`, is negative or no duration.
void CheckMaxStaleness(const google::protobuf::Duration& max_staleness, absl::string_view path,
                       std::vector<Violation>* violations);

// The `max_staleness` of settings or a request that has been checked; absent if it is not set.
template <typename Message>
absl::optional<absl::Duration> MaxStalenessOf(const Message& message) {
  if (!message.has_max_staleness()) return absl::nullopt;
  return ToDuration(message.max_staleness());
}

// Has the answer tell `age`. Before the first message of the answer; at most once for a call.
void TellDataAge(absl::Duration age, grpc::ServerContext* context);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_DATA_AGE_H_
