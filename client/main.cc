// The command line of `bantam`: commands and their options → one command that runs.
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/connection_flags.h"
#include "client/commands/evaluate_command.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/icp_commands.h"
#include "client/commands/server_commands.h"
#include "client/commands/watch_command.h"
#include "client/output/standard_output.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/suggest.h"

namespace bantam {
namespace {

void AddHealthCommand(CLI::App* app, Command* chosen) {
  CLI::App* health = app->add_subcommand("health", "Ask a server whether it is serving");
  auto flags = std::make_shared<ServerFlags>();
  flags->AddTo(health);
  health->footer(kExitCodeHelp);
  health->callback([=] { *chosen = [=] { return RunHealth(*flags); }; });
}

// bantamd's options are written with underscores: both spellings are welcome here. And so is
// `bantam help COMMAND` for `bantam COMMAND --help`. Behind `--option=`, CLI11 would take the next
// argument for the value; it is empty.
std::vector<std::string> Arguments(int argc, char** argv) {
  std::vector<std::string> arguments;
  int first = 1;
  for (; first < argc && argv[first] == std::string("help"); ++first) arguments = {"--help"};
  // CLI11 takes them last first.
  for (int i = argc - 1; i >= first; --i) {
    std::string argument = argv[i];
    if (argument.rfind("--", 0) == 0) {
      const auto end = argument.begin() +
                       static_cast<std::ptrdiff_t>(std::min(argument.find('='), argument.size()));
      std::replace(argument.begin(), end, '_', '-');
      if (argument.back() == '=' && end + 1 == argument.end()) {
        argument.pop_back();
        arguments.emplace_back();
      }
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

// The command that was called, as far as its name was understood. Adds what it is called by.
const CLI::App* CommandCalled(const CLI::App& app, std::string* called) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    *called += " " + command->get_name();
  }
  return command;
}

// Names what is no command and, unless `only_commands`, what is no option, with what was perhaps
// meant. False: there is no such thing.
bool ExplainUnknown(const CLI::App& app, bool only_commands) {
  std::string called = "bantam";
  const CLI::App* command = CommandCalled(app, &called);
  std::vector<std::string> commands;
  for (const CLI::App* one : command->get_subcommands(nullptr)) commands.push_back(one->get_name());
  std::vector<std::string> options;
  for (const CLI::Option* option : command->get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
  }
  bool found = false;
  for (const std::string& extra : app.remaining(/*recurse=*/true)) {
    const bool is_option = extra.size() > 1 && extra[0] == '-';
    if (is_option ? only_commands : commands.empty() || found) continue;
    const std::string name = extra.substr(0, extra.find('='));
    std::cerr << called << ": '" << name << "'";
    if (std::find(options.begin(), options.end(), name) != options.end()) {
      std::cerr << " must stand behind the command: " << called << " " << extra << " …\n";
    } else {
      std::cerr << ": no such " << (is_option ? "option" : "command")
                << DidYouMean(name, is_option ? options : commands) << "\n";
    }
    found = true;
  }
  if (found) std::cerr << "Run '" << called << " --help' for all there is.\n";
  return found;
}

// Shows the help of a command that needs another behind it and got none. False: it has none.
bool ShowCommands(const CLI::App& app) {
  std::string called;
  if (CommandCalled(app, &called)->get_subcommands(nullptr).empty()) return false;
  std::cerr << app.help();
  return true;
}

int RunCommand(int argc, char** argv) {
  // gRPC's own lines would stand between ours; what matters comes back as a status. Who looks for a
  // fault in gRPC itself sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  CLI::App app("Qualifies sales leads against ideal customer profiles (ICPs).", "bantam");
  app.require_subcommand(1);
  app.set_version_flag("--version", "bantam, engine " + std::string(kEngineVersion));
  app.footer(std::string("'bantam help COMMAND' explains a command and its options.\n\n") +
             kExitCodeHelp);
  Command chosen;
  AddEvaluateCommands(&app, &chosen);
  AddIcpCommands(&app, &chosen);
  AddHealthCommand(&app, &chosen);
  AddWatchCommand(&app, &chosen);
  try {
    app.parse(Arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    const bool shows_help = error.get_exit_code() == 0;
    if (ExplainUnknown(app, /*only_commands=*/shows_help)) return kExitUsage;
    if (!shows_help && ShowCommands(app)) return kExitUsage;
    // CLI11 has exit codes of its own; ours are documented.
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return chosen();
}

int Main(int argc, char** argv) {
  StandardOutput output;
  const int exit_code = RunCommand(argc, argv);
  if (const absl::Status written = output.Finish(); !written.ok()) {
    PrintError(written.message());
    return kExitUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace bantam

int main(int argc, char** argv) { return bantam::Main(argc, argv); }
