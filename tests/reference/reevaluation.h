// When time alone changes the answer.
#ifndef BANTAM_TESTS_REFERENCE_REEVALUATION_H_
#define BANTAM_TESTS_REFERENCE_REEVALUATION_H_

#include <optional>

#include "bantam/v1/qualification_service.pb.h"
#include "tests/reference/picture.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// The first whole second after `now` at which verdict, temperature or, with `advance`, the target
// stage would differ; nullopt: never. Found by trying: the whole picture is looked at again at
// every second at which any fact, window, date or decayed point could change.
std::optional<Nanos> NextChange(const Case& subject, Nanos now, bool advance,
                                bool as_far_as_possible, const v1::StageOverride* override_by);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_REEVALUATION_H_
