#include "client/output/terminal.h"

#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace bantam {
namespace {

int TerminalWidth() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    return size.ws_col;
  }
  int columns = 0;
  const char* variable = std::getenv("COLUMNS");
  if (variable != nullptr && absl::SimpleAtoi(variable, &columns) && columns > 0) return columns;
  return 0;
}

// The character at `*i`, which moves behind it; malformed bytes give U+FFFD.
UChar32 NextCharacter(absl::string_view text, int32_t* i) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  UChar32 c;
  U8_NEXT_OR_FFFD(bytes, *i, static_cast<int32_t>(text.size()), c);
  return c;
}

int CharacterWidth(UChar32 c) {
  const int type = u_charType(c);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) return 0;
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

}  // namespace

Style StandardOutputStyle(ColorChoice choice) {
  Style style;
  const char* no_color = std::getenv("NO_COLOR");
  const bool refused = (no_color != nullptr && no_color[0] != '\0') || !ShowsControls();
  style.color = choice == ColorChoice::kAlways ||
                (choice == ColorChoice::kAuto && !refused && isatty(STDOUT_FILENO) != 0);
  style.width = TerminalWidth();
  return style;
}

bool ShowsControls() {
  const char* const terminal = std::getenv("TERM");
  return terminal == nullptr || absl::string_view(terminal) != "dumb";
}

bool StandardInputIsTerminal() { return isatty(STDIN_FILENO) != 0; }

bool StandardOutputIsTerminal() { return isatty(STDOUT_FILENO) != 0; }

bool StandardErrorIsTerminal() { return isatty(STDERR_FILENO) != 0; }

std::string Paint(const Style& style, Ink ink, absl::string_view text) {
  if (!style.color || ink == Ink::kPlain) return std::string(text);
  const char* code = "0";
  switch (ink) {
    case Ink::kBold:
      code = "1";
      break;
    case Ink::kDim:
      code = "2";
      break;
    case Ink::kRed:
      code = "31";
      break;
    case Ink::kGreen:
      code = "32";
      break;
    case Ink::kYellow:
      code = "33";
      break;
    case Ink::kCyan:
      code = "36";
      break;
    case Ink::kPlain:
      break;
  }
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  for (int32_t i = 0; i < static_cast<int32_t>(text.size());) {
    width += CharacterWidth(NextCharacter(text, &i));
  }
  return width;
}

std::string Truncate(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width <= 0) return "";
  int used = 0;
  int32_t end = 0;
  for (int32_t i = 0; i < static_cast<int32_t>(text.size());) {
    used += CharacterWidth(NextCharacter(text, &i));
    if (used > width - 1) break;
    end = i;
  }
  return absl::StrCat(text.substr(0, static_cast<size_t>(end)), "…");
}

std::string PadRight(absl::string_view text, int width) {
  const int missing = width - DisplayWidth(text);
  return absl::StrCat(text, std::string(missing > 0 ? static_cast<size_t>(missing) : 0, ' '));
}

std::string PadLeft(absl::string_view text, int width) {
  const int missing = width - DisplayWidth(text);
  return absl::StrCat(std::string(missing > 0 ? static_cast<size_t>(missing) : 0, ' '), text);
}

std::string Printable(absl::string_view text) {
  std::string printable;
  for (int32_t i = 0; i < static_cast<int32_t>(text.size());) {
    const int32_t begin = i;
    const UChar32 c = NextCharacter(text, &i);
    if (u_iscntrl(c) != 0) {
      printable += ' ';
    } else {
      absl::StrAppend(&printable,
                      text.substr(static_cast<size_t>(begin), static_cast<size_t>(i - begin)));
    }
  }
  return printable;
}

std::string Wrap(absl::string_view text, int width, int indent) {
  if (width <= 0) return std::string(text);
  std::string wrapped;
  int column = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const int length = DisplayWidth(word);
    if (column > 0 && column + 1 + length > width) {
      absl::StrAppend(&wrapped, "\n", std::string(static_cast<size_t>(indent), ' '));
      column = 0;
    } else if (column > 0) {
      wrapped += ' ';
      ++column;
    }
    absl::StrAppend(&wrapped, word);
    column += length;
  }
  return wrapped;
}

}  // namespace bantam
