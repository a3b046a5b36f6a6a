// Any bytes as what Redis holds, as they are and with a header that fits them: they are refused, or
// are what an entry of the same content is decoded to.
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/store/redis_entry.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

constexpr absl::string_view kName = "tenants/acme/icps/software";
constexpr absl::string_view kTenant = "tenants/acme";
constexpr absl::string_view kRevision = "0123456789abcdef0123456789abcdef";

void DecodeAll(absl::string_view bytes) {
  CurrentRevision current;
  absl::Time time;
  if (DecodePointer(bytes, kName, &current, &time) == RedisEntryFault::kNone) {
    Require(current.name == kName, "a pointer is that of its key");
    CurrentRevision again;
    Require(DecodePointer(EncodePointer(current, time), kName, &again, &time) ==
                    RedisEntryFault::kNone &&
                again.sequence == current.sequence && again.revision == current.revision,
            "a pointer is the same when it is written again");
  }
  RevisionRecord record;
  if (DecodeRecord(bytes, kName, 0, kRevision, &record) == RedisEntryFault::kNone) {
    Require(record.name == kName && record.revision == kRevision, "a record is that of its key");
    RevisionRecord again;
    Require(DecodeRecord(EncodeRecord(record), kName, record.number, kRevision, &again) ==
                    RedisEntryFault::kNone &&
                again.yaml == record.yaml && again.number == record.number,
            "a record is the same when it is written again");
  }
  absl::optional<TenantNames> names;
  if (DecodeTenant(bytes, kTenant, &names) == RedisEntryFault::kNone && names.has_value()) {
    Require(names->tenant == kTenant, "a list is that of its key");
    absl::optional<TenantNames> again;
    Require(DecodeTenant(EncodeTenant(*names), kTenant, &again) == RedisEntryFault::kNone &&
                again.has_value() && again->names == names->names,
            "a list is the same when it is written again");
  }
}

// An entry of this kind (1 pointer, 2 record, 3 tenant) with `body` for a message.
std::string WithHeader(char kind, absl::string_view body) {
  const std::string seed_bytes = {1, kind, kRedisEntryVersion, 0};
  uint64_t seed = 0;
  for (size_t i = 0; i < seed_bytes.size(); ++i) {
    seed |= static_cast<uint64_t>(seed_bytes[i]) << (8 * i);
  }
  const uint64_t checksum = XXH3_64bits_withSeed(body.data(), body.size(), seed);
  std::string entry = absl::StrCat("BNTM", seed_bytes);
  for (int i = 0; i < 8; ++i) entry.push_back(static_cast<char>(checksum >> (8 * i)));
  absl::StrAppend(&entry, body);
  return kind == 2 ? entry : absl::StrCat("0000000000000000007 0000000000000000002\n", entry);
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  bantam::DecodeAll(bytes);
  for (const char kind : {1, 2, 3}) bantam::DecodeAll(bantam::WithHeader(kind, bytes));
  return 0;
}
