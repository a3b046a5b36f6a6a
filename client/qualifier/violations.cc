#include "absl/strings/cord.h"
#include "client/qualifier.h"

namespace bantam {
namespace {

constexpr absl::string_view kTypeUrl = "type.googleapis.com/google.rpc.BadRequest";

}  // namespace

v1::BadRequest Violations(const absl::Status& status) {
  v1::BadRequest violations;
  if (const auto payload = status.GetPayload(kTypeUrl); payload.has_value()) {
    violations.ParseFromString(std::string(*payload));
  }
  return violations;
}

absl::Status WithViolations(absl::Status status, const v1::BadRequest& violations) {
  if (violations.field_violations_size() > 0) {
    status.SetPayload(kTypeUrl, absl::Cord(violations.SerializeAsString()));
  }
  return status;
}

}  // namespace bantam
