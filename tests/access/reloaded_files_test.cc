#include "server/access/reloaded_files.h"

#include <condition_variable>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/access/access_files.h"
#include "server/access/token_set.h"
#include "tests/access/reload_events.h"
#include "tests/store/temp_directory.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Kind = ReloadEvent::Kind;

constexpr absl::string_view kScore = "/bantam.v1.QualificationService/Score";

FileWatcherOptions Quick() {
  FileWatcherOptions options;
  options.poll_interval = absl::Milliseconds(20);
  options.quiet_time = absl::Milliseconds(1);
  return options;
}

// Two files that are good together if they are equal, and not "bad".
class ReloadedFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_.Write("a", "1");
    directory_.Write("b", "1");
  }

  ReloadedFiles Make(absl::Duration settle_time) {
    ReloadOptions options;
    options.name = "pair";
    options.paths = {directory_.Path("a"), directory_.Path("b")};
    options.max_bytes = 10;
    options.settle_time = settle_time;
    return ReloadedFiles(
        options,
        [this](const std::vector<std::string>& texts) {
          if (texts[0] != texts[1]) return absl::InvalidArgumentError("a and b differ");
          if (texts[0] == "bad") return absl::InvalidArgumentError("both are bad");
          MutexLock lock(mutex_);
          loaded_ = texts[0];
          return absl::OkStatus();
        },
        events_.Recorder());
  }

  std::string loaded() const {
    MutexLock lock(mutex_);
    return loaded_;
  }

  TempDirectory directory_;
  ReloadEvents events_;
  mutable Mutex mutex_;
  std::string loaded_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ReloadedFilesTest, NewContentIsTakenOver) {
  FileWatcher watcher(Quick());
  ReloadedFiles files = Make(absl::ZeroDuration());
  ASSERT_EQ(files.Open(), absl::OkStatus());
  EXPECT_EQ(loaded(), "1");
  const absl::Time opened = files.Stats().last_success;
  EXPECT_NE(opened, absl::InfinitePast());
  files.Watch(&watcher);
  directory_.Replace("a", "2");
  directory_.Replace("b", "2");
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "new content"));
  EXPECT_EQ(loaded(), "2");
  EXPECT_GT(files.Stats().last_success, opened);
  EXPECT_FALSE(files.Stats().failed);
}

TEST_F(ReloadedFilesTest, BadContentIsToldOnceAndChangesNothing) {
  FileWatcher watcher(Quick());
  ReloadedFiles files = Make(absl::ZeroDuration());
  ASSERT_EQ(files.Open(), absl::OkStatus());
  files.Watch(&watcher);
  directory_.Write("a", "3");
  ASSERT_TRUE(events_.WaitFor(Kind::kFailed, "a and b differ"));
  EXPECT_EQ(loaded(), "1");
  EXPECT_TRUE(files.Stats().failed);
  EXPECT_EQ(files.Stats().last_error, "a and b differ");
  // The next event is not a repetition, however often it is looked at meanwhile.
  ASSERT_TRUE(events_.WaitForPolls(&watcher, directory_.Path("a"), 5));
  directory_.Write("b", "3");
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "new content"));
  EXPECT_EQ(events_.size(), 2);
  EXPECT_EQ(loaded(), "3");
  EXPECT_FALSE(files.Stats().failed);
  EXPECT_EQ(files.Stats().failures, 1);
  EXPECT_EQ(files.Stats().last_error, "");
}

TEST_F(ReloadedFilesTest, TheOldContentMayComeBack) {
  FileWatcher watcher(Quick());
  ReloadedFiles files = Make(absl::ZeroDuration());
  ASSERT_EQ(files.Open(), absl::OkStatus());
  files.Watch(&watcher);
  directory_.Delete("b");
  ASSERT_TRUE(events_.WaitFor(Kind::kFailed, "b: cannot be read: No such file or directory"));
  directory_.Replace("b", "1");
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "the content in use is back"));
  EXPECT_FALSE(files.Stats().failed);
  EXPECT_EQ(files.Stats().failures, 1);
}

TEST_F(ReloadedFilesTest, HalfAChangeIsNoFailure) {
  FileWatcher watcher(Quick());
  ReloadedFiles files = Make(absl::InfiniteDuration());
  ASSERT_EQ(files.Open(), absl::OkStatus());
  files.Watch(&watcher);
  directory_.Write("a", "2");
  ASSERT_TRUE(events_.WaitForPolls(&watcher, directory_.Path("a"), 3));
  EXPECT_FALSE(files.Stats().failed);
  EXPECT_EQ(events_.size(), 0);
  directory_.Write("b", "2");
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "new content"));
  EXPECT_EQ(loaded(), "2");
  EXPECT_EQ(files.Stats().failures, 0);
}

TEST_F(ReloadedFilesTest, AMountedSecretIsSwappedAsAWhole) {
  ConfigMapVolume volume(&directory_, "secret");
  volume.Update({{"a", "1"}, {"b", "1"}});
  FileWatcher watcher(Quick());
  ReloadOptions options;
  options.name = "pair";
  options.paths = {directory_.Path("secret/a"), directory_.Path("secret/b")};
  options.settle_time = absl::ZeroDuration();
  ReloadedFiles files(
      options,
      [](const auto& texts) {
        return texts[0] == texts[1] ? absl::OkStatus() : absl::InvalidArgumentError("differ");
      },
      events_.Recorder());
  ASSERT_EQ(files.Open(), absl::OkStatus());
  files.Watch(&watcher);
  volume.Update({{"a", "2"}, {"b", "2"}});
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "new content"));
}

