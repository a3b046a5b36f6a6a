#include "server/store/directory_source.h"

#include <sys/fsuid.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/catalog/icp_source_contract.h"
#include "tests/store/temp_directory.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

FileWatcherOptions PollingOnly() {
  FileWatcherOptions options;
  options.use_inotify = false;
  options.poll_interval = absl::Milliseconds(20);
  return options;
}

// No polling within a test's time: what is told, the kernel told.
FileWatcherOptions InotifyOnly() {
  FileWatcherOptions options;
  options.poll_interval = absl::Hours(1);
  options.quiet_time = absl::Milliseconds(10);
  return options;
}

class DirectoryBench : public IcpSourceBench {
 public:
  explicit DirectoryBench(const FileWatcherOptions& options) : watcher_(options) {
    temp_.MakeDirectory("icps");
  }

  std::unique_ptr<IcpSource> Open() override {
    return std::make_unique<DirectorySource>(temp_.Path("icps"), &watcher_);
  }
  void Put(absl::string_view id, absl::string_view yaml) override {
    temp_.Replace(absl::StrCat("icps/", id), yaml);
  }
  void Delete(absl::string_view id) override { temp_.Delete(absl::StrCat("icps/", id)); }
  void MakeUnreadable(absl::string_view id) override {
    // A link to itself is unreadable for root as well.
    Delete(id);
    temp_.Link(id, absl::StrCat("icps/", id));
  }
  void TakeAway() override { temp_.Rename("icps", "away"); }
  void GiveBack() override { temp_.Rename("away", "icps"); }

 private:
  const TempDirectory temp_;
  FileWatcher watcher_;
};

INSTANTIATE_TEST_SUITE_P(Directory, IcpSourceContract, ::testing::Values([] {
                           return std::make_unique<DirectoryBench>(InotifyOnly());
                         }));
INSTANTIATE_TEST_SUITE_P(DirectoryPolled, IcpSourceContract, ::testing::Values([] {
                           return std::make_unique<DirectoryBench>(PollingOnly());
                         }));

// While it lives, permissions bind this thread even if root runs the test.
class WithoutPrivileges {
 public:
  WithoutPrivileges() : before_(setfsuid(65534)) {}
  ~WithoutPrivileges() { setfsuid(static_cast<uid_t>(before_)); }

 private:
  const int before_;
};

class DirectorySourceTest : public ::testing::Test {
 protected:
  IcpSnapshot Read() {
    absl::StatusOr<IcpSnapshot> snapshot = source_.Read();
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return snapshot.ok() ? *std::move(snapshot) : IcpSnapshot();
  }

  // "id=text" or "id!error" of every document.
  std::vector<std::string> Documents() {
    std::vector<std::string> documents;
    for (const IcpDocument& document : Read().documents) {
      documents.push_back(document.error.empty() ? absl::StrCat(document.id, "=", document.yaml)
                                                 : absl::StrCat(document.id, "!", document.error));
    }
    return documents;
  }

  DirectorySourceOptions Bounds() const {
    DirectorySourceOptions options;
    options.max_files = 3;
    options.max_file_bytes = 100;
    options.max_total_bytes = 150;
    return options;
  }

  const TempDirectory temp_;
  FileWatcher watcher_{PollingOnly()};
  DirectorySource source_{temp_.Path(), &watcher_, Bounds()};
};

TEST_F(DirectorySourceTest, ReadsYamlFilesOfAllDirectoriesBelow) {
  temp_.Write("b.yaml", "B");
  temp_.Write("eu/west/a.yml", "A");
  temp_.Write("README.md", "no");
  temp_.Write("c.yaml.bak", "no");
  EXPECT_THAT(Documents(), ElementsAre("b.yaml=B", "eu/west/a.yml=A"));
}

TEST_F(DirectorySourceTest, SkipsHiddenFilesAndDirectories) {
  temp_.Write("a.yaml", "A");
  temp_.Write(".a.yaml", "no");
  temp_.Write(".git/b.yaml", "no");
  temp_.Write("..2026/c.yaml", "no");
  EXPECT_THAT(Documents(), ElementsAre("a.yaml=A"));
}

TEST_F(DirectorySourceTest, ReadsAConfigMapOnce) {
  ConfigMapVolume volume(&temp_, "map");
  volume.Update({{"a.yaml", "A"}, {"eu/b.yaml", "B"}});
  EXPECT_THAT(Documents(), ElementsAre("map/a.yaml=A", "map/eu/b.yaml=B"));
  volume.Update({{"a.yaml", "A2"}, {"c.yaml", "C"}});
  EXPECT_THAT(Documents(), ElementsAre("map/a.yaml=A2", "map/c.yaml=C"));
}

TEST_F(DirectorySourceTest, ReadsWhatIsReachedOnTwoWaysOnce) {
  temp_.Write("sub/a.yaml", "A");
  temp_.Link("sub", "way");
  temp_.Link(".", "loop");
  temp_.Link("sub/a.yaml", "a.yaml");
  EXPECT_THAT(Documents(), ElementsAre("a.yaml=A"));
}

TEST_F(DirectorySourceTest, LinkToNothingIsUnreadable) {
  temp_.Link("nowhere", "a.yaml");
  temp_.Link("nowhere", "not-ours");
  EXPECT_THAT(Documents(), ElementsAre("a.yaml!cannot be read: No such file or directory"));
}

