#include "client/commands/change_flags.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/commands/option_checks.h"
#include "client/output/terminal.h"

namespace bantam {
namespace {

constexpr size_t kMaxAuthorBytes = 256;  // The contract's bound.

// What --author of `command` may be. CLI11 checks $USER for commands that were not called as well.
CLI::Validator Author(const CLI::App* command) {
  const auto check = [command](const std::string& text) -> std::string {
    if (!command->parsed()) return "";
    const std::string problem = OneLine(kMaxAuthorBytes)(text);
    const auto given = command->parse_order();
    if (problem.empty() || std::any_of(given.begin(), given.end(), [](const CLI::Option* option) {
          return option->get_name() == "--author";
        })) {
      return problem;
    }
    return absl::StrCat("cannot be taken from $USER (", problem, "); give --author");
  };
  return CLI::Validator(check, "");
}

}  // namespace

void ChangeFlags::AddTo(CLI::App* command, bool asks, bool single) {
  constexpr char kGroup[] = "Change";
  command->add_option("-m,--comment", comment, "Why, for the history [nothing]")
      ->type_name("TEXT")
      ->check(Utf8())
      ->group(kGroup);
  command->add_option("--author", author, "Who, for the history")
      ->type_name("NAME")
      ->envname("USER")
      ->check(Author(command))
      ->group(kGroup);
  auto* force_option =
      command->add_flag("--force", force, "Whatever the state is by then [no]")->group(kGroup);
  if (single) {
    command
        ->add_option(
            "--etag", etag,
            "The state that is changed, as `icp get --json` and, if the newest revision is "
            "bad, `icp history --json` name it; refused if another is current [the "
            "current one]")
        ->type_name("ETAG")
        ->check(NotEmpty("the etag of the state that is changed; leave the option away to change "
                         "whatever is current"))
        ->check(Utf8())
        ->excludes(force_option)
        ->group(kGroup);
  }
  if (asks) {
    command->add_flag("-y,--yes", yes, "Do not ask, on a terminal either [no]")->group(kGroup);
  }
  command->add_flag("--json", json, "The server's answer, one JSON object on each line [words]")
      ->group("Output");
  server.AddTo(command);
}

bool Confirm(const ChangeFlags& flags, const std::string& question) {
  if (flags.yes || !StandardInputIsTerminal() || !StandardErrorIsTerminal()) return true;
  std::cout << std::flush;
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  const absl::string_view word = absl::StripAsciiWhitespace(answer);
  return absl::EqualsIgnoreCase(word, "y") || absl::EqualsIgnoreCase(word, "yes");
}

}  // namespace bantam
