// Answers are not written over what they were made from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

constexpr char kLeads[] = "id\nL1\n";
constexpr char kIcp[] = "name: tenants/t/icps/a\nbusiness_hours: {time_zone: UTC}\n";
constexpr char kMapping[] = "id: {column: id}\n";

// A folder with one file of each kind, and links to them.
class OverwrittenInputTest : public ::testing::Test {
 protected:
  OverwrittenInputTest() : folder_(fs::path(WriteTempFile("marker", "")).parent_path() / "inputs") {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "icps");
    Write("leads.csv", kLeads);
    Write("icp.yaml", kIcp);
    Write("icps/a.yaml", kIcp);
    Write("mapping.yaml", kMapping);
    fs::create_symlink("leads.csv", folder_ / "link.csv");
    fs::create_hard_link(folder_ / "leads.csv", folder_ / "twin.csv");
    Write("out.csv.part", kLeads);
    Write("late.csv", kLeads);
    fs::create_symlink("late.csv", folder_ / "early.csv");
  }
  ~OverwrittenInputTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) const {
    fs::rename(WriteTempFile("written", text), folder_ / name);
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  // Runs with --to; paths begin with "@".
  Finished Run(const std::string& arguments, const std::string& to) const {
    std::string command = absl::StrCat("score ", arguments, " --at=2026-06-01 -o csv --to=", to);
    for (size_t at = command.find('@'); at != std::string::npos; at = command.find('@')) {
      command.replace(at, 1, folder_.string() + "/");
    }
    return RunBantam(command);
  }

  const fs::path folder_;
};

TEST_F(OverwrittenInputTest, IsNamedAndStaysAsItWas) {
  struct Case {
    std::string arguments, to, what, input;
  };
  for (const Case& c : std::vector<Case>{
           {"@leads.csv --icp-file=@icp.yaml", "leads.csv", "the leads", "leads.csv"},
           {"@leads.csv --icp-file=@icp.yaml", "icps/../leads.csv", "the leads", "leads.csv"},
           {"@leads.csv --icp-file=@icp.yaml", "link.csv", "the leads", "leads.csv"},
           {"@link.csv --icp-file=@icp.yaml", "leads.csv", "the leads", "link.csv"},
           {"@late.csv @leads.csv --icp-file=@icp.yaml", "twin.csv", "the leads", "leads.csv"},
           {"@leads.csv --icp-file=@icp.yaml", "icp.yaml", "the ICP", "icp.yaml"},
           {"@leads.csv --icps=@icps", "icps/a.yaml", "the ICP", "icps/a.yaml"},
           {"@leads.csv --icp-file=@icp.yaml --mapping=@mapping.yaml", "mapping.yaml",
            "the mapping", "mapping.yaml"},
           {"@out.csv.part --format=csv --icp-file=@icp.yaml", "out.csv", "the leads",
            "out.csv.part"}}) {
    const Finished finished = Run(c.arguments, "@" + c.to);
    EXPECT_EQ(finished.exit_code, 2) << c.arguments;
    EXPECT_EQ(finished.err, absl::StrCat("bantam: --to: ", Path(c.to), " would overwrite ", c.what,
                                         " in ", Path(c.input), "; write the answers elsewhere\n"));
  }
  EXPECT_EQ(ReadTextFile(Path("leads.csv")), kLeads);
  EXPECT_EQ(ReadTextFile(Path("out.csv.part")), kLeads);
  EXPECT_EQ(ReadTextFile(Path("icp.yaml")), kIcp);
  EXPECT_EQ(ReadTextFile(Path("icps/a.yaml")), kIcp);
  EXPECT_EQ(ReadTextFile(Path("mapping.yaml")), kMapping);
}

TEST_F(OverwrittenInputTest, MayBeTheStandardInput) {
  const Finished finished =
      RunBantam(absl::StrCat("score - --icp-file=", Path("icp.yaml"), " --to=", Path("leads.csv")),
                "", absl::StrCat("sh -c '\"$0\" \"$@\" <", Path("leads.csv"), "'"));
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("would overwrite the leads in (standard input); "));
  EXPECT_EQ(ReadTextFile(Path("leads.csv")), kLeads);
}

TEST_F(OverwrittenInputTest, OtherFilesAreReplacedAsEver) {
  for (const char* const to : {"@new.csv", "@icps/new.csv", "@early.csv", "@early.csv"}) {
    const Finished finished = Run("@leads.csv --icp-file=@icp.yaml", to);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
  }
  EXPECT_THAT(ReadTextFile(Path("late.csv")), HasSubstr("L1,"));
}

}  // namespace
}  // namespace bantam
