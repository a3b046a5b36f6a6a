// The events of one lead, made ready: duplicates dropped, roles told, bot noise found.
#ifndef BANTAM_SERVER_ENGINE_EVENTS_H_
#define BANTAM_SERVER_ENGINE_EVENTS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "bantam/v1/lead.pb.h"
#include "server/engine/instant.h"
#include "server/engine/scratch_list.h"
#include "server/engine/text_table.h"

namespace bantam {

// What an event type is to the rules of product and ICP. A bit set.
using EventRoles = uint32_t;
inline constexpr EventRoles kRoleSend = 1u << 0;          // email_sent
inline constexpr EventRoles kRoleOpenOrClick = 1u << 1;   // email_open, email_click
inline constexpr EventRoles kRoleBounce = 1u << 2;        // bounced
inline constexpr EventRoles kRoleAttempt = 1u << 3;       // call_attempt, email_personal, …
inline constexpr EventRoles kRoleUnsubscribe = 1u << 4;   // unsubscribe (also a refusal)
inline constexpr EventRoles kRoleRefusal = 1u << 5;       // unsubscribe, refusal
inline constexpr EventRoles kRoleHandRaise = 1u << 6;     // the ICP's list, or a rule that says so
inline constexpr EventRoles kRoleInterest = 1u << 7;      // the ICP's list, and hand-raises
inline constexpr EventRoles kRoleConversation = 1u << 8;  // the ICP's list
inline constexpr EventRoles kRoleNeed = 1u << 9;          // implies a need
inline constexpr EventRoles kRolePageView = 1u << 10;     // page_view: inbound by nature
inline constexpr EventRoles kRoleInboundActivity = 1u << 11;  // of an event: inbound, no refusal …

// One event that counts: the first of its id, and no bot noise. It may lie in the future of the
// evaluation time, before which it is not yet a fact.
struct EventFact {
  Instant time;
  const v1::Event* event = nullptr;  // Not owned; the lead's.
  EventRoles roles = 0;              // Of its type, plus kRoleInboundActivity.
  int rules = -1;                    // As its type's.
};

// An ICP's event types and what they are to it. Immutable; safe for concurrent use.
class EventTypeTable {
 public:
  // One type, and the roles of its events by direction. As it is, an unknown type.
  struct Type {
    std::array<EventRoles, 3> roles = {0, kRoleInboundActivity, 0};
    int rules = -1;  // Where the list of those that name it begins, for engagement; -1: none does.

    EventRoles RolesOf(v1::EventDirection direction) const {
      return roles[std::min<uint32_t>(direction, v1::EVENT_DIRECTION_OUTBOUND)];
    }
  };

  // Starts with the types that have a role in the product: message traffic, attempts, refusals.
  EventTypeTable();

  // Adds roles to a type.
  void AddRoles(const std::string& type, EventRoles roles);

  // Sets where the list of the engagement rules that name a type begins.
  void SetRules(const std::string& type, int rules) { Entry(type).rules = rules; }

  // Makes look-ups cheaper; see TextTable.
  void Spread() { names_.Spread(); }

  // The type; an unknown one if it is not in the table.
  const Type& Find(absl::string_view type) const {
    return types_.data()[ptrdiff_t{names_.FindUsual(type)} + 1];
  }

 private:
  Type& Entry(const std::string& type);

  TextTable names_;
  std::vector<Type> types_ = {Type()};  // The unknown, then by the number of the name.
};

// What the rules ask about past events, at one instant.
struct Activity {
  // Newest of each kind; none if there is none.
  Instant interest;
  Instant inbound;
  Instant conversation;
  Instant refusal;
  Instant need;

  // The newest attempt, and how many are unanswered: no inbound activity or conversation came
  // after them.
  Instant attempt;
  int unanswered_attempts = 0;
};

// The events of one lead, ready for use: the first three steps of the order of operations
// (duplicate ids, future events told apart, bot noise). Refers to the lead.
class EventLog {
 public:
  EventLog(const v1::Lead& lead, const EventTypeTable& types, TimeSpan bot_window, Instant now);

  // Those at or before `now`, in request order.
  absl::Span<const EventFact> past() const { return {past_.begin(), past_.size()}; }

  // Those after `now`, oldest first.
  absl::Span<const EventFact> future() const { return future_; }

  // Activity at `time`, which is `now` or later.
  Activity ActivityAt(Instant time) const {
    return any_future_ ? LaterActivity(time) : now_activity_;
  }

  // How many events were dropped as duplicates, and as bot noise.
  int duplicates() const { return duplicates_; }
  int bot_noise() const { return bot_noise_; }

 private:
  // Sends, opens and clicks, in `past_`.
  using Traffic = ScratchList<EventFact*, 16>;

  template <typename SeenIds>  // How ids are told apart: events.cc.
  void ReadEvents(const v1::Lead& lead, const EventTypeTable& types, Instant now, SeenIds* seen,
                  Traffic* traffic);
  void DropBotNoise(const Traffic& traffic, TimeSpan window);
  void MoveFuture(Instant now);
  Activity LaterActivity(Instant time) const;
  void CountUnanswered(Activity* activity, Instant time) const;

  // Usual leads need no heap.
  ScratchList<EventFact, 16> past_;
  ScratchList<EventFact, 16> future_;
  ScratchList<Instant, 8> attempts_;  // All, also future ones, oldest first.
  Activity now_activity_;
  bool any_future_ = false;
  int duplicates_ = 0;
  int bot_noise_ = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_EVENTS_H_
