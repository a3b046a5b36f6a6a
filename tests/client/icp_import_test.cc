// icp export and icp import: catalogs as folders of files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"
#include "tests/client/run_conditions.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

namespace fs = std::filesystem;

std::string Icp(const std::string& tenant, const std::string& id, const std::string& rest = "") {
  return absl::StrCat("# An ICP of ", tenant, ".\nname: tenants/", tenant, "/icps/", id,
                      "  # Its name.\nbusiness_hours: {time_zone: UTC}\n",
                      "bant: {need: {solved_problems: [audit trail]}}\n",
                      "fit: {floor_percent: 0}\n", rest);
}

class IcpFolderTest : public ::testing::Test {
 protected:
  IcpFolderTest() : folder_(fs::path(WriteTempFile("marker", "")).parent_path() / "icps") {
    fs::remove_all(folder_);
  }
  Finished Run(const std::string& arguments) const {
    return RunBantam(absl::StrCat("icp ", arguments, " --server=", server_.address()));
  }
  Finished Export(const std::string& arguments) const {
    return Run(absl::StrCat("export ", arguments, " --to ", folder_.string()));
  }
  Finished Import(const std::string& arguments) const {
    return Run(absl::StrCat("import ", folder_.string(), " ", arguments));
  }
  void Write(const std::string& path, const std::string& text) const {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << text;
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file()) files.push_back(fs::relative(entry, folder_).string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  FakeCatalogServer server_;
  const fs::path folder_;
};

TEST_F(IcpFolderTest, ExportWritesEveryIcpAsItWasWritten) {
  server_.Add(Icp("acme", "a"));
  server_.Add(Icp("acme", "b"));
  server_.Add(Icp("other", "a"));
  server_.max_page = 1;
  const Finished all = Export("-");
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_EQ(all.out, "3 ICPs: 3 written, 0 there already\n");
  EXPECT_THAT(Files(), ElementsAre("acme/a.yaml", "acme/b.yaml", "other/a.yaml"));
  EXPECT_EQ(ReadTextFile((folder_ / "acme/b.yaml").string()), Icp("acme", "b"));
  fs::remove_all(folder_);
  EXPECT_EQ(Export("other").out, "1 ICP: 1 written, 0 there already\n");
  EXPECT_THAT(Files(), ElementsAre("other/a.yaml"));
  EXPECT_EQ(Export("tenants/acme").out, "2 ICPs: 2 written, 0 there already\n");
}

// A misspelt name must not pass for a backup.
TEST_F(IcpFolderTest, ExportOfATenantWithoutIcpsFailsAndMakesNoFolder) {
  const Finished finished = Export("amce");
  EXPECT_EQ(finished.exit_code, 4);
  EXPECT_THAT(finished.err, HasSubstr("tenants/amce has no ICPs"));
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(IcpFolderTest, ExportLeavesFilesThatDifferUnlessForced) {
  server_.Add(Icp("acme", "a"));
  server_.Add(Icp("acme", "b"));
  Write("acme/a.yaml", "mine\n");
  const Finished kept = Export("acme");
  EXPECT_EQ(kept.exit_code, 1);
  EXPECT_EQ(kept.err, absl::StrCat("bantam: ", (folder_ / "acme/a.yaml").string(),
                                   ": is there and differs; --force overwrites it\n"));
  EXPECT_EQ(kept.out, "2 ICPs: 1 written, 0 there already, 1 not written\n");
  EXPECT_EQ(ReadTextFile((folder_ / "acme/a.yaml").string()), "mine\n");
  EXPECT_EQ(Export("acme --force").out, "2 ICPs: 1 written, 1 there already\n");
  EXPECT_EQ(ReadTextFile((folder_ / "acme/a.yaml").string()), Icp("acme", "a"));
}

TEST_F(IcpFolderTest, OnAFullDiskExportLeavesTheFileThatIsThere) {
  server_.Add(Icp("acme", "a", absl::StrCat("# ", std::string(3000, 'x'), "\n")));
  Write("acme/a.yaml", "mine\n");
  const std::string file = (folder_ / "acme/a.yaml").string();
  const Finished full = RunBantam(absl::StrCat("icp export acme --force --to ", folder_.string(),
                                               " --server=", server_.address()),
                                  "", InShell(absl::StrCat(kFullDisk, "\"$0\" \"$@\"")));
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_EQ(full.err, absl::StrCat("bantam: ", file, ": cannot be written: File too large\n"));
  EXPECT_EQ(full.out, "1 ICP: 0 written, 0 there already, 1 not written\n");
  EXPECT_EQ(ReadTextFile(file), "mine\n");
  EXPECT_THAT(Files(), ElementsAre("acme/a.yaml"));
}

TEST_F(IcpFolderTest, ExportSaysWhyAFolderCannotBeMade) {
  server_.Add(Icp("acme", "a"));
  Write("acme", "a file");
  const Finished bad = Export("acme");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_EQ(bad.err, absl::StrCat("bantam: ", (folder_ / "acme").string(),
                                  ": cannot be made: Not a directory\n"));
}

TEST_F(IcpFolderTest, ExportNamesWhatCannotBeReadAndGoesOn) {
  server_.Add(Icp("acme", "a"));
  server_.Add(Icp("acme", "b"));
  server_.vanished_name = "tenants/acme/icps/a";
  const Finished some = Export("acme");
  EXPECT_EQ(some.exit_code, 1);
  EXPECT_EQ(some.err, "bantam: tenants/acme/icps/a: there is no ICP 'tenants/acme/icps/a'\n");
  EXPECT_EQ(some.out, "2 ICPs: 1 written, 0 there already, 1 not written\n");
}

TEST_F(IcpFolderTest, ExportSaysWhereItCouldWriteAnEarlierRevisionOnly) {
  server_.Add(Icp("acme", "a"));
  server_.Add(Icp("acme", "b"));
  server_.Add(Icp("acme", "b", "# It is bad.\n"));
  server_.bad_name = "tenants/acme/icps/b";
  const Finished all = Export("acme");
  EXPECT_EQ(all.exit_code, 1);
  EXPECT_EQ(all.err,
            "bantam: tenants/acme/icps/b: the newest revision, number 2, is bad; this is number 1, "
            "which serves in its place\n");
  EXPECT_EQ(all.out, "2 ICPs: 2 written, 0 there already, 1 by an earlier revision\n");
  EXPECT_EQ(ReadTextFile((folder_ / "acme/b.yaml").string()), Icp("acme", "b"));
}

TEST_F(IcpFolderTest, ImportTakesNoEtagSinceThereAreManyIcps) {
  Write("acme/a.yaml", Icp("acme", "a"));
  EXPECT_EQ(Import("--etag=e1").exit_code, 2);
  EXPECT_THAT(Run("import --help").out, Not(HasSubstr("--etag")));
}

TEST_F(IcpFolderTest, ExportNeedsAFolder) {
  EXPECT_EQ(Run("export -").exit_code, 2);
  const std::string file = WriteTempFile("file", "");
  const Finished bad = Run(absl::StrCat("export - --to ", file));
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_EQ(bad.err,
            absl::StrCat("bantam: --to: ", file, " is no folder and cannot be made one\n"));
}

TEST_F(IcpFolderTest, ImportShowsAPlanSavesAndCounts) {
  server_.Add(Icp("acme", "a"));
  server_.Add(Icp("acme", "b"));
  server_.Add(Icp("acme", "c"));
  Write("acme/a.yaml", Icp("acme", "a"));
  Write("acme/b.yaml", Icp("acme", "b", "temperature: {hot_window: 14d}\n"));
  Write("acme/c.yaml", Icp("acme", "c", "# More.\n"));
  Write("acme/deep/d.yml", Icp("acme", "d"));
  Write(".hidden/e.yaml", "no ICP\n");
  Write("acme/notes.txt", "no ICP\n");
  const Finished done = Import("-m all --author=jo");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  const std::string folder = folder_.string();
  EXPECT_EQ(done.out, absl::StrCat("name                 plan                     file\n"
                                   "tenants/acme/icps/a  unchanged                ",
                                   folder,
                                   "/acme/a.yaml\n"
                                   "tenants/acme/icps/b  changed (1 difference)   ",
                                   folder,
                                   "/acme/b.yaml\n"
                                   "tenants/acme/icps/c  changed (not in effect)  ",
                                   folder,
                                   "/acme/c.yaml\n"
                                   "tenants/acme/icps/d  new                      ",
                                   folder,
                                   "/acme/deep/d.yml\n"
                                   "4 files: 1 new, 2 changed, 1 unchanged\n"));
  EXPECT_THAT(server_.saves, SizeIs(3));
  EXPECT_EQ(server_.saves[0].etag(), "e1");
  EXPECT_EQ(server_.saves[0].comment(), "all");
  EXPECT_EQ(server_.saves[0].author(), "jo");
  EXPECT_EQ(Import("").out.substr(Import("").out.find("4 files")),
            "4 files: 0 new, 0 changed, 4 unchanged\n");
}

TEST_F(IcpFolderTest, ImportUnderAnotherTenantKeepsComments) {
  Write("a.yaml", Icp("acme", "a"));
  Write("b.yaml", "name: \"tenants/acme/icps/b\"\n");
  for (const char* tenant : {"other", "tenants/other"}) {
    const Finished done = Import(absl::StrCat("--tenant ", tenant));
    EXPECT_EQ(done.exit_code, 0) << done.err;
  }
  EXPECT_EQ(server_.Text("tenants/other/icps/a"),
            absl::StrReplaceAll(Icp("acme", "a"), {{"tenants/acme", "tenants/other"}}));
  EXPECT_THAT(server_.Text("tenants/other/icps/b"), HasSubstr("name: \"tenants/other/icps/b\"\n"));
  EXPECT_THAT(server_.Text("tenants/acme/icps/a"), IsEmpty());
}

TEST_F(IcpFolderTest, ANameThatIsNotOnOneLineCannotBeRewritten) {
  Write("a.yaml", "name: \"tenants/acme/\\\n  icps/a\"\n");
  const Finished bad = Import("--tenant other");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, HasSubstr("a.yaml: its name cannot be replaced; write it on one line, such "
                                 "as\n  name: tenants/acme/icps/a\n"));
}

TEST_F(IcpFolderTest, ImportChecksAllBeforeItSavesAny) {
  Write("a.yaml", Icp("acme", "a"));
  Write("b.yaml", Icp("acme", "b", "fitt: {}\n"));
  Write("c.yaml", Icp("acme", "a"));
  const Finished bad = Import("");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, AllOf(HasSubstr("b.yaml:6:1: error: "),
                             HasSubstr("c.yaml: is called tenants/acme/icps/a, as is "),
                             HasSubstr("bantam: 2 of 3 files cannot be saved as they are; nothing "
                                       "was saved\n")));
  EXPECT_THAT(server_.saves, IsEmpty());
}