TEST_F(ReloadedFilesTest, AtTheStartEveryFileThatCannotBeReadIsNamed) {
  directory_.Delete("a");
  directory_.Write("b", "more than ten bytes");
  const absl::Status status = Make(absl::ZeroDuration()).Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("/a: cannot be read: No such file or directory\n"),
                    HasSubstr("/b: is too large; at most 10 bytes are allowed")));
}

TEST_F(ReloadedFilesTest, ADirectoryIsNoFile) {
  directory_.Delete("a");
  directory_.MakeDirectory("a");
  const absl::Status status = Make(absl::ZeroDuration()).Open();
  EXPECT_THAT(std::string(status.message()), HasSubstr("/a: cannot be read: Is a directory"));
}

class AccessFilesTest : public ::testing::Test {
 protected:
  static std::string PolicyFor(absl::string_view tenant) {
    return absl::StrCat("grants: [{identities: ['token:crm'], methods: [Score], tenants: [", tenant,
                        "]}]\n");
  }

  absl::StatusOr<std::unique_ptr<AccessFiles>> Open() {
    AccessFilePaths paths;
    paths.policy = directory_.Path("policy.yaml");
    paths.tokens = directory_.Path("tokens");
    return AccessFiles::Open(paths, &access_, &watcher_, events_.Recorder());
  }

  TempDirectory directory_;
  ReloadEvents events_;
  AccessControl access_;
  FileWatcher watcher_{Quick()};
};

// As `printf %s secret | sha256sum` gives it.
constexpr absl::string_view kTokenLine =
    "crm 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n";

TEST_F(AccessFilesTest, PolicyAndTokensFollowTheirFiles) {
  directory_.Write("policy.yaml", PolicyFor("acme"));
  directory_.Write("tokens", kTokenLine);
  const auto files = Open();
  ASSERT_TRUE(files.ok()) << files.status();
  Credentials credentials;
  credentials.bearer_token = "secret";
  const auto caller = access_.Identify(credentials);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(access_.CheckTenant(**caller, kScore, "tenants/acme"), absl::OkStatus());

  directory_.Replace("policy.yaml", PolicyFor("beta"));
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "new content"));
  EXPECT_FALSE(access_.CheckTenant(**caller, kScore, "tenants/acme").ok());
  EXPECT_EQ(access_.CheckTenant(**caller, kScore, "tenants/beta"), absl::OkStatus());

  directory_.Replace("policy.yaml", "grants: [{identities: [x]}]");
  ASSERT_TRUE(events_.WaitFor(Kind::kFailed, "policy.yaml:1:24: error: 'identities[0]' must"));
  EXPECT_EQ(access_.CheckTenant(**caller, kScore, "tenants/beta"), absl::OkStatus());
  EXPECT_TRUE((*files)->PolicyStats()->failed);
  EXPECT_FALSE((*files)->TokenStats()->failed);

  directory_.Replace("tokens", "# Nobody.\n");
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "new content"));
  EXPECT_EQ(access_.CheckMethod(**caller, kScore).code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(AccessFilesTest, TokensThatThePolicyNamesAndNobodyHasAreWarnedOf) {
  directory_.Write("policy.yaml",
                   "grants: [{identities: ['token:b', 'token:a', 'token:crm', 'token:x*', '*'], "
                   "methods: [Score], tenants: [acme]}]\n");
  directory_.Write("tokens", kTokenLine);
  const auto files = Open();
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_TRUE(events_.WaitFor(Kind::kWarning, "the token file does not have: a, b;"));
  EXPECT_EQ(events_.size(), 1);

  directory_.Replace("tokens", absl::StrCat(kTokenLine, "b ", std::string(64, 'a'), "\n"));
  ASSERT_TRUE(events_.WaitFor(Kind::kWarning, "the token file does not have: a;"));

  // Only a change of what is missing is told.
  directory_.Replace("policy.yaml", PolicyFor("beta"));
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "new content"));
  directory_.Replace("tokens", "# Nobody.\n");
  ASSERT_TRUE(events_.WaitFor(Kind::kWarning, "the token file does not have: crm;"));
  EXPECT_EQ(events_.size(), 6);
}

TEST_F(AccessFilesTest, AtTheStartTheMistakesOfBothFilesAreTold) {
  directory_.Write("policy.yaml", "grants: []");
  directory_.Write("tokens", "secret\n");
  const absl::Status status = Open().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("policy.yaml:1:9: error: 'grants' must hold at least one grant"),
                    HasSubstr("tokens:1: expected two words")));
}

TEST_F(AccessFilesTest, AFileThatIsNotGivenIsNotLookedFor) {
  const auto files = AccessFiles::Open({}, &access_, &watcher_, nullptr);
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_FALSE(access_.has_policy());
  EXPECT_FALSE((*files)->PolicyStats().has_value());
  EXPECT_FALSE((*files)->TokenStats().has_value());
}

}  // namespace
}  // namespace bantam
