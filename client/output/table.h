#ifndef BANTAM_CLIENT_OUTPUT_TABLE_H_
#define BANTAM_CLIENT_OUTPUT_TABLE_H_

#include <string>
#include <vector>

#include "client/output/terminal.h"

namespace bantam {

// A table for a terminal. Where it is too wide, its widest columns that may shrink are cut.
class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;    // Numbers stand on the right.
    bool shrinks = false;  // May be cut, down to 8 columns.
  };
  struct Cell {
    std::string text;
    Ink ink = Ink::kPlain;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void AddRow(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

  bool empty() const { return rows_.empty(); }

  // The table with its header, each line ended. Columns that are empty in every row are left out.
  std::string Render(const Style& style) const;

 private:
  std::vector<int> Widths(int limit) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_TABLE_H_
