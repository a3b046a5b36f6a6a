// Checks requests before they reach Evaluate(). Pure code.
#ifndef BANTAM_SERVER_ENGINE_VALIDATE_H_
#define BANTAM_SERVER_ENGINE_VALIDATE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

// One invalid field. Names fields and what was expected, never the value (it may be personal).
struct Violation {
  std::string field;        // Path from the request, such as "lead.events[3].time".
  std::string description;  // What was expected, such as "must be set: when the event happened".
};

// Bounds of a lead; the contract (lead.proto, value.proto) documents them.
struct LeadBounds {
  int max_contacts = 100;
  int max_custom = 500;
  int max_events = 10000;
  int max_evidence = 1000;
  int max_consents = 20;
  int max_list_values = 1000;
  int max_text_bytes = 4096;   // Custom texts.
  int max_field_bytes = 1024;  // Other texts.
  int max_id_bytes = 256;
};

// Every invalid field of `lead`, in field order, with paths that start with `path` ("lead",
// "leads[3]"). Empty: the lead is valid.
std::vector<Violation> ValidateLead(const v1::Lead& lead, absl::string_view path,
                                    const LeadBounds& bounds, Operation operation);

// Every invalid field of `settings`, with paths that start with `path` ("settings").
std::vector<Violation> ValidateSettings(const v1::EvaluationSettings& settings,
                                        absl::string_view path, Operation operation);

// Every invalid field of `override_by`, with paths that start with `path` ("override").
std::vector<Violation> ValidateOverride(const v1::StageOverride& override_by,
                                        absl::string_view path);

// What only the ICPs that are asked for (at least one) can tell: whether the lead's stage and the
// override's stage (may be null) exist in the funnel of any of them. An ICP that does not know the
// stage still says how well the lead fits: there the lead is never quiet and meets no gate.
std::vector<Violation> ValidateForIcps(absl::Span<const std::shared_ptr<const CompiledIcp>> icps,
                                       const v1::Lead& lead, absl::string_view lead_path,
                                       const v1::StageOverride* override_by,
                                       absl::string_view override_path);

// Whether `name` is of the form `tenants/{tenant}/icps/{icp}`, and whether `parent` is of the form
// `tenants/{tenant}`; ids are [a-z0-9][a-z0-9-]{0,62}.
bool IsIcpName(absl::string_view name);
bool IsTenantName(absl::string_view parent);

// Whether `revision` is 32 lower-case hexadecimal digits.
bool IsRevision(absl::string_view revision);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_VALIDATE_H_
