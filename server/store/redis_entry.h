// How what a RevisionCache holds is written as bytes:
//
//   record     header, RedisRecord
//   pointer    front, header, RedisPointer     } the front is what Redis' own scripts can read:
//   tenant     front, header, RedisTenant      } "{sequence} {state}\n", each 19 digits
//   header     "BNTM", format (1 byte), kind (1), program version (2), checksum (8: XXH3 of the 4
//              bytes before it and of the message), the numbers with the low byte first
//
// Pure code: any bytes may be decoded.
#ifndef BANTAM_SERVER_STORE_REDIS_ENTRY_H_
#define BANTAM_SERVER_STORE_REDIS_ENTRY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// The version of the program that wrote an entry, as far as entries are concerned: raised whenever
// a message is given a new meaning that this program could not tell. (An entry in another layout
// stands under other keys; see RedisKeys.)
constexpr uint16_t kRedisEntryVersion = 1;

// Why an entry is not to be used.
enum class RedisEntryFault {
  kNone,      // It is good.
  kDamaged,   // It is none of ours, cut short, or does not parse.
  kChecksum,  // Its bytes are not those that were written.
  kNewer,     // Written in a format, or by a version of the program, that is newer than this one.
  kOtherKey,  // Good in itself, but it says that it belongs under another key.
};

// The second number in the front of a pointer is the number of the revision, 0 if there is none.
// That in the front of a tenant's list is one of these.
constexpr int64_t kTenantDropped = 0;  // The list is not known.
constexpr int64_t kTenantEmpty = 1;    // The tenant has no ICPs.
constexpr int64_t kTenantNames = 2;    // It has some.

// Each entry can be written as if by another version, for tests.
std::string EncodePointer(const CurrentRevision& current, absl::Time read_time,
                          uint16_t version = kRedisEntryVersion);
std::string EncodeRecord(const RevisionRecord& record, uint16_t version = kRedisEntryVersion);
std::string EncodeTenant(const TenantNames& names, uint16_t version = kRedisEntryVersion);
std::string EncodeDroppedTenant(absl::string_view tenant, int64_t sequence,
                                uint16_t version = kRedisEntryVersion);

// The entry that stands for `name`. Sets `current` and `read_time` if it is good.
RedisEntryFault DecodePointer(absl::string_view bytes, absl::string_view name,
                              CurrentRevision* current, absl::Time* read_time);

// The entry of a revision of `name`: the one with `revision` and, unless that is 0, `number`. Sets
// `record` if it is good.
RedisEntryFault DecodeRecord(absl::string_view bytes, absl::string_view name, int64_t number,
                             absl::string_view revision, RevisionRecord* record);

// The entry that stands for `tenant`. Sets `names` if it is good; absent: the list was dropped.
RedisEntryFault DecodeTenant(absl::string_view bytes, absl::string_view tenant,
                             absl::optional<TenantNames>* names);

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_ENTRY_H_
