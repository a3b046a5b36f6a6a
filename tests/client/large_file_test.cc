// What `bantam` needs of memory does not grow with a file of leads.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/run_command.h"

extern char** environ;

namespace bantam {
namespace {

// Resident memory of a run at its peak, in MiB. It scores one lead of a thousand.
int64_t PeakOf(const std::string& file) {
  std::vector<std::string> words = {
      BANTAM_COMMAND,
      "score",
      file,
      "--output=csv",
      "--shard=0/1000",
      "--at=2026-06-01T10:00:00Z",
      absl::StrCat("--icp-file=", BANTAM_SOURCE_DIR, "/client/samples/icps/fortune_5000.yaml"),
      absl::StrCat("--to=", WriteTempFile("answers.csv", ""))};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = 0;
  EXPECT_EQ(posix_spawn(&process, arguments[0], nullptr, nullptr, arguments.data(), environ), 0);
  int status = 0;
  struct rusage usage = {};
  EXPECT_EQ(wait4(process, &status, 0, &usage), process);
  EXPECT_EQ(status, 0);
  return usage.ru_maxrss / 1024;
}

// A file that repeats a line; a header comes first.
std::string Repeat(const std::string& name, const std::string& header, const std::string& line,
                   int64_t megabytes) {
  const std::string path = WriteTempFile(name, header);
  std::string block;
  while (block.size() < (size_t{1} << 20)) block += line;
  std::ofstream file(path, std::ios::app | std::ios::binary);
  for (int64_t i = 0; i < megabytes; ++i) file << block;
  return path;
}

void ExpectBounded(const std::string& name, const std::string& header, const std::string& line) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer keeps what was freed";
#endif
  constexpr int64_t kMegabytes = 100;
  const int64_t small = PeakOf(Repeat(absl::StrCat("small_", name), header, line, 1));
  const std::string path = Repeat(name, header, line, kMegabytes);
  const int64_t large = PeakOf(path);
  remove(path.c_str());
  std::cout << "figure: " << name << " of " << kMegabytes << " MiB takes " << large
            << " MiB of memory, of 1 MiB " << small << " MiB\n";
  EXPECT_LT(large, small + 10);
}

TEST(LargeFileTest, NdjsonIsReadAsAStream) {
  ExpectBounded("leads.ndjson", "",
                "{\"id\":\"a lead\",\"company\":{\"name\":\"Müller\",\"revenue_rank\":77}}\n");
}

TEST(LargeFileTest, TablesAreReadAsAStream) {
  ExpectBounded("leads.csv", "id,company.name,company.revenue_rank\n", "a lead,\"Mü\nller\",77\n");
}

TEST(LargeFileTest, OtherEncodingsAreReadAsAStream) {
  ExpectBounded("latin.csv", "id,company.name,company.revenue_rank\n", "a lead,M\xFCller,77\n");
}

}  // namespace
}  // namespace bantam
