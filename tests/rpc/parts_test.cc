// The small parts of the room, each by itself.
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/rpc/answer_bytes.h"
#include "server/rpc/arena_pool.h"
#include "server/rpc/cpu_quota.h"
#include "server/rpc/listen_address.h"
#include "server/rpc/page_token.h"
#include "server/rpc/parse.h"
#include "server/rpc/raw_batch.pb.h"

namespace bantam {
namespace {

TEST(IsUtf8Test, TellsUtf8FromOtherBytes) {
  for (const char* good : {"", "plain", "ü", "€", "😀", "\xF4\x8F\xBF\xBF", "\xEE\x80\x80"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (const char* bad :
       {"\xFC", "M\xFCller", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC0\xAF", "\xE0\x80\xAF",
        "\xED\xA0\x80", "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xFF", "\x80", "\xC3\x28"}) {
    EXPECT_FALSE(IsUtf8(bad)) << absl::StrCat(absl::Hex(static_cast<unsigned char>(bad[0])));
  }
}

TEST(SerializeEvaluationTest, IsWhatTheGeneratedCodeWrites) {
  for (const size_t size : {1, 127, 128, 20000}) {
    rpc::RawEvaluationResponse response;
    response.set_evaluation(std::string(size, 'x'));
    EXPECT_EQ(Flatten(SerializeEvaluation(response.evaluation())), response.SerializeAsString())
        << size;
  }
}

TEST(HandOverTest, HoldsTheBytes) {
  for (const std::string& text : {std::string(), std::string("short"), std::string(9000, 'x')}) {
    EXPECT_EQ(Flatten(HandOver(text)), text);
  }
}

TEST(AppendResultTest, IsWhatTheGeneratedCodeWrites) {
  rpc::RawLeadResult empty;
  rpc::RawLeadResult answered;
  answered.set_index(300);
  answered.set_lead_id("lead-1");
  answered.set_evaluation(std::string(20000, 'x'));
  rpc::RawLeadResult failed;
  failed.set_index(1);
  failed.mutable_error()->add_violations()->set_field("lead.id");
  rpc::RawBulkEvaluateResponse response;
  response.set_number(1 << 20);
  std::string bytes;
  AppendNumber(response.number(), &bytes);
  for (const rpc::RawLeadResult& result : {empty, answered, failed}) {
    *response.add_results() = result;
    AppendResult(result, &bytes);
  }
  EXPECT_EQ(bytes, response.SerializeAsString());
}

TEST(AppendNumberTest, LeavesOutZero) {
  std::string bytes;
  AppendNumber(0, &bytes);
  EXPECT_EQ(bytes, "");
}

TEST(ExplainParseFailureTest, NeverNamesNothing) {
  const std::vector<Violation> violations =
      ExplainParseFailure("", *v1::Lead::descriptor(), "leads[3]");
  ASSERT_EQ(violations.size(), 1);
  EXPECT_EQ(violations[0].field, "leads[3]");
  EXPECT_EQ(violations[0].description, "must be a serialised bantam.v1.Lead");
}

TEST(ExplainParseFailureTest, NamesAtMost1000) {
  v1::Lead lead;
  for (int i = 0; i < 1100; ++i) lead.add_events()->set_type("#");
  std::string bytes = lead.SerializeAsString();
  for (char& c : bytes) {
    if (c == '#') c = '\xFC';
  }
  const std::vector<Violation> violations =
      ExplainParseFailure(bytes, *v1::Lead::descriptor(), "lead");
  ASSERT_EQ(violations.size(), 1000);
  EXPECT_EQ(violations[999].field, "lead.events[999].type");
}

TEST(ExplainParseFailureTest, LooksIntoCustomAttributes) {
  v1::Lead lead;
  (*lead.mutable_custom())["city"].set_text("K#ln");
  std::string bytes = lead.SerializeAsString();
  bytes[bytes.find('#')] = '\xF6';
  const std::vector<Violation> violations =
      ExplainParseFailure(bytes, *v1::Lead::descriptor(), "lead");
  ASSERT_EQ(violations.size(), 1);
  EXPECT_EQ(violations[0].field, "lead.custom[0].value.text");
}

TEST(ParseMessageTest, ReadsSeveralSlicesAsOne) {
  v1::Lead lead;
  lead.set_id("an id that is cut in two");
  const std::string bytes = lead.SerializeAsString();
  const grpc::Slice slices[] = {grpc::Slice(bytes.data(), 5),
                                grpc::Slice(bytes.data() + 5, bytes.size() - 5)};
  const grpc::ByteBuffer buffer(slices, 2);
  v1::Lead parsed;
  EXPECT_TRUE(ParseMessage(buffer, &parsed));
  EXPECT_EQ(parsed.id(), lead.id());
  EXPECT_EQ(Flatten(buffer), bytes);
  EXPECT_EQ(Flatten(SerializeMessage(lead)), bytes);
}

TEST(PageTokenTest, BelongsToItsParent) {
  const std::string token = MakePageToken("tenants/a", "tenants/a/icps/b");
  EXPECT_EQ(ReadPageToken(token, "tenants/a").value(), "tenants/a/icps/b");
  EXPECT_EQ(ReadPageToken("", "tenants/a").value(), "");
  for (const std::string& bad : {token.substr(1), std::string("%"), MakePageToken("tenants/a", "x"),
                                 MakePageToken("tenants/b", "tenants/b/icps/c")}) {
    EXPECT_EQ(ReadPageToken(bad, "tenants/a").status().code(), absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(PageTokenTest, OfAHistoryBelongsToItsIcp) {
  const std::string token = MakeRevisionPageToken("tenants/a/icps/b", 12);
  EXPECT_EQ(ReadRevisionPageToken(token, "tenants/a/icps/b").value(), 12);
  EXPECT_EQ(ReadRevisionPageToken("", "tenants/a/icps/b").value(), 0);
  for (const std::string& bad :
       {token.substr(1), std::string("%"), MakeRevisionPageToken("tenants/a/icps/b", 0),
        MakeRevisionPageToken("tenants/a/icps/b", -3), MakeRevisionPageToken("tenants/a/icps/c", 1),
        MakePageToken("tenants/a/icps/b", "x")}) {
    EXPECT_EQ(ReadRevisionPageToken(bad, "tenants/a/icps/b").status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(ListenAddressTest, TakesNamesAndAddresses) {
  EXPECT_EQ(ParseListenAddress("127.0.0.1:7770")->host, "127.0.0.1");
  EXPECT_EQ(ParseListenAddress("127.0.0.1:7770")->port, 7770);
  EXPECT_EQ(ParseListenAddress("[::1]:0")->host, "::1");
  EXPECT_EQ(ParseListenAddress("localhost:65535")->port, 65535);
  for (const char* bad : {"", "7770", ":7770", "host:", "host:x", "host:-1", "host:65536", "::1:7",
                          "[::1]", "[::1:7", "unix:/tmp/x", "host:+1"}) {
    EXPECT_FALSE(ParseListenAddress(bad).ok()) << bad;
  }
}

TEST(ListenAddressTest, ExplainsWhyNobodyCanListen) {
  EXPECT_THAT(ExplainListenFailure("192.0.2.1:7770"),
              "Cannot assign requested address");  // A documentation address: nobody has it.
  EXPECT_THAT(ExplainListenFailure("no-such-host.invalid:7770"),
              ::testing::StartsWith("the host's address was not found: "));
}

TEST(ArenaPoolTest, GivesTheSameArenaAgain) {
  ArenaPool pool;
  std::unique_ptr<ReusedArena> arena = pool.Take();
  const ReusedArena* const first = arena.get();
  google::protobuf::Arena::CreateMessage<v1::Lead>(arena->get())->set_id("x");
  const size_t allocated = arena->get()->SpaceAllocated();
  pool.Return(std::move(arena));
  arena = pool.Take();
  EXPECT_EQ(arena.get(), first);
  EXPECT_EQ(arena->get()->SpaceAllocated(), allocated);  // Its first block.
}

TEST(ArenaPoolTest, KeepsTheMemoryOfAnOrdinaryText) {
  ArenaPool pool;
  std::unique_ptr<ReusedArena> arena = pool.Take();
  arena->text()->assign(5000, 'x');
  pool.Return(std::move(arena));
  arena = pool.Take();
  EXPECT_EQ(*arena->text(), "");
  EXPECT_GE(arena->text()->capacity(), 5000);
  arena->text()->assign(5000000, 'x');
  pool.Return(std::move(arena));
  EXPECT_LT(pool.Take()->text()->capacity(), 5000);
}

// A tree of /proc and /sys of its own.
class CpuQuotaTest : public ::testing::Test {
 protected:
  CpuQuotaTest() {
    std::string pattern = testing::TempDir() + "/cpu_quota.XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~CpuQuotaTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }

  std::string root_;
};

TEST_F(CpuQuotaTest, WithoutGroupsThereIsNone) { EXPECT_EQ(CpuQuota(root_), absl::nullopt); }

TEST_F(CpuQuotaTest, ReadsVersion2) {
  Write("/proc/self/cgroup", "0::/");
  Write("/sys/fs/cgroup/cpu.max", "150000 100000");
  EXPECT_EQ(CpuQuota(root_), 1.5);
  Write("/sys/fs/cgroup/cpu.max", "max 100000");
  EXPECT_EQ(CpuQuota(root_), absl::nullopt);
}

TEST_F(CpuQuotaTest, TheLeastOfTheGroupsAboveCounts) {
  Write("/proc/self/cgroup", "0::/kubepods/pod1/main");
  Write("/sys/fs/cgroup/kubepods/pod1/main/cpu.max", "400000 100000");
  Write("/sys/fs/cgroup/kubepods/pod1/cpu.max", "200000 100000");
  Write("/sys/fs/cgroup/kubepods/cpu.max", "max 100000");
  EXPECT_EQ(CpuQuota(root_), 2);
}

TEST_F(CpuQuotaTest, ReadsVersion1) {
  Write("/proc/self/cgroup", "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1");
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000");
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
  EXPECT_EQ(CpuQuota(root_), 0.5);
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1");
  EXPECT_EQ(CpuQuota(root_), absl::nullopt);
}

TEST(UsableCpusTest, IsAtLeastOneAndAtMostTheMachines) {
  EXPECT_GE(UsableCpus(), 1);
  EXPECT_LE(UsableCpus(), static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace bantam
