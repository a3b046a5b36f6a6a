#include "server/options.h"

#include <cstdlib>
#include <functional>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/suggest.h"
#include "server/rpc/listen_address.h"

namespace bantam {
namespace {

// How one field of Options is shown and set.
struct Setting {
  std::string name;    // Without dashes.
  std::string values;  // What stands for the value in --help.
  std::string help;
  std::string default_text;
  bool is_switch = false;
  bool is_secret = false;  // Whether its value is kept out of messages.

  // Sets the field from a text, or says what was expected ("must be …").
  std::function<std::string(const std::string& text)> set;
};

std::string EnvironmentName(const Setting& setting) {
  return absl::StrCat("BANTAM_", absl::AsciiStrToUpper(setting.name));
}

Setting Text(std::string name, std::string values, std::string help, std::string* field) {
  return {std::move(name),
          std::move(values),
          std::move(help),
          *field,
          false,
          false,
          [field](const std::string& text) -> std::string {
            *field = text;
            return "";
          }};
}

Setting Number(std::string name, absl::string_view help, int min, int max, int* field) {
  const std::string range = absl::StrCat("[", min, ", ", max, "]");
  return {std::move(name),
          "NUMBER",
          absl::StrCat(help, " Range: ", range, "."),
          absl::StrCat(*field),
          false,
          false,
          [field, min, max, range](const std::string& text) -> std::string {
            int value;
            if (!absl::SimpleAtoi(text, &value) || value < min || value > max) {
              return absl::StrCat("must be a whole number within ", range);
            }
            *field = value;
            return "";
          }};
}

Setting Switch(std::string name, std::string help, bool* field) {
  return {std::move(name),
          "",
          std::move(help),
          *field ? "true" : "false",
          true,
          false,
          [field](const std::string& text) -> std::string {
            return absl::SimpleAtob(text, field) ? "" : "must be true or false";
          }};
}

template <typename Enum>
Setting Choice(std::string name, std::string help,
               std::vector<std::pair<std::string, Enum>> choices, Enum* field) {
  std::string values, default_text;
  for (const auto& [text, value] : choices) {
    absl::StrAppend(&values, values.empty() ? "" : "|", text);
    if (value == *field) default_text = text;
  }
  return {std::move(name),
          values,
          std::move(help),
          default_text,
          false,
          false,
          [field, choices, values](const std::string& text) -> std::string {
            for (const auto& [choice, value] : choices) {
              if (choice != text) continue;
              *field = value;
              return "";
            }
            return absl::StrCat("must be one of ", values);
          }};
}

Setting Address(std::string name, std::string help, std::string* field) {
  return {std::move(name),
          "HOST:PORT",
          std::move(help),
          *field,
          false,
          false,
          [field](const std::string& text) -> std::string {
            const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
            if (!address.ok()) return std::string(address.status().message());
            *field = text;
            return "";
          }};
}

// An address that may hold a password, so that it is not shown in messages.
Setting Url(std::string name, std::string values, std::string help,
            std::vector<std::string> schemes, std::string* field) {
  Setting setting = Text(std::move(name), std::move(values), std::move(help), field);
  setting.is_secret = true;
  setting.set = [field, schemes = std::move(schemes)](const std::string& text) -> std::string {
    for (const std::string& scheme : schemes) {
      if (!absl::StartsWith(text, scheme)) continue;
      *field = text;
      return "";
    }
    return absl::StrCat("must start with ", absl::StrJoin(schemes, " or "));
  };
  return setting;
}

// All settings, in the order of Options.
std::vector<Setting> Settings(Options* options) {
  return {
      Address("listen", "Where to listen; [ADDRESS]:PORT for IPv6; port 0: any free one.",
              &options->listen),
      Text("port_file", "FILE", "Write the port to this file once the server is ready.",
           &options->port_file),
      Text("icps", "DIR", "Directory of the ICPs (*.yaml, *.yml); reloaded when they change.",
           &options->icps),
      Switch("strict", "Do not start if any ICP file is bad. Else it is logged and left out.",
             &options->strict),
      Url("icp_source", "URL",
          "Where the ICPs are kept instead of a directory: postgres://user@host:port/database.",
          {"postgres://", "postgresql://"}, &options->icp_source),
      Url("redis", "URL",
          "Cache that all replicas share, with --icp_source: redis://[user:password@]host:port/db.",
          {"redis://", "rediss://"}, &options->redis),
      Text("redis_prefix", "TEXT",
           "What the keys in Redis start with; each database needs one of its own.",
           &options->redis_prefix),
      Number("redis_timeout_ms",
             "How long a call waits for Redis before it goes on to the database.", 1, 1000,
             &options->redis_timeout_ms),
      Number("postgres_connections", "Most connections to the database.", 1, 100,
             &options->postgres_connections),
      Number("load_timeout_ms",
             "How long one load from the database may take; then its callers get UNAVAILABLE.", 100,
             60000, &options->load_timeout_ms),
      Number("change_poll_ms", "How often the database is asked what changed.", 50, 60000,
             &options->change_poll_ms),
      Number("cache_mib", "Most memory that ICPs from a database may take here, in MiB.", 1,
             1024 * 1024, &options->cache_mib),
      Number("max_staleness_seconds",
             "How old an ICP may become while the database cannot be reached; then calls are "
             "UNAVAILABLE. 0: the last good definition serves for ever.",
             0, 30 * 24 * 3600, &options->max_staleness_seconds),
      Choice<Preload>("preload",
                      "Which ICPs from a database are loaded before the server is ready.",
                      {{"none", Preload::kNone}, {"used", Preload::kUsed}, {"all", Preload::kAll}},
                      &options->preload),
      Number("preload_seconds", "How long that may take at most.", 1, 600,
             &options->preload_seconds),
      Number(
          "threads",
          "Completion queues, each with three threads, and as many workers for large requests. 0: "
          "as many as processors may be used (the container's quota counts).",
          0, 256, &options->threads),
      Number("max_request_bytes", "Largest request; a larger one is RESOURCE_EXHAUSTED.", 1024,
             64 * 1024 * 1024, &options->max_request_bytes),
      Number("max_batch_leads", "Most leads of one batch; more are INVALID_ARGUMENT.", 1, 100000,
             &options->max_batch_leads),
      Number("max_concurrent_streams",
             "Most calls at a time on one connection; further ones wait at the caller.", 1, 100000,
             &options->max_concurrent_streams),
      Number("drain_seconds",
             "How long calls in flight may go on after SIGTERM or SIGINT; then they are cancelled.",
             0, 3600, &options->drain_seconds),
      Number("reload_poll_seconds",
             "How often the directory is looked through even if the system tells of no change.", 1,
             3600, &options->reload_poll_seconds),
      Choice<LogFormat>("log_format", "What log lines (standard error) look like.",
                        {{"human", LogFormat::kHuman}, {"json", LogFormat::kJson}},
                        &options->log_format),
      Choice<LogLevel>("log_level", "The least that is logged.",
                       {{"debug", LogLevel::kDebug},
                        {"info", LogLevel::kInfo},
                        {"warning", LogLevel::kWarning},
                        {"error", LogLevel::kError}},
                       &options->log_level),
  };
}

constexpr char kFooter[] =
    "bantamd migrate --icp_source=URL sets up the database, or brings it to this version, and "
    "ends.\n"
    "Every option can also be given by the environment variable shown; the command line wins.\n"
    "Signals: SIGTERM and SIGINT let calls in flight finish, then end the server; a second one\n"
    "ends it at once.\n"
    "Exit codes: 0 ended as told; 1 could not start; 2 bad options; 3 ended by a second signal.";

constexpr int kHelpColumn = 34;

// `text` in lines that fit beside the options' names into 100 columns.
std::string Wrap(absl::string_view text) {
  std::string wrapped;
  size_t width = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (width + word.size() > 100 - kHelpColumn) {
      wrapped.back() = '\n';
      width = 0;
    }
    absl::StrAppend(&wrapped, word, " ");
    width += word.size() + 1;
  }
  wrapped.pop_back();
  return wrapped;
}

std::string HelpText(const Setting& setting) {
  if (setting.default_text.empty()) return Wrap(setting.help);
  return Wrap(absl::StrCat(setting.help, " Default: ", setting.default_text, "."));
}

// Describes `settings` to the library, which puts what was given for each into `texts`.
void Describe(const std::vector<Setting>& settings, std::vector<std::string>* texts,
              CLI::App* app) {
  app->set_help_flag("--help", "Show this and end.");
  app->set_version_flag("--version", absl::StrCat("bantamd, engine ", kEngineVersion),
                        "Show the version and end.");
  app->footer(kFooter);
  app->allow_extras();
  app->get_formatter()->column_width(kHelpColumn);
  for (size_t i = 0; i < settings.size(); ++i) {
    const Setting& setting = settings[i];
    const std::string flag = "--" + setting.name;
    CLI::Option* option = setting.is_switch ? app->add_flag(flag, (*texts)[i], HelpText(setting))
                                            : app->add_option(flag, (*texts)[i], HelpText(setting));
    if (!setting.is_switch) option->type_name(setting.values)->expected(0, 1);
    option->envname(EnvironmentName(setting))
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

// Whether `flag` ("--listen") is among the arguments, not only in the environment.
bool IsGiven(const std::string& flag, int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i] == flag || absl::StartsWith(argv[i], flag + "=")) return true;
  }
  return false;
}

