// What the lead and we did: events made ready, and what they say about interest and quiet.
#ifndef BANTAM_TESTS_REFERENCE_ACTIVITY_H_
#define BANTAM_TESTS_REFERENCE_ACTIVITY_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// An event that counts: not a repeated id, not bot noise. It may lie in the future.
struct Happening {
  std::string type;
  Nanos time = 0;
  bool inbound_activity = false;
  const v1::Event* event = nullptr;
};

// Steps 1 and 3 of the order of operations, and the inbound activity, for all events of `lead`.
// `icp` has its defaults filled in. In the request's order.
std::vector<Happening> CountedEvents(const v1::Icp& icp, const v1::Lead& lead);

// Whether `event` is an attempt of ours. CHOICE: one without a direction is outbound by nature; one
// that is expressly inbound is no attempt.
bool IsAttempt(const v1::Event& event);

// The types that raise a hand: the ICP's list and the rules that say so.
std::set<std::string> HandRaiseTypes(const v1::Icp& icp);

// What is to be known about activity at one instant; nothing that lies after it.
struct Activity {
  // Interest within the window.
  bool interest = false;
  // The newest, within the window or not. CHOICE: a referral without a time ranks oldest.
  std::optional<Nanos> newest_interest;
  bool conversation = false;  // Within the window.
  std::optional<Nanos> last_inbound;
  std::optional<Nanos> last_refusal;  // Refusal or unsubscribe.
  int unanswered_attempts = 0;
  std::optional<Nanos> last_unanswered;
  std::optional<Nanos> last_hand_raise;
};

Activity ActivityAt(const v1::Icp& icp, const v1::Lead& lead, const std::vector<Happening>& events,
                    Nanos now);

// Whether there is interest within the window that is newer than `since`.
bool InterestAfter(const v1::Icp& icp, const v1::Lead& lead, const std::vector<Happening>& events,
                   Nanos now, Nanos since);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_ACTIVITY_H_
