#include "server/engine/events.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/types/span.h"
#include "server/engine/words.h"

namespace bantam {
namespace {

constexpr EventRoles kInboundByNature =
    kRoleInterest | kRoleHandRaise | kRoleConversation | kRoleOpenOrClick | kRolePageView;
constexpr EventRoles kNoActivity = kRoleRefusal | kRoleBounce;

bool Older(const EventFact& a, const EventFact& b) { return a.time < b.time; }

// Most leads tell their events in order.
void KeepNewest(Instant time, Instant* newest) {
  if (ABSL_PREDICT_TRUE(time > *newest)) *newest = time;
}

// Raises what the event is the newest of. Most events are the newest of the first two at most.
inline void Add(Instant time, EventRoles roles, Activity* activity) {
  constexpr EventRoles kOthers = kRoleConversation | kRoleRefusal | kRoleNeed | kRoleAttempt;
  if ((roles & kRoleInboundActivity) != 0) KeepNewest(time, &activity->inbound);
  if ((roles & kRoleInterest) != 0) KeepNewest(time, &activity->interest);
  if ((roles & kOthers) == 0) return;
  if ((roles & kRoleConversation) != 0) KeepNewest(time, &activity->conversation);
  if ((roles & kRoleRefusal) != 0) KeepNewest(time, &activity->refusal);
  if ((roles & kRoleNeed) != 0) KeepNewest(time, &activity->need);
  if ((roles & kRoleAttempt) != 0) KeepNewest(time, &activity->attempt);
}

// Tells whether an id was seen before, where there are few events: a bit for what the ids end with
// tells most apart; only where it is set already, the ids are compared.
class FewSeenIds {
 public:
  static constexpr int kMost = 32;

  // Whether one of the facts found so far has this id, which is not empty; if not, notes it.
  bool SeenBefore(absl::string_view id, const EventFact* begin, const EventFact* end) {
    constexpr uint64_t kFactor = 0x9E3779B97F4A7C15;  // 2^64 ÷ the golden ratio.
    const size_t size = id.size();
    const uint64_t last = ABSL_PREDICT_FALSE(size < kWordBytes)
                              ? LoadPart(id.data(), size)
                              : LoadWord(id.data() + size - kWordBytes);
    const uint64_t place = last * kFactor >> 56;  // Of 256.
    uint64_t& word = bits_[place / 64];
    const uint64_t bit = uint64_t{1} << (place % 64);
    if (ABSL_PREDICT_FALSE((word & bit) != 0) && IsAmong(id, begin, end)) return true;
    word |= bit;
    return false;
  }

 private:
  ABSL_ATTRIBUTE_NOINLINE static bool IsAmong(absl::string_view id, const EventFact* begin,
                                              const EventFact* end) {
    return std::any_of(begin, end, [id](const EventFact& fact) {
      const std::string& other = fact.event->id();
      return !other.empty() && other.back() == id.back() && other == id;
    });
  }

  uint64_t bits_[4] = {};
};

// The same for as many events as an Index can count: a table of the facts found so far, by their
// ids' hashes. To clear it is a good part of what it costs.
template <typename Index>
class ManySeenIds {
 public:
  static constexpr int kMost = std::numeric_limits<Index>::max();

  explicit ManySeenIds(int events) : slots_(SlotCount(events)), mask_(slots_.size() - 1) {}

  bool SeenBefore(absl::string_view id, const EventFact* begin, const EventFact* end) {
    // The seed keeps anyone from choosing ids that meet in one place; it changes no answer.
    size_t i = HashOf(id, reinterpret_cast<uintptr_t>(this)) & mask_;
    for (; slots_[i] != 0; i = (i + 1) & mask_) {
      const std::string& other = begin[slots_[i] - 1].event->id();
      if (other.back() == id.back() && other == id) return true;  // Most differ in the end.
    }
    slots_[i] = static_cast<Index>(end - begin + 1);
    return false;
  }

 private:
  // A power of two, at least twice the events.
  static size_t SlotCount(int events) {
    size_t count = 64;
    while (count < 2 * static_cast<size_t>(events)) count *= 2;
    return count;
  }

  std::vector<Index> slots_;  // A fact's index plus one; 0: free.
  const size_t mask_;
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
    return SameText(a.message, b.message) ? a.time < b.time : a.message < b.message;
  }
};

// The messages of one lead that were sent, of its sends, opens and clicks. Many are sorted.
class ManySends {
 public:
  explicit ManySends(absl::Span<EventFact* const> traffic) {
    sends_.reserve(traffic.size());
    times_.reserve(traffic.size());
    for (const EventFact* fact : traffic) {
      if ((fact->roles & kRoleSend) == 0) continue;
      const std::string& message = fact->event->message_id();
      sends_.push_back({HashOf(message, 0), message, fact->time});
      times_.push_back(fact->time);
    }
    std::sort(sends_.begin(), sends_.end(), ByMessageAndTime());
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
                                       Send{HashOf(message, 0), message, time}, ByMessageAndTime());
    if (next == sends_.begin() || !SameText(std::prev(next)->message, message)) return Instant();
    return std::prev(next)->time;
  }

 private:
  std::vector<Send> sends_;     // By message and time.
  std::vector<Instant> times_;  // Oldest first.
};

// The same of a few, looked through where they stand.
class FewSends {
 public:
  static constexpr size_t kMost = 16;  // Sends, opens and clicks.

  explicit FewSends(absl::Span<EventFact* const> traffic) : traffic_(traffic) {}

