// The compiled parts of one ICP. For the engine's own files; others use compiled_icp.h.
#ifndef BANTAM_SERVER_ENGINE_PROFILE_H_
#define BANTAM_SERVER_ENGINE_PROFILE_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "google/protobuf/arena.h"
#include "server/engine/actions.h"
#include "server/engine/bant.h"
#include "server/engine/criteria.h"
#include "server/engine/engagement.h"
#include "server/engine/events.h"
#include "server/engine/funnel.h"
#include "server/engine/instant.h"
#include "server/engine/points.h"

namespace bantam {

// Points of each part and of the total, by v1::ScorePart.
using PartPoints = std::array<Points, 5>;

// Immutable after Compile(); safe for concurrent use. Refers to its own `definition`, so it is
// neither copied nor moved.
struct Profile {
  // A copy of `full`, whose defaults are filled in; all else is still to be compiled.
  explicit Profile(const v1::Icp& full);
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  // Holds the definition in one piece: evaluations look up ids and texts in it, and fewer pages and
  // bytes are touched and taken than if each message and text were a block of the heap.
  google::protobuf::Arena arena;

  const v1::Icp& definition;  // With its defaults filled in.
  std::string revision;
  std::string time_zone_version;

  TestEnvironment tests;
  PartPoints caps = {};  // The total's is 100 points.
  std::vector<CompiledCriterion> criteria;
  Points fit_spread = 0;               // Sum of the criteria's most − least points.
  std::vector<int> required_criteria;  // Indexes.
  std::vector<int> criteria_to_note;   // Indexes of those whose values can be unusable.
  Share fit_floor = 0;
  std::vector<int> timed_criteria;  // Those whose outcome depends on the evaluation time.

  EventTypeTable event_types;
  EngagementModel engagement;
  TimeSpan interest_window;
  TimeSpan conversation_window;
  TimeSpan bot_window;

  BantModel bant;

  std::array<Share, 4> grades = {};  // A, B, C, D.
  std::array<Share, 3> levels = {};  // 1, 2, 3.

  TimeSpan hot_window;
  int unanswered_attempts = 0;
  TimeSpan unanswered_for;

  Funnel funnel;
  std::unique_ptr<const ActionAdvisor> advisor;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PROFILE_H_
