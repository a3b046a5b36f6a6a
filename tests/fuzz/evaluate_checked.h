// Evaluates leads as a server does, and checks what must hold for every answer.
#ifndef BANTAM_TESTS_FUZZ_EVALUATE_CHECKED_H_
#define BANTAM_TESTS_FUZZ_EVALUATE_CHECKED_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/time_zones.h"
#include "server/engine/validate.h"

namespace bantam {

using Icps = std::vector<std::shared_ptr<const CompiledIcp>>;

// The system's, read once.
const TimeZones& FuzzTimeZones();

// ICPs that use every feature: the samples and the worked example. Read and compiled once.
const Icps& SampleIcps();

// Leads that most rules of the samples have something to say on. Read once.
const std::vector<v1::Lead>& SampleLeads();

// Evaluates `lead` (valid by itself) against `icp`, if it is valid for it, by both overloads of
// Evaluate(), and requires that they agree and that scores are in range.
void EvaluateChecked(const CompiledIcp& icp, const v1::Lead& lead, const EvaluateOptions& options);

// The same for EvaluateBest().
void EvaluateBestChecked(const Icps& icps, const v1::Lead& lead, const EvaluateOptions& options);

}  // namespace bantam

#endif  // BANTAM_TESTS_FUZZ_EVALUATE_CHECKED_H_
