// Checks of what options are given. Their messages say what was expected, in our words: CLI11's own
// print its tables.
#ifndef BANTAM_CLIENT_COMMANDS_OPTION_CHECKS_H_
#define BANTAM_CLIENT_COMMANDS_OPTION_CHECKS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/output/terminal.h"

namespace bantam {

// "'xml' is none of card, table; did you mean …?"
std::string NoneOf(const std::string& text, const std::vector<std::string>& names);

// For transform(): one of the names of `choices`, in small or capital letters, becomes the number
// of the enumerator beside it.
template <typename Enum>
CLI::Validator OneOf(std::vector<std::pair<std::string, Enum>> choices) {
  const auto replace = [choices = std::move(choices)](std::string& text) -> std::string {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
      if (absl::EqualsIgnoreCase(text, name)) {
        text = absl::StrCat(static_cast<int>(value));
        return "";
      }
      names.push_back(name);
    }
    return NoneOf(text, names);
  };
  return CLI::Validator(replace, "");
}

// For transform(): one of `names`, in small or capital letters, becomes the name as it stands here.
CLI::Validator OneOf(std::vector<std::string> names);

// Adds --color.
CLI::Option* AddColor(CLI::App* command, ColorChoice* color);

// What --at of every command says of itself.
inline constexpr char kAtHelp[] = "Instant to evaluate at, such as 2026-01-31T00:00:00Z [now]";

// For check(): a whole number of at least 1.
CLI::Validator FromOne();

// For transform(): the name of an ICP, in full or as TENANT/ICP, becomes the full one.
CLI::Validator IcpName();

// For transform(): `tenants/TENANT` or TENANT becomes the former; `or_all`: so does -, for all.
CLI::Validator TenantName(bool or_all = false);

// For check(): any text but an empty one, which is mostly a variable of a script that is not set.
// `otherwise`: what it is to be replaced by, such as "the etag that …; leave the option away for
// …".
CLI::Validator NotEmpty(std::string otherwise = "a value; or leave the option out");

// Whether "-" stands at most once among `files`; else this is printed.
bool StandardInputIsReadOnce(const std::vector<std::string>& files);

// For check(): text in UTF-8, as the messages of the contract hold it.
CLI::Validator Utf8();

// For check(): one line of UTF-8 of at most `max_bytes` without control characters.
CLI::Validator OneLine(size_t max_bytes);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_OPTION_CHECKS_H_
