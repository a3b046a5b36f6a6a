#include "tests/reference/next_actions.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "tests/reference/consent.h"
#include "tests/reference/due_time.h"
#include "tests/reference/gates.h"

namespace bantam {
namespace reference {
namespace {

// Everything the rules are held against.
struct Scene {
  const Case& subject;
  const Picture& picture;
  const std::string& stage;
  const std::optional<Nanos>& entered;
  const v1::Qualification& qualification;
  std::string last_stage;
  // The newest inbound activity or conversation, and the newest attempt or conversation.
  std::optional<Nanos> newest_activity;
  std::optional<Nanos> newest_response;
};

template <typename List, typename Value>
bool Has(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

void KeepNewest(Nanos time, std::optional<Nanos>* newest) {
  if (!newest->has_value() || time > **newest) *newest = time;
}

void FindTimes(Scene* scene) {
  const auto& conversations = scene->subject.icp.engagement().conversations().types();
  for (const Happening& event : scene->subject.events) {
    if (event.time > scene->picture.now) continue;
    const bool conversation = Has(conversations, event.type);
    if (event.inbound_activity || conversation) KeepNewest(event.time, &scene->newest_activity);
    if (IsAttempt(*event.event) || conversation) KeepNewest(event.time, &scene->newest_response);
  }
}

bool IsReply(const v1::PlaybookRule& rule) { return rule.action().kind() == v1::ACTION_KIND_REPLY; }

bool IsNamed(const v1::Gap& gap, const std::string& name) {
  if (name == "criteria") return gap.dimension() == v1::BANT_DIMENSION_UNSPECIFIED;
  return gap.id() == name;
}

// The gaps that an action works on: those that the rule names, else those its kind is for.
std::vector<v1::Gap> GapsOf(const Scene& scene, const v1::PlaybookRule& rule) {
  std::set<std::string> names(rule.when().gaps().begin(), rule.when().gaps().end());
  if (names.empty()) {
    switch (rule.action().kind()) {
      case v1::ACTION_KIND_REPLY:
      case v1::ACTION_KIND_DISCOVERY_CALL:
        names = {"budget", "authority", "need", "timeline"};
        break;
      case v1::ACTION_KIND_FIND_DECISION_MAKER:
        names = {"authority"};
        break;
      case v1::ACTION_KIND_ROI_CALCULATOR:
        names = {"budget", "need"};
        break;
      case v1::ACTION_KIND_ATTRIBUTE_FORM:
        names = {"criteria"};
        break;
      default:
        break;
    }
  }
  std::vector<v1::Gap> gaps;
  for (const v1::Gap& gap : scene.qualification.gaps()) {
    for (const std::string& name : names) {
      if (!IsNamed(gap, name)) continue;
      gaps.push_back(gap);
      break;
    }
  }
  return gaps;
}

// CHOICE: the share of a part with a cap of 0 is 0.
bool InRange(const Scene& scene, const v1::PartRange& range) {
  const Part& part = scene.picture.part(range.part());
  const int64_t min = range.has_min_percent() ? Hundredths(range.min_percent()) : 0;
  const int64_t max = range.has_max_percent() ? Hundredths(range.max_percent()) : 10000;
  if (part.cap == 0) return min == 0;
  return part.points * 10000 >= min * part.cap && part.points * 10000 <= max * part.cap;
}

// Disqualified leads and customers get only what names them: the verdict DISQUALIFIED, or the
// stage.
bool NamesWhatIsOver(const Scene& scene, const v1::Situation& when) {
  const bool disqualified = scene.picture.verdict == v1::VERDICT_DISQUALIFIED;
  const bool ended = scene.stage == scene.last_stage || scene.stage == "disqualified";
  if (!disqualified && !ended) return true;
  return (disqualified && Has(when.verdicts(), v1::VERDICT_DISQUALIFIED)) ||
         (ended && Has(when.stages(), scene.stage));
}

bool Applies(const Scene& scene, const v1::PlaybookRule& rule) {
  const v1::Situation& when = rule.when();
  if (!when.gaps().empty() && GapsOf(scene, rule).empty()) return false;
  if (!when.stages().empty() && !Has(when.stages(), scene.stage)) return false;
  if (!when.temperatures().empty() && !Has(when.temperatures(), scene.picture.temperature)) {
    return false;
  }
  if (!when.verdicts().empty() && !Has(when.verdicts(), scene.picture.verdict)) return false;
  if (!NamesWhatIsOver(scene, when)) return false;
  for (const v1::PartRange& range : when.parts()) {
    if (!InRange(scene, range)) return false;
  }
  const std::optional<Nanos>& raised = scene.picture.activity.last_hand_raise;
  if (when.has_hand_raised_within() &&
      (!raised.has_value() || scene.picture.now - *raised > ToNanos(when.hand_raised_within()))) {
    return false;
  }
  if (!IsReply(rule)) return true;
  return raised.has_value() &&
         (!scene.newest_response.has_value() || *scene.newest_response <= *raised);
}

// The picture if these gaps closed at their best.
Picture Closed(const Scene& scene, const std::vector<v1::Gap>& gaps) {
  Picture picture = scene.picture;
  const auto& criteria = scene.subject.icp.fit().criteria();
  for (const v1::Gap& gap : gaps) {
    if (gap.dimension() != v1::BANT_DIMENSION_UNSPECIFIED) {
      BantOutcome& outcome = picture.bant[gap.dimension() - 1];
      outcome.state = v1::BANT_STATE_MET;
      outcome.points = outcome.full_points;
      continue;
    }
    for (int i = 0; i < criteria.size(); ++i) {
      if (criteria[i].id() != gap.id()) continue;
      picture.criteria[i].truth = Truth::kMatched;
      picture.criteria[i].points = picture.criteria[i].most;
    }
  }
  Reconsider(scene.subject, &picture);
  return picture;
}

// The stage whose gate would then be open, though it is not now.
std::string Unlocked(const Scene& scene, const Picture& closed) {
  const v1::Funnel& funnel = scene.subject.icp.funnel();
  const v1::Gate* gate = nullptr;
  int next = StageIndex(scene.subject.icp, scene.stage) + 1;
  if (scene.stage == "nurture") {
    gate = &funnel.nurture_exit();
    next = std::max(StageIndex(scene.subject.icp, "mql"), 1);
  } else if (next > 0 && next < funnel.stages_size()) {
    gate = &funnel.stages(next).gate();
  }
  if (gate == nullptr) return "";
  const bool now = JudgeGate(scene.subject, scene.picture, *gate).status() == v1::GATE_STATUS_MET;
  const bool then = JudgeGate(scene.subject, closed, *gate).status() == v1::GATE_STATUS_MET;
  return then && !now ? funnel.stages(next).id() : "";
}

v1::Sla SlaFor(const Scene& scene, const v1::PlaybookRule& rule) {
  if (rule.action().has_sla()) return rule.action().sla();
  const std::optional<Nanos>& raised = scene.picture.activity.last_hand_raise;
  v1::Sla sla;
  if (scene.picture.temperature == v1::TEMPERATURE_HOT ||
      (raised.has_value() && scene.picture.now - *raised <= kDay)) {
    sla.set_business_minutes(15);
  } else if (scene.picture.temperature == v1::TEMPERATURE_WARM) {
    sla.set_business_minutes(240);
  } else {
    sla.set_business_days(1);
  }
  return sla;
}

// Counted from the newest of the stage's entry and the triggering event, else from now.
void SetDueTime(const Scene& scene, const v1::PlaybookRule& rule, v1::NextAction* action) {
  const bool by_hand = IsReply(rule) || rule.when().has_hand_raised_within();
  const std::optional<Nanos>& trigger =
      by_hand ? scene.picture.activity.last_hand_raise : scene.newest_activity;
  std::optional<Nanos> start = scene.entered;
  if (trigger.has_value()) KeepNewest(*trigger, &start);
  const google::protobuf::Timestamp from = ToTimestamp(start.value_or(scene.picture.now));
  const v1::BusinessHours& hours = scene.subject.icp.business_hours();
  absl::TimeZone zone;
  absl::LoadTimeZone(hours.time_zone(), &zone);
  const absl::Time due =
      DueTime(hours, zone, absl::FromUnixSeconds(from.seconds()) + absl::Nanoseconds(from.nanos()),
              SlaFor(scene, rule));
  const int64_t seconds = absl::ToUnixSeconds(due);
  action->mutable_due_time()->set_seconds(seconds);
  action->mutable_due_time()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(due - absl::FromUnixSeconds(seconds))));
  action->set_overdue(ToNanos(action->due_time()) < scene.picture.now);
}

bool Permitted(const Scene& scene, const v1::PlaybookRule& rule, v1::Channel channel) {
  return IsReply(rule) ? MayReply(scene.subject, channel, scene.picture.now)
                       : MayContact(scene.subject, channel, scene.picture.now);
}

// Content, forms and calculators are not moved to the phone.
bool Suits(v1::ActionKind kind, v1::Channel channel) {
  return channel != v1::CHANNEL_PHONE ||
         (kind != v1::ACTION_KIND_NURTURE_CONTENT && kind != v1::ACTION_KIND_ATTRIBUTE_FORM &&
          kind != v1::ACTION_KIND_ROI_CALCULATOR);
}

const v1::Channel kChannels[] = {v1::CHANNEL_EMAIL, v1::CHANNEL_PHONE, v1::CHANNEL_SMS,
                                 v1::CHANNEL_POST};

// A rule that applies, and its action before consent.
struct Candidate {
  v1::NextAction action;
  const v1::PlaybookRule* rule;
  int32_t priority;
};

// Puts `action` on a permitted channel; where there is none it becomes ASK_FOR_CONSENT.
void ApplyConsent(const Scene& scene, const v1::PlaybookRule& rule, v1::NextAction* action,
                  v1::Qualification* result) {
  const v1::Channel wanted = rule.action().channel();
  if (wanted == v1::CHANNEL_UNSPECIFIED || Permitted(scene, rule, wanted)) {
    action->set_channel(wanted);
    return;
  }
  v1::WithheldAction* withheld = result->add_withheld_actions();
  withheld->set_rule(rule.id());
  withheld->set_kind(rule.action().kind());
  withheld->set_channel(wanted);
  action->set_replaced_channel(wanted);
  for (const v1::Channel channel : kChannels) {
    if (!Permitted(scene, rule, channel) || !Suits(rule.action().kind(), channel)) continue;
    action->set_channel(channel);
    return;
  }
  // CHOICE: asking for consent in place of something else closes no gap.
  if (action->kind() != v1::ACTION_KIND_ASK_FOR_CONSENT) {
    action->set_kind(v1::ACTION_KIND_ASK_FOR_CONSENT);
    action->clear_gaps();
    action->clear_points_at_stake();
    action->clear_unlocks_stage();
  }
  for (const v1::Channel channel : kChannels) {
    if (!MayContact(scene.subject, channel, scene.picture.now)) continue;
    action->set_channel(channel);
    return;
  }
}

Candidate CandidateFor(const Scene& scene, const v1::PlaybookRule& rule) {
  Candidate candidate;
  v1::NextAction& action = candidate.action;
  candidate.rule = &rule;
  candidate.priority = rule.priority();
  action.set_rule(rule.id());
  action.set_kind(rule.action().kind());
  const std::vector<v1::Gap> gaps = GapsOf(scene, rule);
  for (const v1::Gap& gap : gaps) action.add_gaps(gap.id());
  const Picture closed = Closed(scene, gaps);
  action.set_points_at_stake(
      FromHundredths(std::max<int64_t>(0, closed.total.points - scene.picture.total.points)));
  action.set_unlocks_stage(Unlocked(scene, closed));
  SetDueTime(scene, rule, &action);
  return candidate;
}

bool SomeChannelLacksConsent(const Scene& scene) {
  return std::any_of(std::begin(kChannels), std::end(kChannels), [&](v1::Channel channel) {
    return !MayContact(scene.subject, channel, scene.picture.now);
  });
}

// Consent is asked for once for all actions so replaced. CHOICE: once on each channel; the best of
// them speaks for all, and the highest priority and the earliest due time count.
bool MergedIntoEarlier(const Candidate& candidate, std::vector<Candidate>* kept) {
  if (candidate.action.kind() != v1::ACTION_KIND_ASK_FOR_CONSENT) return false;
  for (Candidate& earlier : *kept) {
    v1::NextAction& action = earlier.action;
    if (action.kind() != candidate.action.kind()) continue;
    if (action.channel() != candidate.action.channel()) continue;
    earlier.priority = std::max(earlier.priority, candidate.priority);
    if (ToNanos(candidate.action.due_time()) < ToNanos(action.due_time())) {
      *action.mutable_due_time() = candidate.action.due_time();
      action.set_overdue(candidate.action.overdue());
    }
    return true;
  }
  return false;
}

// CHOICE: what waits for the lead's next contact is due at no time.
void ForgetDueTimeIfWaiting(v1::NextAction* action) {
  if (action->kind() != v1::ACTION_KIND_ASK_FOR_CONSENT) return;
  if (action->channel() != v1::CHANNEL_UNSPECIFIED) return;
  action->clear_due_time();
  action->clear_overdue();
}

// A gate unlocked, then points at stake, then priority, then id.
bool Better(const Candidate& a, const Candidate& b) {
  const auto key = [](const Candidate& c) {
    return std::make_tuple(c.action.unlocks_stage().empty(), -c.action.points_at_stake(),
                           -c.priority, c.action.rule());
  };
  return key(a) < key(b);
}

}  // namespace

void FillActions(const Case& subject, const Picture& picture, const std::string& stage,
                 const std::optional<Nanos>& entered, v1::Qualification* qualification) {
  Scene scene = {subject,      picture,        stage,
                 entered,      *qualification, subject.icp.funnel().stages().rbegin()->id(),
                 std::nullopt, std::nullopt};
  FindTimes(&scene);
  std::vector<Candidate> candidates;
  for (const v1::PlaybookRule& rule : subject.icp.playbook().rules()) {
    if (!Applies(scene, rule)) continue;
    if (rule.action().kind() == v1::ACTION_KIND_ASK_FOR_CONSENT &&
        !SomeChannelLacksConsent(scene)) {
      continue;
    }
    candidates.push_back(CandidateFor(scene, rule));
  }
  std::sort(candidates.begin(), candidates.end(), Better);
  std::vector<Candidate> kept;
  for (Candidate& candidate : candidates) {
    ApplyConsent(scene, *candidate.rule, &candidate.action, qualification);
    if (!MergedIntoEarlier(candidate, &kept)) kept.push_back(candidate);
  }
  std::sort(kept.begin(), kept.end(), Better);
  for (const Candidate& candidate : kept) {
    v1::NextAction* added = qualification->add_actions();
    *added = candidate.action;
    ForgetDueTimeIfWaiting(added);
  }
}

}  // namespace reference
}  // namespace bantam
