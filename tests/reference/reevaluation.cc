#include "tests/reference/reevaluation.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/reference/gates.h"

namespace bantam {
namespace reference {
namespace {

// What time may change: verdict, temperature and target stage.
using Outcome = std::tuple<v1::Verdict, v1::Temperature, std::string>;

// 2201-01-01T00:00:00Z: evaluation times lie before it. CHOICE: so does reevaluate_time.
constexpr int64_t kEnd = 7289654400;

// Whole seconds.
using Seconds = std::set<int64_t>;

// Something may change at `instant`, or just after it.
void Add(Nanos instant, Seconds* seconds) {
  const int64_t second = static_cast<int64_t>(FloorDivide(instant, kSecond));
  seconds->insert(second);
  seconds->insert(second + 1);
}

// The durations of all tests of time within `test`.
void CollectSpans(const v1::Test& test, std::set<Nanos>* spans) {
  if (test.has_within_last()) spans->insert(ToNanos(test.within_last()));
  if (test.has_within_next()) spans->insert(-ToNanos(test.within_next()));
  if (test.has_not_()) CollectSpans(test.not_(), spans);
  for (const v1::Test& child : test.all_of().tests()) CollectSpans(child, spans);
  for (const v1::Test& child : test.any_of().tests()) CollectSpans(child, spans);
}

void AddAttributeTimes(const Case& subject, Seconds* seconds) {
  std::set<Nanos> spans;
  for (const v1::Criterion& criterion : subject.icp.fit().criteria()) {
    CollectSpans(criterion.test(), &spans);
  }
  std::vector<Nanos> times;
  for (const auto& entry : subject.lead.custom()) {
    if (entry.second.has_time()) times.push_back(ToNanos(entry.second.time()));
  }
  if (subject.lead.source().has_first_contact_time()) {
    const Nanos first = ToNanos(subject.lead.source().first_contact_time());
    times.push_back(first);
    Add(first, seconds);
    Add(first + ToNanos(subject.icp.engagement().interest_window()), seconds);
  }
  for (const Nanos time : times) {
    if (spans.empty()) break;
    Add(time, seconds);
    for (const Nanos span : spans) Add(time + span, seconds);
  }
}

void AddLeadTimes(const Case& subject, Seconds* seconds) {
  const v1::Lead& lead = subject.lead;
  if (lead.marketing_objection().has_time()) {
    Add(ToNanos(lead.marketing_objection().time()), seconds);
  }
  if (lead.sales_decision().has_time()) Add(ToNanos(lead.sales_decision().time()), seconds);
  if (lead.closed_won().has_time()) Add(ToNanos(lead.closed_won().time()), seconds);
  if (lead.closed_lost().has_time()) Add(ToNanos(lead.closed_lost().time()), seconds);
  if (lead.has_stage_entered_time()) {
    const Nanos entered = ToNanos(lead.stage_entered_time());
    Add(entered, seconds);
    Add(entered + QuietLimit(subject.icp, subject.stage()), seconds);
  }
}

void AddEvidenceTimes(const Case& subject, Seconds* seconds) {
  const v1::BantProfile& bant = subject.icp.bant();
  for (const v1::Evidence& evidence : subject.lead.evidence()) {
    if (evidence.has_observed_time()) {
      const Nanos observed = ToNanos(evidence.observed_time());
      Add(observed, seconds);
      Add(observed + ToNanos(evidence.has_budget()      ? bant.budget().valid_for()
                             : evidence.has_authority() ? bant.authority().valid_for()
                             : evidence.has_need()      ? bant.need().valid_for()
                                                        : bant.timeline().valid_for()),
          seconds);
    }
    if (!evidence.timeline().has_planned_purchase_time()) continue;
    const int64_t date = UtcDate(ToNanos(evidence.timeline().planned_purchase_time()));
    for (const int64_t days :
         {0, bant.timeline().window_days(), bant.timeline().wider_window_days()}) {
      for (const int64_t more : {-1, 0, 1}) Add((date - days + more) * kDay, seconds);
    }
  }
}

void AddEventTimes(const Case& subject, Seconds* seconds) {
  const v1::Icp& icp = subject.icp;
  const std::set<Nanos> spans = {0,
                                 ToNanos(icp.engagement().interest_window()),
                                 ToNanos(icp.engagement().conversation_window()),
                                 ToNanos(icp.temperature().hot_window()),
                                 ToNanos(icp.temperature().unanswered_for()),
                                 ToNanos(icp.bant().need().valid_for()),
                                 QuietLimit(icp, subject.stage())};
  for (const Happening& event : subject.events) {
    for (const Nanos span : spans) Add(event.time + span, seconds);
  }
}

// The ends of windows and the steps of stepwise decay.
void AddEngagementSteps(const Case& subject, Seconds* seconds) {
  for (const v1::EngagementRule& rule : subject.icp.engagement().rules()) {
    for (const Happening& event : subject.events) {
      const auto& types = rule.event_types();
      if (std::find(types.begin(), types.end(), event.type) == types.end()) continue;
      if (rule.has_window()) Add(event.time + ToNanos(rule.window()), seconds);
      if (!rule.decay().has_stepwise()) continue;
      const v1::StepwiseDecay& decay = rule.decay().stepwise();
      const int64_t steps = 10000 / Hundredths(decay.rate_percent()) + 1;
      for (int64_t i = 1; i <= steps; ++i) {
        Add(event.time + i * ToNanos(decay.interval()), seconds);
      }
    }
  }
}

// The shares of engagement and total that the funnel's gates ask for.
void CollectShares(const v1::Gate& gate, std::vector<v1::GateScore>* shares) {
  for (const v1::GateCondition& condition : gate.conditions()) {
    CollectShares(condition.any_of(), shares);
    if (condition.score().part() == v1::SCORE_PART_ENGAGEMENT ||
        condition.score().part() == v1::SCORE_PART_TOTAL) {
      shares->push_back(condition.score());
    }
  }
}

// Tries seconds one after the other.
class Search {
 public:
  Search(const Case& subject, Nanos now, bool advance, bool far,
         const v1::StageOverride* override_by)
      : subject_(subject), advance_(advance), far_(far), override_by_(override_by) {
    if (advance && override_by == nullptr) {
      CollectShares(subject.icp.funnel().nurture_exit(), &shares_);
      for (const v1::FunnelStage& stage : subject.icp.funnel().stages()) {
        CollectShares(stage.gate(), &shares_);
      }
    }
    present_ = OutcomeAt(now);
  }

