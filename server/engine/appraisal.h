// One lead against one ICP, judged but not yet in words: what an answer is written from.
#ifndef BANTAM_SERVER_ENGINE_APPRAISAL_H_
#define BANTAM_SERVER_ENGINE_APPRAISAL_H_

#include <optional>

#include "absl/time/time.h"
#include "server/engine/assessment.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/events.h"
#include "server/engine/funnel.h"
#include "server/engine/instant.h"
#include "server/engine/profile.h"

namespace bantam {

// Refers to the profile, the lead and the options, which must outlive it.
class Appraisal {
 public:
  // Makes the log and the assessment: enough to compare ICPs.
  Appraisal(const Profile& profile, const v1::Lead& lead, const EvaluateOptions& options);

  // Decides the rest: where Advance leads, and when time alone next changes the answer.
  void Complete();

  const Profile& profile() const { return *profile_; }
  const EventLog& log() const { return log_; }
  const Assessment& assessment() const { return assessment_; }

  // After Complete(). Without a stage to move to unless Advance was asked for, and where a
  // restricted lead is not overridden.
  const Move& move() const { return move_; }
  std::optional<absl::Time> next_change() const { return next_change_; }

 private:
  const Profile* profile_;
  const EvaluateOptions* options_;
  Instant now_;  // The options', which takes a call to find out.
  EventLog log_;
  Assessment assessment_;
  Move move_;
  std::optional<absl::Time> next_change_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_APPRAISAL_H_
