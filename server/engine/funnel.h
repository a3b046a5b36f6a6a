// The funnel: stages, gates, and where a lead goes.
#ifndef BANTAM_SERVER_ENGINE_FUNNEL_H_
#define BANTAM_SERVER_ENGINE_FUNNEL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"

namespace bantam {

struct Assessment;
struct Profile;

// Ids of stages that have a meaning of their own.
inline constexpr absl::string_view kLeadStage = "lead";
inline constexpr absl::string_view kMqlStage = "mql";
inline constexpr absl::string_view kSqlStage = "sql";
inline constexpr absl::string_view kOpportunityStage = "opportunity";
inline constexpr absl::string_view kCustomerStage = "customer";
inline constexpr absl::string_view kNurtureStage = "nurture";
inline constexpr absl::string_view kDisqualifiedStage = "disqualified";

// The stages of an ICP, compiled. Immutable; safe for concurrent use.
class Funnel {
 public:
  Funnel() = default;

  // `definition` has passed Compile()'s checks and has its defaults filled in; it must outlive
  // this.
  explicit Funnel(const v1::Funnel& definition);

  // Index of a stage on the way forward; -1: nurture, disqualified or unknown.
  int IndexOf(absl::string_view stage) const;

  // Whether `stage` is on the way forward, nurture or disqualified.
  bool Has(absl::string_view stage) const;

  // All stages, comma-separated.
  std::string StageNames() const;

  // The gate of SQL, whose fit, required criteria and authority decide who is QUALIFIED.
  const v1::Gate& sql_gate() const;

  // How long `stage` may be quiet; nullopt: it never is.
  std::optional<absl::Duration> QuietAfter(absl::string_view stage) const;

  // The gate in front of a lead in `stage`, and where it leads; null: there is none.
  struct NextGate {
    const v1::Gate* gate = nullptr;
    std::string to_stage;
  };
  NextGate Next(absl::string_view stage) const;

  const v1::Funnel& definition() const { return *definition_; }

 private:
  const v1::Funnel* definition_ = nullptr;
};

// Whether a condition holds at the time of the assessment.
v1::GateStatus JudgeCondition(const Profile& profile, const Assessment& assessment,
                              const v1::GateCondition& condition);

// Whether all conditions of a gate hold: not met if one is not met, else unknown if one is
// unknown.
v1::GateStatus JudgeGate(const Profile& profile, const Assessment& assessment,
                         const v1::Gate& gate);

// Where a lead goes, without its record.
struct Move {
  std::string to_stage;
  v1::AdvanceReason reason = v1::ADVANCE_REASON_STAYED;

  // The gates that were looked at, in order.
  struct Gate {
    const v1::Gate* gate;
    std::string from_stage;
    std::string to_stage;
  };
  std::vector<Gate> gates;
};

// Decides the move, in the order: closed facts, disqualification, recycling, moving back, moving
// forward (one step, or as far as gates are open). Overrides and restriction come before it.
Move DecideMove(const Profile& profile, const Assessment& assessment, bool as_far_as_possible);

// Whether any gate that a lead could meet asks for points of engagement or the total, which decay.
bool AsksForEngagement(const v1::Gate& gate);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_FUNNEL_H_
