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

bool Older(const EventFact& a, const EventFact& b) { return a.time < b.time; }

void KeepNewest(Instant time, Instant* newest) { *newest = std::max(*newest, time); }

// Raises what the event is the newest of.
inline void Add(const EventFact& fact, Activity* activity) {
  const EventRoles roles = fact.roles;
  if ((roles & kRoleInboundActivity) != 0) KeepNewest(fact.time, &activity->inbound);
  if ((roles & kRoleInterest) != 0) KeepNewest(fact.time, &activity->interest);
  if ((roles & kRoleConversation) != 0) KeepNewest(fact.time, &activity->conversation);
  if ((roles & kRoleRefusal) != 0) KeepNewest(fact.time, &activity->refusal);
  if ((roles & kRoleNeed) != 0) KeepNewest(fact.time, &activity->need);
  if ((roles & kRoleAttempt) != 0) KeepNewest(fact.time, &activity->attempt);
}

// Tells whether an id was seen before: a table of the facts found so far, by their ids' hashes.
// Usual leads need no heap.
class SeenIds {
 public:
  // `facts` are those found so far, in a place that has room for one for each of `events`.
  SeenIds(const EventFact* facts, int events) : facts_(facts), mask_(SlotCount(events) - 1) {
    if (mask_ < kRoom) {
      std::memset(room_, 0, sizeof(room_));
      slots_ = room_;
    } else {
      more_.resize(mask_ + 1);
      slots_ = more_.data();
    }
  }
  SeenIds(const SeenIds&) = delete;
  SeenIds& operator=(const SeenIds&) = delete;

  // Whether one of the `count` facts found so far has this id, which is not empty; if not, notes
  // that the next one has.
  bool SeenBefore(absl::string_view id, size_t count) {
    // The seed keeps anyone from choosing ids that meet in one place; it changes no answer.
    size_t i = HashOf(id, reinterpret_cast<uintptr_t>(this)) & mask_;
    for (; slots_[i] != 0; i = (i + 1) & mask_) {
      const std::string& other = facts_[slots_[i] - 1].event->id();
      if (other.back() == id.back() && other == id) return true;  // Most differ in the end.
    }
    slots_[i] = static_cast<uint32_t>(count + 1);
    return false;
  }

 private:
  static constexpr size_t kRoom = 64;

  // A power of two, at least twice the events.
  static size_t SlotCount(int events) {
    size_t count = kRoom;
    while (count < 2 * static_cast<size_t>(events)) count *= 2;
    return count;
  }

  const EventFact* const facts_;
  const size_t mask_;
  uint32_t* slots_;  // A fact's index plus one; 0: free.
  uint32_t room_[kRoom];
  std::vector<uint32_t> more_;
};

// A message that was sent.
struct Send {
  uint64_t hash;              // Of the id, so that most comparisons look no further.
  absl::string_view message;  // Its id; empty: not known.
  Instant time;
};

// A type, not a function, so that sorting does not call it through a pointer.
struct ByMessageAndTime {
  bool operator()(const Send& a, const Send& b) const {
    if (a.hash != b.hash) return a.hash < b.hash;
    const int order = a.message.compare(b.message);
    return order != 0 ? order < 0 : a.time < b.time;
  }
};

// The messages of one lead that were sent.
class Sends {
 public:
  void Add(const EventFact& fact) { sends_.Add({0, fact.event->message_id(), fact.time}); }

  bool empty() const { return sends_.empty(); }

  // To be called before the first question. Few are not worth it.
  void Sort() {
    if (sends_.size() <= kFew) return;
    for (Send& send : sends_) {
      send.hash = HashOf(send.message, 0);
      times_.push_back(send.time);
    }
    std::sort(sends_.begin(), sends_.end(), ByMessageAndTime());
    if (!std::is_sorted(times_.begin(), times_.end())) std::sort(times_.begin(), times_.end());
  }

  // When the newest message with this id (empty: any message) at or before `time` was sent; none:
  // there is none.
  Instant NewestUntil(absl::string_view message, Instant time) const {
    if (sends_.size() <= kFew) return FindAmongFew(message, time);
    if (message.empty()) {
      const auto next = std::upper_bound(times_.begin(), times_.end(), time);
      return next == times_.begin() ? Instant() : *std::prev(next);
    }
    const auto next = std::upper_bound(sends_.begin(), sends_.end(),
                                       Send{HashOf(message, 0), message, time}, ByMessageAndTime());
    if (next == sends_.begin() || std::prev(next)->message != message) return Instant();
    return std::prev(next)->time;
  }

 private:
  static constexpr size_t kFew = 8;

