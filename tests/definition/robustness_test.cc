// ParseYaml() and LoadIcp() survive any text: good files with random damage, and noise.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/definition/load_icp.h"
#include "server/definition/yaml.h"
#include "server/zones/system_time_zones.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

constexpr uint64_t kSeed = 20260131;
constexpr int kRuns = 50000;
constexpr int kLoads = 5000;

// Pieces of text that mean something to YAML or to a reader of it.
const std::vector<std::string>& Pieces() {
  static const auto* pieces = new std::vector<std::string>{
      ":",      ": ",     "-",       "- ",      "\n",     "\n\n", "\t",
      " ",      "  ",     "[",       "]",       "{",      "}",    ",",
      "#",      " #",     "&a ",     "*a",      "!!str ", "!x ",  "|",
      ">",      "'",      "\"",      "\\",      "%",      "@",    "`",
      "---\n",  "...\n",  "? ",      "<<: ",    "null",   "~",    "1",
      "1_0",    "0x",     ".inf",    "1e99",    "true",   "yes",  "2026-01-31",
      "90d",    "9 EUR",  "\r",      "\0",      "\xFF",   "\xC3", "\xEF\xBB\xBF",
      "\u2028", "\u0085", "\\uD83D", "\\uDE00", "ü"};
  return *pieces;
}

int Below(size_t bound, std::mt19937_64* random) {
  return static_cast<int>((*random)() % std::max<size_t>(bound, 1));
}

// Damages `text` in a few places.
std::string Mutate(std::string text, std::mt19937_64* random) {
  for (int n = 1 + Below(4, random); n > 0; --n) {
    const int at = Below(text.size() + 1, random);
    const int length = Below(Below(4, random) == 0 ? 200 : 4, random);
    switch (Below(4, random)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, Pieces()[Below(Pieces().size(), random)]);
        break;
      case 2:
        text.insert(at, text.substr(Below(text.size(), random), length));
        break;
      default:
        if (at < static_cast<int>(text.size())) text[at] = static_cast<char>(Below(256, random));
        break;
    }
  }
  return text;
}

// What must hold of every answer.
void CheckIssues(const std::string& text, const std::vector<v1::Issue>& issues) {
  const int lines = 2 + static_cast<int>(text.size());
  int line = 0;
  int column = 0;
  for (size_t i = 0; i < issues.size(); ++i) {
    const v1::Issue& issue = issues[i];
    ASSERT_FALSE(issue.message().empty());
    ASSERT_EQ(issue.message().find('\n'), std::string::npos) << issue.message();
    ASSERT_EQ(issue.rendered().rfind(issue.file() + ":", 0), 0u) << issue.rendered();
    ASSERT_LE(issue.line(), lines);
    std::string bytes;
    ASSERT_TRUE(issue.SerializeToString(&bytes));
    v1::Issue again;
    ASSERT_TRUE(again.ParseFromString(bytes)) << "not UTF-8: " << issue.rendered();
    const bool counts_the_others = i == 100;
    if (counts_the_others) break;
    ASSERT_TRUE(issue.line() > line || (issue.line() == line && issue.column() >= column))
        << "out of order: " << issue.rendered();
    line = issue.line();
    column = issue.column();
  }
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const char* folder : {"good", "broken", "broken_icp"}) {
    for (const std::string& file : ListYamlFiles(folder)) {
      seeds.push_back(ReadFile(CasePath(folder, file)));
    }
  }
  return seeds;
}

TEST(RobustnessTest, SurvivesRandomDamage) {
  std::cout << "seed " << kSeed << "\n";
  std::mt19937_64 random(kSeed);
  const std::vector<std::string> seeds = Seeds();
  for (int run = 0; run < kRuns; ++run) {
    const std::string text = Mutate(seeds[Below(seeds.size(), &random)], &random);
    SCOPED_TRACE("run " + std::to_string(run));
    v1::Icp icp;
    v1::Lead lead;
    SourceMap map;
    google::protobuf::Message* message = &icp;
    if (run % 2 == 0) message = &lead;
    const std::vector<v1::Issue> issues = ParseYaml(text, "x.yaml", message, &map);
    ASSERT_NO_FATAL_FAILURE(CheckIssues(text, issues)) << text;
    if (!issues.empty()) continue;
    // What was read without a remark must survive being written.
    const std::unique_ptr<google::protobuf::Message> again(message->New());
    const std::string written = FormatYaml(*message);
    ASSERT_EQ(RenderedText(ParseYaml(written, "written", again.get(), nullptr)), "") << text;
    ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*message, *again))
        << text << "\nwritten:\n"
        << written;
  }
}

TEST(RobustnessTest, SurvivesNoise) {
  std::mt19937_64 random(kSeed + 1);
  for (int run = 0; run < kRuns; ++run) {
    std::string text;
    for (int n = Below(40, &random); n > 0; --n) {
      text += Pieces()[Below(Pieces().size(), &random)];
      if (Below(3, &random) == 0) text += "fit";
    }
    SCOPED_TRACE("run " + std::to_string(run));
    v1::Icp icp;
    ASSERT_NO_FATAL_FAILURE(CheckIssues(text, ParseYaml(text, "x.yaml", &icp, nullptr))) << text;
  }
}

TEST(RobustnessTest, LoadingSurvivesRandomDamage) {
  std::mt19937_64 random(kSeed + 2);
  const std::vector<std::string> seeds = Seeds();
  const SystemTimeZones zones;
  for (int run = 0; run < kLoads; ++run) {
    const std::string text = Mutate(seeds[Below(seeds.size(), &random)], &random);
    SCOPED_TRACE("run " + std::to_string(run));
    const LoadedIcp loaded = LoadIcp(text, "x.yaml", zones);
    ASSERT_NO_FATAL_FAILURE(CheckIssues(text, loaded.issues)) << text;
    bool has_error = false;
    for (const v1::Issue& issue : loaded.issues) {
      has_error = has_error || issue.severity() == v1::ISSUE_SEVERITY_ERROR;
    }
    ASSERT_EQ(loaded.icp == nullptr, has_error) << text;
  }
}

}  // namespace
}  // namespace bantam
