// The SQL of a PostgresStore, and how the rows of each statement are read.
#ifndef BANTAM_SERVER_STORE_POSTGRES_STATEMENTS_H_
#define BANTAM_SERVER_STORE_POSTGRES_STATEMENTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/catalog/revision_store.h"
#include "server/store/postgres_query.h"

namespace bantam {

// What is current under $1 (name), with the text unless its number is $2. One row.
extern const char kReadCurrent[];
CurrentRead DecodeCurrentRead(const PostgresResult& result, absl::string_view name);

// A record of $1 (name): by $2 (revision); by $2 (number); the one before $2 (number). One row, or
// none, also for a deletion.
extern const char kReadByRevision[];
extern const char kReadByNumber[];
extern const char kReadBefore[];
absl::optional<RevisionRecord> DecodeRecord(const PostgresResult& result);

// The newest record of $1 (name), also a deletion, and the sequence of the ICP.
extern const char kReadNewest[];
using NewestRead = std::pair<absl::optional<RevisionRecord>, int64_t>;
NewestRead DecodeNewest(const PostgresResult& result);

// What is current under each of $1 (names), in their order.
extern const char kReadPointers[];
std::vector<CurrentRevision> DecodePointers(const PostgresResult& result,
                                            const std::vector<std::string>& names);

// The names of the ICPs of $1 (tenant).
extern const char kReadTenant[];
TenantNames DecodeTenant(const PostgresResult& result, absl::string_view tenant);

// The newest sequence; what changed after $1 (sequence), where $2 is kMaxChanges + 1.
constexpr int kMaxChanges = 1000;
extern const char kReadSequence[];
extern const char kReadChanges[];
StoreChanges DecodeSequence(const PostgresResult& result);
StoreChanges DecodeChanges(const PostgresResult& result);

// Records without texts: those in force of $1 (tenant) after $2 (name), at most $3; those of all
// tenants after $1 (name), at most $2; those of $1 (name) before $2 (number), at most $3.
extern const char kListTenant[];
extern const char kListAll[];
extern const char kListRevisions[];
std::vector<RevisionRecord> DecodeRecords(const PostgresResult& result);

// Saves: the arguments of the SQL function bantam.save(), in their order. The record comes without
// its text.
extern const char kSave[];
AppliedChange DecodeSaved(const PostgresResult& result);

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_POSTGRES_STATEMENTS_H_
