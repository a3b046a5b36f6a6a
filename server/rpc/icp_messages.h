// What several methods of IcpCatalogService answer.
#ifndef BANTAM_SERVER_RPC_ICP_MESSAGES_H_
#define BANTAM_SERVER_RPC_ICP_MESSAGES_H_

#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/catalog/icp_editor.h"
#include "server/catalog/revision_store.h"

namespace bantam {

void DescribeRevision(const CatalogEntry& entry, v1::IcpRevision* revision);

// One that cannot be used, with its text and errors.
void DescribeBadRevision(const StoredRevision& stored, v1::IcpRevision* revision);

// `current`: whether it is the one in force.
void SummarizeRevision(const RevisionRecord& record, bool current, v1::IcpRevisionSummary* summary);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_ICP_MESSAGES_H_
