// The funnel: stages, gates, and where a lead goes.
#ifndef BANTAM_SERVER_ENGINE_FUNNEL_H_
#define BANTAM_SERVER_ENGINE_FUNNEL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "server/engine/instant.h"
#include "server/engine/own_text.h"
#include "server/engine/points.h"
#include "server/engine/text_table.h"

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

// One condition of a gate, compiled.
struct CompiledCondition {
  // `definition` must outlive the result.
  explicit CompiledCondition(const v1::GateCondition& definition);

  const v1::GateCondition* definition;
  std::string id;  // As the answer names it: "fit>=50%".
  v1::GateCondition::KindCase kind;
  v1::GateFact fact;                      // kFact.
  v1::ScorePart part;                     // kScore.
  int dimension;                          // kBant: as in BantOutcomes …
  v1::BantState at_least;                 // … and the least state.
  Share enter = 0;                        // kScore.
  std::optional<Share> exit;              // kScore.
  std::vector<CompiledCondition> any_of;  // kAnyOf.
};

// One gate, compiled.
struct CompiledGate {
  CompiledGate() = default;
  // `definition` must outlive the result.
  explicit CompiledGate(const v1::Gate& definition);

  std::vector<CompiledCondition> conditions;
};

// The stages of an ICP, compiled. Immutable; safe for concurrent use.
class Funnel {
 public:
  Funnel() = default;

  // `definition` has passed Compile()'s checks and has its defaults filled in; it must outlive
  // this.
  explicit Funnel(const v1::Funnel& definition);

  // Index of a stage on the way forward; -1: nurture, disqualified or unknown.
  int IndexOf(absl::string_view stage) const { return indexes_.Find(stage); }

  // Index of the last stage, that of customers.
  int last() const { return static_cast<int>(stages_.size()) - 1; }

  // The stage at an index, and the gate into it.
  absl::string_view stage(int index) const { return stages_[index].id; }
  const CompiledGate& gate(int index) const { return stages_[index].gate; }

  // Whether `stage` is on the way forward, nurture or disqualified.
  bool Has(absl::string_view stage) const;

  // All stages, comma-separated.
  std::string StageNames() const;

  // The ICP's own title of the stage at an index; empty: none.
  const OwnText& title(int index) const { return stages_[index].title; }

  // The conditions of the gate into SQL that decide who is QUALIFIED: those about fit, required
  // criteria and authority.
  const std::vector<CompiledCondition>& qualifying() const { return qualifying_; }

  // How long the stage at an index may be quiet; unlimited: it never is.
  TimeSpan QuietAfter(int index) const {
    return index < 0 ? TimeSpan::Unlimited() : stages_[index].quiet_after;
  }

  // The gate in front of a lead in `stage`, and where it leads; null: there is none.
  struct NextGate {
    const CompiledGate* gate = nullptr;
    absl::string_view to_stage;
  };
  NextGate Next(absl::string_view stage) const;

  // Whether anything that decides where a lead in `stage` moves asks for points of engagement or
  // the total, which decay.
  bool AsksForEngagement(absl::string_view stage) const;

 private:
  struct Stage {
    absl::string_view id;  // The definition's.
    CompiledGate gate;
    TimeSpan quiet_after;
    bool asks_for_engagement = false;  // The exits of its gate, or a later gate.
    OwnText title;
  };

  std::vector<Stage> stages_;
  TextTable indexes_;  // Of the stages, by their ids.
  CompiledGate nurture_exit_;
  int after_nurture_ = 1;  // Index of the stage that nurture leads to.
  std::vector<CompiledCondition> qualifying_;
};

// Whether a condition holds at the time of the assessment.
v1::GateStatus JudgeCondition(const Profile& profile, const Assessment& assessment,
                              const CompiledCondition& condition);

// Whether all conditions of a gate hold: not met if one is not met, else unknown if one is
// unknown.
v1::GateStatus JudgeGate(const Profile& profile, const Assessment& assessment,
                         const CompiledGate& gate);

// Where a lead goes, without its record. Refers to the lead's, the ICP's and the override's texts.
struct Move {
  absl::string_view to_stage;
  v1::AdvanceReason reason = v1::ADVANCE_REASON_STAYED;

  // The gates that were looked at, in order.
  struct Gate {
    const CompiledGate* gate;
    absl::string_view from_stage;
    absl::string_view to_stage;
  };
  absl::InlinedVector<Gate, 2> gates;
};

// Decides the move, in the order: closed facts, disqualification, recycling, moving back, moving
// forward (one step, or as far as gates are open). Overrides and restriction come before it.
Move DecideMove(const Profile& profile, const Assessment& assessment, bool as_far_as_possible);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_FUNNEL_H_
