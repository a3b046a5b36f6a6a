#ifndef BANTAM_SERVER_RPC_ICP_CATALOG_HANDLERS_H_
#define BANTAM_SERVER_RPC_ICP_CATALOG_HANDLERS_H_

#include <string>

#include "server/catalog/catalog.h"
#include "server/catalog/icp_editor.h"
#include "server/engine/time_zones.h"
#include "server/rpc/unary_call.h"

namespace bantam {

// Those methods of IcpCatalogService that read and check. Each function answers its call exactly
// once. Safe for concurrent use.
class IcpCatalogHandlers {
 public:
  // `editor` may be null: a catalog that cannot be changed, and has no bad revisions to tell.
  IcpCatalogHandlers(Catalog* catalog, IcpEditor* editor, const TimeZones* zones);

  void GetIcp(UnaryCall* call) const;
  void ListIcps(UnaryCall* call) const;
  void ValidateIcp(UnaryCall* call) const;

 private:
  // What is answered to a number that the catalog does not find: it may be of a bad revision.
  void AnswerFromHistory(UnaryCall* call, const v1::GetIcpRequest& request) const;

  // ListIcps of all tenants, for a caller that may not see all of them.
  void ListVisible(UnaryCall* call, const std::string& after, int limit) const;

  Catalog* const catalog_;
  IcpEditor* const editor_;
  const TimeZones* const zones_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_ICP_CATALOG_HANDLERS_H_
