#include "server/store/redis_entry.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr absl::string_view kName = "tenants/acme/icps/smb";
const absl::Time kReadTime = absl::FromUnixMicros(1780000000123456);

CurrentRevision Pointer() {
  CurrentRevision current;
  current.name = std::string(kName);
  current.sequence = 1234567890123;
  current.number = 42;
  current.revision = "sha256:abc";
  return current;
}

RevisionRecord Record() {
  RevisionRecord record;
  record.name = std::string(kName);
  record.number = 42;
  record.revision = "sha256:abc";
  record.title = "Small";
  record.author = "jo";
  record.comment = std::string("a\0b\xff", 4);
  record.create_time = absl::FromUnixMicros(-1);
  record.yaml = "name: x\n";
  return record;
}

TenantNames Tenant(std::vector<std::string> names) {
  TenantNames result;
  result.tenant = "tenants/acme";
  result.sequence = 7;
  result.names = std::move(names);
  return result;
}

RedisEntryFault ReadPointer(absl::string_view bytes, absl::string_view name = kName) {
  CurrentRevision current;
  absl::Time read_time;
  return DecodePointer(bytes, name, &current, &read_time);
}

RedisEntryFault ReadRecord(absl::string_view bytes, absl::string_view name = kName,
                           int64_t number = 42, absl::string_view revision = "sha256:abc") {
  RevisionRecord record;
  return DecodeRecord(bytes, name, number, revision, &record);
}

RedisEntryFault ReadTenant(absl::string_view bytes, absl::string_view tenant = "tenants/acme") {
  absl::optional<TenantNames> names;
  return DecodeTenant(bytes, tenant, &names);
}

TEST(RedisEntryTest, PointerComesBack) {
  const std::string bytes = EncodePointer(Pointer(), kReadTime);
  EXPECT_THAT(bytes, StartsWith("0000001234567890123 0000000000000000042\nBNTM"));
  CurrentRevision current;
  absl::Time read_time;
  ASSERT_EQ(DecodePointer(bytes, kName, &current, &read_time), RedisEntryFault::kNone);
  EXPECT_EQ(current.name, kName);
  EXPECT_EQ(current.sequence, 1234567890123);
  EXPECT_EQ(current.number, 42);
  EXPECT_EQ(current.revision, "sha256:abc");
  EXPECT_EQ(read_time, kReadTime);
}

TEST(RedisEntryTest, RecordComesBack) {
  const RevisionRecord written = Record();
  RevisionRecord read;
  ASSERT_EQ(DecodeRecord(EncodeRecord(written), kName, 42, "sha256:abc", &read),
            RedisEntryFault::kNone);
  EXPECT_EQ(read.name, written.name);
  EXPECT_EQ(read.number, written.number);
  EXPECT_EQ(read.revision, written.revision);
  EXPECT_EQ(read.title, written.title);
  EXPECT_EQ(read.author, written.author);
  EXPECT_EQ(read.comment, written.comment);
  EXPECT_EQ(read.create_time, written.create_time);
  EXPECT_EQ(read.yaml, written.yaml);
}

TEST(RedisEntryTest, TenantComesBack) {
  TenantNames written = Tenant({"a", "b"});
  absl::optional<TenantNames> read;
  ASSERT_EQ(DecodeTenant(EncodeTenant(written), "tenants/acme", &read), RedisEntryFault::kNone);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->tenant, "tenants/acme");
  EXPECT_EQ(read->sequence, 7);
  EXPECT_THAT(read->names, ElementsAre("a", "b"));
  EXPECT_EQ(read->read_time, absl::InfinitePast());
  written.read_time = kReadTime;
  ASSERT_EQ(DecodeTenant(EncodeTenant(written), "tenants/acme", &read), RedisEntryFault::kNone);
  EXPECT_EQ(read->read_time, kReadTime);
}

TEST(RedisEntryTest, DroppedTenantIsGoodButNoList) {
  absl::optional<TenantNames> read = Tenant({"a"});
  ASSERT_EQ(DecodeTenant(EncodeDroppedTenant("tenants/acme", 9), "tenants/acme", &read),
            RedisEntryFault::kNone);
  EXPECT_FALSE(read.has_value());
}

TEST(RedisEntryTest, EveryChangedByteIsFound) {
  for (const std::string& good :
       {EncodePointer(Pointer(), kReadTime), EncodeRecord(Record()), EncodeTenant(Tenant({"a"}))}) {
    for (size_t i = 0; i < good.size(); ++i) {
      for (const int change : {1, 0x80, 0xff}) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ change);
        EXPECT_NE(ReadPointer(bad), RedisEntryFault::kNone) << i;
        EXPECT_NE(ReadRecord(bad), RedisEntryFault::kNone) << i;
        EXPECT_NE(ReadTenant(bad), RedisEntryFault::kNone) << i;
      }
    }
  }
}

