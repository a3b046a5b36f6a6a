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
          [field](const std::string& text) -> std::string {
            const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
            if (!address.ok()) return std::string(address.status().message());
            *field = text;
            return "";
          }};
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
      problems->push_back(absl::StrCat("'", extra, "': bantamd takes options only"));
    }
    after_unknown = is_flag && name == extra;
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
  ExplainExtras(app.remaining(), settings, &problems);
  for (size_t i = 0; i < settings.size(); ++i) {
    const std::string flag = "--" + settings[i].name;
    if (app.count(flag) == 0) continue;
    const std::string problem =
        texts[i].empty() ? "must be given a value" : settings[i].set(texts[i]);
    if (problem.empty()) continue;
    problems.push_back(
        absl::StrCat(IsGiven(flag, argc, argv) ? flag : EnvironmentName(settings[i]), ": ", problem,
                     texts[i].empty() ? "" : absl::StrCat(", not '", texts[i], "'")));
  }
  if (problems.empty()) return parsed;
  std::string text;
  for (const std::string& problem : problems) absl::StrAppend(&text, "bantamd: ", problem, "\n");
  return Ends(kExitBadUsage, absl::StrCat(text, "Run 'bantamd --help' for all options.\n"));
}

}  // namespace bantam
