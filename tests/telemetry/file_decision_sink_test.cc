#include "server/telemetry/file_decision_sink.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/decision_log.h"
#include "tests/store/temp_directory.h"
#include "tests/telemetry/fake_decision_sink.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kLimit = absl::Minutes(1);

class FileDecisionSinkTest : public ::testing::Test {
 protected:
  void Open() {
    auto sink = FileDecisionSink::Open(path_);
    ASSERT_TRUE(sink.ok()) << sink.status();
    sink_ = *std::move(sink);
  }

  // Writes and expects that all is taken.
  void Write(const std::vector<absl::string_view>& lines) {
    size_t written = 0;
    const absl::Status status = sink_->Write(lines, kLimit, &written);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(written, lines.size());
  }

  std::string Content(const std::string& name = "decisions.jsonl") const {
    std::ifstream file(directory_.Path(name));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  TempDirectory directory_;
  const std::string path_ = directory_.Path("decisions.jsonl");
  std::unique_ptr<FileDecisionSink> sink_;
};

TEST_F(FileDecisionSinkTest, AppendsLines) {
  directory_.Write("decisions.jsonl", "before\n");
  Open();
  Write({"a", "b"});
  Write({"c"});
  EXPECT_EQ(Content(), "before\na\nb\nc\n");
}

TEST_F(FileDecisionSinkTest, NewFileIsNotForEverybody) {
  Open();
  struct stat found;
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07137, 0u);
}

TEST_F(FileDecisionSinkTest, LineThatAnotherProcessBeganIsEnded) {
  directory_.Write("decisions.jsonl", "whole\ntor");
  Open();
  Write({"a"});
  EXPECT_EQ(Content(), "whole\ntor\na\n");
}

// The disk is full when a server starts behind one that could not end its line.
TEST_F(FileDecisionSinkTest, LineThatAnotherProcessBeganIsEndedWhenThereIsRoom) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  directory_.Write("decisions.jsonl", "whole\ntor");
  const rlimit full = {9, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  Open();
  size_t written = 1;
  const absl::Status status = sink_->Write({"a"}, kLimit, &written);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot be written"));
  EXPECT_EQ(written, 0u);
  Write({"a"});
  EXPECT_EQ(Content(), "whole\ntor\na\n");
}

TEST_F(FileDecisionSinkTest, FollowsRotation) {
  Open();
  Write({"a"});
  EXPECT_TRUE(sink_->Refresh().ok());
  directory_.Rename("decisions.jsonl", "decisions.jsonl.1");
  // Nothing is lost before it looks.
  Write({"b"});
  EXPECT_TRUE(sink_->Refresh().ok());
  Write({"c"});
  EXPECT_EQ(Content("decisions.jsonl.1"), "a\nb\n");
  EXPECT_EQ(Content(), "c\n");
  directory_.Delete("decisions.jsonl");
  EXPECT_TRUE(sink_->Refresh().ok());
  Write({"d"});
  EXPECT_EQ(Content(), "d\n");
}

TEST_F(FileDecisionSinkTest, KeepsItsFileIfThereCanBeNoOther) {
  Open();
  directory_.Rename("decisions.jsonl", "decisions.jsonl.1");
  directory_.MakeDirectory("decisions.jsonl");
  EXPECT_FALSE(sink_->Refresh().ok());
  Write({"a"});
  EXPECT_EQ(Content("decisions.jsonl.1"), "a\n");
  directory_.Delete("decisions.jsonl");
  EXPECT_TRUE(sink_->Refresh().ok());
  Write({"b"});
  EXPECT_EQ(Content(), "b\n");
}

TEST_F(FileDecisionSinkTest, FileThatCannotBeOpenedIsAnErrorThatNamesIt) {
  const auto sink = FileDecisionSink::Open(directory_.Path("missing/decisions.jsonl"));
  EXPECT_EQ(sink.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(sink.status().message()),
              HasSubstr("missing/decisions.jsonl cannot be opened for writing"));
}

TEST_F(FileDecisionSinkTest, FullDeviceIsAnError) {
  auto sink = FileDecisionSink::Open("/dev/full");
  ASSERT_TRUE(sink.ok()) << sink.status();
  size_t written = 1;
  const absl::Status status = (*sink)->Write({"a"}, kLimit, &written);
  EXPECT_EQ(written, 0u);
  EXPECT_THAT(std::string(status.message()), HasSubstr("No space left on device"));
}

