// Engagement: points for what the lead did.
#ifndef BANTAM_SERVER_ENGINE_ENGAGEMENT_H_
#define BANTAM_SERVER_ENGINE_ENGAGEMENT_H_

#include <limits>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "server/engine/decay.h"
#include "server/engine/events.h"
#include "server/engine/instant.h"
#include "server/engine/own_text.h"
#include "server/engine/points.h"
#include "server/engine/scratch_list.h"

namespace bantam {

// One engagement rule, compiled. What each of its events asks for takes one line of the processor's
// cache.
struct alignas(64) CompiledEngagementRule {
  Points points = 0;  // For each event.
  int min_count = 1;
  int max_count = std::numeric_limits<int>::max();
  TimeSpan window = TimeSpan::Unlimited();
  DecayCurve decay;
  Points cap = std::numeric_limits<Points>::max();
  int group = -1;                                  // Index; -1: none.
  const v1::EngagementRule* definition = nullptr;  // Owned by the profile.
  OwnText title;
};

// One group of rules, compiled.
struct CompiledEngagementGroup {
  const v1::EngagementGroup* definition = nullptr;  // Owned by the profile.
  Points cap = 0;
};

// The engagement rules of an ICP, compiled. Immutable; safe for concurrent use.
struct EngagementModel {
  EngagementModel() = default;
  // `profile` has passed Compile()'s checks and has its defaults filled in; it must outlive this.
  EngagementModel(const v1::EngagementProfile& profile, EventTypeTable* type_table);

  std::vector<CompiledEngagementRule> rules;
  std::vector<CompiledEngagementGroup> groups;

  // The rules of the event types: indexes, in one list for all, those of each type ended by -1. The
  // type table knows where each type's begin.
  std::vector<int> rules_by_type;
};

// What one rule makes of a lead.
struct RuleOutcome {
  int rule = 0;        // Index.
  int in_window = 0;   // Events that are in the window.
  int counted = 0;     // Of these, how many earn points.
  Points sum = 0;      // Before the rule's cap.
  Points limited = 0;  // After it.
};

// What the rules of one group make of a lead.
struct GroupOutcome {
  Points sum = 0;      // Before the group's cap.
  Points limited = 0;  // After it.
};

// What all rules make of a lead.
struct EngagementOutcome {
  ScratchList<RuleOutcome, 16> rules;  // Only those with events, in the model's order.
  ScratchList<GroupOutcome, 4> groups;
  Points sum = 0;  // Of all, before the part's limits.
};

// Sets `outcome` to the points at `time`, which is the log's `now` or later.
void EvaluateEngagement(const EngagementModel& model, const EventLog& log, Instant time,
                        EngagementOutcome* outcome);

// Bounds of the part's sum (before its limits) over all instants from `from` to `to`, exact where
// the two are equal. Used to find out when a decaying score crosses a threshold.
struct EngagementBounds {
  Points least = 0;
  Points most = 0;
};
EngagementBounds BoundEngagement(const EngagementModel& model, const EventLog& log, Instant from,
                                 Instant to);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ENGAGEMENT_H_
