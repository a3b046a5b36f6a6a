// The catalog over a real directory, changed as people, editors and the kubelet change it.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/snapshot_catalog.h"
#include "server/definition/load_icp.h"
#include "server/store/directory_source.h"
#include "server/store/file_watcher.h"
#include "server/zones/system_time_zones.h"
#include "tests/fakes/fake_load_icp.h"
#include "tests/fakes/reload_log.h"
#include "tests/store/temp_directory.h"

namespace bantam {
namespace {

std::string A(absl::string_view title) { return FakeIcp("acme", "a", title); }
std::string B(absl::string_view title) { return FakeIcp("acme", "b", title); }

constexpr char kNone[] = "(none)";

// Each test runs with inotify alone and with polling alone.
class HotReloadTest : public ::testing::TestWithParam<bool> {
 protected:
  static FileWatcherOptions WatcherOptions() {
    FileWatcherOptions options;
    options.use_inotify = GetParam();
    options.poll_interval = GetParam() ? absl::Hours(1) : absl::Milliseconds(20);
    options.quiet_time = absl::Milliseconds(10);
    return options;
  }

  HotReloadTest() { temp_.MakeDirectory("icps"); }

  void Open() {
    auto catalog = SnapshotCatalog::Open(
        std::make_unique<DirectorySource>(temp_.Path("icps"), &watcher_),
        [this](absl::string_view yaml, absl::string_view file) {
          return LoadIcp(yaml, file, zones_);
        },
        SnapshotCatalogOptions(), log_.Recorder());
    ASSERT_TRUE(catalog.ok()) << catalog.status();
    catalog_ = *std::move(catalog);
  }

  // `tenants/acme/icps/{icp}`; null: it is not in service.
  CatalogEntryPtr Get(absl::string_view icp, absl::string_view revision = "") {
    const std::string name = absl::StrCat("tenants/acme/icps/", icp);
    IcpQuery query;
    query.name = name;
    query.revision = revision;
    CatalogEntryPtr entry;
    catalog_->Get(query, [&entry](absl::StatusOr<IcpAnswer> answer) {
      if (answer.ok()) entry = answer->entry;
    });
    return entry;
  }

  // The title of `tenants/acme/icps/{icp}` in service.
  std::string Title(absl::string_view icp, absl::string_view revision = "") {
    const CatalogEntryPtr entry = Get(icp, revision);
    return entry == nullptr ? kNone : entry->icp->definition().title().texts().at("en");
  }

  // Waits until `icp` has this title.
  bool Becomes(absl::string_view icp, absl::string_view title) {
    return Title(icp) == title ||
           log_.WaitFor([&](const ReloadReport&) { return Title(icp) == title; }) != nullptr;
  }

  // Waits until a report has a new issue with this text.
  bool Reports(absl::string_view text) {
    return log_.WaitFor([text](const ReloadReport& report) {
      if (absl::StrContains(report.source.message(), text)) return true;
      for (const v1::Issue& issue : report.new_issues) {
        if (absl::StrContains(issue.rendered(), text)) return true;
      }
      return false;
    }) != nullptr;
  }

  // Waits until there is no error any more.
  bool BecomesGood() {
    return catalog_->Stats().stale_icps == 0 ||
           log_.WaitFor([](const ReloadReport& report) { return report.ok(); }) != nullptr;
  }

  const TempDirectory temp_;
  const SystemTimeZones zones_;
  FileWatcher watcher_{WatcherOptions()};
  ReloadLog log_;
  std::unique_ptr<SnapshotCatalog> catalog_;
};

INSTANTIATE_TEST_SUITE_P(Watcher, HotReloadTest, ::testing::Bool(),
                         [](const ::testing::TestParamInfo<bool>& info) {
                           return info.param ? "Inotify" : "Polling";
                         });

TEST_P(HotReloadTest, FilesAreAddedChangedAndDeleted) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  EXPECT_EQ(Title("a"), "1");
  temp_.Write("icps/eu/b.yaml", B("1"));
  EXPECT_TRUE(Becomes("b", "1"));
  temp_.Write("icps/a.yaml", A("2"));
  EXPECT_TRUE(Becomes("a", "2"));
  temp_.Delete("icps/eu/b.yaml");
  EXPECT_TRUE(Becomes("b", kNone));
  temp_.Delete("icps/a.yaml");
  EXPECT_TRUE(Becomes("a", kNone));
}

TEST_P(HotReloadTest, BadEditKeepsTheLastGoodAndIsCounted) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  temp_.Write("icps/a.yaml", A("2") + "error: wrong\n");
  EXPECT_TRUE(Reports("a.yaml:3:1: error: unknown key"));
  EXPECT_EQ(Title("a"), "1");
  EXPECT_GE(catalog_->Stats().reload_failures, 1);
  temp_.Write("icps/a.yaml", A("3"));
  EXPECT_TRUE(Becomes("a", "3"));
  EXPECT_TRUE(BecomesGood());
}

TEST_P(HotReloadTest, HalfWrittenFileIsReadAgainWhenItIsComplete) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  temp_.Write("icps/a.yaml", "name: tenants/acme/icps/a\ntit");
  EXPECT_TRUE(Reports("a.yaml:2:1: error: syntax error"));
  EXPECT_EQ(Title("a"), "1");
  temp_.Append("icps/a.yaml", "le: 2\n");
  EXPECT_TRUE(Becomes("a", "2"));
}