TEST_F(IcpFolderTest, ImportCountsWarnings) {
  Write("a.yaml", "name: tenants/acme/icps/a\nfit: {floor_percent: 0}\n");
  const Finished done = Import("");
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.err, "note: the ICPs have warnings (2); `bantam icp check` shows them\n");
}

TEST_F(IcpFolderTest, ImportGoesOnAfterAFailure) {
  Write("a.yaml", Icp("acme", "a"));
  Write("b.yaml", Icp("acme", "b"));
  server_.refused_name = "tenants/acme/icps/a";
  const Finished some = Import("");
  EXPECT_EQ(some.exit_code, 1);
  EXPECT_EQ(some.err, absl::StrCat("bantam: ", (folder_ / "a.yaml").string(),
                                   " was not saved:\nbantam: yaml: not on a Saturday\n"));
  EXPECT_THAT(some.out, HasSubstr("\n2 files: 1 new, 0 changed, 0 unchanged, 1 failed\n"));
}

TEST_F(IcpFolderTest, ImportIntoACatalogOfFilesStopsAtOnce) {
  Write("a.yaml", Icp("acme", "a"));
  Write("b.yaml", Icp("acme", "b"));
  server_.files_only = true;
  const Finished refused = Import("");
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.err, HasSubstr("this server reads its ICPs from files; change the files\n"));
  EXPECT_THAT(server_.saves, IsEmpty());
}

