#include "client/commands/watch_command.h"

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/option_checks.h"
#include "client/commands/question.h"
#include "client/output/terminal.h"
#include "client/watch/decision_line.h"
#include "client/watch/file_source.h"
#include "client/watch/redis_source.h"
#include "client/watch/redis_target.h"

namespace bantam {
namespace {

struct WatchFlags {
  std::string file;
  std::string redis;
  std::string stream = "bantam:decisions";
  bool from_start = false;
  std::string since;
  std::string tenant;
  std::vector<std::string> icps;
  std::vector<v1::Verdict> verdicts;
  std::vector<std::string> lead_ids;
  int64_t limit = 0;  // 0: none.
  bool json = false;
  std::string time_zone = "UTC";
};

// Set by Ctrl-C and SIGTERM.
volatile sig_atomic_t interrupted = 0;

void EndOnSignals() {
  // A reader of our output that went away is noticed by the output's state.
  signal(SIGPIPE, SIG_IGN);
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

// What --since says: an instant, or the id of an entry of a stream.
struct Since {
  std::optional<absl::Time> time;
  std::string id;
};

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Whether `text` is the id of an entry of a stream, or its milliseconds.
bool IsEntryId(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '-');
  return parts.size() <= 2 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
           uint64_t number;
           return std::all_of(part.begin(), part.end(), IsDigit) && absl::SimpleAtoi(part, &number);
         });
}

// Nullopt: it is neither. Times without a zone are in `zone`.
std::optional<Since> ParseSince(const std::string& text, absl::TimeZone zone) {
  absl::Duration ago;
  if (IsEntryId(text)) return Since{std::nullopt, text};
  if (text == "now") return Since{absl::Now(), ""};
  if (absl::ParseDuration(text, &ago) && ago >= absl::ZeroDuration()) {
    return Since{absl::Now() - ago, ""};
  }
  const std::optional<absl::Time> time = ParseInstant(text, zone);
  if (!time.has_value()) return std::nullopt;
  return Since{time, ""};
}

std::string CheckSince(const std::string& text) {
  if (ParseSince(text, absl::UTCTimeZone()).has_value()) return "";
  return absl::StrCat(
      "expected a duration such as 10m, a time such as 2026-01-31 or 2026-01-31T09:00:00Z, or the "
      "id of an entry of the stream such as 1790000000123-0, not '",
      text, "'");
}

std::string CheckTimeZone(const std::string& name) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone) ? "" : "expected an IANA name such as Europe/Berlin";
}

// One run of the command.
class WatchRun {
 public:
  explicit WatchRun(const WatchFlags& flags)
      : flags_(flags), style_(StandardOutputStyle(ColorChoice::kAuto)) {
    absl::LoadTimeZone(flags.time_zone, &zone_);
    filter_.tenant = flags.tenant;
    filter_.icps = flags.icps;
    filter_.verdicts = flags.verdicts;
    filter_.lead_ids = flags.lead_ids;
    if (!flags.since.empty()) since_ = ParseSince(flags.since, zone_).value_or(Since());
    if (since_.time.has_value()) filter_.since = *since_.time;
  }

  int Run() {
    const std::unique_ptr<DecisionSource> source = MakeSource();
    if (source == nullptr) return kExitUsage;
    EndOnSignals();
    const absl::Status status =
        source->Follow([this](const std::string& line) { return Take(line); },
                       [] { return interrupted != 0 || std::cout.fail(); },
                       [](const std::string& note) { std::cerr << "note: " << note << "\n"; });
    std::cout << std::flush;
    if (strange_lines_ > 0) {
      std::cerr << "note: " << strange_lines_
                << (strange_lines_ == 1 ? " line was no decision and was passed over\n"
                                        : " lines were no decisions and were passed over\n");
    }
    if (status.ok()) return kExitOk;
    PrintError(status.message());
    if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return kExitUsage;
    return absl::IsUnavailable(status) ? kExitUnreachable : kExitRefused;
  }

 private:
  // Null: the flags are wrong, and it was said why.
  std::unique_ptr<DecisionSource> MakeSource() const {
    if (!flags_.file.empty()) {
      if (!since_.id.empty()) {
        PrintError("--since: a file has no ids; give a time or a duration");
        return nullptr;
      }
      return std::make_unique<FileSource>(flags_.file,
                                          flags_.from_start || since_.time.has_value());
    }
    if (flags_.redis.empty()) {
      PrintError(
          "where are the decisions? Give --redis=redis://host:port (or BANTAM_REDIS) if bantamd "
          "runs with --decision_log=redis://…, or the FILE that it writes; - is standard input, "
          "for what it writes to its standard output");
      return nullptr;
    }
    absl::StatusOr<RedisTarget> target = ParseRedisTarget(flags_.redis);
    if (!target.ok()) {
      PrintError(absl::StrCat("--redis: ", target.status().message()));
      return nullptr;
    }
    return std::make_unique<RedisSource>(*std::move(target), flags_.stream, After());
  }

