#include "server/options.h"

#include <cstdlib>
#include <functional>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/suggest.h"
#include "server/option_settings.h"
#include "server/rpc/listen_address.h"

namespace bantam {
namespace {

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

// Whether `word` is an argument.
bool IsGivenAs(const std::string& word, int argc, const char* const* argv) {
  return std::find(argv + 1, argv + argc, word) != argv + argc;
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

void CheckTransport(const Options& options, std::vector<std::string>* problems) {
  const bool has_tls = !options.tls_cert.empty() || !options.tls_key.empty();
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    problems->push_back("--tls_cert and --tls_key: both are needed, or neither");
  }
  if (has_tls && options.insecure) {
    problems->push_back("--insecure: contradicts --tls_cert; leave one of them out");
  }
  const std::pair<const char*, const std::string*> with_tls[] = {
      {"--tls_client_ca", &options.tls_client_ca},
      {"--access_policy", &options.access_policy},
      {"--tokens", &options.tokens}};
  for (const auto& [name, value] : with_tls) {
    if (has_tls || value->empty()) continue;
    problems->push_back(absl::StrCat(name,
                                     ": needs TLS, since without it nobody can prove who "
                                     "they are; give --tls_cert and --tls_key as well"));
  }
  if (!has_tls && !options.insecure && !IsLoopback(options.listen)) {
    problems->push_back(absl::StrCat(
        "--listen=", options.listen,
        ": other machines reach this address; give --tls_cert and --tls_key, or --insecure if "
        "something else protects it"));
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
  if (command == Command::kServe) CheckTransport(options, problems);
}

ParsedOptions Ends(ExitCode code, std::string text) {
  ParsedOptions parsed;
  parsed.ends = true;
  parsed.exit_code = code;
  parsed.text = std::move(text);
  return parsed;
}

}  // namespace

absl::Status OptionError(absl::string_view option, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("--", option, ": ", status.message()));
}

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
    if (settings[i].may_be_empty && IsGivenAs(flag + "=", argc, argv)) continue;
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
