// BANT: what is known about the purchase.
#ifndef BANTAM_SERVER_ENGINE_BANT_H_
#define BANTAM_SERVER_ENGINE_BANT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "server/engine/aliases.h"
#include "server/engine/criteria.h"
#include "server/engine/events.h"
#include "server/engine/instant.h"
#include "server/engine/own_text.h"
#include "server/engine/points.h"
#include "server/engine/scratch_list.h"
#include "server/engine/text_table.h"
#include "server/engine/until.h"

namespace bantam {

// Why a dimension is in its state, for its one-line reason.
enum class BantCause : uint8_t {
  kNothingKnown,
  kEnoughApproved,
  kEnoughOpen,
  kTooLittle,
  kNoAmount,
  kNoRate,
  kDecides,
  kInfluences,
  kImpliedByTitle,
  kUsesOnly,
  kUnheardOfRole,
  kSolvedNeed,
  kOtherNeed,
  kGeneralNeed,
  kImpliedNeed,
  kNoNeed,
  kWithinWindow,
  kWithinWiderWindow,
  kTooLate,
  kInThePast,
  kExpired,
};

// What is known about one dimension at one instant. The small ones first, so that few stores make
// one.
struct BantOutcome {
  v1::BantState state = v1::BANT_STATE_UNKNOWN;
  BantCause cause = BantCause::kNothingKnown;
  bool conflict = false;
  int16_t role = -1;  // kImpliedByTitle only: which role, for RoleId().
  Instant observed;   // When the deciding evidence was observed; none: that is not known.
  Points points = 0;
  const v1::Evidence* evidence = nullptr;  // The deciding one; null: none, or an event or a title.
  absl::string_view contact_id;  // Of the contact that decided, in the lead; empty: none was named.
};

// Budget, authority, need, timeline, in this order.
using BantOutcomes = std::array<BantOutcome, 4>;
inline constexpr int kBudget = 0;
inline constexpr int kAuthority = 1;
inline constexpr int kNeed = 2;
inline constexpr int kTimeline = 3;

// "budget", "authority", "need", "timeline".
absl::string_view BantId(int dimension);

// "decision_maker" …: a role by its number in an outcome.
absl::string_view RoleId(int role);

// An ICP's BANT rules, compiled. Immutable; safe for concurrent use.
class BantModel {
 public:
  BantModel() = default;

  // `bant` has passed Compile()'s checks and has its defaults filled in; `tests` must outlive this.
  BantModel(const v1::BantProfile& bant, const TestEnvironment& tests);

  // Assesses all dimensions at `time`. `newest_need_event` is that of the lead's activity; none:
  // there is none. Returns until when all outcomes stay as they are: then evidence is observed or
  // expires, or a purchase date comes near or passes.
  Until Evaluate(const v1::Lead& lead, Instant newest_need_event, Instant time,
                 BantOutcomes* outcomes) const;

  // Whether rules name this role.
  bool KnowsRole(absl::string_view role) const {
    return JudgeRole(role).cause != BantCause::kUnheardOfRole;
  }

  // The ICP's own questions; empty: none.
  const OwnText& question(int dimension) const { return questions_[dimension]; }

  // Points of a dimension if met, and how long its evidence stays valid.
  Points points(int dimension) const { return points_[dimension]; }
  TimeSpan valid_for(int dimension) const { return valid_for_[dimension]; }

 private:
  struct Judgement {
    v1::BantState state;
    BantCause cause;
  };
  void AddRoles();
  void AddTitles(const v1::AuthorityRule& authority);
  Judgement JudgeBudget(const v1::BudgetEvidence& budget) const;
  Judgement JudgeRole(absl::string_view role) const;
  int FindNormalizedRole(absl::string_view role) const;
  Judgement JudgeTimeline(const v1::TimelineEvidence& timeline, Instant time, Until* until) const;
  // Evidence that was observed by the instant asked about.
  struct Piece {
    const v1::Evidence* evidence;
    Instant observed;
  };
  using Pieces = ScratchList<Piece, 8>;  // In the lead's order; usual leads need no heap.

  template <typename Judge>  // Judgement().
  void Offer(int dimension, const Piece& piece, Instant time, const Judge& judge,
             BantOutcome* newest, Until* until) const;
  bool FindNewest(const Pieces& spoken, absl::string_view contact_id, Instant time,
                  BantOutcome* newest, Until* until) const;
  void EvaluateAuthority(const v1::Lead& lead, const Pieces& spoken, Instant time,
                         BantOutcome* best, Until* until) const;
  BantOutcome JudgeTitle(const v1::Contact& contact) const;
  void EvaluateNeed(const Pieces& needs, Instant newest_need_event, Instant time, BantOutcome* best,
                    Until* until) const;
  bool Expired(int dimension, Instant observed, Instant time, Until* until) const;

  std::array<Points, 4> points_ = {};
  std::array<Points, 4> half_points_ = {};  // If partial.
  std::array<TimeSpan, 4> valid_for_ = {};
  std::array<OwnText, 4> questions_;
  const TestEnvironment* tests_ = nullptr;  // Rates.
  std::optional<absl::int128> minimum_;     // Of the budget, in billionths of the ICP's currency.
  TextTable roles_;                         // As rules name them.
  std::vector<Judgement> role_judgements_;  // Of these, by number.
  WordTable titles_;                        // What implies a role as a title …
  WordTable seniorities_;                   // … and as a seniority.
  std::vector<int16_t> title_roles_;        // The role it implies, by number.
  TextTable solved_problems_;               // Folded.
  int window_days_ = 0;
  int wider_window_days_ = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_BANT_H_
