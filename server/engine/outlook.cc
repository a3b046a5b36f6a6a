#include "server/engine/outlook.h"

#include <cstdint>

#include "server/engine/checkpoints.h"

namespace bantam {
namespace {

// Bounds the search where opposing points keep a score close to a threshold for ages; usual leads
// take some dozens. Beyond it the start of the undecided span is given: to ask again too early does
// no harm.
constexpr int kMostHalvings = 4096;

// Searches for the first change.
class Search {
 public:
  Search(const Profile& profile, const Assessment& current, const EventLog& log,
         const EvaluateOptions& options, absl::string_view target_stage)
      : profile_(profile),
        current_(current),
        log_(log),
        options_(options),
        target_stage_(target_stage),
        checkpoints_(current.now) {}

  std::optional<absl::Time> Run();

 private:
  void CollectInstants();
  void CollectActivityInstants();
  void CollectStatementInstants();
  bool Differs(const Assessment& later) const;
  absl::string_view TargetOf(const Assessment& later) const;
  std::optional<int64_t> FirstInside(int64_t from, int64_t to, Assessment* frame);

  const Profile& profile_;
  const Assessment& current_;
  const EventLog& log_;
  const EvaluateOptions& options_;
  const absl::string_view target_stage_;
  bool watches_engagement_ = false;
  int halvings_left_ = kMostHalvings;
  Checkpoints checkpoints_;
};

// What begins or ends by the age of an event: the newest past one of each kind, and every future
// one.
void Search::CollectActivityInstants() {
  const auto add = [&](const Activity& activity) {
    checkpoints_.Add(activity.interest, profile_.interest_window, 0);
    checkpoints_.Add(activity.conversation, profile_.conversation_window, 0);
    checkpoints_.Add(activity.inbound, profile_.hot_window, 0);
    if (current_.quiet_after.has_value())
      checkpoints_.Add(activity.inbound, *current_.quiet_after, 0);
    checkpoints_.Add(activity.attempt, profile_.unanswered_for, 0);
    checkpoints_.Add(activity.need, profile_.bant.valid_for(kNeed), BantChange(kNeed));
  };
  add(current_.activity);
  for (const EventFact& fact : log_.future()) {
    if (fact.roles == 0) continue;
    checkpoints_.Add(fact.time, TimeSpan(), kEventsChange);
    Activity one;
    one.interest = one.conversation = one.inbound = one.attempt = one.need = fact.time;
    add(one);
  }
}

// What begins or ends by a date that is a fact of its own.
void Search::CollectStatementInstants() {
  const v1::Lead& lead = *current_.lead;
  const auto add = [&](const google::protobuf::Timestamp& time) {
    checkpoints_.Add(Instant(time), TimeSpan(), kStatementsChange);
  };
  if (lead.marketing_objection().has_time()) add(lead.marketing_objection().time());
  if (lead.closed_won().has_time()) add(lead.closed_won().time());
  if (lead.closed_lost().has_time()) add(lead.closed_lost().time());
  if (lead.sales_decision().has_time()) add(lead.sales_decision().time());
  if (lead.source().has_first_contact_time()) {
    const Instant first(lead.source().first_contact_time());
    checkpoints_.Add(first, TimeSpan(), 0);
    checkpoints_.Add(first, profile_.interest_window, 0);
  }
  if (!lead.has_stage_entered_time()) return;
  add(lead.stage_entered_time());
  if (current_.quiet_after.has_value()) {
    checkpoints_.Add(Instant(lead.stage_entered_time()), *current_.quiet_after, 0);
  }
}

void Search::CollectInstants() {
  CollectActivityInstants();
  CollectStatementInstants();
  for (const int i : profile_.timed_criteria) {
    profile_.criteria[i].test.AddInstants(*current_.lead, &checkpoints_);
  }
  profile_.bant.AddInstants(*current_.lead, &checkpoints_);
  checkpoints_.Sort();
}

absl::string_view Search::TargetOf(const Assessment& later) const {
  if (options_.override_by != nullptr) return target_stage_;
  if (later.restricted) return later.stage;
  return DecideMove(profile_, later, options_.as_far_as_possible).to_stage;
}

bool Search::Differs(const Assessment& later) const {
  return later.verdict != current_.verdict || later.temperature != current_.temperature ||
         (!target_stage_.empty() && TargetOf(later) != target_stage_);
}

// The first whole second in [from, to] at which engagement alone, all else being as in `frame`,
// changes the answer. Halves the span as long as its bounds leave the answer open. Leaves other
// points of engagement in `frame`.
std::optional<int64_t> Search::FirstInside(int64_t from, int64_t to, Assessment* frame) {
  if (from > to) return std::nullopt;
  const EngagementBounds bounds = BoundEngagement(
      profile_.engagement, log_, Instant::FromSecond(from), Instant::FromSecond(to));
  const Points cap = profile_.caps[v1::SCORE_PART_ENGAGEMENT];
  const Points least = LimitPart(bounds.least, cap);
  const Points most = LimitPart(bounds.most, cap);
  const auto with = [frame](Points points) -> const Assessment& {
    PartSums& part = frame->engagement_part;
    part.points = part.least = part.most = points;
    return *frame;
  };
  // More engagement never closes a gate, so the answer changes inside only if it differs at one of
  // the two bounds.
  const bool least_differs = Differs(with(least));
  const bool most_differs = least == most ? least_differs : Differs(with(most));
  if (!least_differs && !most_differs) return std::nullopt;
  if (least_differs && most_differs && TargetOf(with(least)) == TargetOf(with(most))) return from;
  if (from == to || --halvings_left_ < 0) return from;
  const int64_t middle = from + (to - from) / 2;
  const std::optional<int64_t> early = FirstInside(from, middle, frame);
  return early.has_value() ? early : FirstInside(middle + 1, to, frame);
}

std::optional<absl::Time> Search::Run() {
  if (current_.restricted) return std::nullopt;  // An objection does not lapse.
  CollectInstants();
  watches_engagement_ = !target_stage_.empty() && options_.override_by == nullptr &&
                        !profile_.engagement.rules.empty() &&
                        profile_.funnel.AsksForEngagement(current_.stage);
  if (checkpoints_.empty() && !watches_engagement_) return std::nullopt;
  int64_t from = current_.now.Second() + 1;
  Assessment frame(
      static_cast<const Standing&>(current_));  // Without criteria, until they are needed.
  while (!checkpoints_.empty()) {
    const Checkpoint next = checkpoints_.TakeNext();
    if (watches_engagement_) {
      const std::optional<int64_t> inside = FirstInside(from, next.second - 1, &frame);
      if (inside.has_value()) return absl::FromUnixSeconds(*inside);
    }
    const Changes engagement = watches_engagement_ ? kEngagementChange : 0;
    if ((next.changes & kCriteriaChange) != 0 && frame.criteria.empty()) {
      frame.criteria = current_.criteria;
    }
    MoveOn(profile_, log_, Instant::FromSecond(next.second), next.changes | engagement, &frame);
    if (Differs(frame)) return absl::FromUnixSeconds(next.second);
    from = next.second + 1;
  }
  if (!watches_engagement_) return std::nullopt;
  const std::optional<int64_t> inside = FirstInside(from, kHorizonSecond, &frame);
  if (!inside.has_value()) return std::nullopt;
  return absl::FromUnixSeconds(*inside);
}

}  // namespace

std::optional<absl::Time> NextChange(const Profile& profile, const Assessment& current,
                                     const EventLog& log, const EvaluateOptions& options,
                                     absl::string_view target_stage) {
  return Search(profile, current, log, options, target_stage).Run();
}

}  // namespace bantam
