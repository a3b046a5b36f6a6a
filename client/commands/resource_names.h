// The short forms in which names are given on the command line.
#ifndef BANTAM_CLIENT_COMMANDS_RESOURCE_NAMES_H_
#define BANTAM_CLIENT_COMMANDS_RESOURCE_NAMES_H_

#include <string>

namespace bantam {

// "sample/b2b" → "tenants/sample/icps/b2b"; anything else stays.
std::string FullIcpName(const std::string& name);

// "sample" → "tenants/sample", "-" → "tenants/-"; anything else stays.
std::string FullTenantName(const std::string& name);

// The other way round: "tenants/sample/icps/b2b" → "sample/b2b"; anything else stays.
std::string ShortIcpName(const std::string& name);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_RESOURCE_NAMES_H_
