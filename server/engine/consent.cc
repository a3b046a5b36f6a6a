#include "server/engine/consent.h"

#include <algorithm>

namespace bantam {
namespace {

// The newest word on one channel.
struct Word {
  v1::ConsentState state = v1::CONSENT_STATE_UNSPECIFIED;
  Instant time;
};

bool IsChannel(int channel) {
  return channel > v1::CHANNEL_UNSPECIFIED && channel < v1::Channel_ARRAYSIZE;
}

// What events say about channels.
struct EventWords {
  // By channel, the newest hand-raise that invited a reply on it and still permits one.
  std::array<Instant, v1::Channel_ARRAYSIZE> invitations;

  Instant unsubscribe;  // The newest.
};

EventWords Read(absl::Span<const EventFact> events, Instant now) {
  EventWords words;
  for (const EventFact& fact : events) {
    if ((fact.roles & (kRoleHandRaise | kRoleUnsubscribe)) == 0 || fact.time > now) continue;
    if ((fact.roles & kRoleUnsubscribe) != 0) {
      words.unsubscribe = std::max(words.unsubscribe, fact.time);
    }
    if ((fact.roles & kRoleHandRaise) == 0 || now - fact.time > kReplyPermission) continue;
    for (const int channel : fact.event->reply_channels()) {
      if (!IsChannel(channel)) continue;
      words.invitations[channel] = std::max(words.invitations[channel], fact.time);
    }
  }
  return words;
}

}  // namespace

Consents::Consents(const v1::Lead& lead, absl::Span<const EventFact> events, Instant now) {
  std::array<Word, v1::Channel_ARRAYSIZE> words;
  for (const v1::Consent& consent : lead.consents()) {
    const Instant time = consent.has_time() ? Instant(consent.time()) : Instant();
    if (!IsChannel(consent.channel()) || time > now) continue;
    Word& word = words[consent.channel()];
    if (time >= word.time) word = {consent.state(), time};
  }
  const EventWords said = Read(events, now);
  for (const v1::Channel channel : kChannels) {
    const Word& word = words[channel];
    const Instant withdrawn = channel == v1::CHANNEL_EMAIL ? said.unsubscribe : Instant();
    const bool denied = word.state == v1::CONSENT_STATE_DENIED;
    if (denied) {
      permissions_[channel] = Permission::kDenied;
    } else if (withdrawn > word.time) {
      permissions_[channel] = Permission::kUnsubscribed;
    } else if (word.state == v1::CONSENT_STATE_GRANTED) {
      permissions_[channel] = Permission::kGranted;
    }
    const Instant invited = said.invitations[channel];
    replies_[channel] =
        invited.has_value() && withdrawn <= invited && !(denied && word.time > invited);
  }
}

}  // namespace bantam
