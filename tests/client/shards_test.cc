// Shards of lead files, and answers in files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/input/lead_queue.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

TEST(ParseShardTest, IndexAndCount) {
  const absl::optional<Shard> shard = ParseShard("7/8");
  ASSERT_TRUE(shard.has_value());
  EXPECT_EQ(shard->index, 7);
  EXPECT_EQ(shard->count, 8);
  EXPECT_FALSE(shard->IsAll());
  EXPECT_TRUE(ParseShard("0/1")->IsAll());
  for (const char* bad :
       {"", "1", "/", "8/8", "-1/8", "0/0", "0/-1", "0/100001", "a/8", "0/8/9", "$(SHARD)/8"}) {
    EXPECT_FALSE(ParseShard(bad).has_value()) << bad;
  }
}

// Leads a and c, and d to f; line 2 of the first file and line 1 of the second are bad.
LeadQueue TwoFiles(Shard shard) {
  LeadQueue queue(shard);
  queue.Add(*ReadLeads("{\"id\":\"a\"}\n{\"idd\":\"b\"}\n{\"id\":\"c\"}\n", "1.ndjson", {}));
  queue.Add(*ReadLeads("{\n{\"id\":\"d\"}\n{\"id\":\"e\"}\n{\"id\":\"f\"}\n", "2.ndjson", {}));
  return queue;
}

// What the shard holds: ids, and of bad leads file and line; behind each its index.
std::vector<std::string> Contents(LeadQueue queue) {
  std::vector<std::string> contents;
  InputLead lead;
  while (queue.Next(&lead)) {
    contents.push_back(
        absl::StrCat(lead.error.empty() ? lead.lead.id() : absl::StrCat(lead.file, ":", lead.line),
                     "@", lead.index));
  }
  EXPECT_TRUE(queue.status().ok());
  return contents;
}

TEST(LeadQueueTest, EveryLeadAndBadRowIsInOneShard) {
  const std::vector<std::string> all = {"a@0", "1.ndjson:2@1", "c@2", "2.ndjson:1@3",
                                        "d@4", "e@5",          "f@6"};
  EXPECT_EQ(Contents(TwoFiles({0, 1})), all);
  for (const int count : {2, 3, 7, 20}) {
    std::vector<std::string> together;
    for (int index = 0; index < count; ++index) {
      const std::vector<std::string> shard = Contents(TwoFiles({index, count}));
      // No shard has more than its part.
      EXPECT_LE(shard.size(), (all.size() + count - 1) / count);
      together.insert(together.end(), shard.begin(), shard.end());
    }
    EXPECT_THAT(together, UnorderedElementsAreArray(all)) << count;
  }
  EXPECT_THAT(Contents(TwoFiles({0, 2})), ElementsAre("a@0", "c@2", "d@4", "f@6"));
}

TEST(LeadQueueTest, ReadsAheadWithinTheShard) {
  LeadQueue one = TwoFiles({4, 7});
  EXPECT_TRUE(one.HoldsOne());
  InputLead lead;
  ASSERT_TRUE(one.Next(&lead));
  EXPECT_EQ(lead.lead.id(), "d");
  EXPECT_FALSE(one.Next(&lead));
  // A bad lead is none that could be asked about alone.
  LeadQueue bad = TwoFiles({1, 7});
  EXPECT_FALSE(bad.HoldsOne());
  EXPECT_FALSE(bad.Empty());
  LeadQueue none = TwoFiles({7, 8});
  EXPECT_FALSE(none.HoldsOne());
  EXPECT_TRUE(none.Empty());
  LeadQueue all = TwoFiles({0, 1});
  EXPECT_FALSE(all.HoldsOne());
  EXPECT_EQ(Contents(std::move(all)).size(), 7u);
}

TEST(LeadQueueTest, ExpectsItsPart) {
  const char* leads = "leads: [{id: a}, {id: b}, {id: c}]";
  for (const int index : {0, 1, 2, 3}) {
    LeadQueue queue(Shard{index, 4});
    queue.Add(*ReadLeads(leads, "x.yaml", {}));
    EXPECT_EQ(queue.ExpectedCount(), index < 3 ? 1 : 0);
  }
}

constexpr char kLocal[] =
    " --icp-file=client/samples/icps/fortune_5000.yaml --at=2026-06-01T10:00:00Z ";
constexpr char kLeads[] = "id,company.revenue_rank\na,1\nb,many\nc,3\nd,4\n";

