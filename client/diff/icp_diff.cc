#include "client/diff/icp_diff.h"

#include <algorithm>

#include "client/diff/message_diff.h"
#include "client/diff/words.h"

namespace bantam {

std::vector<IcpChange> DiffIcps(const IcpVersion& before, const IcpVersion& after) {
  std::vector<IcpChange> changes;
  MessageDiff diff(&changes);
  const DiffSide old_side{before.full, before.written};
  const DiffSide new_side{after.full, after.written};
  const google::protobuf::Descriptor& type = *v1::Icp::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    diff.ComparePart(PartWords(*type.field(i)), *type.field(i), old_side, new_side);
  }
  std::stable_partition(changes.begin(), changes.end(),
                        [](const IcpChange& change) { return change.part != "texts"; });
  return changes;
}

}  // namespace bantam
