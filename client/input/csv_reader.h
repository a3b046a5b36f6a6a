// CSV in any separator → rows with the line they start in. A thin layer over libcsv.
#ifndef BANTAM_CLIENT_INPUT_CSV_READER_H_
#define BANTAM_CLIENT_INPUT_CSV_READER_H_

#include <csv.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/input/line_source.h"

namespace bantam {

// One row.
struct CsvRow {
  int line = 0;  // In which it starts, from 1; a row may span several.
  std::vector<std::string> cells;
  std::string error;  // Not empty: the row cannot be read, and has no cells.
};

// Reads rows one by one. Blank lines are skipped, cells without quotes are trimmed.
class CsvReader {
 public:
  // `lines` are in UTF-8 and have any end.
  CsvReader(std::unique_ptr<LineSource> lines, char separator);

  // The same for a text at hand.
  CsvReader(absl::string_view text, char separator);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // The next row; false: there is none. A row with an error ends at its line, and the next row
  // starts in the line below.
  bool Next(CsvRow* row);

  // Once there is no further row: whether the text was read to its end.
  const absl::Status& status() const { return lines_->status(); }

 private:
  static void OnCell(void* data, size_t length, void* self);
  static void OnRow(int terminator, void* self);
  void FeedLine(absl::string_view line);
  void Finish();
  void Fail(absl::string_view message);
  void InitParser(char separator);

  const std::unique_ptr<LineSource> lines_;
  csv_parser parser_;
  CsvRow current_;
  size_t current_bytes_ = 0;
  int line_ = 0;         // Of the line that was fed last.
  bool in_row_ = false;  // A quoted cell goes on in the next line.
  bool finished_ = false;
  std::deque<CsvRow> ready_;
};

// The separator that the first line of `text` names for spreadsheets, as in "sep=;" (a tab may be
// written \t); 0: it is no such line. `*size`, if not null: the length of that line, without its
// end.
char SeparatorLine(absl::string_view text, size_t* size);

// The separator among , ; tab and | that gives the first rows of `text` the same number of cells,
// more than one; of several the one that gives the most. A comma if none does.
char DetectSeparator(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_CSV_READER_H_
