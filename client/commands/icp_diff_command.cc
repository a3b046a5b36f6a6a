#include "client/commands/icp_diff_command.h"

#include <iostream>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "client/commands/catalog_client.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/icp_file.h"
#include "client/commands/icp_operand.h"
#include "client/commands/option_checks.h"
#include "client/commands/revision_choice.h"
#include "client/diff/icp_diff.h"
#include "client/diff/text_diff.h"
#include "client/input/lead_reader.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

// One side of the difference.
struct Side {
  std::string label;
  std::string yaml;
  IcpVersion version;
};

// One run of the command.
class DiffRun {
 public:
  explicit DiffRun(const DiffFlags& flags)
      : flags_(flags), style_(StandardOutputStyle(flags.color)), client_(flags.server) {}

  int Run() {
    if (!StandardInputIsReadOnce({flags_.before, flags_.after})) return kExitUsage;
    before_ = ParseIcpOperand(flags_.before);
    if (flags_.after.empty()) {
      if (!AddOther()) return exit_code_;
    } else {
      after_ = ParseIcpOperand(flags_.after);
    }
    if (!ShareName(before_, &after_) || !ShareName(after_, &before_)) return exit_code_;
    Side before;
    Side after;
    // Problems of both are shown.
    const bool good_before = Read(before_, &before);
    const bool good_after = exit_code_ != kExitUnreachable && Read(after_, &after);
    if (!good_before || !good_after) return exit_code_;
    return Show(before, after);
  }

 private:
  int Fail(int code) {
    exit_code_ = code;
    return code;
  }

  // "@3" is a revision of the other operand's ICP.
  bool ShareName(const IcpOperand& other, IcpOperand* operand) {
    if (operand->is_file() || !operand->name.empty()) return true;
    if (!other.is_file() && !other.name.empty()) {
      operand->name = other.name;
      return true;
    }
    if (other.is_file()) {
      const IcpFiles read = ReadFile(other.file);
      if (read.files.empty()) return false;
      operand->name = read.files[0].name;
      return true;
    }
    PrintNameless(*operand);
    Fail(kExitUsage);
    return false;
  }

  // What a single operand is compared with.
  bool AddOther() {
    if (before_.is_file()) {
      const IcpFiles read = ReadFile(before_.file);
      if (read.files.empty()) return false;
      after_ = std::exchange(before_, IcpOperand{});
      before_.name = read.files[0].name;
      return true;
    }
    after_.name = before_.name;
    if (!before_.revision.empty() || before_.name.empty()) return true;
    return AddOneBefore();
  }

  // The current revision is compared with the one before it, deletions left out.
  bool AddOneBefore() {
    absl::StatusOr<v1::IcpRevision> current = GetIcp(&client_, after_);
    int64_t number = 0;
    absl::Status status = current.status();
    if (status.ok()) {
      // Newer ones than what serves are bad.
      status = client_.ListRevisions(before_.name, 2, [&](const v1::IcpRevisionSummary& entry) {
        if (!entry.deletion() && entry.number() < current->number()) number = entry.number();
        return number == 0;
      });
    }
    if (!status.ok()) {
      Fail(PrintFailedCall(status, client_.server()));
      return false;
    }
    if (number == 0) {
      PrintError(absl::StrCat(before_.name, " has no revision before the current one"));
      Fail(kExitRefused);
      return false;
    }
    before_.revision = absl::StrCat(number);
    current_ = *std::move(current);
    return true;
  }

  // Standard input can be read but once.
  const IcpFiles& ReadFile(const std::string& file) {
    std::unique_ptr<IcpFiles>& read = files_[file == flags_.after ? 1 : 0];
    if (read == nullptr) {
      read = std::make_unique<IcpFiles>(ReadIcpFiles({file}, {}, zones_));
      if (read->files.empty()) Fail(kExitUsage);
    }
    return *read;
  }

  bool Read(const IcpOperand& operand, Side* side) {
    return operand.is_file() ? ReadFromFile(operand.file, side) : ReadFromServer(operand, side);
  }

  bool ReadFromFile(const std::string& file, Side* side) {
    if (flags_.text && files_[0] == nullptr && files_[1] == nullptr) return ReadText(file, side);
    const IcpFiles& read = ReadFile(file);
    if (read.files.empty()) return false;
    side->label = LabelOf(file);
    side->yaml = read.files[0].yaml;
    side->version = read.files[0].version;
    return true;
  }

  // Line by line, also what is no good definition can be compared.
  bool ReadText(const std::string& file, Side* side) {
    absl::StatusOr<std::string> text = ReadInput(file);
    if (!text.ok()) {
      PrintError(text.status().message());
      Fail(kExitUsage);
      return false;
    }
    side->label = LabelOf(file);
    side->yaml = *std::move(text);
    return true;
  }

  bool ReadFromServer(const IcpOperand& operand, Side* side) {
    const bool is_held = operand.revision.empty() && current_.has_value();
    absl::StatusOr<v1::IcpRevision> revision = is_held ? *current_ : GetIcp(&client_, operand);
    if (!revision.ok()) {
      Fail(PrintFailedCall(revision.status(), client_.server()));
      return false;
    }
    side->label = LabelOf(operand, *revision);
    // Line by line, also a bad one can be compared.
    if (!flags_.text) {
      if (const absl::Status good = CheckGood(*revision); !good.ok()) {
        PrintError(absl::StrCat(good.message(), "\n--text compares it line by line"));
        Fail(kExitRefused);
        return false;
      }
      side->version = VersionOf(*revision);
    }
    side->yaml = std::move(*revision->mutable_yaml());
    return true;
  }

  int Show(const Side& before, const Side& after) const {
    if (flags_.text) {
      std::cout << UnifiedDiff(before.yaml, after.yaml, before.label, after.label, style_)
                << std::flush;
      return before.yaml == after.yaml ? kExitOk : kExitSomeFailed;
    }
    std::cout << Paint(style_, Ink::kBold, absl::StrCat(before.label, " → ", after.label)) << "\n";
    if (before.yaml == after.yaml) {
      std::cout << "  no difference" << std::endl;
      return kExitOk;
    }
    const std::vector<IcpChange> changes = DiffIcps(before.version, after.version);
    if (changes.empty()) {
      std::cout << "  the same in effect: only comments, layout or spelt-out defaults changed\n";
    }
    std::cout << RenderChanges(changes, style_, 2) << std::flush;
    return kExitSomeFailed;
  }

  const DiffFlags& flags_;
  const Style style_;
  const SystemTimeZones zones_;
  CatalogClient client_;
  IcpOperand before_;
  IcpOperand after_;
  std::unique_ptr<IcpFiles> files_[2];
  absl::optional<v1::IcpRevision> current_;  // Of a NAME that stands alone.
  int exit_code_ = kExitOk;
};

}  // namespace

int RunIcpDiff(const DiffFlags& flags) { return DiffRun(flags).Run(); }

}  // namespace bantam
