#include "server/engine/events.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

constexpr EventRoles kInboundByNature =
    kRoleInterest | kRoleHandRaise | kRoleConversation | kRoleOpenOrClick | kRolePageView;
constexpr EventRoles kNoActivity = kRoleRefusal | kRoleBounce;

bool IsInbound(const v1::Event& event, EventRoles roles) {
  if (event.direction() == v1::EVENT_DIRECTION_INBOUND) return true;
  return event.direction() == v1::EVENT_DIRECTION_UNSPECIFIED && (roles & kInboundByNature) != 0;
}

bool Older(const EventFact& a, const EventFact& b) { return a.time < b.time; }

void KeepNewest(absl::Time time, std::optional<absl::Time>* newest) {
  if (!newest->has_value() || **newest < time) *newest = time;
}

// Tells whether an id was seen before. A plain search beats hashing for the usual few events.
class SeenIds {
 public:
  explicit SeenIds(int events) : hashed_(events > kFew) {}

  bool SeenBefore(absl::string_view id) {
    if (hashed_) return !set_.insert(id).second;
    if (std::find(list_.begin(), list_.end(), id) != list_.end()) return true;
    list_.push_back(id);
    return false;
  }

 private:
  static constexpr int kFew = 32;

  const bool hashed_;
  std::vector<absl::string_view> list_;
  absl::flat_hash_set<absl::string_view> set_;
};

}  // namespace

EventTypeTable::EventTypeTable() {
  AddRoles("email_sent", kRoleSend);
  AddRoles("email_open", kRoleOpenOrClick);
  AddRoles("email_click", kRoleOpenOrClick);
  AddRoles("bounced", kRoleBounce);
  AddRoles("call_attempt", kRoleAttempt);
  AddRoles("email_personal", kRoleAttempt);
  AddRoles("message_sent", kRoleAttempt);
  AddRoles("unsubscribe", kRoleUnsubscribe | kRoleRefusal);
  AddRoles("refusal", kRoleRefusal);
  AddRoles("page_view", kRolePageView);
}

int EventTypeTable::IndexOf(const std::string& type) {
  Type& entry = types_[type];
  if (entry.index < 0) entry.index = index_count_++;
  return entry.index;
}

EventTypeTable::Type EventTypeTable::Find(absl::string_view type) const {
  const auto it = types_.find(type);
  return it == types_.end() ? Type() : it->second;
}

EventLog::EventLog(const v1::Lead& lead, const EventTypeTable& types, absl::Duration bot_window,
                   absl::Time now) {
  SeenIds seen(lead.events_size());
  std::vector<EventFact> facts;
  facts.reserve(lead.events_size());
  bool filter = false;
  for (const v1::Event& event : lead.events()) {
    if (!event.id().empty() && seen.SeenBefore(event.id())) {
      ++duplicates_;
      continue;
    }
    const EventTypeTable::Type type = types.Find(event.type());
    EventFact fact{ToTime(event.time()), &event, type.roles, type.index};
    // An attempt is ours; one that the lead started is activity of the lead.
    if (event.direction() == v1::EVENT_DIRECTION_INBOUND) fact.roles &= ~kRoleAttempt;
    if (IsInbound(event, fact.roles) && (fact.roles & kNoActivity) == 0) {
      fact.roles |= kRoleInboundActivity;
    }
    filter = filter || (fact.roles & kRoleOpenOrClick) != 0;
    facts.push_back(fact);
  }
  if (filter && bot_window > absl::ZeroDuration()) DropBotNoise(&facts, bot_window);
  past_.reserve(facts.size());
  for (const EventFact& fact : facts) {
    (fact.time <= now ? past_ : future_).push_back(fact);
    if ((fact.roles & kRoleAttempt) != 0) attempts_.push_back(fact.time);
  }
  std::stable_sort(future_.begin(), future_.end(), Older);
  std::sort(attempts_.begin(), attempts_.end());
  for (const EventFact& fact : past_) Add(fact, &now_activity_);
  CountUnanswered(&now_activity_, now);
}

// An open or click is a bot's if it came within the window after its message was sent: the newest
// send at or before it, among those with its message id, or, where it has none, among all.
void EventLog::DropBotNoise(std::vector<EventFact>* facts, absl::Duration window) {
  std::vector<absl::Time> sends;
  absl::flat_hash_map<absl::string_view, std::vector<absl::Time>> sends_by_message;
  for (const EventFact& fact : *facts) {
    if ((fact.roles & kRoleSend) == 0) continue;
    sends.push_back(fact.time);
    if (!fact.event->message_id().empty()) {
      sends_by_message[fact.event->message_id()].push_back(fact.time);
    }
  }
  if (sends.empty()) return;
  std::sort(sends.begin(), sends.end());
  for (auto& [message, times] : sends_by_message) std::sort(times.begin(), times.end());
  const auto is_noise = [&](const EventFact& fact) {
    if ((fact.roles & kRoleOpenOrClick) == 0) return false;
    const std::vector<absl::Time>* candidates = &sends;
    if (!fact.event->message_id().empty()) {
      const auto it = sends_by_message.find(fact.event->message_id());
      if (it == sends_by_message.end()) return false;
      candidates = &it->second;
    }
    const auto next = std::upper_bound(candidates->begin(), candidates->end(), fact.time);
    return next != candidates->begin() && fact.time - *std::prev(next) <= window;
  };
  const size_t before = facts->size();
  facts->erase(std::remove_if(facts->begin(), facts->end(), is_noise), facts->end());
  bot_noise_ = static_cast<int>(before - facts->size());
}

void EventLog::Add(const EventFact& fact, Activity* activity) const {
  const EventRoles roles = fact.roles;
  if (roles == 0) return;
  if ((roles & kRoleInterest) != 0) KeepNewest(fact.time, &activity->interest);
  if ((roles & kRoleHandRaise) != 0) KeepNewest(fact.time, &activity->hand_raise);
  if ((roles & kRoleInboundActivity) != 0) KeepNewest(fact.time, &activity->inbound);
  if ((roles & kRoleConversation) != 0) KeepNewest(fact.time, &activity->conversation);
  if ((roles & kRoleRefusal) != 0) KeepNewest(fact.time, &activity->refusal);
  if ((roles & kRoleNeed) != 0) KeepNewest(fact.time, &activity->need);
  if ((roles & kRoleAttempt) != 0) KeepNewest(fact.time, &activity->attempt);
}

// An attempt is answered by inbound activity or a conversation strictly after it.
void EventLog::CountUnanswered(Activity* activity, absl::Time time) const {
  absl::Time answer = absl::InfinitePast();
  if (activity->inbound.has_value()) answer = std::max(answer, *activity->inbound);
  if (activity->conversation.has_value()) answer = std::max(answer, *activity->conversation);
  const auto first = std::lower_bound(attempts_.begin(), attempts_.end(), answer);
  const auto last = std::upper_bound(first, attempts_.end(), time);
  activity->unanswered_attempts = static_cast<int>(last - first);
}

Activity EventLog::ActivityAt(absl::Time time) const {
  if (future_.empty() || future_.front().time > time) return now_activity_;
  Activity activity = now_activity_;
  for (const EventFact& fact : future_) {
    if (fact.time > time) break;
    Add(fact, &activity);
  }
  CountUnanswered(&activity, time);
  return activity;
}

}  // namespace bantam
