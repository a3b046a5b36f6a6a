#include "server/rpc/data_age.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// Bounds of google.protobuf.Duration: 10,000 years.
constexpr int64_t kMostSeconds = 315576000000;
constexpr int32_t kMostNanos = 999999999;

}  // namespace

void CheckMaxStaleness(const google::protobuf::Duration& max_staleness, absl::string_view path,
                       std::vector<Violation>* violations) {
  if (max_staleness.seconds() >= 0 && max_staleness.seconds() <= kMostSeconds &&
      max_staleness.nanos() >= 0 && max_staleness.nanos() <= kMostNanos) {
    return;
  }
  violations->push_back({std::string(path),
                         "must be a duration that is not negative; 0 s wants the newest, and left "
                         "out it is as the server is set up"});
}

void TellDataAge(absl::Duration age, grpc::ServerContext* context) {
  static const std::string& key = *new std::string(kDataAgeKey);
  context->AddInitialMetadata(key, absl::StrCat(absl::ToInt64Milliseconds(age)));
}

}  // namespace bantam
