#include "client/commands/icp_put_command.h"

#include <iostream>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "client/commands/catalog_client.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/icp_file.h"
#include "client/commands/option_checks.h"
#include "client/commands/revision_choice.h"
#include "client/output/result_writer.h"
#include "client/output/table.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

constexpr size_t kMaxFileNameBytes = 256;  // The contract's bound.

enum class Effect { kNew, kChanged, kUnchanged };

const char* EffectWord(Effect effect) {
  switch (effect) {
    case Effect::kNew:
      return "new";
    case Effect::kChanged:
      return "changed";
    case Effect::kUnchanged:
      return "unchanged";
  }
  return "";
}

Ink EffectInk(Effect effect) {
  return effect == Effect::kNew       ? Ink::kGreen
         : effect == Effect::kChanged ? Ink::kYellow
                                      : Ink::kDim;
}

// What will become of one file.
struct Plan {
  IcpFile file;
  Effect effect = Effect::kNew;
  std::string etag;
  v1::IcpRevision current;         // What serves; empty: nothing does.
  int64_t bad_number = 0;          // Of the newest revision, if that is bad and does not serve.
  std::vector<IcpChange> changes;  // Of what it means; none where only comments changed.
};

// Whether the next file would fare no better.
bool ConcernsAll(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return true;
    default:
      return false;
  }
}

