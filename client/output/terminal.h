// What a terminal shows: colour, and how much room text takes.
#ifndef BANTAM_CLIENT_OUTPUT_TERMINAL_H_
#define BANTAM_CLIENT_OUTPUT_TERMINAL_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bantam {

// When to use colour.
enum class ColorChoice { kAuto, kAlways, kNever };

// How text for people is laid out.
struct Style {
  bool color = false;

  // Columns of the terminal; 0: no limit.
  int width = 0;
};

// The style for standard output: colour with kAuto only on a terminal that ShowsControls(), and
// without NO_COLOR (set to anything but the empty text) in the environment; the width of the
// terminal, else COLUMNS, else no limit.
Style StandardOutputStyle(ColorChoice choice);

// Whether the terminal heeds control sequences: TERM says "dumb" of those that do not.
bool ShowsControls();

bool StandardInputIsTerminal();
bool StandardOutputIsTerminal();
bool StandardErrorIsTerminal();

enum class Ink { kPlain, kBold, kDim, kGreen, kYellow, kRed, kCyan };

// `text` in colour, if the style has any.
std::string Paint(const Style& style, Ink ink, absl::string_view text);

// Columns that `text` (UTF-8) takes: two for wide East Asian characters and emoji, none for
// combining marks.
int DisplayWidth(absl::string_view text);

// `text` cut to at most `width` columns, the last of them "…" where something was cut.
std::string Truncate(absl::string_view text, int width);

// `text` filled with spaces to `width` columns, on the right or on the left.
std::string PadRight(absl::string_view text, int width);
std::string PadLeft(absl::string_view text, int width);

// `text` without control characters, which could drive the terminal; each becomes a space.
std::string Printable(absl::string_view text);

// `text` in lines of at most `width` columns (0: one line), broken at spaces, all but the first
// indented by `indent` spaces.
std::string Wrap(absl::string_view text, int width, int indent);

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_TERMINAL_H_