TEST_F(IcpFolderTest, ADryRunSavesNothing) {
  Write("a.yaml", Icp("acme", "a"));
  const Finished dry = Import("--dry-run");
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_THAT(dry.out,
              HasSubstr("1 file: 1 new, 0 changed, 0 unchanged; nothing was saved (--dry-run)\n"));
  EXPECT_THAT(server_.Text("tenants/acme/icps/a"), IsEmpty());
}

TEST_F(IcpFolderTest, FoldersWithoutIcpsAndMissingOnes) {
  fs::create_directories(folder_);
  const Finished empty = Import("");
  EXPECT_EQ(empty.exit_code, 2);
  EXPECT_EQ(empty.err,
            absl::StrCat("bantam: ", folder_.string(),
                         ": holds no file *.yaml or *.yml\nbantam: nothing was saved\n"));
  const Finished missing = Run("import no-such-folder");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_EQ(missing.err,
            "bantam: no-such-folder: no such file or folder\nbantam: nothing was saved\n");
}

TEST_F(IcpFolderTest, WhatWasExportedIsUnchangedWhenImported) {
  server_.Add(Icp("acme", "a"));
  server_.Add(Icp("other", "a"));
  EXPECT_EQ(Export("-").exit_code, 0);
  EXPECT_THAT(Import("").out, HasSubstr("2 files: 0 new, 0 changed, 2 unchanged\n"));
}

}  // namespace
}  // namespace bantam