TEST_P(HotReloadTest, FileIsReplacedByRename) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  for (int i = 2; i < 10; ++i) {
    temp_.Replace("icps/a.yaml", A(absl::StrCat(i)));
    EXPECT_TRUE(Becomes("a", absl::StrCat(i)));
  }
}

TEST_P(HotReloadTest, ConfigMapIsSwapped) {
  temp_.Delete("icps");
  ConfigMapVolume volume(&temp_, "icps");
  volume.Update({{"a.yaml", A("1")}, {"b.yaml", B("1")}});
  Open();
  EXPECT_EQ(Title("a"), "1");
  volume.Update({{"a.yaml", A("2")}, {"b.yaml", B("1")}});
  EXPECT_TRUE(Becomes("a", "2"));
  EXPECT_EQ(Title("b"), "1");
  volume.Update({{"a.yaml", A("3")}});
  EXPECT_TRUE(Becomes("a", "3"));
  EXPECT_TRUE(Becomes("b", kNone));
  volume.Update({{"a.yaml", A("4") + "error: wrong\n"}, {"b.yaml", B("2")}});
  EXPECT_TRUE(Becomes("b", "2"));
  EXPECT_EQ(Title("a"), "3");
}

TEST_P(HotReloadTest, TextThatIsNotUtf8KeepsTheLastGood) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  temp_.Write("icps/a.yaml", A("caf\xe9"));
  EXPECT_TRUE(Reports("a.yaml:2:11: error: the byte 0xE9 is not valid UTF-8"));
  EXPECT_EQ(Title("a"), "1");
}

TEST_P(HotReloadTest, UnreadableFileKeepsTheLastGood) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  temp_.Link("a.yaml", "icps/a.link");
  temp_.Rename("icps/a.link", "icps/a.yaml");  // A link to itself.
  EXPECT_TRUE(Reports("a.yaml: error: cannot be read: Too many levels of symbolic links"));
  EXPECT_EQ(Title("a"), "1");
}

// The link sorts before the file it leads to, and is no definition itself.
TEST_P(HotReloadTest, LinkOfAnotherNameHidesNothing) {
  temp_.Write("icps/a.yaml", A("1"));
  temp_.Link("a.yaml", "icps/a.link");
  Open();
  EXPECT_EQ(Title("a"), "1");
}

TEST_P(HotReloadTest, NameOfTwoFilesReplacesNothingUntilOneGoes) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  temp_.Replace("icps/copy.yaml", A("2"));
  EXPECT_TRUE(Reports("copy.yaml: error: name 'tenants/acme/icps/a' is also that of 'a.yaml'"));
  EXPECT_EQ(Title("a"), "1");
  temp_.Delete("icps/a.yaml");
  EXPECT_TRUE(Becomes("a", "2"));
}

TEST_P(HotReloadTest, PinnedRevisionStaysAnswerable) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  ASSERT_NE(Get("a"), nullptr);
  const std::string revision = Get("a")->icp->revision();
  temp_.Replace("icps/a.yaml", A("2"));
  EXPECT_TRUE(Becomes("a", "2"));
  EXPECT_EQ(Title("a", revision), "1");
}

TEST_P(HotReloadTest, DirectoryThatVanishesKeepsEverythingUntilItIsBack) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  temp_.Rename("icps", "away");
  EXPECT_TRUE(Reports("No such file or directory"));
  EXPECT_EQ(Title("a"), "1");
  EXPECT_FALSE(catalog_->Stats().source.ok());

  temp_.MakeDirectory("icps");  // As an unmounted volume leaves it.
  EXPECT_TRUE(Reports("is its volume mounted?"));
  EXPECT_EQ(Title("a"), "1");

  temp_.Delete("icps");
  temp_.Write("away/a.yaml", A("2"));
  temp_.Rename("away", "icps");
  EXPECT_TRUE(Becomes("a", "2"));
  EXPECT_TRUE(catalog_->Stats().source.ok());
}

TEST_P(HotReloadTest, DirectoryIsReplacedByAnother) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  temp_.Write("next/a.yaml", A("2"));
  temp_.Rename("icps", "before");
  temp_.Rename("next", "icps");
  EXPECT_TRUE(Becomes("a", "2"));
  temp_.Write("icps/a.yaml", A("3"));
  EXPECT_TRUE(Becomes("a", "3"));
}

TEST_P(HotReloadTest, SubdirectoryIsMovedInAndOut) {
  temp_.Write("icps/a.yaml", A("1"));
  Open();
  temp_.Write("beside/deep/b.yaml", B("1"));
  temp_.Rename("beside", "icps/beside");
  EXPECT_TRUE(Becomes("b", "1"));
  temp_.Write("icps/beside/deep/b.yaml", B("2"));
  EXPECT_TRUE(Becomes("b", "2"));
  temp_.Rename("icps/beside", "beside");
  EXPECT_TRUE(Becomes("b", kNone));
}

TEST_P(HotReloadTest, ManyReadersWhileFilesChange) {
  temp_.Write("icps/a.yaml", A("0"));
  Open();
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([this, &stop] {
      while (!stop) EXPECT_NE(Title("a"), kNone);
    });
  }
  for (int i = 1; i <= 100; ++i) temp_.Replace("icps/a.yaml", A(absl::StrCat(i)));
  EXPECT_TRUE(Becomes("a", "100"));
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace bantam
