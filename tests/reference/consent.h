// Which channels may be used.
#ifndef BANTAM_TESTS_REFERENCE_CONSENT_H_
#define BANTAM_TESTS_REFERENCE_CONSENT_H_

#include "bantam/v1/lead.pb.h"
#include "tests/reference/picture.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// Whether `channel` may be used for marketing at `now`.
bool MayContact(const Case& subject, v1::Channel channel, Nanos now);

// Whether it may be used for a reply to a raised hand.
bool MayReply(const Case& subject, v1::Channel channel, Nanos now);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_CONSENT_H_
