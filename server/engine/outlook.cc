#include "server/engine/outlook.h"

#include <algorithm>
#include <cstdint>

#include "absl/base/attributes.h"
#include "server/engine/until.h"

namespace bantam {
namespace {

// Bounds the search where opposing points keep a score close to a threshold for ages; usual leads
// take some dozens. Beyond it the start of the undecided span is given: to ask again too early does
// no harm.
constexpr int kMostHalvings = 4096;

// The first second at which verdict or temperature are others, unless anything that NextPossible()
// knows of changes by then.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline int64_t NextCertain(const Profile& profile, const Standing& a) {
  Until until;
  const Activity& activity = a.activity;
  if (a.temperature == v1::TEMPERATURE_HOT) {
    until.Ends(activity.inbound, profile.hot_window);
  } else if (a.temperature == v1::TEMPERATURE_WARM) {
    if (!a.undated_referral) until.Ends(activity.interest, profile.interest_window);
    if (activity.unanswered_attempts >= profile.unanswered_attempts) {
      until.Begins(activity.attempt, profile.unanswered_for);
    }
  }
  const Instant last = std::max(activity.inbound, a.entered);  // As quiet is counted from.
  if ((a.verdict == v1::VERDICT_OPEN || a.verdict == v1::VERDICT_QUALIFIED) && last.has_value()) {
    until.Ends(last, a.quiet_after);
  }
  return until.Second();
}

// The first second at which anything else may change.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline int64_t NextPossible(const Profile& profile,
                                                         const EventLog& log,
                                                         absl::string_view target_stage,
                                                         const Standing& a) {
  Until until = a.statements_until;
  until.Add(a.criteria_until);
  until.Add(a.bant_until);
  for (const EventFact& fact : log.future()) {
    if (fact.roles == 0 || fact.time <= a.now) continue;
    until.Begins(fact.time);
    break;  // They come in order.
  }
  if (target_stage.empty()) return until.Second();
  const auto end_window = [&](Instant newest, TimeSpan window) {
    if (newest.has_value() && a.now - newest <= window) until.Ends(newest, window);
  };
  end_window(a.activity.interest, profile.interest_window);
  end_window(a.activity.conversation, profile.conversation_window);
  return until.Second();
}

// Searches for the first change. Up to it verdict, temperature and target stage are as they are
// now, which tells what can end them: a lead that is not hot does not cease to be.
class Search {
 public:
  Search(const Profile& profile, const Assessment& current, const EventLog& log,
         const EvaluateOptions& options, absl::string_view target_stage)
      : profile_(profile),
        current_(current),
        log_(log),
        options_(options),
        target_stage_(target_stage) {}

  std::optional<absl::Time> Run();

 private:
  bool Differs(const Assessment& later) const;
  absl::string_view TargetOf(const Assessment& later) const;
  std::optional<int64_t> FirstInside(int64_t from, int64_t to);
  std::optional<int64_t> FirstSecond();
  Assessment& Frame();

  const Profile& profile_;
  const Assessment& current_;
  const EventLog& log_;
  const EvaluateOptions& options_;
  const absl::string_view target_stage_;
  bool watches_engagement_ = false;
  int halvings_left_ = kMostHalvings;
  std::optional<Assessment> frame_;
};

absl::string_view Search::TargetOf(const Assessment& later) const {
  if (options_.override_by != nullptr) return target_stage_;
  if (later.restricted) return later.stage;
  return DecideMove(profile_, later, options_.as_far_as_possible).to_stage;
}

bool Search::Differs(const Assessment& later) const {
  return later.verdict != current_.verdict || later.temperature != current_.temperature ||
         (!target_stage_.empty() && TargetOf(later) != target_stage_);
}

// What the search judges later instants in. Without criteria, until they are needed.
Assessment& Search::Frame() {
  if (!frame_.has_value()) frame_.emplace(static_cast<const Standing&>(current_));
  return *frame_;
}