std::string Count(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// One run of put or import.
class PutRun {
 public:
  PutRun(const PutFlags& flags, std::string tenant, bool is_import)
      : flags_(flags),
        tenant_(std::move(tenant)),
        is_import_(is_import),
        client_(flags.change.server),
        style_(StandardOutputStyle(ColorChoice::kAuto)) {}

  int Run(const std::vector<std::string>& paths) {
    if (!flags_.change.etag.empty() && paths.size() > 1) {
      PrintError("--etag goes with exactly one file");
      return kExitUsage;
    }
    if (!StandardInputIsReadOnce(paths)) return kExitUsage;
    const SystemTimeZones zones;
    IcpFiles read = ReadIcpFiles(paths, {tenant_, /*show_warnings=*/!is_import_}, zones);
    if (read.unreadable + read.bad > 0) {
      const int not_good = read.unreadable + read.bad;
      PrintError(absl::StrCat(not_good, " of ", Count(paths.size(), "file"), " cannot be saved as ",
                              not_good == 1 ? "it is" : "they are", "; nothing was saved"));
      return read.unreadable > 0 ? kExitUsage : kExitSomeFailed;
    }
    if (is_import_ && read.warnings > 0) {
      std::cerr << "note: the ICPs have warnings (" << read.warnings
                << "); `bantam icp check` shows them\n";
    }
    single_ = read.files.size() == 1;
    for (IcpFile& file : read.files) {
      if (!MakePlan(std::move(file))) return exit_code_;
    }
    if (is_import_ && !flags_.change.json) ShowPlans();
    for (const Plan& plan : plans_) {
      if (!Carry(plan)) break;
    }
    if (!flags_.change.json && (is_import_ || !single_)) ShowSummary();
    return exit_code_;
  }

 private:
  // Compares a file with what is there. False: the run is over.
  bool MakePlan(IcpFile file) {
    Plan plan;
    // The newest entry first: what is read after it is no older, unless the newest one is bad.
    const absl::StatusOr<v1::IcpRevisionSummary> newest = client_.NewestEntry(file.name);
    // Who may not see the history can do without, as long as the newest one is good.
    if (!newest.ok() && !absl::IsNotFound(newest.status()) &&
        !absl::IsPermissionDenied(newest.status())) {
      exit_code_ = PrintFailedCall(newest.status(), client_.server());
      return false;
    }
    absl::StatusOr<v1::IcpRevision> current = client_.GetNewest(file.name);
    if (!current.ok() && !absl::IsNotFound(current.status())) {
      exit_code_ = PrintFailedCall(current.status(), client_.server());
      return false;
    }
    if (current.ok()) {
      plan.current = *std::move(current);
      plan.etag = plan.current.etag();
      plan.effect = plan.current.yaml() == file.yaml ? Effect::kUnchanged : Effect::kChanged;
      plan.changes = DiffIcps(VersionOf(plan.current), file.version);
    }
    if (newest.ok() && !newest->deletion() && newest->number() > plan.current.number()) {
      plan.bad_number = newest->number();
      plan.etag = newest->etag();
      plan.effect = Effect::kChanged;
    }
    if (const std::string etag = flags_.change.Etag(); !etag.empty()) plan.etag = etag;
    plan.file = std::move(file);
    ShowBadNewest(plan);
    plans_.push_back(std::move(plan));
    return true;
  }

  static void ShowBadNewest(const Plan& plan) {
    if (plan.bad_number == 0) return;
    std::cerr << "note: the newest revision of " << plan.file.name << ", number " << plan.bad_number
              << ", is bad; it is compared with "
              << (plan.current.number() > 0
                      ? absl::StrCat("number ", plan.current.number(),
                                     ", which serves in its place")
                      : std::string("nothing, since none serves in its place"))
              << "\n";
  }

  // Saves a file as planned. False: the rest is not worth trying.
  bool Carry(const Plan& plan) {
    if (!flags_.change.json && !is_import_) ShowChanges(plan);
    if (plan.effect == Effect::kUnchanged && !flags_.change.json) {
      ++counts_[static_cast<size_t>(plan.effect)];
      return true;
    }
    const absl::StatusOr<v1::SaveIcpResponse> saved = client_.Save(Request(plan));
    if (!saved.ok()) {
      std::cout << std::flush;
      if (!single_) PrintError(absl::StrCat(plan.file.path, " was not saved:"));
      const int code = PrintFailedCall(saved.status(), client_.server());
      exit_code_ =
          single_ || ConcernsAll(saved.status()) ? code : static_cast<int>(kExitSomeFailed);
      ++failed_;
      return !ConcernsAll(saved.status());
    }
    ++counts_[static_cast<size_t>(plan.effect)];
    if (flags_.change.json) {
      std::cout << ToJson(*saved, /*pretty=*/false) << "\n";
    } else if (!is_import_) {
      std::cout << "  " << Outcome(*saved) << "\n";
    }
    return true;
  }

  v1::SaveIcpRequest Request(const Plan& plan) const {
    v1::SaveIcpRequest request;
    request.set_yaml(plan.file.yaml);
    request.set_etag(plan.etag);
    request.set_author(flags_.change.author);
    request.set_comment(flags_.change.comment);
    request.set_validate_only(flags_.dry_run);
    const std::string& path = plan.file.path;
    const std::string name = path.size() <= kMaxFileNameBytes
                                 ? path
                                 : path.substr(path.rfind('/') + 1).substr(0, kMaxFileNameBytes);
    if (Utf8()(name).empty()) request.set_file(name);
    return request;
  }

  void ShowChanges(const Plan& plan) const {
    std::cout << Paint(style_, Ink::kBold, plan.file.name) << ": "
              << Paint(style_, EffectInk(plan.effect), EffectWord(plan.effect)) << "\n";
    if (plan.effect != Effect::kChanged || plan.current.name().empty()) return;
    if (plan.changes.empty()) {
      std::cout << "  the same in effect: only comments, layout or spelt-out defaults change\n";
    }
    std::cout << RenderChanges(plan.changes, style_, 2);
  }

  std::string Outcome(const v1::SaveIcpResponse& saved) const {
    const std::string revision = ShortRevision(saved.icp().revision());
    if (flags_.dry_run) return absl::StrCat("would be saved: revision ", revision);
    return absl::StrCat("saved as number ", saved.icp().number(), ", revision ", revision);
  }

  void ShowPlans() const {
    Table table({{"name"}, {"plan"}, {"file", false, true}});
    for (const Plan& plan : plans_) {
      std::string what = EffectWord(plan.effect);
      if (plan.effect == Effect::kChanged) {
        absl::StrAppend(&what,
                        plan.current.name().empty() ? ""
                        : plan.changes.empty()
                            ? " (not in effect)"
                            : absl::StrCat(" (", Count(plan.changes.size(), "difference"), ")"));
      }
      table.AddRow({{plan.file.name}, {what, EffectInk(plan.effect)}, {Printable(plan.file.path)}});
    }
    std::cout << table.Render(style_) << std::flush;
  }

  void ShowSummary() const {
    std::vector<std::string> parts;
    for (const Effect effect : {Effect::kNew, Effect::kChanged, Effect::kUnchanged}) {
      parts.push_back(absl::StrCat(counts_[static_cast<size_t>(effect)], " ", EffectWord(effect)));
    }
    if (failed_ > 0) parts.push_back(absl::StrCat(failed_, " failed"));
    size_t done = failed_;
    for (const size_t count : counts_) done += count;
    if (done < plans_.size()) parts.push_back(absl::StrCat(plans_.size() - done, " not tried"));
    std::cout << Count(plans_.size(), "file") << ": " << absl::StrJoin(parts, ", ")
              << (flags_.dry_run ? "; nothing was saved (--dry-run)" : "") << std::endl;
  }

  const PutFlags& flags_;
  const std::string tenant_;
  const bool is_import_;
  CatalogClient client_;
  const Style style_;
  bool single_ = false;
  std::vector<Plan> plans_;
  size_t counts_[3] = {0, 0, 0};  // By effect.
  size_t failed_ = 0;
  int exit_code_ = kExitOk;
};

}  // namespace

int RunIcpPut(const PutFlags& flags) {
  return PutRun(flags, "", /*is_import=*/false).Run(flags.files);
}

int RunIcpImport(const ImportFlags& flags) {
  const YamlFiles found = ListIcpFiles(flags.put.files);
  if (!found.problems.empty()) {
    for (const std::string& problem : found.problems) PrintError(problem);
    // What is wrong with the other files is said as well.
    ReadIcpFiles(found.files, {flags.tenant, /*show_warnings=*/false}, SystemTimeZones());
    PrintError("nothing was saved");
    return kExitUsage;
  }
  return PutRun(flags.put, flags.tenant, /*is_import=*/true).Run(found.files);
}

}  // namespace bantam
