// Which channels may be used, and what for.
#ifndef BANTAM_SERVER_ENGINE_CONSENT_H_
#define BANTAM_SERVER_ENGINE_CONSENT_H_

#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/value.pb.h"
#include "server/engine/events.h"
#include "server/engine/instant.h"

namespace bantam {

// How long a hand-raise permits replies on the channels it gave.
inline constexpr TimeSpan kReplyPermission(uint64_t{30 * 86400} * kNanosPerSecond);

// All channels, the most suitable for writing first.
inline constexpr std::array<v1::Channel, 4> kChannels = {v1::CHANNEL_EMAIL, v1::CHANNEL_PHONE,
                                                         v1::CHANNEL_SMS, v1::CHANNEL_POST};

// What is known about one channel.
enum class Permission {
  kUnknown,       // Nothing, which counts as no permission.
  kGranted,       // Consent was given.
  kDenied,        // Consent was refused.
  kUnsubscribed,  // No consent is newer than an unsubscribe.
};

// The permissions of one lead at one instant: the newest consent of each channel, undated ones
// ranking oldest and the last of equals counting; a newer unsubscribe withdraws e-mail. Facts
// dated later than the instant do not count yet.
class Consents {
 public:
  Consents(const v1::Lead& lead, absl::Span<const EventFact> events, Instant now);

  // For marketing. `channel` must be one of kChannels.
  Permission For(v1::Channel channel) const { return permissions_[channel]; }
  bool MayContact(v1::Channel channel) const { return For(channel) == Permission::kGranted; }

  // For a reply to a raised hand: also if a hand-raise of the last 30 days gave the channel, and
  // no refusal of the channel (for e-mail: no unsubscribe) is newer than it.
  bool MayReply(v1::Channel channel) const { return MayContact(channel) || replies_[channel]; }

 private:
  std::array<Permission, v1::Channel_ARRAYSIZE> permissions_ = {};
  std::array<bool, v1::Channel_ARRAYSIZE> replies_ = {};
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_CONSENT_H_