// A line for each argument that no option took.
void ExplainExtras(const std::vector<std::string>& extras, const std::vector<Setting>& settings,
                   std::vector<std::string>* problems) {
  std::vector<std::string> flags = {"--help", "--version"};
  for (const Setting& setting : settings) flags.push_back("--" + setting.name);
  bool after_unknown = false;
  for (const std::string& extra : extras) {
    const bool is_flag = absl::StartsWith(extra, "-") && extra.size() > 1;
    const std::string name = extra.substr(0, extra.find('='));
    if (is_flag) {
      problems->push_back(absl::StrCat(name, ": no such option", DidYouMean(name, flags)));
    } else if (!after_unknown) {  // Else it is the value of the unknown flag before.
      problems->push_back(
          absl::StrCat("'", extra, "': no such command; there is 'migrate', or none to serve"));
    }
    after_unknown = is_flag && name == extra;
  }
}

// A line for each thing that single options cannot tell.
void CheckTogether(Command command, const Options& options, std::vector<std::string>* problems) {
  if (command == Command::kMigrate && options.icp_source.empty()) {
    problems->push_back("migrate: --icp_source must say which database");
  }
  if (!options.redis.empty() && options.icp_source.empty()) {
    problems->push_back(
        "--redis: is of use with --icp_source only, since a directory is held in memory as a "
        "whole; leave it out");
  }
}

