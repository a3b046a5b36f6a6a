// Everything about one lead at one instant that is not wording: the parts of the score, BANT,
// activity, verdict and temperature. The answer is written from it, and reevaluate_time compares
// it with later ones.
#ifndef BANTAM_SERVER_ENGINE_ASSESSMENT_H_
#define BANTAM_SERVER_ENGINE_ASSESSMENT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/lead.pb.h"
#include "server/engine/bant.h"
#include "server/engine/criteria.h"
#include "server/engine/engagement.h"
#include "server/engine/instant.h"
#include "server/engine/profile.h"
#include "server/engine/scratch_list.h"
#include "server/engine/until.h"

namespace bantam {

// A part's points before and after its limits. Nothing is set beforehand, since all is later.
struct PartSums {
  Points raw;        // Sum of the rules.
  Points raw_least;  // With everything unknown at its worst …
  Points raw_most;   // … and at its best.
  Points points;     // After the limits 0 and cap.
  Points least;
  Points most;
  Points known_spread;  // Most − least of the rules that are known …
  Points all_spread;    // … and of all. Engagement knows all: 0, as that of its known ones.
};

// Where a lead stands at one instant: all that verdict, temperature and stage follow from.
struct Standing {
  // The lead, for its closed facts and stage. Not owned.
  const v1::Lead* lead = nullptr;
  Instant now;

  // The current stage (of the lead or a constant), its index in the funnel, how long it may be
  // quiet (unlimited: it never is), and when it was entered; none where that is not known or in the
  // future.
  absl::string_view stage;
  int stage_index = -1;
  TimeSpan quiet_after = TimeSpan::Unlimited();
  Instant entered;

  // A referral counts as interest: of the time of its first contact, or, without that, at any time.
  bool undated_referral = false;
  Instant referral;  // None: there is none, or its time is not known or in the future.

  bool any_fit_known = false;
  bool required_missed = false;
  bool required_unknown = false;

  BantOutcomes bant;
  Activity activity;  // Its interest may be a referral's.

  // When time alone may next change what was read from the lead: statements (from restricted to
  // accepted, the referral, the stage's entry), criteria, BANT.
  Until statements_until;
  Until criteria_until;
  Until bant_until;

  // Of a restricted lead 0.
  PartSums fit;
  PartSums engagement_part;
  PartSums bant_part;

  bool restricted = false;
  bool closed_won = false;
  bool closed_lost = false;
  bool rejected = false;
  bool rejected_for_good = false;
  bool accepted = false;
  bool interest = false;              // Within the window, or an undated referral.
  bool interest_after_entry = false;  // Meaningful only where `entered` is known.
  bool conversation = false;
  bool fit_below_floor = false;
  bool qualified = false;  // By fit and BANT alone.
  bool quiet = false;

  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  v1::Temperature temperature = v1::TEMPERATURE_UNSPECIFIED;

  Points total() const { return fit.points + engagement_part.points + bant_part.points; }
  Points total_least() const { return fit.least + engagement_part.least + bant_part.least; }
  Points total_most() const { return fit.most + engagement_part.most + bant_part.most; }

  // Points, and the highest possible points, of a part or of the total.
  Points PointsOf(v1::ScorePart part) const {
    const PartSums* const sums = SumsOf(part);
    return sums == nullptr ? total() : sums->points;
  }
  Points MostOf(v1::ScorePart part) const {
    const PartSums* const sums = SumsOf(part);
    return sums == nullptr ? total_most() : sums->most;
  }

  // The sums of a part; null: the total has none.
  const PartSums* SumsOf(v1::ScorePart part) const {
    switch (part) {
      case v1::SCORE_PART_FIT:
        return &fit;
      case v1::SCORE_PART_ENGAGEMENT:
        return &engagement_part;
      case v1::SCORE_PART_BANT:
        return &bant_part;
      default:
        return nullptr;
    }
  }
};

// A standing and what its points are made of.
struct Assessment : Standing {
  Assessment() = default;
  // Without criteria and engagement's rules.
  explicit Assessment(const Standing& standing) : Standing(standing) {}

  ScratchList<CriterionOutcome, 24> criteria;
  EngagementOutcome engagement;
};

// Assesses `lead` at `now`. `log` was made for `now`.
Assessment Assess(const Profile& profile, const v1::Lead& lead, const EventLog& log, Instant now);

// Turns `assessment` into that of a later instant. Its points of engagement stay as they are unless
// `with_engagement`; verdict and temperature do not depend on them. Its criteria are not looked at
// before the instant that they may change at.
void MoveOn(const Profile& profile, const EventLog& log, Instant later, bool with_engagement,
            Assessment* assessment);

// What if some gaps closed at their best: criteria (by index) matched with the most points they can
// earn, dimensions met; sums, verdict and temperature follow.
Assessment AssessIfClosed(const Profile& profile, const Assessment& current,
                          absl::Span<const int> criteria, absl::Span<const int> dimensions);

// The sum limited to 0 and `cap`.
Points LimitPart(Points sum, Points cap);

// The total if the raw sums of fit and BANT rose by this much.
Points TotalWith(const Profile& profile, const Assessment& assessment, Points fit_rise,
                 Points bant_rise);

// Whether the lead's source is a referral.
bool IsReferral(const v1::Lead& lead);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ASSESSMENT_H_
