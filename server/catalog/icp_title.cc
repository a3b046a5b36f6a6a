#include "server/catalog/icp_title.h"

#include "absl/strings/string_view.h"
#include "server/engine/localization.h"

namespace bantam {

std::string IcpTitle(const CompiledIcp& icp) {
  const absl::string_view title = PickText(icp.definition().title(), "en");
  if (!title.empty()) return std::string(title);
  return icp.name().substr(icp.name().rfind('/') + 1);
}

}  // namespace bantam