  std::optional<Nanos> FirstAfter(Nanos now) {
    Seconds seconds;
    AddAttributeTimes(subject_, &seconds);
    AddLeadTimes(subject_, &seconds);
    AddEvidenceTimes(subject_, &seconds);
    AddEventTimes(subject_, &seconds);
    if (!shares_.empty()) AddEngagementSteps(subject_, &seconds);
    int64_t previous = static_cast<int64_t>(FloorDivide(now, kSecond)) + 1;
    seconds.insert(previous);
    for (const int64_t second : seconds) {
      if (second < previous) continue;
      if (second >= kEnd) break;
      if (const auto found = DuringDecay(previous, second)) return found;
      if (OutcomeAt(second * kSecond) != present_) return second * kSecond;
      previous = second;
    }
    return DuringDecay(previous, std::min(previous + TimeToFade(), kEnd));
  }

 private:
  Outcome OutcomeAt(Nanos now) {
    const Picture picture = Look(subject_, now, !shares_.empty());
    std::string target;
    if (advance_) target = DecideMove(subject_, picture, far_, override_by_).to_stage();
    return Outcome(picture.verdict, picture.temperature, target);
  }

  // Which shares are reached with the engagement of `second`; only that changes between the seconds
  // of the list.
  std::vector<bool> SharesAt(int64_t second, const Picture& picture) const {
    const int64_t points = LimitToPart(
        EngagementSum(subject_.icp, subject_.events, second * kSecond), picture.engagement.cap);
    std::vector<bool> reached;
    for (const v1::GateScore& share : shares_) {
      const bool total = share.part() == v1::SCORE_PART_TOTAL;
      const int64_t now = points + (total ? picture.fit.points + picture.bant_part.points : 0);
      const int64_t highest =
          points + (total ? picture.fit.highest + picture.bant_part.highest : 0);
      const int64_t cap = picture.part(share.part()).cap;
      reached.push_back(ReachesShare(now, Hundredths(share.enter_percent()), cap));
      reached.push_back(ReachesShare(highest, Hundredths(share.enter_percent()), cap));
      if (!share.has_exit_percent()) continue;
      reached.push_back(ReachesShare(highest, Hundredths(share.exit_percent()), cap));
    }
    return reached;
  }

