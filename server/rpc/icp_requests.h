// What may be wrong with the requests of IcpCatalogService, before anything is looked up.
#ifndef BANTAM_SERVER_RPC_ICP_REQUESTS_H_
#define BANTAM_SERVER_RPC_ICP_REQUESTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/engine/validate.h"

namespace bantam {

// The parent of the ICPs of all tenants.
inline constexpr char kAllTenants[] = "tenants/-";

// Most entries of a page of any list.
inline constexpr int kMaxPageSize = 1000;

// Each gives all that is wrong with a request; empty: nothing. Those of lists also read the page
// token: the name, or the number, that the page before ended with; empty, or 0: there was none.
std::vector<Violation> CheckGetIcp(const v1::GetIcpRequest& request);
std::vector<Violation> CheckListIcps(const v1::ListIcpsRequest& request, std::string* after);
std::vector<Violation> CheckValidateIcp(const v1::ValidateIcpRequest& request);
std::vector<Violation> CheckSaveIcp(const v1::SaveIcpRequest& request);
std::vector<Violation> CheckDeleteIcp(const v1::DeleteIcpRequest& request);
std::vector<Violation> CheckListIcpRevisions(const v1::ListIcpRevisionsRequest& request,
                                             int64_t* before);
std::vector<Violation> CheckRollbackIcp(const v1::RollbackIcpRequest& request);

// The errors among the issues of a definition, as violations of the request that holds it.
std::vector<Violation> DefinitionErrors(const std::vector<v1::Issue>& issues);

// Entries of a page, of a request that has been checked.
int PageLimit(int page_size);

// By which name messages call a definition: `file`, or if that is empty, "icp.yaml".
std::string FileName(const std::string& file);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_ICP_REQUESTS_H_
