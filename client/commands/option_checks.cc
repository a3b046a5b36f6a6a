#include "client/commands/option_checks.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "client/commands/failure.h"
#include "client/commands/resource_names.h"
#include "server/engine/suggest.h"
#include "server/engine/validate.h"

namespace bantam {

std::string NoneOf(const std::string& text, const std::vector<std::string>& names) {
  return absl::StrCat("'", text, "' is none of ", absl::StrJoin(names, ", "),
                      DidYouMean(text, names));
}

CLI::Validator OneOf(std::vector<std::string> names) {
  const auto replace = [names = std::move(names)](std::string& text) -> std::string {
    for (const std::string& name : names) {
      if (!absl::EqualsIgnoreCase(text, name)) continue;
      text = name;
      return "";
    }
    return NoneOf(text, names);
  };
  return CLI::Validator(replace, "");
}

CLI::Option* AddColor(CLI::App* command, ColorChoice* color) {
  return command
      ->add_option("--color", *color,
                   "auto (on a terminal, unless NO_COLOR is set or TERM is dumb), always or never "
                   "[auto]")
      ->transform(OneOf<ColorChoice>({{"auto", ColorChoice::kAuto},
                                      {"always", ColorChoice::kAlways},
                                      {"never", ColorChoice::kNever}}))
      ->type_name("WHEN");
}

CLI::Validator FromOne() {
  const auto check = [](const std::string& text) -> std::string {
    int64_t number;
    if (absl::SimpleAtoi(text, &number) && number >= 1) return "";
    return absl::StrCat("expected a whole number of at least 1, not '", text, "'");
  };
  return CLI::Validator(check, "");
}

CLI::Validator IcpName() {
  const auto replace = [](std::string& text) -> std::string {
    const std::string name = FullIcpName(text);
    if (!IsIcpName(name)) {
      return absl::StrCat("'", text,
                          "' is no name of an ICP; write TENANT/ICP, both in lower-case letters, "
                          "digits and hyphens");
    }
    text = name;
    return "";
  };
  return CLI::Validator(replace, "");
}

CLI::Validator TenantName(bool or_all) {
  const auto replace = [or_all](std::string& text) -> std::string {
    const std::string name = FullTenantName(text);
    if (!IsTenantName(name) && !(or_all && name == FullTenantName("-"))) {
      return absl::StrCat("'", text,
                          "' is no tenant; expected lower-case letters, digits and hyphens",
                          or_all ? ", or - for all" : "");
    }
    text = name;
    return "";
  };
  return CLI::Validator(replace, "");
}

CLI::Validator NotEmpty(std::string otherwise) {
  const auto check = [otherwise = std::move(otherwise)](const std::string& text) -> std::string {
    return text.empty() ? absl::StrCat("is empty; expected ", otherwise) : "";
  };
  return CLI::Validator(check, "");
}

bool StandardInputIsReadOnce(const std::vector<std::string>& files) {
  if (std::count(files.begin(), files.end(), "-") <= 1) return true;
  PrintError("- stands more than once; standard input can be read only once");
  return false;
}

CLI::Validator Utf8() {
  const auto check = [](const std::string& text) -> std::string {
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    const auto size = static_cast<int32_t>(text.size());
    for (int32_t i = 0; i < size;) {
      UChar32 character;
      U8_NEXT(bytes, i, size, character);
      if (character < 0) return "expected text in UTF-8";
    }
    return "";
  };
  return CLI::Validator(check, "");
}

CLI::Validator OneLine(size_t max_bytes) {
  const auto check = [max_bytes](const std::string& text) -> std::string {
    const auto is_control = [](char c) {
      return absl::ascii_iscntrl(static_cast<unsigned char>(c));
    };
    if (text.size() > max_bytes) return absl::StrCat("expected at most ", max_bytes, " bytes");
    if (std::any_of(text.begin(), text.end(), is_control)) {
      return "expected one line without control characters";
    }
    return Utf8()(text);
  };
  return CLI::Validator(check, "");
}

}  // namespace bantam
