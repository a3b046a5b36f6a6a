#include "client/output/table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr int kGap = 2;
constexpr int kLeastWidth = 8;

}  // namespace

// Natural widths, then the widest that may shrink gives way until all fit; 0: left out.
std::vector<int> Table::Widths(int limit) const {
  std::vector<int> widths(columns_.size(), 0);
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
    }
  }
  int total = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == 0) continue;
    widths[i] = std::max(widths[i], DisplayWidth(columns_[i].title));
    total += widths[i] + kGap;
  }
  total -= kGap;
  while (limit > 0 && total > limit) {
    int widest = -1;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (columns_[i].shrinks && widths[i] > kLeastWidth &&
          (widest < 0 || widths[i] > widths[static_cast<size_t>(widest)])) {
        widest = static_cast<int>(i);
      }
    }
    if (widest < 0) break;
    --widths[static_cast<size_t>(widest)];
    --total;
  }
  return widths;
}

std::string Table::Render(const Style& style) const {
  const std::vector<int> widths = Widths(style.width);
  std::string text;
  const auto append_line = [&](const std::vector<Cell>& cells) {
    std::string line;
    int owed = 0;  // Spaces are written before the next cell, never at the end of a line.
    bool first = true;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (widths[i] == 0) continue;
      if (!first) owed += kGap;
      first = false;
      const std::string cell = Truncate(cells[i].text, widths[i]);
      const int fill = widths[i] - DisplayWidth(cell);
      if (columns_[i].right) owed += fill;
      if (!cell.empty()) {
        absl::StrAppend(&line, std::string(static_cast<size_t>(owed), ' '),
                        Paint(style, cells[i].ink, cell));
        owed = 0;
      }
      if (!columns_[i].right) owed += fill;
    }
    absl::StrAppend(&text, line, "\n");
  };
  std::vector<Cell> header;
  for (const Column& column : columns_) header.push_back({column.title, Ink::kBold});
  append_line(header);
  for (const std::vector<Cell>& row : rows_) append_line(row);
  return text;
}

}  // namespace bantam