TEST(RedisEntryTest, EveryCutIsFound) {
  const std::string pointer = EncodePointer(Pointer(), kReadTime);
  const std::string record = EncodeRecord(Record());
  for (size_t size = 0; size < pointer.size(); ++size) {
    EXPECT_THAT(ReadPointer(pointer.substr(0, size)),
                AnyOf(RedisEntryFault::kDamaged, RedisEntryFault::kChecksum));
  }
  for (size_t size = 0; size < record.size(); ++size) {
    EXPECT_THAT(ReadRecord(record.substr(0, size)),
                AnyOf(RedisEntryFault::kDamaged, RedisEntryFault::kChecksum));
  }
  EXPECT_EQ(ReadPointer(pointer + "x"), RedisEntryFault::kChecksum);
}

TEST(RedisEntryTest, ReasonsAreTold) {
  EXPECT_EQ(ReadPointer("hello"), RedisEntryFault::kDamaged);
  EXPECT_EQ(ReadRecord(""), RedisEntryFault::kDamaged);
  std::string record = EncodeRecord(Record());
  record.back() ^= 1;
  EXPECT_EQ(ReadRecord(record), RedisEntryFault::kChecksum);
  EXPECT_EQ(ReadPointer(EncodePointer(Pointer(), kReadTime, kRedisEntryVersion + 1)),
            RedisEntryFault::kNewer);
  EXPECT_EQ(ReadRecord(EncodeRecord(Record(), kRedisEntryVersion + 1)), RedisEntryFault::kNewer);
  EXPECT_EQ(ReadTenant(EncodeTenant(Tenant({}), kRedisEntryVersion + 1)), RedisEntryFault::kNewer);
  EXPECT_EQ(ReadPointer(EncodePointer(Pointer(), kReadTime, kRedisEntryVersion - 1)),
            RedisEntryFault::kNone);
  std::string newer_format = EncodeRecord(Record());
  newer_format[4] = 2;
  EXPECT_EQ(ReadRecord(newer_format), RedisEntryFault::kNewer);
}

TEST(RedisEntryTest, EntryOfAnotherKeyIsFound) {
  EXPECT_EQ(ReadPointer(EncodePointer(Pointer(), kReadTime), "tenants/acme/icps/other"),
            RedisEntryFault::kOtherKey);
  const std::string record = EncodeRecord(Record());
  EXPECT_EQ(ReadRecord(record, "tenants/acme/icps/other"), RedisEntryFault::kOtherKey);
  EXPECT_EQ(ReadRecord(record, kName, 43), RedisEntryFault::kOtherKey);
  EXPECT_EQ(ReadRecord(record, kName, 42, "sha256:abd"), RedisEntryFault::kOtherKey);
  EXPECT_EQ(ReadRecord(record, kName, 0), RedisEntryFault::kNone);
  EXPECT_EQ(ReadTenant(EncodeTenant(Tenant({})), "tenants/other"), RedisEntryFault::kOtherKey);
  // Of another kind.
  EXPECT_EQ(ReadTenant(EncodePointer(Pointer(), kReadTime)), RedisEntryFault::kOtherKey);
  EXPECT_EQ(ReadPointer(EncodeTenant(Tenant({}))), RedisEntryFault::kOtherKey);
}

TEST(RedisEntryTest, FrontMustAgreeWithTheMessage) {
  std::string bytes = EncodePointer(Pointer(), kReadTime);
  bytes[0] = '1';
  EXPECT_EQ(ReadPointer(bytes), RedisEntryFault::kDamaged);
  bytes = EncodeTenant(Tenant({"a"}));
  bytes[38] = '1';  // "Empty".
  EXPECT_EQ(ReadTenant(bytes), RedisEntryFault::kDamaged);
}

// Random bytes, with and without a header that would do, are read without harm.
TEST(RedisEntryTest, AnyBytesMayBeRead) {
  std::mt19937 random(20260101);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    const int size = static_cast<int>(random() % 120);
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random()));
    if (round % 3 == 1)
      bytes = absl::StrCat(EncodePointer(Pointer(), kReadTime).substr(0, 56), bytes);
    if (round % 3 == 2) bytes = absl::StrCat(EncodeRecord(Record()).substr(0, 16), bytes);
    EXPECT_NE(ReadPointer(bytes), RedisEntryFault::kNone);
    EXPECT_NE(ReadRecord(bytes), RedisEntryFault::kNone);
    EXPECT_NE(ReadTenant(bytes), RedisEntryFault::kNone);
  }
}

}  // namespace
}  // namespace bantam