  // The first change strictly between `first` and `last` by exponential decay, nothing else
  // changing. With points of one sign only, the engagement rises or falls steadily: halving finds
  // the next crossing. Else every second at which any event's hundredths change is tried.
  std::optional<Nanos> DuringDecay(int64_t first, int64_t last) {
    if (shares_.empty() || !Decays() || last - first < 2) return std::nullopt;
    const Picture picture = Look(subject_, first * kSecond, true);
    if (MixedSigns()) return AmongCrossings(first, last, picture);
    int64_t from = first;
    while (SharesAt(from, picture) != SharesAt(last - 1, picture)) {
      int64_t low = from;
      int64_t high = last - 1;
      while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        (SharesAt(middle, picture) == SharesAt(from, picture) ? low : high) = middle;
      }
      if (OutcomeAt(high * kSecond) != present_) return high * kSecond;
      from = high;
    }
    return std::nullopt;
  }

  std::optional<Nanos> AmongCrossings(int64_t first, int64_t last, const Picture& picture) {
    std::vector<bool> before = SharesAt(first, picture);
    for (const int64_t second : Crossings()) {
      if (second <= first || second >= last) continue;
      const std::vector<bool> reached = SharesAt(second, picture);
      if (reached == before) continue;
      if (OutcomeAt(second * kSecond) != present_) return second * kSecond;
      before = reached;
    }
    return std::nullopt;
  }

  // All seconds around which the hundredths of any decaying event change.
  const Seconds& Crossings() {
    if (!crossings_.empty()) return crossings_;
    for (const v1::EngagementRule& rule : subject_.icp.engagement().rules()) {
      if (!rule.decay().has_exponential()) continue;
      const int64_t points = std::abs(Hundredths(rule.points()));
      const Nanos half_life = ToNanos(rule.decay().exponential().half_life());
      for (const Happening& event : subject_.events) {
        const auto& types = rule.event_types();
        if (std::find(types.begin(), types.end(), event.type) == types.end()) continue;
        for (int64_t left = 0; left < points; ++left) {
          const long double half_lives = std::log2(points / (left + 0.5L));
          const Nanos age = static_cast<Nanos>(half_lives * static_cast<long double>(half_life));
          Add(event.time + age - kSecond, &crossings_);
          Add(event.time + age + kSecond, &crossings_);
        }
      }
    }
    return crossings_;
  }

  bool Decays() const { return TimeToFade() > 0; }

  bool MixedSigns() const {
    bool rising = false;
    bool falling = false;
    for (const v1::EngagementRule& rule : subject_.icp.engagement().rules()) {
      if (!rule.decay().has_exponential()) continue;
      rising = rising || rule.points() < 0;
      falling = falling || rule.points() > 0;
    }
    return rising && falling;
  }

  // Seconds after which no decaying event has a hundredth left: 1000 points last 18 half-lives.
  int64_t TimeToFade() const {
    int64_t longest = 0;
    for (const v1::EngagementRule& rule : subject_.icp.engagement().rules()) {
      if (!rule.decay().has_exponential()) continue;
      longest = std::max(longest, rule.decay().exponential().half_life().seconds() + 1);
    }
    return 20 * longest;
  }

  const Case& subject_;
  const bool advance_;
  const bool far_;
  const v1::StageOverride* const override_by_;
  std::vector<v1::GateScore> shares_;
  Outcome present_;
  Seconds crossings_;
};

}  // namespace

std::optional<Nanos> NextChange(const Case& subject, Nanos now, bool advance,
                                bool as_far_as_possible, const v1::StageOverride* override_by) {
  return Search(subject, now, advance, as_far_as_possible, override_by).FirstAfter(now);
}

}  // namespace reference
}  // namespace bantam
