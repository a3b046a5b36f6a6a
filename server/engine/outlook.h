// When time alone next changes an answer.
#ifndef BANTAM_SERVER_ENGINE_OUTLOOK_H_
#define BANTAM_SERVER_ENGINE_OUTLOOK_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/engine/assessment.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

// The first whole second after `current.now` at which, for the same request made later, verdict,
// temperature or (Advance) the target stage would differ; nullopt if never, before the year 2201.
//
// `target_stage` is where Advance leads now; empty: only verdict and temperature are compared.
//
// Between the instants at which something begins or ends (evidence expires, a window closes, a
// future fact comes true) only decaying points change, and only an Advance through a gate that
// asks for engagement or the total depends on them; there the crossing is searched for by halving,
// with bounds that are exact for a single instant.
std::optional<absl::Time> NextChange(const Profile& profile, const Assessment& current,
                                     const EventLog& log, const EvaluateOptions& options,
                                     absl::string_view target_stage);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_OUTLOOK_H_
