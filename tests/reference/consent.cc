#include "tests/reference/consent.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

namespace bantam {
namespace reference {
namespace {

// The consent that counts for a channel: the newest by `now`; undated ones rank oldest; of equals
// the last in the request.
std::optional<v1::Consent> ConsentFor(const Case& subject, v1::Channel channel, Nanos now) {
  std::optional<v1::Consent> newest;
  for (const v1::Consent& consent : subject.lead.consents()) {
    if (consent.channel() != channel) continue;
    if (consent.has_time() && ToNanos(consent.time()) > now) continue;
    const bool older = newest.has_value() && newest->has_time() &&
                       (!consent.has_time() || ToNanos(consent.time()) < ToNanos(newest->time()));
    if (!older) newest = consent;
  }
  return newest;
}

// Whether an unsubscribe took place after `since`; without one at any time.
bool UnsubscribedAfter(const Case& subject, const std::optional<Nanos>& since, Nanos now) {
  for (const Happening& event : subject.events) {
    if (event.type != "unsubscribe" || event.time > now) continue;
    if (!since.has_value() || event.time > *since) return true;
  }
  return false;
}

std::optional<Nanos> TimeOf(const v1::Consent& consent) {
  if (!consent.has_time()) return std::nullopt;
  return ToNanos(consent.time());
}

}  // namespace

bool MayContact(const Case& subject, v1::Channel channel, Nanos now) {
  const std::optional<v1::Consent> consent = ConsentFor(subject, channel, now);
  if (!consent.has_value() || consent->state() != v1::CONSENT_STATE_GRANTED) return false;
  return channel != v1::CHANNEL_EMAIL || !UnsubscribedAfter(subject, TimeOf(*consent), now);
}

// A hand-raise of the last 30 days permits replies on the channels it gave. CHOICE: unless a
// refusal of the channel, for e-mail an unsubscribe, is newer.
bool MayReply(const Case& subject, v1::Channel channel, Nanos now) {
  if (MayContact(subject, channel, now)) return true;
  const std::set<std::string> types = HandRaiseTypes(subject.icp);
  const std::optional<v1::Consent> consent = ConsentFor(subject, channel, now);
  const bool refused = consent.has_value() && consent->state() == v1::CONSENT_STATE_DENIED;
  for (const Happening& event : subject.events) {
    if (types.count(event.type) == 0 || event.time > now || now - event.time > 30 * kDay) continue;
    const auto& channels = event.event->reply_channels();
    if (std::find(channels.begin(), channels.end(), channel) == channels.end()) continue;
    if (refused && consent->has_time() && ToNanos(consent->time()) > event.time) continue;
    if (channel == v1::CHANNEL_EMAIL && UnsubscribedAfter(subject, event.time, now)) continue;
    return true;
  }
  return false;
}

}  // namespace reference
}  // namespace bantam