  Instant NewestUntil(absl::string_view message, Instant time) const {
    Instant newest;
    for (const EventFact* fact : traffic_) {
      if ((fact->roles & kRoleSend) == 0 || fact->time > time || fact->time < newest) continue;
      if (message.empty() || SameText(fact->event->message_id(), message)) newest = fact->time;
    }
    return newest;
  }

 private:
  const absl::Span<EventFact* const> traffic_;
};

// Marks opens and clicks that are bot noise by taking their event away; returns how many.
template <typename Sends>
int MarkBotNoise(absl::Span<EventFact* const> traffic, TimeSpan window) {
  const Sends sends(traffic);
  int noise = 0;
  for (EventFact* fact : traffic) {
    if ((fact->roles & kRoleOpenOrClick) == 0) continue;
    const Instant sent = sends.NewestUntil(fact->event->message_id(), fact->time);
    if (!sent.has_value() || fact->time - sent > window) continue;
    fact->event = nullptr;
    ++noise;
  }
  return noise;
}

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

EventLog::EventLog(const v1::Lead& lead, const EventTypeTable& types, TimeSpan bot_window,
                   Instant now) {
  Traffic traffic;
  if (lead.events_size() <= FewSeenIds::kMost) {
    FewSeenIds seen;
    ReadEvents(lead, types, now, &seen, &traffic);
  } else if (lead.events_size() <= ManySeenIds<uint16_t>::kMost) {
    ManySeenIds<uint16_t> seen(lead.events_size());
    ReadEvents(lead, types, now, &seen, &traffic);
  } else {
    ManySeenIds<int32_t> seen(lead.events_size());
    ReadEvents(lead, types, now, &seen, &traffic);
  }
  duplicates_ = lead.events_size() - static_cast<int>(past_.size());
  if (!traffic.empty() && bot_window > TimeSpan()) DropBotNoise(traffic, bot_window);
  if (any_future_) MoveFuture(now);
  if (bot_noise_ > 0) {
    now_activity_ = Activity();
    for (const EventFact& fact : past_) Add(fact.time, fact.roles, &now_activity_);
  }
  if (attempts_.empty()) return;
  // Most leads tell their events in order.
  if (!std::is_sorted(attempts_.begin(), attempts_.end())) {
    std::sort(attempts_.begin(), attempts_.end());
  }
  CountUnanswered(&now_activity_, now);
}

// Reads the events into `past_`, also future ones.
template <typename SeenIds>
void EventLog::ReadEvents(const v1::Lead& lead, const EventTypeTable& types, Instant now,
                          SeenIds* seen, Traffic* traffic) {
  past_.Resize(lead.events_size());
  EventFact* const begin = past_.begin();
  EventFact* end = begin;
  for (const v1::Event& event : lead.events()) {
    const std::string& id = event.id();
    if (!id.empty() && seen->SeenBefore(id, begin, end)) continue;
    const EventTypeTable::Type& type = types.Find(event.type());
    const EventRoles roles = type.RolesOf(event.direction());
    const Instant time(event.time());
    end->time = time;
    end->event = &event;
    end->roles = roles;
    end->rules = type.rules;
    // No type is both an attempt and, as bot noise is, an open or click.
    if ((roles & (kRoleSend | kRoleOpenOrClick | kRoleAttempt)) != 0) {
      if ((roles & (kRoleSend | kRoleOpenOrClick)) != 0) traffic->Add(end);
      if ((roles & kRoleAttempt) != 0) attempts_.Add(time);
    }
    ++end;
    if (time > now) {
      any_future_ = true;
    } else {
      Add(time, roles, &now_activity_);
    }
  }
  past_.Shrink(end - begin);
}

// An open or click is a bot's if it came within the window after its message was sent: the newest
// send at or before it, among those with its message id, or, where it has none, among all.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void EventLog::DropBotNoise(const Traffic& traffic,
                                                                TimeSpan window) {
  const absl::Span<EventFact* const> facts(traffic.begin(), traffic.size());
  bot_noise_ = facts.size() <= FewSends::kMost ? MarkBotNoise<FewSends>(facts, window)
                                               : MarkBotNoise<ManySends>(facts, window);
  if (bot_noise_ == 0) return;
  const auto is_noise = [](const EventFact& fact) { return fact.event == nullptr; };
  past_.Shrink(std::remove_if(past_.begin(), past_.end(), is_noise) - past_.begin());
}

// Moves what lies after `now` from `past_` to `future_`, oldest first.
void EventLog::MoveFuture(Instant now) {
  const auto is_future = [now](const EventFact& fact) { return fact.time > now; };
  for (const EventFact& fact : past_) {
    if (is_future(fact)) future_.Add(fact);
  }
  past_.Shrink(std::remove_if(past_.begin(), past_.end(), is_future) - past_.begin());
  std::stable_sort(future_.begin(), future_.end(), Older);
}

// An attempt is answered by inbound activity or a conversation strictly after it.
void EventLog::CountUnanswered(Activity* activity, Instant time) const {
  const Instant answer = std::max(activity->inbound, activity->conversation);
  const Instant* last = attempts_.end();
  while (last != attempts_.begin() && last[-1] > time) --last;
  const Instant* first = last;
  while (first != attempts_.begin() && first[-1] >= answer) --first;
  activity->unanswered_attempts = static_cast<int>(last - first);
}

Activity EventLog::LaterActivity(Instant time) const {
  if (future_.empty() || future_[0].time > time) return now_activity_;
  Activity activity = now_activity_;
  for (const EventFact& fact : future_) {
    if (fact.time > time) break;
    Add(fact.time, fact.roles, &activity);
  }
  CountUnanswered(&activity, time);
  return activity;
}

}  // namespace bantam
