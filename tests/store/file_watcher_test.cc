#include "server/store/file_watcher.h"

#include <dirent.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/catalog/icp_source_contract.h"
#include "tests/store/temp_directory.h"

namespace bantam {
namespace {

FileWatcherOptions InotifyOnly() {
  FileWatcherOptions options;
  options.poll_interval = absl::Hours(1);
  options.quiet_time = absl::Milliseconds(10);
  return options;
}

// The number of descriptors that this process has open.
int OpenDescriptors() {
  int count = 0;
  DIR* directory = opendir("/proc/self/fd");
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

class FileWatcherTest : public ::testing::Test {
 protected:
  // Watches `path` with `watcher`, and waits for the first call, after which changes are noticed.
  std::unique_ptr<FileWatch> Watch(FileWatcher* watcher, absl::string_view path) {
    auto watch = watcher->Watch(temp_.Path(path), changes_.Callback());
    EXPECT_TRUE(changes_.WaitUntil([this] { return changes_.count() > 0; }));
    return watch;
  }

  // Does `change` and waits until it is told.
  bool Tells(const std::function<void()>& change) {
    const int before = changes_.count();
    change();
    return changes_.WaitUntil([this, before] { return changes_.count() > before; });
  }

  const TempDirectory temp_;
  ChangeCounter changes_;
};

TEST_F(FileWatcherTest, TellsOfChangesBelowADirectory) {
  FileWatcher watcher(InotifyOnly());
  ASSERT_TRUE(watcher.uses_inotify());
  temp_.MakeDirectory("d");
  const auto watch = Watch(&watcher, "d");
  EXPECT_TRUE(Tells([this] { temp_.Write("d/a", "1"); }));
  EXPECT_TRUE(Tells([this] { temp_.Append("d/a", "2"); }));
  EXPECT_TRUE(Tells([this] { temp_.Replace("d/a", "3"); }));
  EXPECT_TRUE(Tells([this] { temp_.MakeDirectory("d/e/f"); }));
  EXPECT_TRUE(Tells([this] { temp_.Write("d/e/f/a", "1"); }));
  EXPECT_TRUE(Tells([this] { temp_.Delete("d/e/f/a"); }));
  EXPECT_TRUE(Tells([this] { temp_.Delete("d/e"); }));
}

TEST_F(FileWatcherTest, TellsOfChangesOfTheDirectoryItself) {
  FileWatcher watcher(InotifyOnly());
  const auto watch = Watch(&watcher, "d/");  // It does not exist yet.
  EXPECT_TRUE(Tells([this] { temp_.MakeDirectory("d"); }));
  EXPECT_TRUE(Tells([this] { temp_.Write("d/a", "1"); }));
  EXPECT_TRUE(Tells([this] { temp_.Rename("d", "moved"); }));
  EXPECT_TRUE(Tells([this] { temp_.MakeDirectory("d"); }));
  EXPECT_TRUE(Tells([this] { temp_.Write("d/b", "1"); }));
  EXPECT_TRUE(Tells([this] { temp_.Delete("d"); }));
}

TEST_F(FileWatcherTest, TellsOfChangesOfAFile) {
  FileWatcher watcher(InotifyOnly());
  temp_.Write("tls.crt", "1");
  const auto watch = Watch(&watcher, "tls.crt");
  EXPECT_TRUE(Tells([this] { temp_.Write("tls.crt", "2"); }));
  EXPECT_TRUE(Tells([this] { temp_.Replace("tls.crt", "3"); }));
  EXPECT_TRUE(Tells([this] { temp_.Delete("tls.crt"); }));
  EXPECT_TRUE(Tells([this] { temp_.Write("tls.crt", "4"); }));
}

TEST_F(FileWatcherTest, TellsOfASwappedConfigMap) {
  FileWatcher watcher(InotifyOnly());
  ConfigMapVolume volume(&temp_, "map");
  volume.Update({{"eu/a.yaml", "1"}});
  const auto watch = Watch(&watcher, "map");
  EXPECT_TRUE(Tells([&volume] { volume.Update({{"eu/a.yaml", "2"}}); }));
}

TEST_F(FileWatcherTest, TellsOfASwapAboveADirectoryThatALinkLeadsTo) {
  FileWatcher watcher(InotifyOnly());
  ConfigMapVolume volume(&temp_, "map");
  volume.Update({{"eu/a.yaml", "1"}});
  const auto watch = Watch(&watcher, "map/eu");
  EXPECT_TRUE(Tells([&volume] { volume.Update({{"eu/a.yaml", "2"}}); }));
}

TEST_F(FileWatcherTest, PollsWithoutInotify) {
  FileWatcherOptions options;
  options.use_inotify = false;
  options.poll_interval = absl::Milliseconds(10);
  FileWatcher watcher(options);
  EXPECT_FALSE(watcher.uses_inotify());
  const auto watch = Watch(&watcher, "");
  EXPECT_TRUE(changes_.WaitUntil([this] { return changes_.count() >= 5; }));
}

TEST_F(FileWatcherTest, PollsBesideInotify) {
  FileWatcherOptions options;
  options.poll_interval = absl::Milliseconds(10);
  FileWatcher watcher(options);
  const auto watch = Watch(&watcher, "");
  EXPECT_TRUE(changes_.WaitUntil([this] { return changes_.count() >= 5; }));
}

TEST_F(FileWatcherTest, ManyChangesAtOnceAreToldOnceItIsQuiet) {
  FileWatcherOptions options = InotifyOnly();
  options.quiet_time = absl::Milliseconds(200);
  options.max_delay = absl::Hours(1);
  FileWatcher watcher(options);
  const auto watch = Watch(&watcher, "");
  const int before = changes_.count();
  EXPECT_TRUE(Tells([this] {
    for (int i = 0; i < 300; ++i) temp_.Write(absl::StrCat(i), "1");
  }));
  // Fewer than changes: on a machine that stops now and then there may be several quiet times.
  EXPECT_LT(changes_.count() - before, 30);
}

TEST_F(FileWatcherTest, ChangesThatNeverStopAreToldAfterTheGreatestDelay) {
  FileWatcherOptions options = InotifyOnly();
  options.quiet_time = absl::Hours(1);
  options.max_delay = absl::Milliseconds(50);
  FileWatcher watcher(options);
  const auto watch = Watch(&watcher, "");
  EXPECT_TRUE(Tells([this] { temp_.Write("a", "1"); }));
}

TEST_F(FileWatcherTest, WatchesDoNotDisturbEachOther) {
  FileWatcher watcher(InotifyOnly());
  temp_.MakeDirectory("d/e");
  const auto watch = Watch(&watcher, "d/e");
  ChangeCounter others;
  auto other = watcher.Watch(temp_.Path("d"), others.Callback());
  ASSERT_TRUE(others.WaitUntil([&others] { return others.count() > 0; }));
  const int before = others.count();
  EXPECT_TRUE(Tells([this] { temp_.Write("d/e/a", "1"); }));
  EXPECT_TRUE(others.WaitUntil([&] { return others.count() > before; }));
  other.reset();
  const int after = others.count();
  EXPECT_TRUE(Tells([this] { temp_.Write("d/e/a", "2"); }));
  EXPECT_EQ(others.count(), after);
}

TEST_F(FileWatcherTest, CallbackMayEndItsOwnWatch) {
  FileWatcher watcher(InotifyOnly());
  std::unique_ptr<FileWatch> watch;
  std::atomic<bool> made{false};
  const auto count = changes_.Callback();
  watch = watcher.Watch(temp_.Path(), [&] {
    if (made) watch.reset();
    count();
  });
  ASSERT_TRUE(changes_.WaitUntil([this] { return changes_.count() > 0; }));
  made = true;
  EXPECT_TRUE(Tells([this] { temp_.Write("a", "1"); }));
}

TEST_F(FileWatcherTest, ClosesWhatItOpened) {
  const int before = OpenDescriptors();
  for (int i = 0; i < 20; ++i) {
    FileWatcher watcher(InotifyOnly());
    const auto watch = watcher.Watch(temp_.Path(), [] {});
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace bantam
