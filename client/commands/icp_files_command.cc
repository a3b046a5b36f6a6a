#include "client/commands/icp_files_command.h"

#include <filesystem>
#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "bantam/v1/icp.pb.h"
#include "client/cases/cases.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/icp_file.h"
#include "client/commands/option_checks.h"
#include "client/files/part_file.h"
#include "client/input/lead_reader.h"
#include "server/definition/load_icp.h"
#include "server/definition/yaml.h"
#include "server/engine/validate.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

std::string Count(int count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// Runs one case after another and keeps count.
class CaseRunner {
 public:
  CaseRunner(bool update_golden, bool verbose) : update_golden_(update_golden), verbose_(verbose) {}

  void Run(const std::string& path) {
    const absl::StatusOr<LoadedCase> loaded = LoadCase(path, zones_);
    if (!loaded.ok()) {
      ++failed_;
      std::cout << loaded.status().message() << "\n";
      return;
    }
    const CaseOutcome outcome = RunCase(*loaded);
    if (outcome.passed()) {
      ++passed_;
      if (verbose_)
        std::cout << "passed  " << path << ": " << loaded->content.description() << "\n";
    } else if (update_golden_) {
      Update(*loaded, outcome);
    } else {
      ++failed_;
      std::cout << "FAILED  " << path << ": " << loaded->content.description() << "\n"
                << RenderDifferences(outcome.differences);
    }
  }

  int Finish() const {
    std::cout << Count(passed_ + failed_ + updated_, "case") << ": " << passed_ << " passed, "
              << failed_ << " failed";
    if (update_golden_) std::cout << ", " << updated_ << " updated";
    std::cout << std::endl;
    if (unwritten_ > 0) return kExitUsage;
    return failed_ == 0 ? kExitOk : kExitSomeFailed;
  }

 private:
  // An update counts only if the case passes with it.
  void Update(const LoadedCase& loaded, const CaseOutcome& outcome) {
    const absl::StatusOr<std::string> text = UpdatedText(loaded, outcome);
    const absl::StatusOr<LoadedCase> again =
        text.ok() ? ParseCase(*text, loaded.file, zones_) : text.status();
    if (!again.ok() || !RunCase(*again).passed()) {
      ++failed_;
      std::cout << "FAILED  " << loaded.file << ": cannot be updated; edit it by hand\n"
                << RenderDifferences(outcome.differences);
      return;
    }
    if (const absl::Status status = WriteWholeFile(loaded.file, *text); !status.ok()) {
      ++failed_;
      ++unwritten_;
      std::cout << "FAILED  " << status.message() << "\n";
      return;
    }
    ++updated_;
    std::cout << "updated " << loaded.file << "\n";
  }

  const SystemTimeZones zones_;
  const bool update_golden_;
  const bool verbose_;
  int passed_ = 0;
  int failed_ = 0;
  int updated_ = 0;
  int unwritten_ = 0;  // Of those that failed.
};

// Checks one file after another and keeps count.
class IcpChecker {
 public:
  // Prints what is wrong with a file, and whether it is good.
  void Check(const std::string& path) {
    const absl::StatusOr<std::string> text = ReadInput(path);
    if (!text.ok()) {
      PrintUnreadable(text.status().message());
      return;
    }
    const LoadedIcp loaded = LoadIcp(*text, path, zones_);
    for (const v1::Issue& issue : loaded.issues) Print(issue);
    if (IsTaken(loaded.name, path, *text) || loaded.icp == nullptr) return;
    std::cout << path << ": good: " << loaded.name << ", revision " << loaded.icp->revision()
              << "\n";
  }

  void PrintUnreadable(absl::string_view problem) {
    PrintError(problem);
    ++unreadable_;
  }

  int Finish(size_t files) const {
    std::cout << Count(static_cast<int>(files), "file") << ": " << Count(errors_, "error") << ", "
              << Count(warnings_, "warning");
    if (unreadable_ > 0) std::cout << ", " << unreadable_ << " not read";
    std::cout << std::endl;
    if (unreadable_ > 0) return kExitUsage;
    return errors_ == 0 ? kExitOk : kExitSomeFailed;
  }

 private:
  void Print(const v1::Issue& issue) {
    ++(issue.severity() == v1::ISSUE_SEVERITY_ERROR ? errors_ : warnings_);
    std::cout << issue.rendered() << "\n";
  }

  // Whether an earlier file has the name, which is printed: no server and no --icps would take
  // both. A file that is named twice is in nobody's way.
  bool IsTaken(const std::string& name, const std::string& path, const std::string& text) {
    if (!IsIcpName(name)) return false;
    const auto [first, is_new] = path_of_.emplace(name, path);
    if (is_new || std::filesystem::path(first->second).lexically_normal() ==
                      std::filesystem::path(path).lexically_normal()) {
      return false;
    }
    v1::Icp icp;
    SourceMap positions;
    ParseYaml(text, path, &icp, &positions);
    Print(LocateIssue(
        v1::ISSUE_SEVERITY_ERROR, "name",
        absl::StrCat("the name '", name, "' is taken by ", first->second, "; names must be unique"),
        text, path, positions));
    return true;
  }

  const SystemTimeZones zones_;
  std::map<std::string, std::string> path_of_;  // By the names of ICPs.
  int errors_ = 0;
  int warnings_ = 0;
  int unreadable_ = 0;
};

}  // namespace

int RunIcpCheck(const std::vector<std::string>& paths) {
  if (!StandardInputIsReadOnce(paths)) return kExitUsage;
  const YamlFiles found = ListIcpFiles(paths);
  IcpChecker checker;
  for (const std::string& problem : found.problems) checker.PrintUnreadable(problem);
  for (const std::string& path : found.files) checker.Check(path);
  return checker.Finish(found.files.size());
}

int RunIcpTest(const std::vector<std::string>& paths, bool update_golden, bool verbose) {
  const absl::StatusOr<std::vector<std::string>> files = ListCases(paths);
  if (!files.ok()) {
    PrintError(files.status().message());
    return kExitUsage;
  }
  CaseRunner runner(update_golden, verbose);
  for (const std::string& file : *files) runner.Run(file);
  return runner.Finish();
}

}  // namespace bantam
