#include "server/engine/outlook.h"

#include <algorithm>
#include <vector>

#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

// The contract's bound of an evaluation time.
absl::Time Horizon() { return absl::FromUnixSeconds(7289654400); }  // 2201-01-01T00:00:00Z

// Bounds the search where opposing points keep a score close to a threshold for ages; usual leads
// take some dozens. Beyond it the start of the undecided span is given: to ask again too early does
// no harm.
constexpr int kMostHalvings = 4096;

absl::Time NextSecond(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time) + 1);
}

// Searches for the first change.
class Search {
 public:
  Search(const Profile& profile, const Assessment& current, const EventLog& log,
         const EvaluateOptions& options, const std::string& target_stage)
      : profile_(profile),
        current_(current),
        log_(log),
        options_(options),
        target_stage_(target_stage) {}

  std::optional<absl::Time> Run();

 private:
  void CollectInstants();
  void CollectActivityInstants();
  void CollectFactInstants();
  void Add(absl::Time instant) { instants_.push_back(instant); }
  void AddIf(std::optional<absl::Time> instant, absl::Duration later) {
    if (instant.has_value()) Add(*instant + later);
  }
  std::vector<absl::Time> Seconds() const;
  bool Differs(const Assessment& later) const;
  std::string TargetOf(const Assessment& later) const;
  Assessment At(absl::Time time) const {
    return AssessLater(profile_, current_, log_, time, watches_engagement_);
  }
  std::optional<absl::Time> FirstInside(absl::Time from, absl::Time to, const Assessment& frame);

  const Profile& profile_;
  const Assessment& current_;
  const EventLog& log_;
  const EvaluateOptions& options_;
  const std::string& target_stage_;
  bool watches_engagement_ = false;
  int halvings_left_ = kMostHalvings;
  std::vector<absl::Time> instants_;
};

bool WatchesEngagement(const Profile& profile) {
  const v1::Funnel& funnel = profile.funnel.definition();
  return AsksForEngagement(funnel.nurture_exit()) ||
         std::any_of(funnel.stages().begin(), funnel.stages().end(),
                     [](const v1::FunnelStage& stage) { return AsksForEngagement(stage.gate()); });
}

// What begins or ends by the age of an event: the newest past one of each kind, and every future
// one.
void Search::CollectActivityInstants() {
  const std::optional<absl::Duration> quiet = profile_.funnel.QuietAfter(current_.stage);
  const auto add = [&](const Activity& activity) {
    AddIf(activity.interest, profile_.interest_window);
    AddIf(activity.conversation, profile_.conversation_window);
    AddIf(activity.inbound, profile_.hot_window);
    if (quiet.has_value()) AddIf(activity.inbound, *quiet);
    AddIf(activity.attempt, profile_.unanswered_for);
    AddIf(activity.need, profile_.bant.valid_for(kNeed));
  };
  add(current_.activity);
  for (const EventFact& fact : log_.future()) {
    if (fact.roles == 0) continue;
    Add(fact.time);
    Activity one;
    one.interest = one.conversation = one.inbound = one.attempt = one.need = fact.time;
    add(one);
  }
}

// What begins or ends by a date that is a fact of its own.
void Search::CollectFactInstants() {
  const v1::Lead& lead = *current_.lead;
  if (lead.marketing_objection().has_time()) Add(ToTime(lead.marketing_objection().time()));
  if (lead.closed_won().has_time()) Add(ToTime(lead.closed_won().time()));
  if (lead.closed_lost().has_time()) Add(ToTime(lead.closed_lost().time()));
  if (lead.sales_decision().has_time()) Add(ToTime(lead.sales_decision().time()));
  if (lead.source().has_first_contact_time()) {
    Add(ToTime(lead.source().first_contact_time()));
    Add(ToTime(lead.source().first_contact_time()) + profile_.interest_window);
  }
  if (!lead.has_stage_entered_time()) return;
  const absl::Time entered = ToTime(lead.stage_entered_time());
  Add(entered);
  const std::optional<absl::Duration> quiet = profile_.funnel.QuietAfter(current_.stage);
  if (quiet.has_value()) Add(entered + *quiet);
}