  Instant FindAmongFew(absl::string_view message, Instant time) const {
    Instant newest;
    for (const Send& send : sends_) {
      if (send.time > time || send.time < newest) continue;
      if (message.empty() || send.message == message) newest = send.time;
    }
    return newest;
  }

  ScratchList<Send, kFew> sends_;  // More than a few: by message and time.
  std::vector<Instant> times_;     // Of more than a few: oldest first.
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
  const size_t number = names_.Add(type) + 1;
  if (number == types_.size()) types_.emplace_back();
  return types_[number];
}

void EventTypeTable::AddRoles(const std::string& type, EventRoles roles) {
  Type& entry = Entry(type);
  roles |= entry.roles[v1::EVENT_DIRECTION_OUTBOUND];
  const EventRoles activity = (roles & kNoActivity) == 0 ? kRoleInboundActivity : 0;
  entry.roles[v1::EVENT_DIRECTION_OUTBOUND] = roles;
  entry.roles[v1::EVENT_DIRECTION_UNSPECIFIED] =
      (roles & kInboundByNature) != 0 ? roles | activity : roles;
  // An attempt is ours; one that the lead started is activity of the lead.
  entry.roles[v1::EVENT_DIRECTION_INBOUND] = (roles & ~kRoleAttempt) | activity;
}

int EventTypeTable::IndexOf(const std::string& type) {
  Type& entry = Entry(type);
  if (entry.index < 0) entry.index = index_count_++;
  return entry.index;
}

EventLog::EventLog(const v1::Lead& lead, const EventTypeTable& types, TimeSpan bot_window,
                   Instant now) {
  past_.Reserve(lead.events_size());
  SeenIds seen(past_.begin(), lead.events_size());
  Traffic traffic;
  bool any_future = false;
  for (const v1::Event& event : lead.events()) {
    const std::string& id = event.id();
    if (!id.empty() && seen.SeenBefore(id, past_.size())) continue;
    const EventTypeTable::Type& type = types.Find(event.type());
    const EventRoles roles = type.RolesOf(event.direction());
    const EventFact fact{Instant(event.time()), &event, roles, type.index};
    past_.Add(fact);
    if ((roles & (kRoleSend | kRoleOpenOrClick)) != 0) traffic.Add(past_.end() - 1);
    // No type is both an attempt and, as bot noise is, an open or click.
    if ((roles & kRoleAttempt) != 0) attempts_.push_back(fact.time);
    if (fact.time > now) {
      any_future = true;
    } else {
      Add(fact, &now_activity_);
    }
  }
  duplicates_ = lead.events_size() - static_cast<int>(past_.size());
  if (!traffic.empty() && bot_window > TimeSpan()) DropBotNoise(traffic, bot_window);
  if (any_future) MoveFuture(now);
  if (bot_noise_ > 0) {
    now_activity_ = Activity();
    for (const EventFact& fact : past_) Add(fact, &now_activity_);
  }
  // Most leads tell their events in order.
  if (!std::is_sorted(attempts_.begin(), attempts_.end())) {
    std::sort(attempts_.begin(), attempts_.end());
  }
  CountUnanswered(&now_activity_, now);
}

// An open or click is a bot's if it came within the window after its message was sent: the newest
// send at or before it, among those with its message id, or, where it has none, among all.
void EventLog::DropBotNoise(const Traffic& traffic, TimeSpan window) {
  Sends sends;
  for (const EventFact* fact : traffic) {
    if ((fact->roles & kRoleSend) != 0) sends.Add(*fact);
  }
  if (sends.empty()) return;
  sends.Sort();
  for (EventFact* fact : traffic) {
    if ((fact->roles & kRoleOpenOrClick) == 0) continue;
    const Instant sent = sends.NewestUntil(fact->event->message_id(), fact->time);
    if (!sent.has_value() || fact->time - sent > window) continue;
    fact->event = nullptr;  // Marks it.
    ++bot_noise_;
  }
  if (bot_noise_ == 0) return;
  const auto is_noise = [](const EventFact& fact) { return fact.event == nullptr; };
  past_.Shrink(std::remove_if(past_.begin(), past_.end(), is_noise) - past_.begin());
}

// Moves what lies after `now` from `past_` to `future_`, oldest first.
void EventLog::MoveFuture(Instant now) {
  const auto is_future = [now](const EventFact& fact) { return fact.time > now; };
  std::copy_if(past_.begin(), past_.end(), std::back_inserter(future_), is_future);
  past_.Shrink(std::remove_if(past_.begin(), past_.end(), is_future) - past_.begin());
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
