#ifndef BANTAM_CLIENT_OUTPUT_TABLE_H_
#define BANTAM_CLIENT_OUTPUT_TABLE_H_

#include <string>
#include <vector>

#include "client/output/terminal.h"

namespace bantam {

// A table for a terminal. Where it is too wide, its widest columns that may shrink are cut; where
// that is not enough, columns are left out.
class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;    // Numbers stand on the right.
    bool shrinks = false;  // May be cut, down to `least`.
    int leave_out = 0;     // Its turn to be left out, the smallest first. 0: never.
    int least = 8;         // Width below which it says too little.
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
  // The widths for a line of at most `limit` columns; 0: left out.
  std::vector<int> Widths(int limit) const;
  std::vector<int> NaturalWidths() const;
  bool LeaveOutOne(std::vector<int>* natural) const;
  void Shrink(int limit, std::vector<int>* widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_TABLE_H_