  // The entry of the stream to begin after. The ids of entries begin with milliseconds.
  std::string After() const {
    if (flags_.from_start) return "0";
    if (!since_.time.has_value()) return since_.id;
    // Redis' clock may be another one; the filter is exact.
    constexpr absl::Duration kMargin = absl::Minutes(1);
    return absl::StrCat(std::max<int64_t>(absl::ToUnixMillis(*since_.time - kMargin), 0));
  }

  // False: there were enough.
  bool Take(const std::string& line) {
    const absl::optional<v1::Decision> decision = ParseDecisionLine(line);
    if (!decision.has_value()) {
      ++strange_lines_;
      return true;
    }
    if (!filter_.Wants(*decision)) return true;
    std::cout << (flags_.json ? line : RenderDecision(*decision, zone_, style_)) << std::endl;
    return ++taken_ != flags_.limit;
  }

  const WatchFlags& flags_;
  const Style style_;
  absl::TimeZone zone_;
  Since since_;
  DecisionFilter filter_;
  int64_t taken_ = 0;
  int64_t strange_lines_ = 0;
};

void AddSource(CLI::App* command, WatchFlags* flags) {
  constexpr char kGroup[] = "Where decisions come from";
  auto* file = command->add_option(
      "FILE", flags->file, "File that 'bantamd --decision_log=FILE' writes; - is standard input");
  command
      ->add_option("--redis", flags->redis,
                   "Redis that 'bantamd --decision_log=redis://…' writes to, "
                   "redis://[[user]:password@]host[:port][/database], or rediss:// for TLS")
      ->type_name("URL")
      ->envname("BANTAM_REDIS")
      ->group(kGroup);
  command->add_option("--stream", flags->stream, "The stream's key in Redis")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(kGroup);
  auto* from_start =
      command
          ->add_flag("--from-start", flags->from_start,
                     "Begin with the oldest decision there is [with the next one that is made]")
          ->group(kGroup);
  command
      ->add_option("--since", flags->since,
                   "Begin with decisions of that time: 10m (ago), 2026-01-31 or "
                   "2026-01-31T09:00:00Z; or after the entry of the stream with this id")
      ->type_name("WHEN")
      ->check(CLI::Validator(CheckSince, ""))
      ->excludes(from_start)
      ->group(kGroup);
  file->type_name("");
}

// Throws CLI::ValidationError if the command line names two sources; the environment may name Redis
// beside a file.
void CheckSource(const CLI::App& command, const WatchFlags& flags) {
  if (flags.file.empty()) return;
  for (const CLI::Option* option : command.parse_order()) {
    if (option->get_name() != "--redis") continue;
    throw CLI::ValidationError(
        "FILE and --redis contradict each other; decisions come from either one or the other");
  }
}

void AddFilterAndOutput(CLI::App* command, WatchFlags* flags) {
  constexpr char kGroup[] = "Which decisions";
  command->add_option("--tenant", flags->tenant, "Of this tenant only")
      ->type_name("TENANT")
      ->transform(TenantName())
      ->group(kGroup);
  command
      ->add_option("--icp", flags->icps,
                   "By this ICP only: tenants/TENANT/icps/ICP, or TENANT/ICP (repeatable)")
      ->type_name("NAME")
      ->transform(IcpName())
      ->allow_extra_args(false)
      ->group(kGroup);
  command
      ->add_option("--verdict", flags->verdicts,
                   "With this verdict only: qualified, open, nurture, disqualified or restricted "
                   "(repeatable)")
      ->transform(OneOf<v1::Verdict>({{"qualified", v1::VERDICT_QUALIFIED},
                                      {"open", v1::VERDICT_OPEN},
                                      {"nurture", v1::VERDICT_NURTURE},
                                      {"disqualified", v1::VERDICT_DISQUALIFIED},
                                      {"restricted", v1::VERDICT_RESTRICTED}}))
      ->type_name("VERDICT")
      ->allow_extra_args(false)
      ->group(kGroup);
  command->add_option("--lead", flags->lead_ids, "About the lead of this id only (repeatable)")
      ->type_name("ID")
      ->allow_extra_args(false)
      ->group(kGroup);
  command->add_option("--limit", flags->limit, "End after N decisions [never]")
      ->type_name("N")
      ->check(FromOne())
      ->group(kGroup);
  command->add_flag("--json", flags->json, "The lines of the log as they are [for people]")
      ->group("Output");
  command
      ->add_option("--time-zone", flags->time_zone,
                   "Zone of times that name none, and of times shown to people")
      ->type_name("ZONE")
      ->check(CLI::Validator(CheckTimeZone, ""))
      ->capture_default_str()
      ->group("Output");
}

}  // namespace

void AddWatchCommand(CLI::App* app, Command* chosen) {
  CLI::App* watch = app->add_subcommand(
      "watch", "Show decisions as they are made, from the decision log of a server");
  auto flags = std::make_shared<WatchFlags>();
  AddSource(watch, flags.get());
  AddFilterAndOutput(watch, flags.get());
  watch->footer(kExitCodeHelp);
  watch->callback([=] {
    CheckSource(*watch, *flags);
    *chosen = [flags] { return WatchRun(*flags).Run(); };
  });
}

}  // namespace bantam
