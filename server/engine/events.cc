#include "server/engine/events.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "server/engine/words.h"

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

void KeepNewest(Instant time, Instant* newest) { *newest = std::max(*newest, time); }

EventFact MakeFact(const v1::Event& event, EventTypeTable::Type type) {
  EventFact fact{Instant(event.time()), &event, type.roles, type.index};
  // An attempt is ours; one that the lead started is activity of the lead.
  if (event.direction() == v1::EVENT_DIRECTION_INBOUND) fact.roles &= ~kRoleAttempt;
  if (IsInbound(event, fact.roles) && (fact.roles & kNoActivity) == 0) {
    fact.roles |= kRoleInboundActivity;
  }
  return fact;
}

// Raises what the event is the newest of.
void Add(const EventFact& fact, Activity* activity) {
  const EventRoles roles = fact.roles;
  if (roles == 0) return;
  if ((roles & kRoleInterest) != 0) KeepNewest(fact.time, &activity->interest);
  if ((roles & kRoleInboundActivity) != 0) KeepNewest(fact.time, &activity->inbound);
  if ((roles & kRoleConversation) != 0) KeepNewest(fact.time, &activity->conversation);
  if ((roles & kRoleRefusal) != 0) KeepNewest(fact.time, &activity->refusal);
  if ((roles & kRoleNeed) != 0) KeepNewest(fact.time, &activity->need);
  if ((roles & kRoleAttempt) != 0) KeepNewest(fact.time, &activity->attempt);
}

// Tells whether an id was seen before: a table of the events seen, found by their ids' hashes.
// Usual leads need no heap.
class SeenIds {
 public:
  explicit SeenIds(const v1::Lead& lead)
      : lead_(lead), mask_(SlotCount(lead.events_size()) - 1), slots_(room_) {
    if (mask_ < kRoom) {
      std::memset(room_, 0, sizeof(room_));
    } else {
      more_.resize(mask_ + 1);
      slots_ = more_.data();
    }
  }
  SeenIds(const SeenIds&) = delete;
  SeenIds& operator=(const SeenIds&) = delete;

  // Notes the event at `index`, whose id is `id`. Whether one with the same id was noted before.
  bool SeenBefore(absl::string_view id, int index) {
    // The seed keeps anyone from choosing ids that meet in one place; it changes no answer.
    const uint64_t hash = HashOf(id, reinterpret_cast<uintptr_t>(this));
    const uint64_t mark = hash & ~kIndexMask;
    size_t i = hash & mask_;
    for (; slots_[i] != 0; i = (i + 1) & mask_) {
      if ((slots_[i] & ~kIndexMask) != mark) continue;
      if (lead_.events(static_cast<int>(slots_[i] & kIndexMask) - 1).id() == id) return true;
    }
    slots_[i] = mark | (index + 1);
    return false;
  }

 private:
  static constexpr size_t kRoom = 64;
  static constexpr uint64_t kIndexMask = 0xFFFFFFFF;

  // A power of two, at least twice the events.
  static size_t SlotCount(int events) {
    size_t count = kRoom;
    while (count < 2 * static_cast<size_t>(events)) count *= 2;
    return count;
  }

  const v1::Lead& lead_;
  const size_t mask_;
  uint64_t* slots_;  // The upper half of the hash, and the event's index plus one; 0: free.
  uint64_t room_[kRoom];
  std::vector<uint64_t> more_;
};

// A message that was sent.
struct Send {
  uint64_t hash;              // Of the id, so that most comparisons look no further.
  absl::string_view message;  // Its id; empty: not known.
  Instant time;
};

bool ByMessageAndTime(const Send& a, const Send& b) {
  if (a.hash != b.hash) return a.hash < b.hash;
  const int order = a.message.compare(b.message);
  return order != 0 ? order < 0 : a.time < b.time;
}

// The messages of one lead that were sent.
class Sends {
 public:
  void Add(const EventFact& fact) {
    const absl::string_view message = fact.event->message_id();
    sends_.push_back({HashOf(message, 0), message, fact.time});
    times_.push_back(fact.time);
  }

  void Sort() {
    if (sends_.size() == 1) return;
    std::sort(sends_.begin(), sends_.end(), ByMessageAndTime);
    if (!std::is_sorted(times_.begin(), times_.end())) std::sort(times_.begin(), times_.end());
  }