TEST_F(DirectorySourceTest, FileWithoutPermissionIsUnreadable) {
  temp_.Write("a.yaml", "A");
  temp_.Write("b.yaml", "B");
  ASSERT_EQ(chmod(temp_.Path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(temp_.Path("a.yaml").c_str(), 0), 0);
  const WithoutPrivileges unprivileged;
  EXPECT_THAT(Documents(), ElementsAre("a.yaml!cannot be read: Permission denied", "b.yaml=B"));
}

TEST_F(DirectorySourceTest, DirectoryBelowWithoutPermissionIsAGap) {
  temp_.Write("a.yaml", "A");
  temp_.Write("sub/b.yaml", "B");
  ASSERT_EQ(chmod(temp_.Path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(temp_.Path("sub").c_str(), 0), 0);
  const WithoutPrivileges unprivileged;
  const IcpSnapshot snapshot = Read();
  EXPECT_EQ(snapshot.documents.size(), 1);
  EXPECT_THAT(snapshot.gaps, ElementsAre("sub/: cannot be read: Permission denied"));
}

TEST_F(DirectorySourceTest, DirectoryWithoutPermissionIsDenied) {
  ASSERT_EQ(chmod(temp_.Path().c_str(), 0), 0);
  const WithoutPrivileges unprivileged;
  EXPECT_EQ(source_.Read().status(),
            absl::PermissionDeniedError(
                absl::StrCat("cannot read directory '", temp_.Path(), "': Permission denied")));
}

TEST_F(DirectorySourceTest, PipeIsUnreadableAndDoesNotBlock) {
  ASSERT_EQ(mkfifo(temp_.Path("a.yaml").c_str(), 0600), 0);
  EXPECT_THAT(Documents(), ElementsAre("a.yaml!is not a file"));
}

TEST_F(DirectorySourceTest, FileBeyondTheSizeIsUnreadable) {
  temp_.Write("a.yaml", std::string(100, 'a'));
  temp_.Write("b.yaml", std::string(101, 'b'));
  EXPECT_THAT(Documents(), ElementsAre(absl::StrCat("a.yaml=", std::string(100, 'a')),
                                       "b.yaml!is 101 bytes long; at most 100 are read"));
}

TEST_F(DirectorySourceTest, FilesBeyondTheTotalAreUnreadable) {
  temp_.Write("a.yaml", std::string(100, 'a'));
  temp_.Write("b.yaml", std::string(51, 'b'));
  EXPECT_THAT(Documents(),
              ElementsAre(absl::StrCat("a.yaml=", std::string(100, 'a')),
                          "b.yaml!is not read: it and the files before it have more than 150 bytes "
                          "together"));
}

TEST_F(DirectorySourceTest, FilesBeyondTheNumberAreAGap) {
  for (const char* name : {"a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml"}) temp_.Write(name, "");
  const IcpSnapshot snapshot = Read();
  EXPECT_EQ(snapshot.documents.size(), 3);
  EXPECT_THAT(snapshot.gaps, ElementsAre("there are 5 definition files; at most 3 are read: from "
                                         "'d.yaml' on they are not"));
}

TEST_F(DirectorySourceTest, DirectoriesTooDeepAreAGap) {
  std::string path;
  for (int i = 0; i < 17; ++i) absl::StrAppend(&path, "d/");
  temp_.Write(absl::StrCat(path, "a.yaml"), "A");
  const IcpSnapshot snapshot = Read();
  EXPECT_THAT(snapshot.documents, IsEmpty());
  EXPECT_THAT(snapshot.gaps,
              ElementsAre(absl::StrCat(path, ": is more than 16 levels deep; not read")));
}

TEST_F(DirectorySourceTest, NamesUnfitForMessagesAreEscaped) {
  temp_.Write("caf\xe9.yaml", "A");
  temp_.Write("two\nlines.yaml", "B");
  temp_.Write("größe.yaml", "C");
  EXPECT_THAT(Documents(),
              UnorderedElementsAre("caf\\xe9.yaml=A", "two\\nlines.yaml=B", "größe.yaml=C"));
}

TEST_F(DirectorySourceTest, DirectoryThatIsNotThereIsNotFound) {
  DirectorySource source(temp_.Path("none"), &watcher_);
  EXPECT_EQ(source.Read().status(),
            absl::NotFoundError(absl::StrCat("cannot read directory '", temp_.Path("none"),
                                             "': No such file or directory")));
}

TEST_F(DirectorySourceTest, FileInPlaceOfADirectoryIsNotFound) {
  temp_.Write("file", "");
  DirectorySource source(temp_.Path("file"), &watcher_);
  EXPECT_EQ(source.Read().status(),
            absl::NotFoundError(
                absl::StrCat("cannot read directory '", temp_.Path("file"), "': Not a directory")));
}

TEST_F(DirectorySourceTest, EmptyDirectoryInPlaceOfAFullOneIsNotBelieved) {
  temp_.Write("icps/a.yaml", "A");
  DirectorySource source(temp_.Path("icps"), &watcher_);
  ASSERT_TRUE(source.Read().ok());
  temp_.Rename("icps", "before");
  temp_.MakeDirectory("icps");
  EXPECT_EQ(source.Read().status(),
            absl::UnavailableError(absl::StrCat(
                "directory '", temp_.Path("icps"),
                "' is empty, and is not the one that held 1 definition file before: is its volume "
                "mounted? Restart if it is meant to be empty")));
  temp_.Write("icps/b.yaml", "B");
  EXPECT_TRUE(source.Read().ok());
}

}  // namespace
}  // namespace bantam
