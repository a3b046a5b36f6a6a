// Where answers come from: a server, or the engine in this process.
#ifndef BANTAM_CLIENT_QUALIFIER_H_
#define BANTAM_CLIENT_QUALIFIER_H_

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/error_details.pb.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"

namespace bantam {

// What is asked of every lead.
struct Question {
  v1::BulkOperation operation = v1::BULK_OPERATION_QUALIFY;
  v1::EvaluationSettings settings;
  v1::AdvanceMode mode = v1::ADVANCE_MODE_ONE_STEP;

  // An override by a person, for ADVANCE and one lead only.
  std::optional<v1::StageOverride> override_by;
};

// Answers questions about leads. Both implementations pass one contract suite. Not thread-safe.
//
// A failed call is an absl::Status: INVALID_ARGUMENT carries every invalid field (see
// Violations()); NOT_FOUND: no such ICP or revision; UNAVAILABLE and DEADLINE_EXCEEDED: the server
// cannot be reached, or not in time. Messages are for people and name no values of leads.
class Qualifier {
 public:
  virtual ~Qualifier() = default;

  // Answers for one lead.
  virtual absl::StatusOr<v1::Evaluation> Ask(const v1::Lead& lead, const Question& question) = 0;

  // Fills in the next lead; false: there is none. May be called on another thread than the
  // caller's, but never by two at once.
  using NextLead = absl::FunctionRef<bool(v1::Lead* lead)>;
  // Takes the answer for the lead that was given as the `index`-th, from 0. Called in the order of
  // the leads, on the caller's thread.
  using TakeResult = absl::FunctionRef<void(int64_t index, v1::LeadResult result)>;

  // Answers for any number of leads. A bad lead is an answer with an error; a status is for what
  // concerns all of them, and then some leads may have been answered. No overrides.
  virtual absl::Status AskMany(const Question& question, NextLead next, TakeResult take) = 0;

  // How long ago the ICPs of the last answer were known to be current, where that is known.
  virtual absl::optional<absl::Duration> data_age() const = 0;
};

// The invalid fields that `status` carries; empty if there are none.
v1::BadRequest Violations(const absl::Status& status);

// `status` with `violations` attached.
absl::Status WithViolations(absl::Status status, const v1::BadRequest& violations);

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_H_
