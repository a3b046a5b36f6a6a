// What the methods of IcpCatalogService have in common: their answers' messages, and the checks of
// fields that several of them have.
#ifndef BANTAM_SERVER_RPC_ICP_MESSAGES_H_
#define BANTAM_SERVER_RPC_ICP_MESSAGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/catalog/revision_store.h"
#include "server/engine/validate.h"

namespace bantam {

// Entries of a page of any list, by default and at most.
inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxPageSize = 1000;

void DescribeRevision(const CatalogEntry& entry, v1::IcpRevision* revision);

// `current`: whether it is the one in force.
void SummarizeRevision(const RevisionRecord& record, bool current, v1::IcpRevisionSummary* summary);

// Each appends what is wrong with fields of these names.
void CheckIcpName(absl::string_view name, std::vector<Violation>* violations);
void CheckRevisionOrNumber(absl::string_view revision, int64_t number,
                           std::vector<Violation>* violations);
void CheckPageSize(int page_size, std::vector<Violation>* violations);
void CheckYaml(absl::string_view yaml, absl::string_view what_for,
               std::vector<Violation>* violations);
void CheckFile(absl::string_view file, std::vector<Violation>* violations);
void CheckAuthorAndComment(absl::string_view author, absl::string_view comment,
                           std::vector<Violation>* violations);

// By which name messages call a definition: `file`, or if that is empty, "icp.yaml".
std::string FileName(const std::string& file);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_ICP_MESSAGES_H_