// A disk that becomes full within a line, and has room again later.
TEST_F(FileDecisionSinkTest, LineThatDidNotFitIsNotTorn) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  Open();
  const rlimit full = {8, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  size_t written = 0;
  const std::vector<absl::string_view> lines = {"one", "two two", "three"};
  const absl::Status status = sink_->Write(lines, kLimit, &written);
  const std::string torn = Content();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(written, 1u);
  EXPECT_EQ(torn, "one\ntwo ");
  // The same file: only what is missing is written.
  Write({"two two", "three"});
  EXPECT_EQ(Content(), "one\ntwo two\nthree\n");
}

TEST_F(FileDecisionSinkTest, LineThatDidNotFitComesAsAWholeInAnotherFile) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  Open();
  const rlimit full = {8, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  size_t written = 0;
  EXPECT_FALSE(sink_->Write({"one", "two two"}, kLimit, &written).ok());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  directory_.Rename("decisions.jsonl", "decisions.jsonl.1");
  ASSERT_TRUE(sink_->Refresh().ok());
  Write({"two two"});
  EXPECT_EQ(Content(), "two two\n");
}

TEST_F(FileDecisionSinkTest, PipeThatNobodyReadsDoesNotBlock) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(FileDecisionSink::Open(path_).ok());  // Nobody reads it at all.
  const int reader = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  Open();
  const std::string line(1000, 'x');
  const std::vector<absl::string_view> lines(200, line);
  size_t written = 0;
  const absl::Status status = sink_->Write(lines, absl::Milliseconds(50), &written);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is not read"));
  EXPECT_GT(written, 0u);
  EXPECT_LT(written, lines.size());
  // It goes on when somebody does.
  std::string read_bytes;
  std::thread consumer([&] {
    char bytes[4096];
    while (read_bytes.size() < 200 * 1001) {
      const ssize_t count = read(reader, bytes, sizeof(bytes));
      if (count > 0) read_bytes.append(bytes, static_cast<size_t>(count));
    }
  });
  Write(std::vector<absl::string_view>(lines.begin() + static_cast<std::ptrdiff_t>(written),
                                       lines.end()));
  consumer.join();
  close(reader);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(read_bytes.substr(static_cast<size_t>(i) * 1001, 1001), line + "\n");
  }
}

// The log as a whole, to a file that is rotated all the time.
TEST_F(FileDecisionSinkTest, EightThreadsAndRotationTearNoLine) {
  constexpr int kThreads = 8;
  constexpr int kDecisions = 2000;
  Log log(LogFormat::kHuman, LogLevel::kError);
  auto sink = OpenDecisionSink({path_});
  ASSERT_TRUE(sink.ok()) << sink.status();
  DecisionLogOptions options;
  options.max_entries = kThreads * kDecisions;
  options.gather_time = absl::Milliseconds(1);
  DecisionLog decisions(options, *std::move(sink), &log);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&decisions, t] {
      for (int i = 0; i < kDecisions; ++i) decisions.Write(RecordOf(absl::StrCat(t, "/", i)));
    });
  }
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) {
    names.push_back(absl::StrCat("old.", i));
    directory_.Rename("decisions.jsonl", names.back());
    decisions.Reopen();
    ASSERT_TRUE(WaitUntil([this] { return access(path_.c_str(), F_OK) == 0; }));
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(decisions.Stop(absl::Seconds(60)));
  names.push_back("decisions.jsonl");
  std::vector<std::string> ids;
  for (const std::string& name : names) {
    const std::string content = Content(name);
    if (content.empty()) continue;
    ASSERT_EQ(content.back(), '\n');
    std::vector<std::string> lines = absl::StrSplit(content, '\n', absl::SkipEmpty());
    for (std::string& id : LeadIds(lines)) ids.push_back(std::move(id));
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(ids.size(), static_cast<size_t>(kThreads * kDecisions));
}

TEST(OpenDecisionSinkTest, WritesToTheStandardOutput) {
  auto sink = OpenDecisionSink({"stdout"});
  ASSERT_TRUE(sink.ok()) << sink.status();
  testing::internal::CaptureStdout();
  // What was opened before still goes to where it went then.
  auto captured = OpenDecisionSink({"stdout"});
  size_t written = 0;
  EXPECT_TRUE((*captured)->Write({"a", "b"}, kLimit, &written).ok());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "a\nb\n");
  EXPECT_EQ(written, 2u);
}

TEST(OpenDecisionSinkTest, WrongUrlIsAnErrorWithoutCredentials) {
  const auto sink = OpenDecisionSink({"redis://user:secret@"});
  EXPECT_EQ(sink.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(sink.status().message()), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace bantam
