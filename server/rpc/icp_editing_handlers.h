#ifndef BANTAM_SERVER_RPC_ICP_EDITING_HANDLERS_H_
#define BANTAM_SERVER_RPC_ICP_EDITING_HANDLERS_H_

#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/catalog/icp_editor.h"
#include "server/engine/time_zones.h"
#include "server/rpc/evaluate_leads.h"
#include "server/rpc/unary_call.h"

namespace bantam {

// Those methods of IcpCatalogService that change ICPs or tell their history. Each function answers
// its call exactly once. Safe for concurrent use.
class IcpEditingHandlers {
 public:
  // `editor` may be null: a catalog that cannot be changed; then all calls are FAILED_PRECONDITION.
  IcpEditingHandlers(Catalog* catalog, IcpEditor* editor, const TimeZones* zones, Clock clock);

  void SaveIcp(UnaryCall* call) const;
  void DeleteIcp(UnaryCall* call) const;
  void ListIcpRevisions(UnaryCall* call) const;
  void RollbackIcp(UnaryCall* call) const;

 private:
  // The request of `call`, or null: the call has been answered, since there is no editor or the
  // request does not parse.
  template <typename Request>
  const Request* ParseForEditor(UnaryCall* call) const;

  Catalog* const catalog_;
  IcpEditor* const editor_;
  const TimeZones* const zones_;
  const Clock clock_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_ICP_EDITING_HANDLERS_H_
