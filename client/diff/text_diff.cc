#include "client/diff/text_diff.h"

// clang-format off: dtl names the standard headers it needs, but not all of them.
#include <algorithm>
#include <cstddef>
#include <dtl/dtl.hpp>
// clang-format on

#include <vector>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr size_t kContext = 3;

struct Line {
  dtl::edit_t type;
  std::string text;
};

// The lines without their ends. Whether the last one is ended is kept by `patch` in a line of its
// own, so it makes the line another one here.
std::vector<std::string> SplitLines(absl::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == absl::string_view::npos) {
      lines.push_back(absl::StrCat(text, "\n\\ No newline at end of file"));
      break;
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// Every line of both texts: what is gone before what is new, where both stand in one place.
std::vector<Line> AlignLines(absl::string_view before, absl::string_view after) {
  dtl::Diff<std::string, std::vector<std::string>> diff(SplitLines(before), SplitLines(after));
  diff.compose();
  std::vector<Line> lines;
  std::vector<Line> added;
  const auto flush = [&lines, &added] {
    lines.insert(lines.end(), added.begin(), added.end());
    added.clear();
  };
  for (const auto& [text, info] : diff.getSes().getSequence()) {
    if (info.type == dtl::SES_ADD) {
      added.push_back({info.type, text});
      continue;
    }
    if (info.type == dtl::SES_COMMON) flush();
    lines.push_back({info.type, text});
  }
  flush();
  return lines;
}

// "12,3" of a hunk's head; a text without lines there is named by the line before it.
std::string Extent(size_t first, size_t count) {
  if (count == 1) return absl::StrCat(first + 1);
  return absl::StrCat(count == 0 ? first : first + 1, ",", count);
}

// Writes the lines [begin, end), which begin at the given lines of the texts.
void AppendHunk(const std::vector<Line>& lines, size_t begin, size_t end, size_t before_line,
                size_t after_line, const Style& style, std::string* text) {
  size_t before_count = 0;
  size_t after_count = 0;
  std::string body;
  for (size_t i = begin; i < end; ++i) {
    const Line& line = lines[i];
    if (line.type != dtl::SES_ADD) ++before_count;
    if (line.type != dtl::SES_DELETE) ++after_count;
    if (line.type == dtl::SES_ADD) {
      absl::StrAppend(&body, Paint(style, Ink::kGreen, absl::StrCat("+", line.text)), "\n");
    } else if (line.type == dtl::SES_DELETE) {
      absl::StrAppend(&body, Paint(style, Ink::kRed, absl::StrCat("-", line.text)), "\n");
    } else {
      absl::StrAppend(&body, " ", line.text, "\n");
    }
  }
  const std::string head = absl::StrCat("@@ -", Extent(before_line, before_count), " +",
                                        Extent(after_line, after_count), " @@");
  absl::StrAppend(text, Paint(style, Ink::kCyan, head), "\n", body);
}

}  // namespace

std::string UnifiedDiff(absl::string_view before, absl::string_view after,
                        absl::string_view before_name, absl::string_view after_name,
                        const Style& style) {
  if (before == after) return "";
  const std::vector<Line> lines = AlignLines(before, after);
  std::string text = absl::StrCat(Paint(style, Ink::kBold, absl::StrCat("--- ", before_name)), "\n",
                                  Paint(style, Ink::kBold, absl::StrCat("+++ ", after_name)), "\n");
  // Of the lines before `i`: how many each text has.
  size_t before_line = 0;
  size_t after_line = 0;
  size_t i = 0;
  const auto step = [&] {
    if (lines[i].type != dtl::SES_ADD) ++before_line;
    if (lines[i].type != dtl::SES_DELETE) ++after_line;
    ++i;
  };
  while (i < lines.size()) {
    if (lines[i].type == dtl::SES_COMMON) {
      step();
      continue;
    }
    // All lines of the context are common ones, so that both texts go back alike.
    size_t lead = 0;
    while (lead < kContext && lead < i && lines[i - lead - 1].type == dtl::SES_COMMON) ++lead;
    const size_t begin = i - lead;
    const size_t hunk_before = before_line - lead;
    const size_t hunk_after = after_line - lead;
    size_t end = i;  // After the last change.
    while (i < lines.size() && i - end <= 2 * kContext) {
      const bool common = lines[i].type == dtl::SES_COMMON;
      step();
      if (!common) end = i;
    }
    AppendHunk(lines, begin, std::min(end + kContext, lines.size()), hunk_before, hunk_after, style,
               &text);
  }
  return text;
}

}  // namespace bantam