ParsedOptions Ends(ExitCode code, std::string text) {
  ParsedOptions parsed;
  parsed.ends = true;
  parsed.exit_code = code;
  parsed.text = std::move(text);
  return parsed;
}

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) {
  ParsedOptions parsed;
  const std::vector<Setting> settings = Settings(&parsed.options);
  std::vector<std::string> texts(settings.size());
  CLI::App app("bantamd: scores, qualifies and advances sales leads over gRPC.", "bantamd");
  Describe(settings, &texts, &app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Ends(kExitOk, app.help());
  } catch (const CLI::CallForVersion&) {
    return Ends(kExitOk, absl::StrCat(app.version(), "\n"));
  } catch (const CLI::ParseError& error) {
    return Ends(kExitBadUsage, absl::StrCat("bantamd: ", error.what(), "\n"));
  }
  std::vector<std::string> problems;
  std::vector<std::string> extras = app.remaining();
  if (!extras.empty() && extras.front() == "migrate") {
    parsed.command = Command::kMigrate;
    extras.erase(extras.begin());
  }
  ExplainExtras(extras, settings, &problems);
  for (size_t i = 0; i < settings.size(); ++i) {
    const std::string flag = "--" + settings[i].name;
    if (app.count(flag) == 0) continue;
    const std::string problem =
        texts[i].empty() ? "must be given a value" : settings[i].set(texts[i]);
    if (problem.empty()) continue;
    problems.push_back(absl::StrCat(
        IsGiven(flag, argc, argv) ? flag : EnvironmentName(settings[i]), ": ", problem,
        texts[i].empty() || settings[i].is_secret ? "" : absl::StrCat(", not '", texts[i], "'")));
  }
  CheckTogether(parsed.command, parsed.options, &problems);
  if (problems.empty()) return parsed;
  std::string text;
  for (const std::string& problem : problems) absl::StrAppend(&text, "bantamd: ", problem, "\n");
  return Ends(kExitBadUsage, absl::StrCat(text, "Run 'bantamd --help' for all options.\n"));
}

}  // namespace bantam
