// Runs every file in tests/testdata/diff. To add a case, add a file; BANTAM_UPDATE_GOLDEN=1 writes
// what is wanted, for review.
#include "client/diff/icp_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/definition/yaml.h"
#include "server/engine/compiled_icp.h"
#include "server/zones/system_time_zones.h"
#include "tests/client/diff_case.pb.h"
#include "tests/client/run_command.h"
#include "tests/definition/random_message.h"

namespace bantam {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kFolder[] = BANTAM_TESTDATA_DIR "/diff";

std::vector<std::string> ListDiffCases() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder, error)) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// `icp` in both forms; a failure of the test if it is no good definition.
IcpVersion Version(const v1::Icp& icp) {
  const CompileResult compiled = Compile(icp, SystemTimeZones());
  if (compiled.icp == nullptr) {
    for (const Issue& issue : compiled.issues)
      ADD_FAILURE() << issue.field << ": " << issue.message;
    return {};
  }
  return {icp, compiled.icp->definition()};
}

// The file with what is wanted replaced; it is the last key.
std::string WithWant(const std::string& file, const std::string& want) {
  std::string text = file.substr(0, file.rfind("\nwant:"));
  if (want.empty()) return absl::StrCat(text, "\nwant: \"\"\n");
  absl::StrAppend(&text, "\nwant: |\n");
  for (const absl::string_view line : absl::StrSplit(want, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&text, "  ", line, "\n");
  }
  return text;
}

class IcpDiffTest : public ::testing::TestWithParam<std::string> {};

TEST_P(IcpDiffTest, SaysWhatIsWanted) {
  const std::string path = absl::StrCat(kFolder, "/", GetParam(), ".yaml");
  const std::string text = ReadTextFile(path);
  testing::DiffCase c;
  const std::vector<v1::Issue> issues = ParseYaml(text, path, &c, nullptr);
  ASSERT_THAT(issues, IsEmpty()) << issues[0].rendered();
  SCOPED_TRACE(c.description());
  const std::string got =
      RenderChanges(DiffIcps(Version(c.before()), Version(c.after())), Style(), 0);
  const char* update = std::getenv("BANTAM_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << WithWant(text, got);
    return;
  }
  EXPECT_EQ(got, c.want()) << "if this is right, BANTAM_UPDATE_GOLDEN=1 rewrites " << path;
}

INSTANTIATE_TEST_SUITE_P(Files, IcpDiffTest, ::testing::ValuesIn(ListDiffCases()),
                         [](const auto& info) { return info.param; });

TEST(IcpDiffCasesTest, ThereAreSome) { EXPECT_GE(ListDiffCases().size(), 25u); }

// Takes one thing away from `message`, or swaps two elements of a list, at a random depth. False:
// there was nothing.
bool ChangeOneThing(std::mt19937_64* random, Message* message) {
  std::vector<const FieldDescriptor*> fields;
  message->GetReflection()->ListFields(*message, &fields);
  if (fields.empty()) return false;
  const FieldDescriptor* field = fields[(*random)() % fields.size()];
  const auto* reflection = message->GetReflection();
  const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map();
  if (field->is_repeated()) {
    const int size = reflection->FieldSize(*message, field);
    const int index = static_cast<int>((*random)() % static_cast<uint64_t>(size));
    if (is_message && (*random)() % 2 == 0 &&
        ChangeOneThing(random, reflection->MutableRepeatedMessage(message, field, index))) {
      return true;
    }
    if (size > 1 && !field->is_map() && (*random)() % 2 == 0) {
      reflection->SwapElements(message, field, index, (index + 1) % size);
    } else {
      reflection->RemoveLast(message, field);
    }
    return true;
  }
  if (is_message && (*random)() % 4 != 0 &&
      ChangeOneThing(random, reflection->MutableMessage(message, field))) {
    return true;
  }
  reflection->ClearField(message, field);
  return true;
}

// Every field of the contract is looked at, whatever it is.
TEST(IcpDiffRandomTest, NoChangeIsForgottenAndNoneMadeUp) {
  std::mt19937_64 random(7);
  int different = 0;
  for (int i = 0; i < 3000; ++i) {
    v1::Icp icp;
    FillRandomly(8, &random, &icp);
    const IcpVersion before{icp, icp};
    EXPECT_THAT(DiffIcps(before, before), IsEmpty());
    v1::Icp changed = icp;
    if (!ChangeOneThing(&random, &changed)) continue;
    const bool equal = MessageDifferencer::Equals(icp, changed);
    different += equal ? 0 : 1;
    const std::vector<IcpChange> changes = DiffIcps(before, {changed, changed});
    EXPECT_EQ(changes.empty(), equal) << icp.DebugString() << "\n----\n"
                                      << changed.DebugString() << "\n"
                                      << RenderChanges(changes, Style(), 0);
    if (HasFailure()) return;
  }
  EXPECT_GT(different, 1000);
}

TEST(RenderChangesTest, ColoursMarksAndWrapsLongLines) {
  const std::vector<IcpChange> changes = {
      {"fit", IcpChange::Kind::kAdded, "one two three four five six seven"},
      {"fit", IcpChange::Kind::kRemoved, "b\x1b[2J"},
      {"texts", IcpChange::Kind::kChanged, "c"}};
  Style style;
  style.width = 28;
  EXPECT_EQ(RenderChanges(changes, style, 2),
            "  fit\n"
            "    + one two three four\n"
            "      five six seven\n"
            "    - b [2J\n"
            "  texts\n"
            "    ~ c\n");
  style.color = true;
  style.width = 0;
  EXPECT_EQ(RenderChanges({changes[2]}, style, 0), "\x1b[1mtexts\x1b[0m\n  \x1b[33m~\x1b[0m c\n");
}

}  // namespace
}  // namespace bantam