// The first whole second in [from, to] at which engagement alone, all else being as in the frame,
// changes the answer. Halves the span as long as its bounds leave the answer open. Leaves other
// points of engagement in the frame.
std::optional<int64_t> Search::FirstInside(int64_t from, int64_t to) {
  if (from > to) return std::nullopt;
  const EngagementBounds bounds = BoundEngagement(
      profile_.engagement, log_, Instant::FromSecond(from), Instant::FromSecond(to));
  const Points cap = profile_.caps[v1::SCORE_PART_ENGAGEMENT];
  const Points least = LimitPart(bounds.least, cap);
  const Points most = LimitPart(bounds.most, cap);
  const auto with = [this](Points points) -> const Assessment& {
    PartSums& part = Frame().engagement_part;
    part.points = part.least = part.most = points;
    return Frame();
  };
  // More engagement never closes a gate, so the answer changes inside only if it differs at one of
  // the two bounds.
  const bool least_differs = Differs(with(least));
  const bool most_differs = least == most ? least_differs : Differs(with(most));
  if (!least_differs && !most_differs) return std::nullopt;
  if (least_differs && most_differs && TargetOf(with(least)) == TargetOf(with(most))) return from;
  if (from == to || --halvings_left_ < 0) return from;
  const int64_t middle = from + (to - from) / 2;
  const std::optional<int64_t> early = FirstInside(from, middle);
  return early.has_value() ? early : FirstInside(middle + 1, to);
}

std::optional<int64_t> Search::FirstSecond() {
  const Standing* a = &current_;
  for (;;) {
    const int64_t certain = NextCertain(profile_, *a);
    const int64_t possible = NextPossible(profile_, log_, target_stage_, *a);
    const int64_t next = std::min(certain, possible);
    if (watches_engagement_) {
      const int64_t last = next == Until::kNever ? kHorizonSecond : next - 1;
      const std::optional<int64_t> inside = FirstInside(a->now.Second() + 1, last);
      if (inside.has_value()) return inside;
    }
    if (next == Until::kNever) return std::nullopt;
    if (certain < possible) return certain;
    const Instant later = Instant::FromSecond(possible);
    Assessment& frame = Frame();
    if (frame.criteria_until.Reached(later) && frame.criteria.empty()) {
      frame.criteria = current_.criteria;
    }
    MoveOn(profile_, log_, later, watches_engagement_, &frame);
    if (Differs(frame)) return possible;
    a = &frame;
  }
}

std::optional<absl::Time> Search::Run() {
  watches_engagement_ = !target_stage_.empty() && options_.override_by == nullptr &&
                        !profile_.engagement.rules.empty() &&
                        profile_.funnel.AsksForEngagement(current_.stage);
  const std::optional<int64_t> second = FirstSecond();
  if (!second.has_value()) return std::nullopt;
  return absl::FromUnixSeconds(*second);
}

ABSL_ATTRIBUTE_NOINLINE std::optional<absl::Time> FindChange(const Profile& profile,
                                                             const Assessment& current,
                                                             const EventLog& log,
                                                             const EvaluateOptions& options,
                                                             absl::string_view target_stage) {
  return Search(profile, current, log, options, target_stage).Run();
}

}  // namespace

std::optional<absl::Time> NextChange(const Profile& profile, const Assessment& current,
                                     const EventLog& log, const EvaluateOptions& options,
                                     absl::string_view target_stage) {
  if (current.restricted) return std::nullopt;  // An objection does not lapse.
  if (target_stage
          .empty()) {  // Mostly the first instant is a certain change: found without search.
    const int64_t certain = NextCertain(profile, current);
    if (certain < NextPossible(profile, log, target_stage, current)) {
      return absl::FromUnixSeconds(certain);
    }
  }
  return FindChange(profile, current, log, options, target_stage);
}

}  // namespace bantam
