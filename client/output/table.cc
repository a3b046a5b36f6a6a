#include "client/output/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr int kGap = 2;

// Of a whole line.
int LineWidth(const std::vector<int>& widths) {
  int line = 0;
  for (const int width : widths) line += width > 0 ? width + kGap : 0;
  return line - kGap;
}

}  // namespace

std::vector<int> Table::NaturalWidths() const {
  std::vector<int> widths(columns_.size(), 0);
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
    }
  }
  for (size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] > 0) widths[i] = std::max(widths[i], DisplayWidth(columns_[i].title));
  }
  return widths;
}

// False: there is none left that may go.
bool Table::LeaveOutOne(std::vector<int>* natural) const {
  int first = -1;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if ((*natural)[i] == 0 || columns_[i].leave_out == 0) continue;
    if (first < 0 || columns_[i].leave_out < columns_[static_cast<size_t>(first)].leave_out) {
      first = static_cast<int>(i);
    }
  }
  if (first < 0) return false;
  (*natural)[static_cast<size_t>(first)] = 0;
  return true;
}

// The widest that may shrink gives way until all fit, or none may any more.
void Table::Shrink(int limit, std::vector<int>* widths) const {
  for (int over = LineWidth(*widths) - limit; over > 0; --over) {
    int widest = -1;
    for (size_t i = 0; i < widths->size(); ++i) {
      if (columns_[i].shrinks && (*widths)[i] > columns_[i].least &&
          (widest < 0 || (*widths)[i] > (*widths)[static_cast<size_t>(widest)])) {
        widest = static_cast<int>(i);
      }
    }
    if (widest < 0) return;
    --(*widths)[static_cast<size_t>(widest)];
  }
}

std::vector<int> Table::Widths(int limit) const {
  std::vector<int> natural = NaturalWidths();
  while (limit > 0) {
    std::vector<int> widths = natural;
    Shrink(limit, &widths);
    if (LineWidth(widths) <= limit || !LeaveOutOne(&natural)) return widths;
  }
  return natural;
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
