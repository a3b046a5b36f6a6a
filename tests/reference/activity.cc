#include "tests/reference/activity.h"

#include <algorithm>

namespace bantam {
namespace reference {
namespace {

// Before every fact.
constexpr Nanos kEarliest = -400 * 365 * kDay;

bool Holds(const v1::EventTypes& types, const std::string& type) {
  return std::find(types.types().begin(), types.types().end(), type) != types.types().end();
}

std::set<std::string> InterestTypes(const v1::Icp& icp) {
  std::set<std::string> types = HandRaiseTypes(icp);
  types.insert(icp.engagement().interest().types().begin(),
               icp.engagement().interest().types().end());
  return types;
}

bool IsRefusal(const std::string& type) { return type == "unsubscribe" || type == "refusal"; }

bool IsOpenOrClick(const std::string& type) {
  return type == "email_open" || type == "email_click";
}

// Repeated ids: the first in the request wins.
std::vector<const v1::Event*> FirstOfEachId(const v1::Lead& lead) {
  std::set<std::string> seen;
  std::vector<const v1::Event*> result;
  for (const v1::Event& event : lead.events()) {
    if (!event.id().empty() && !seen.insert(event.id()).second) continue;
    result.push_back(&event);
  }
  return result;
}

// An open or click within the bot window after its message was sent: with a message id that send,
// else the newest at or before it.
bool IsBotNoise(const v1::Event& event, const std::vector<const v1::Event*>& all, Nanos window) {
  if (window == 0 || !IsOpenOrClick(event.type())) return false;
  const Nanos time = ToNanos(event.time());
  std::optional<Nanos> sent;
  for (const v1::Event* send : all) {
    if (send->type() != "email_sent") continue;
    if (!event.message_id().empty() && send->message_id() != event.message_id()) continue;
    const Nanos at = ToNanos(send->time());
    if (at <= time && (!sent.has_value() || at > *sent)) sent = at;
  }
  return sent.has_value() && time - *sent <= window;
}

bool IsInbound(const v1::Icp& icp, const v1::Event& event, const std::set<std::string>& interest) {
  if (event.direction() != v1::EVENT_DIRECTION_UNSPECIFIED) {
    return event.direction() == v1::EVENT_DIRECTION_INBOUND;
  }
  return interest.count(event.type()) > 0 ||
         Holds(icp.engagement().conversations(), event.type()) || IsOpenOrClick(event.type()) ||
         event.type() == "page_view";
}

bool IsReferral(const v1::LeadSource& source) {
  return source.channel() == v1::SOURCE_CHANNEL_REFERRAL_EMPLOYEE ||
         source.channel() == v1::SOURCE_CHANNEL_REFERRAL_PARTNER ||
         source.channel() == v1::SOURCE_CHANNEL_REFERRAL_CUSTOMER;
}

void KeepNewest(Nanos time, std::optional<Nanos>* newest) {
  if (!newest->has_value() || time > **newest) *newest = time;
}

// All instants of interest of at most the age of `window`. CHOICE: a type of interest shows
// interest whatever the event's direction; the same for conversations.
std::vector<Nanos> InterestTimes(const v1::Icp& icp, const v1::Lead& lead,
                                 const std::vector<Happening>& events, Nanos now, Nanos window) {
  const std::set<std::string> types = InterestTypes(icp);
  std::vector<Nanos> times;
  for (const Happening& event : events) {
    if (types.count(event.type) > 0) times.push_back(event.time);
  }
  if (IsReferral(lead.source()) && lead.source().has_first_contact_time()) {
    times.push_back(ToNanos(lead.source().first_contact_time()));
  }
  std::vector<Nanos> current;
  for (const Nanos time : times) {
    if (time <= now && now - time <= window) current.push_back(time);
  }
  return current;
}

// An attempt is unanswered if no inbound activity or conversation follows it. CHOICE: what
// happens at the same instant does not follow.
void CountUnanswered(const v1::Icp& icp, const std::vector<Happening>& events, Nanos now,
                     Activity* activity) {
  for (const Happening& attempt : events) {
    if (attempt.time > now || !IsAttempt(*attempt.event)) continue;
    bool answered = false;
    for (const Happening& answer : events) {
      if (answer.time > now || answer.time <= attempt.time) continue;
      answered = answered || answer.inbound_activity ||
                 Holds(icp.engagement().conversations(), answer.type);
    }
    if (answered) continue;
    ++activity->unanswered_attempts;
    KeepNewest(attempt.time, &activity->last_unanswered);
  }
}

}  // namespace

bool IsAttempt(const v1::Event& event) {
  if (event.direction() == v1::EVENT_DIRECTION_INBOUND) return false;
  return event.type() == "call_attempt" || event.type() == "email_personal" ||
         event.type() == "message_sent";
}

std::set<std::string> HandRaiseTypes(const v1::Icp& icp) {
  std::set<std::string> types(icp.engagement().hand_raises().types().begin(),
                              icp.engagement().hand_raises().types().end());
  for (const v1::EngagementRule& rule : icp.engagement().rules()) {
    if (rule.hand_raise()) types.insert(rule.event_types().begin(), rule.event_types().end());
  }
  return types;
}

std::vector<Happening> CountedEvents(const v1::Icp& icp, const v1::Lead& lead) {
  const std::vector<const v1::Event*> unique = FirstOfEachId(lead);
  const std::set<std::string> interest = InterestTypes(icp);
  std::vector<Happening> result;
  for (const v1::Event* event : unique) {
    if (IsBotNoise(*event, unique, ToNanos(icp.engagement().bot_window()))) continue;
    Happening happening;
    happening.type = event->type();
    happening.time = ToNanos(event->time());
    happening.event = event;
    happening.inbound_activity =
        IsInbound(icp, *event, interest) && !IsRefusal(event->type()) && event->type() != "bounced";
    result.push_back(happening);
  }
  return result;
}

Activity ActivityAt(const v1::Icp& icp, const v1::Lead& lead, const std::vector<Happening>& events,
                    Nanos now) {
  Activity activity;
  const Nanos window = ToNanos(icp.engagement().interest_window());
  activity.interest = !InterestTimes(icp, lead, events, now, window).empty();
  for (const Nanos time : InterestTimes(icp, lead, events, now, now - kEarliest)) {
    KeepNewest(time, &activity.newest_interest);
  }
  if (IsReferral(lead.source()) && !lead.source().has_first_contact_time()) {
    activity.interest = true;
  }
  const std::set<std::string> hand_raises = HandRaiseTypes(icp);
  for (const Happening& event : events) {
    if (event.time > now) continue;
    if (event.inbound_activity) KeepNewest(event.time, &activity.last_inbound);
    if (IsRefusal(event.type)) KeepNewest(event.time, &activity.last_refusal);
    if (hand_raises.count(event.type) > 0) KeepNewest(event.time, &activity.last_hand_raise);
    if (Holds(icp.engagement().conversations(), event.type) &&
        now - event.time <= ToNanos(icp.engagement().conversation_window())) {
      activity.conversation = true;
    }
  }
  CountUnanswered(icp, events, now, &activity);
  return activity;
}

bool InterestAfter(const v1::Icp& icp, const v1::Lead& lead, const std::vector<Happening>& events,
                   Nanos now, Nanos since) {
  const Nanos window = ToNanos(icp.engagement().interest_window());
  for (const Nanos time : InterestTimes(icp, lead, events, now, window)) {
    if (time > since) return true;
  }
  return false;
}

}  // namespace reference
}  // namespace bantam