TEST(ShardCommandTest, ShardsTogetherAreTheWhole) {
  const std::string file = WriteTempFile("sharded.csv", kLeads);
  std::vector<std::string> ids;
  for (int index = 0; index < 3; ++index) {
    const Finished finished =
        RunBantam(absl::StrCat("score ", file, " -o ndjson --shard=", index, "/3", kLocal));
    EXPECT_EQ(finished.exit_code, index == 1 ? 1 : 0) << finished.err;
    for (const absl::string_view line : absl::StrSplit(finished.out, '\n', absl::SkipEmpty())) {
      EXPECT_EQ(absl::StrContains(line, "\"error\":"), index == 1) << line;
      const std::vector<std::string> parts = absl::StrSplit(line, '"');
      for (size_t i = 0; i + 2 < parts.size(); ++i) {
        if (parts[i] == "lead_id") ids.push_back(parts[i + 2]);
      }
    }
  }
  EXPECT_THAT(ids, ElementsAre("a", "d", "b", "c"));
}

TEST(ShardCommandTest, AnEmptyShardIsNoMistake) {
  const Finished finished =
      RunBantam(absl::StrCat("score - --format=csv -o ndjson --shard=7/8", kLocal), kLeads);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, IsEmpty());
  EXPECT_THAT(finished.err, IsEmpty());
}

TEST(ShardCommandTest, AShardOfOneLeadIsAListToo) {
  const Finished finished =
      RunBantam(absl::StrCat("score - --format=csv -o json --shard=0/4", kLocal), kLeads);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.out.substr(0, 1), "[");
}

TEST(ShardCommandTest, ShardsNeedOneInstant) {
  for (const char* const at : {"", "--at=now"}) {
    const Finished finished =
        RunBantam(absl::StrCat("score - --format=csv --shard=0/4 --icp-file=client/samples/icps/"
                               "fortune_5000.yaml ",
                               at),
                  kLeads);
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_THAT(finished.err, HasSubstr("--shard: all shards must be evaluated at one instant"));
  }
}

TEST(ShardCommandTest, BadShardsAreRefused) {
  const Finished finished = RunBantam(absl::StrCat("score - --shard=8/8", kLocal), kLeads);
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("--shard: expected I/N with I from 0 to N - 1"));
  EXPECT_EQ(RunBantam(absl::StrCat("rank - --shard=0/8", kLocal), kLeads).exit_code, 2);
}

TEST(AnswerFileTest, IsWhatTheStandardOutputWouldBe) {
  const std::string leads = WriteTempFile("answered.csv", kLeads);
  const std::string file = WriteTempFile("answers.csv", "of the run before");
  const std::string command = absl::StrCat("qualify ", leads, " -o csv", kLocal);
  const Finished to_file = RunBantam(absl::StrCat(command, "--to=", file));
  EXPECT_EQ(to_file.exit_code, 1);
  EXPECT_THAT(to_file.out, IsEmpty());
  EXPECT_THAT(to_file.err, HasSubstr("1 of 4 leads failed"));
  EXPECT_EQ(ReadTextFile(file), RunBantam(command).out);
  EXPECT_FALSE(std::filesystem::exists(file + ".part"));
}

TEST(AnswerFileTest, AFailedCallLeavesWhatWasThere) {
  const std::string file = WriteTempFile("kept.ndjson", "of the run before");
  const Finished finished = RunBantam(
      absl::StrCat("score - --format=csv --icp=no/such -o ndjson --to=", file, kLocal), kLeads);
  EXPECT_EQ(finished.exit_code, 4) << finished.err;
  EXPECT_EQ(ReadTextFile(file), "of the run before");
  EXPECT_FALSE(std::filesystem::exists(file + ".part"));
}

TEST(AnswerFileTest, AFileThatCannotBeWrittenIsAMistake) {
  const Finished nowhere =
      RunBantam(absl::StrCat("score - --format=csv --to=/no/such/folder/x", kLocal), kLeads);
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_EQ(nowhere.err,
            "bantam: --to: /no/such/folder/x: cannot be written: No such file or directory\n");
  // Least of all a device, which the finished file would replace.
  const Finished device =
      RunBantam(absl::StrCat("score - --format=csv --to=/dev/null", kLocal), kLeads);
  EXPECT_EQ(device.exit_code, 2);
  EXPECT_EQ(device.err, "bantam: --to: /dev/null is there and is not a file\n");
}

}  // namespace
}  // namespace bantam
