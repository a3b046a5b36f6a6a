#include "server/store/redis_entry.h"

#include <google/protobuf/message_lite.h>
#include <xxhash.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/store/redis_entry.pb.h"

namespace bantam {
namespace {

using store::RedisPointer;
using store::RedisRecord;
using store::RedisTenant;

constexpr absl::string_view kMagic = "BNTM";
constexpr uint8_t kFormat = 1;

enum class Kind : uint8_t { kPointer = 1, kRecord = 2, kTenant = 3 };

// Where the parts of the header begin.
constexpr size_t kFormatAt = 4;
constexpr size_t kKindAt = 5;
constexpr size_t kVersionAt = 6;
constexpr size_t kChecksumAt = 8;
constexpr size_t kHeaderSize = 16;

// "{19 digits} {19 digits}\n"
constexpr size_t kFrontDigits = 19;
constexpr size_t kFrontSize = 2 * kFrontDigits + 2;

void AppendNumber(uint64_t number, int bytes, std::string* text) {
  for (int i = 0; i < bytes; ++i) text->push_back(static_cast<char>(number >> (8 * i)));
}

uint64_t ReadNumber(absl::string_view text, size_t at, int bytes) {
  uint64_t number = 0;
  for (int i = 0; i < bytes; ++i) {
    number |= static_cast<uint64_t>(static_cast<uint8_t>(text[at + i])) << (8 * i);
  }
  return number;
}

// Of the header's second four bytes and the message.
uint64_t Checksum(absl::string_view header, absl::string_view message) {
  const uint64_t seed = ReadNumber(header, kFormatAt, 4);
  return XXH3_64bits_withSeed(message.data(), message.size(), seed);
}

std::string Encode(Kind kind, uint16_t version, const google::protobuf::MessageLite& message) {
  const std::string body = message.SerializeAsString();
  std::string entry(kMagic);
  entry.reserve(kHeaderSize + body.size());
  AppendNumber(kFormat, 1, &entry);
  AppendNumber(static_cast<uint8_t>(kind), 1, &entry);
  AppendNumber(version, 2, &entry);
  AppendNumber(Checksum(entry, body), 8, &entry);
  entry.append(body);
  return entry;
}

RedisEntryFault Decode(Kind kind, absl::string_view entry, google::protobuf::MessageLite* message) {
  if (entry.size() < kHeaderSize || !absl::StartsWith(entry, kMagic)) {
    return RedisEntryFault::kDamaged;
  }
  if (ReadNumber(entry, kFormatAt, 1) > kFormat ||
      ReadNumber(entry, kVersionAt, 2) > kRedisEntryVersion) {
    return RedisEntryFault::kNewer;
  }
  const absl::string_view body = entry.substr(kHeaderSize);
  if (ReadNumber(entry, kChecksumAt, 8) != Checksum(entry, body)) {
    return RedisEntryFault::kChecksum;
  }
  if (ReadNumber(entry, kKindAt, 1) != static_cast<uint8_t>(kind)) {
    return RedisEntryFault::kOtherKey;
  }
  if (!message->ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return RedisEntryFault::kDamaged;
  }
  return RedisEntryFault::kNone;
}

std::string Front(int64_t sequence, int64_t state) {
  return absl::StrFormat("%0*d %0*d\n", static_cast<int>(kFrontDigits),
                         std::max<int64_t>(sequence, 0), static_cast<int>(kFrontDigits),
                         std::max<int64_t>(state, 0));
}

// Takes the front off `bytes`. False: it has none.
bool TakeFront(absl::string_view* bytes, int64_t* sequence, int64_t* state) {
  if (bytes->size() < kFrontSize) return false;
  const absl::string_view front = bytes->substr(0, kFrontSize);
  for (size_t i = 0; i < kFrontSize; ++i) {
    const bool separator = i == kFrontDigits || i == kFrontSize - 1;
    if (!separator && !absl::ascii_isdigit(front[i])) return false;
  }
  bytes->remove_prefix(kFrontSize);
  return front[kFrontDigits] == ' ' && front.back() == '\n' &&
         absl::SimpleAtoi(front.substr(0, kFrontDigits), sequence) &&
         absl::SimpleAtoi(front.substr(kFrontDigits + 1, kFrontDigits), state);
}

// A time that is not known is left out.
template <typename Message>
void SetReadTime(absl::Time time, Message* message) {
  if (time != absl::InfinitePast()) message->set_read_time_us(absl::ToUnixMicros(time));
}

template <typename Message>
absl::Time ReadTime(const Message& message) {
  return message.has_read_time_us() ? absl::FromUnixMicros(message.read_time_us())
                                    : absl::InfinitePast();
}

}  // namespace

std::string EncodePointer(const CurrentRevision& current, absl::Time read_time, uint16_t version) {
  RedisPointer message;
  message.set_name(current.name);
  message.set_sequence(current.sequence);
  message.set_number(current.number);
  message.set_revision(current.revision);
  SetReadTime(read_time, &message);
  return absl::StrCat(Front(current.sequence, current.number),
                      Encode(Kind::kPointer, version, message));
}

std::string EncodeRecord(const RevisionRecord& record, uint16_t version) {
  RedisRecord message;
  message.set_name(record.name);
  message.set_number(record.number);
  message.set_revision(record.revision);
  message.set_title(record.title);
  message.set_author(record.author);
  message.set_comment(record.comment);
  message.set_create_time_us(absl::ToUnixMicros(record.create_time));
  message.set_yaml(record.yaml);
  return Encode(Kind::kRecord, version, message);
}

std::string EncodeTenant(const TenantNames& names, uint16_t version) {
  RedisTenant message;
  message.set_tenant(names.tenant);
  message.set_sequence(names.sequence);
  for (const std::string& name : names.names) message.add_names(name);
  SetReadTime(names.read_time, &message);
  return absl::StrCat(Front(names.sequence, names.names.empty() ? kTenantEmpty : kTenantNames),
                      Encode(Kind::kTenant, version, message));
}

std::string EncodeDroppedTenant(absl::string_view tenant, int64_t sequence, uint16_t version) {
  RedisTenant message;
  message.set_tenant(std::string(tenant));
  message.set_sequence(sequence);
  message.set_dropped(true);
  return absl::StrCat(Front(sequence, kTenantDropped), Encode(Kind::kTenant, version, message));
}

RedisEntryFault DecodePointer(absl::string_view bytes, absl::string_view name,
                              CurrentRevision* current, absl::Time* read_time) {
  int64_t sequence = 0;
  int64_t number = 0;
  if (!TakeFront(&bytes, &sequence, &number)) return RedisEntryFault::kDamaged;
  RedisPointer message;
  const RedisEntryFault fault = Decode(Kind::kPointer, bytes, &message);
  if (fault != RedisEntryFault::kNone) return fault;
  // The front is not under the checksum.
  if (message.sequence() != sequence || message.number() != number) {
    return RedisEntryFault::kDamaged;
  }
  if (message.name() != name) return RedisEntryFault::kOtherKey;
  current->name = std::move(*message.mutable_name());
  current->sequence = sequence;
  current->number = number;
  current->revision = std::move(*message.mutable_revision());
  *read_time = ReadTime(message);
  return RedisEntryFault::kNone;
}

RedisEntryFault DecodeRecord(absl::string_view bytes, absl::string_view name, int64_t number,
                             absl::string_view revision, RevisionRecord* record) {
  RedisRecord message;
  const RedisEntryFault fault = Decode(Kind::kRecord, bytes, &message);
  if (fault != RedisEntryFault::kNone) return fault;
  if (message.name() != name || message.revision() != revision ||
      (number != 0 && message.number() != number)) {
    return RedisEntryFault::kOtherKey;
  }
  record->name = std::move(*message.mutable_name());
  record->number = message.number();
  record->revision = std::move(*message.mutable_revision());
  record->title = std::move(*message.mutable_title());
  record->author = std::move(*message.mutable_author());
  record->comment = std::move(*message.mutable_comment());
  record->create_time = absl::FromUnixMicros(message.create_time_us());
  record->yaml = std::move(*message.mutable_yaml());
  return RedisEntryFault::kNone;
}

RedisEntryFault DecodeTenant(absl::string_view bytes, absl::string_view tenant,
                             absl::optional<TenantNames>* names) {
  int64_t sequence = 0;
  int64_t state = 0;
  if (!TakeFront(&bytes, &sequence, &state)) return RedisEntryFault::kDamaged;
  RedisTenant message;
  const RedisEntryFault fault = Decode(Kind::kTenant, bytes, &message);
  if (fault != RedisEntryFault::kNone) return fault;
  const int64_t told = message.dropped()           ? kTenantDropped
                       : message.names_size() == 0 ? kTenantEmpty
                                                   : kTenantNames;
  if (message.sequence() != sequence || told != state) return RedisEntryFault::kDamaged;
  if (message.tenant() != tenant) return RedisEntryFault::kOtherKey;
  names->reset();
  if (message.dropped()) return RedisEntryFault::kNone;
  names->emplace();
  (*names)->tenant = std::move(*message.mutable_tenant());
  (*names)->sequence = sequence;
  (*names)->read_time = ReadTime(message);
  for (std::string& name : *message.mutable_names()) (*names)->names.push_back(std::move(name));
  return RedisEntryFault::kNone;
}

}  // namespace bantam
