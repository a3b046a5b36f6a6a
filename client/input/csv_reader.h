// CSV in any separator → rows with the line they start in. A thin layer over libcsv.
#ifndef BANTAM_CLIENT_INPUT_CSV_READER_H_
#define BANTAM_CLIENT_INPUT_CSV_READER_H_

#include <csv.h>

#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

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
  // `text` (UTF-8) must outlive the reader.
  CsvReader(absl::string_view text, char separator);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // The next row; false: there is none. A row with an error ends at its line, and the next row
  // starts in the line below.
  bool Next(CsvRow* row);

 private:
  static void OnCell(void* data, size_t length, void* self);
  static void OnRow(int terminator, void* self);
  void FeedLine();
  void Finish();
  void Fail(absl::string_view message);

  absl::string_view rest_;
  csv_parser parser_;
  CsvRow current_;
  int line_ = 0;         // Of the line that was fed last.
  bool in_row_ = false;  // A quoted cell goes on in the next line.
  bool finished_ = false;
  std::deque<CsvRow> ready_;
};

// The separator among , ; tab and | that gives the first rows of `text` the same number of cells,
// more than one; of several the one that gives the most. A comma if none does.
char DetectSeparator(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_CSV_READER_H_