void Search::CollectInstants() {
  CollectActivityInstants();
  CollectFactInstants();
  profile_.bant.CollectInstants(*current_.lead, &instants_);
  for (const int i : profile_.timed_criteria) {
    profile_.criteria[i].test->CollectInstants(*current_.lead, &instants_);
  }
}

// The whole seconds at or right after the instants, after now, in order, each once: a bound that
// is inclusive changes something one second later than one that is not.
std::vector<absl::Time> Search::Seconds() const {
  std::vector<absl::Time> seconds;
  const absl::Time horizon = Horizon();
  for (const absl::Time instant : instants_) {
    if (instant > horizon || instant + absl::Seconds(1) <= current_.now) continue;
    const absl::Time next = NextSecond(instant);
    for (const absl::Time second : {next - absl::Seconds(1), next}) {
      if (second >= instant && second > current_.now) seconds.push_back(second);
    }
  }
  std::sort(seconds.begin(), seconds.end());
  seconds.erase(std::unique(seconds.begin(), seconds.end()), seconds.end());
  return seconds;
}

std::string Search::TargetOf(const Assessment& later) const {
  if (options_.override_by != nullptr) return target_stage_;
  if (later.restricted) return later.stage;
  return DecideMove(profile_, later, options_.as_far_as_possible).to_stage;
}

bool Search::Differs(const Assessment& later) const {
  return later.verdict != current_.verdict || later.temperature != current_.temperature ||
         (!target_stage_.empty() && TargetOf(later) != target_stage_);
}

// The first whole second in [from, to] at which engagement alone, all else being as in `frame`,
// changes the answer. Halves the span as long as its bounds leave the answer open.
std::optional<absl::Time> Search::FirstInside(absl::Time from, absl::Time to,
                                              const Assessment& frame) {
  if (from > to) return std::nullopt;
  const EngagementBounds bounds = BoundEngagement(profile_.engagement, log_, from, to);
  const Points cap = profile_.caps[v1::SCORE_PART_ENGAGEMENT];
  const Points least = LimitPart(bounds.least, cap);
  const Points most = LimitPart(bounds.most, cap);
  const auto with = [&](Points points) {
    Assessment assessment = frame;
    assessment.engagement_part.points = points;
    assessment.engagement_part.least = assessment.engagement_part.most = points;
    return assessment;
  };
  // More engagement never closes a gate, so the answer changes inside only if it differs at one of
  // the two bounds.
  const bool least_differs = Differs(with(least));
  const bool most_differs = least == most ? least_differs : Differs(with(most));
  if (!least_differs && !most_differs) return std::nullopt;
  if (least_differs && most_differs && TargetOf(with(least)) == TargetOf(with(most))) return from;
  if (from == to || --halvings_left_ < 0) return from;
  const int64_t first = absl::ToUnixSeconds(from);
  const int64_t last = absl::ToUnixSeconds(to);
  const absl::Time middle = absl::FromUnixSeconds(first + (last - first) / 2);
  const std::optional<absl::Time> early = FirstInside(from, middle, frame);
  return early.has_value() ? early : FirstInside(middle + absl::Seconds(1), to, frame);
}

std::optional<absl::Time> Search::Run() {
  if (current_.restricted) return std::nullopt;  // An objection does not lapse.
  CollectInstants();
  watches_engagement_ = !target_stage_.empty() && options_.override_by == nullptr &&
                        !profile_.engagement.rules.empty() && WatchesEngagement(profile_);
  const std::vector<absl::Time> seconds = Seconds();
  absl::Time from = NextSecond(current_.now);
  Assessment frame = current_;
  for (const absl::Time second : seconds) {
    if (watches_engagement_) {
      const std::optional<absl::Time> inside = FirstInside(from, second - absl::Seconds(1), frame);
      if (inside.has_value()) return inside;
    }
    frame = At(second);
    if (Differs(frame)) return second;
    from = second + absl::Seconds(1);
  }
  if (watches_engagement_) return FirstInside(from, Horizon(), frame);
  return std::nullopt;
}

}  // namespace

std::optional<absl::Time> NextChange(const Profile& profile, const Assessment& current,
                                     const EventLog& log, const EvaluateOptions& options,
                                     const std::string& target_stage) {
  return Search(profile, current, log, options, target_stage).Run();
}

}  // namespace bantam
