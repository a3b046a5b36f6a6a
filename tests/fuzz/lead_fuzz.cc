// A serialised lead, after two bytes that say how it is evaluated: whatever passes the checks gets
// the same answer from both overloads of Evaluate(), and from all ICPs together.
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "bantam/v1/lead.pb.h"
#include "google/protobuf/stubs/logging.h"
#include "server/engine/validate.h"
#include "tests/fuzz/evaluate_checked.h"

namespace bantam {
namespace {

EvaluateOptions OptionsFrom(uint8_t flags, uint8_t weeks) {
  constexpr Operation kOperations[] = {Operation::kScore, Operation::kQualify, Operation::kAdvance,
                                       Operation::kAdvance};
  constexpr const char* kLanguages[] = {"", "de", "ro-MD", "xx"};
  EvaluateOptions options;
  options.operation = kOperations[flags & 3];
  options.language_code = kLanguages[flags >> 2 & 3];
  options.omit_trace = (flags & 16) != 0;
  options.omit_actions = (flags & 32) != 0;
  options.omit_gaps = (flags & 64) != 0;
  options.as_far_as_possible = (flags & 128) != 0;
  options.now = absl::FromUnixSeconds(1767225600) + weeks * absl::Hours(7 * 24);  // From 2026 on.
  return options;
}

void FuzzLead(const uint8_t* data, size_t size) {
  if (size < 2) return;
  google::protobuf::SetLogHandler(nullptr);  // It would report bytes that are not UTF-8.
  v1::Lead lead;
  if (!lead.ParseFromArray(data + 2, static_cast<int>(size - 2))) return;
  const EvaluateOptions options = OptionsFrom(data[0], data[1]);
  if (!ValidateLead(lead, "lead", LeadBounds(), options.operation).empty()) return;
  for (const auto& icp : SampleIcps()) EvaluateChecked(*icp, lead, options);
  if (options.operation != Operation::kAdvance) EvaluateBestChecked(SampleIcps(), lead, options);
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bantam::FuzzLead(data, size);
  return 0;
}
