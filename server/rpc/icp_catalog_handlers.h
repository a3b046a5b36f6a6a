#ifndef BANTAM_SERVER_RPC_ICP_CATALOG_HANDLERS_H_
#define BANTAM_SERVER_RPC_ICP_CATALOG_HANDLERS_H_

#include <string>

#include "server/catalog/catalog.h"
#include "server/engine/time_zones.h"
#include "server/rpc/unary_call.h"

namespace bantam {

// Those methods of IcpCatalogService that read and check. Each function answers its call exactly
// once. Safe for concurrent use.
class IcpCatalogHandlers {
 public:
  IcpCatalogHandlers(Catalog* catalog, const TimeZones* zones);

  void GetIcp(UnaryCall* call) const;
  void ListIcps(UnaryCall* call) const;
  void ValidateIcp(UnaryCall* call) const;

 private:
  // ListIcps of all tenants, for a caller that may not see all of them.
  void ListVisible(UnaryCall* call, const std::string& after, int limit) const;

  Catalog* const catalog_;
  const TimeZones* const zones_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_ICP_CATALOG_HANDLERS_H_
