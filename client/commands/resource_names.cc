#include "client/commands/resource_names.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/engine/validate.h"

namespace bantam {

std::string FullIcpName(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2 || parts[0] == "tenants") return name;
  return absl::StrCat("tenants/", parts[0], "/icps/", parts[1]);
}

std::string FullTenantName(const std::string& name) {
  return absl::StrContains(name, '/') ? name : absl::StrCat("tenants/", name);
}

std::string ShortIcpName(const std::string& name) {
  if (!IsIcpName(name)) return name;
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  return absl::StrCat(parts[1], "/", parts[3]);
}

}  // namespace bantam
