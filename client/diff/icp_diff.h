// What changed between two definitions, as a person would tell it:
//
//   two definitions --DiffIcps()--> IcpChanges, by part --RenderChanges()--> text
//   two texts --UnifiedDiff()--> text                                        (text_diff.h)
//
// Pure code: no I/O, clock, locks or logs.
#ifndef BANTAM_CLIENT_DIFF_ICP_DIFF_H_
#define BANTAM_CLIENT_DIFF_ICP_DIFF_H_

#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "client/output/terminal.h"

namespace bantam {

// One definition, in both forms.
struct IcpVersion {
  v1::Icp written;  // As its author wrote it: tells which values are defaults.
  v1::Icp full;     // With its defaults filled in: what is compared.
};

// One difference.
struct IcpChange {
  enum class Kind { kAdded, kRemoved, kChanged };

  // The part of the definition: "fit", "engagement", "funnel" …; "texts" for all that is only read
  // by people, wherever it stands.
  std::string part;

  Kind kind = Kind::kChanged;

  // Such as "criterion `industry`: points 10 → 15". May hold any text of the definitions.
  std::string text;
};

// What is different in `after`. Lists are compared by the ids of their elements. Parts stand in the
// order of the contract, texts last. Empty if and only if the full forms are equal.
//
// Works by descriptor, so that a field added to the contract is never forgotten.
std::vector<IcpChange> DiffIcps(const IcpVersion& before, const IcpVersion& after);

// The changes for a terminal, under a heading for each part, every line indented by `indent`; "+"
// marks what is new, "-" what is gone, "~" what is otherwise now. Control characters in texts
// become spaces.
std::string RenderChanges(const std::vector<IcpChange>& changes, const Style& style, int indent);

}  // namespace bantam

#endif  // BANTAM_CLIENT_DIFF_ICP_DIFF_H_