  // When the newest message with this id (empty: any message) at or before `time` was sent; none:
  // there is none.
  Instant NewestUntil(absl::string_view message, Instant time) const {
    if (message.empty()) {
      const auto next = std::upper_bound(times_.begin(), times_.end(), time);
      return next == times_.begin() ? Instant() : *std::prev(next);
    }
    const auto next = std::upper_bound(sends_.begin(), sends_.end(),
                                       Send{HashOf(message, 0), message, time}, ByMessageAndTime);
    if (next == sends_.begin() || std::prev(next)->message != message) return Instant();
    return std::prev(next)->time;
  }

 private:
  absl::InlinedVector<Send, 8> sends_;     // By message and time.
  absl::InlinedVector<Instant, 8> times_;  // Oldest first.
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

EventTypeTable::Type& EventTypeTable::Entry(const std::string& type) {
  const size_t number = names_.Add(type);
  if (number == types_.size()) types_.emplace_back();
  return types_[number];
}

int EventTypeTable::IndexOf(const std::string& type) {
  Type& entry = Entry(type);
  if (entry.index < 0) entry.index = index_count_++;
  return entry.index;
}

EventLog::EventLog(const v1::Lead& lead, const EventTypeTable& types, TimeSpan bot_window,
                   Instant now) {
  SeenIds seen(lead);
  EventRoles all_roles = 0;
  Instant newest;
  past_.resize(lead.events_size());
  EventFact* next = past_.data();
  for (int i = 0; i < lead.events_size(); ++i) {
    const v1::Event& event = lead.events(i);
    const std::string& id = event.id();
    if (!id.empty() && seen.SeenBefore(id, i)) continue;
    *next = MakeFact(event, types.Find(event.type()));
    all_roles |= next->roles;
    newest = std::max(newest, next->time);
    ++next;
  }
  past_.resize(next - past_.data());
  duplicates_ = lead.events_size() - static_cast<int>(past_.size());
  if ((all_roles & kRoleOpenOrClick) != 0 && (all_roles & kRoleSend) != 0 &&
      bot_window > TimeSpan()) {
    DropBotNoise(bot_window);
  }
  if ((all_roles & kRoleAttempt) != 0) FindAttempts();
  if (newest > now) MoveFuture(now);
  for (const EventFact& fact : past_) Add(fact, &now_activity_);
  CountUnanswered(&now_activity_, now);
}

void EventLog::FindAttempts() {
  for (const EventFact& fact : past_) {
    if ((fact.roles & kRoleAttempt) != 0) attempts_.push_back(fact.time);
  }
  // Most leads tell their events in order.
  if (!std::is_sorted(attempts_.begin(), attempts_.end())) {
    std::sort(attempts_.begin(), attempts_.end());
  }
}

// An open or click is a bot's if it came within the window after its message was sent: the newest
// send at or before it, among those with its message id, or, where it has none, among all.
void EventLog::DropBotNoise(TimeSpan window) {
  Sends sends;
  for (const EventFact& fact : past_) {
    if ((fact.roles & kRoleSend) != 0) sends.Add(fact);
  }
  sends.Sort();
  const auto is_noise = [&](const EventFact& fact) {
    if ((fact.roles & kRoleOpenOrClick) == 0) return false;
    const Instant sent = sends.NewestUntil(fact.event->message_id(), fact.time);
    return sent.has_value() && fact.time - sent <= window;
  };
  EventFact* kept_end = past_.data();
  for (const EventFact& fact : past_) {
    if (!is_noise(fact)) *kept_end++ = fact;
  }
  const size_t kept = kept_end - past_.data();
  bot_noise_ = static_cast<int>(past_.size() - kept);
  past_.resize(kept);
}

// Moves what lies after `now` from `past_` to `future_`, oldest first.
void EventLog::MoveFuture(Instant now) {
  const auto is_future = [now](const EventFact& fact) { return fact.time > now; };
  std::copy_if(past_.begin(), past_.end(), std::back_inserter(future_), is_future);
  past_.erase(std::remove_if(past_.begin(), past_.end(), is_future), past_.end());
  std::stable_sort(future_.begin(), future_.end(), Older);
}

// An attempt is answered by inbound activity or a conversation strictly after it.
void EventLog::CountUnanswered(Activity* activity, Instant time) const {
  const Instant answer = std::max(activity->inbound, activity->conversation);
  const auto first = std::lower_bound(attempts_.begin(), attempts_.end(), answer);
  const auto last = std::upper_bound(first, attempts_.end(), time);
  activity->unanswered_attempts = static_cast<int>(last - first);
}

Activity EventLog::ActivityAt(Instant time) const {
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
