#include "client/commands/icp_export_command.h"

#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/commands/catalog_client.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/resource_names.h"
#include "client/files/part_file.h"
#include "client/input/lead_reader.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

// Writes the files of one export and keeps count.
class ExportRun {
 public:
  explicit ExportRun(const ExportFlags& flags) : flags_(flags), client_(flags.server) {}

  int Run() {
    std::vector<std::pair<std::string, int64_t>> icps;  // With the numbers of their newest.
    const absl::Status listed = client_.List(flags_.parent, [&icps](const v1::IcpSummary& icp) {
      icps.emplace_back(icp.name(), icp.number());
      return true;
    });
    if (!listed.ok()) return PrintFailedCall(listed, client_.server());
    std::error_code error;
    fs::create_directories(flags_.folder, error);
    if (!fs::is_directory(flags_.folder)) {
      PrintError(absl::StrCat("--to: ", flags_.folder, " is no folder and cannot be made one"));
      return kExitUsage;
    }
    for (const auto& [name, number] : icps) {
      const absl::StatusOr<v1::IcpRevision> icp = client_.GetNewest(name);
      if (!icp.ok() && !absl::IsNotFound(icp.status())) {
        return PrintFailedCall(icp.status(), client_.server());
      }
      if (!icp.ok()) {
        Fail(name, icp.status().message());
        continue;
      }
      Write(*icp);
      if (icp->number() < number) NoteBadNewest(*icp, number);
    }
    std::cout << icps.size() << (icps.size() == 1 ? " ICP: " : " ICPs: ") << written_
              << " written, " << there_ << " there already";
    if (failed_ > 0) std::cout << ", " << failed_ << " not written";
    if (outdated_ > 0) std::cout << ", " << outdated_ << " by an earlier revision";
    std::cout << std::endl;
    return failed_ + outdated_ == 0 ? kExitOk : kExitSomeFailed;
  }

 private:
  // What the server has given is the last good revision, not the newest one.
  void NoteBadNewest(const v1::IcpRevision& icp, int64_t newest) {
    PrintError(absl::StrCat(icp.name(), ": the newest revision, number ", newest,
                            ", is bad; this is number ", icp.number(),
                            ", which serves in its place"));
    ++outdated_;
  }

  void Fail(const std::string& what, absl::string_view why) { Fail(absl::StrCat(what, ": ", why)); }

  void Fail(absl::string_view message) {
    PrintError(message);
    ++failed_;
  }

  void Write(const v1::IcpRevision& icp) {
    // Whatever a server says, nothing is written outside the folder.
    if (!IsIcpName(icp.name())) return Fail(icp.name(), "is no name of an ICP");
    const fs::path path = fs::path(flags_.folder) / (ShortIcpName(icp.name()) + ".yaml");
    std::error_code error;
    if (fs::exists(path, error)) {
      const absl::StatusOr<std::string> held = ReadInput(path.string());
      if (held.ok() && *held == icp.yaml()) {
        ++there_;
        return;
      }
      if (!flags_.force) {
        return Fail(path.string(), "is there and differs; --force overwrites it");
      }
    }
    fs::create_directories(path.parent_path(), error);
    if (error) {
      return Fail(path.parent_path().string(), absl::StrCat("cannot be made: ", error.message()));
    }
    if (const absl::Status status = WriteWholeFile(path.string(), icp.yaml()); !status.ok()) {
      return Fail(status.message());
    }
    ++written_;
  }

  const ExportFlags& flags_;
  CatalogClient client_;
  size_t written_ = 0;
  size_t there_ = 0;
  size_t failed_ = 0;
  size_t outdated_ = 0;
};

}  // namespace

int RunIcpExport(const ExportFlags& flags) { return ExportRun(flags).Run(); }

}  // namespace bantam
