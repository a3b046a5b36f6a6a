#include "client/input/csv_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace bantam {
namespace {

constexpr unsigned char kOptions = CSV_STRICT | CSV_STRICT_FINI;

bool IsBlank(absl::string_view line) {
  return line.find_first_not_of(" \t\r\n") == absl::string_view::npos;
}

}  // namespace

CsvReader::CsvReader(absl::string_view text, char separator)
    : CsvReader(std::make_unique<LineSource>(std::string(text), nullptr, LineEnds::kAny),
                separator) {}

CsvReader::CsvReader(std::unique_ptr<LineSource> lines, char separator) : lines_(std::move(lines)) {
  InitParser(separator);
}

CsvReader::~CsvReader() { csv_free(&parser_); }

bool CsvReader::Next(CsvRow* row) {
  while (ready_.empty() && !finished_) {
    absl::string_view line;
    if (lines_->Next(&line)) {
      FeedLine(line);
    } else {
      Finish();
    }
  }
  if (ready_.empty()) return false;
  *row = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

// libcsv counts no lines: it is fed one at a time.
void CsvReader::FeedLine(absl::string_view line) {
  ++line_;
  if (!in_row_) {
    // One that is too long is empty.
    if (!line.empty() && IsBlank(line)) return;
    current_ = CsvRow();
    current_.line = line_;
    current_bytes_ = 0;
    in_row_ = true;
  }
  current_bytes_ += line.size();
  if (line.empty() || current_bytes_ > kMaxRecordBytes) {
    return Fail(absl::StrCat("the row has more than ", kMaxRecordBytes,
                             " bytes; does a value in quotes never end?"));
  }
  if (csv_parse(&parser_, line.data(), line.size(), &OnCell, &OnRow, this) < line.size()) {
    Fail(
        "a quote stands in the middle of a value; put the whole value in quotes and double the "
        "quotes in it");
  }
}

void CsvReader::Finish() {
  finished_ = true;
  if (csv_fini(&parser_, &OnCell, &OnRow, this) != 0) {
    Fail("a value in quotes that starts in this row never ends; the rest of the file went into it");
  }
}

void CsvReader::Fail(absl::string_view message) {
  CsvRow row;
  row.line = current_.line;
  row.error = std::string(message);
  ready_.push_back(std::move(row));
  in_row_ = false;
  const char separator = static_cast<char>(csv_get_delim(&parser_));
  csv_free(&parser_);
  InitParser(separator);
}

void CsvReader::InitParser(char separator) {
  csv_init(&parser_, kOptions);
  csv_set_delim(&parser_, static_cast<unsigned char>(separator));
  // A long value is moved each time that it has grown by this many bytes; libcsv's own choice is
  // 128.
  csv_set_blk_size(&parser_, size_t{64} << 10);
}

void CsvReader::OnCell(void* data, size_t length, void* self) {
  static_cast<CsvReader*>(self)->current_.cells.emplace_back(static_cast<const char*>(data),
                                                             length);
}

void CsvReader::OnRow(int terminator, void* self) {
  auto* reader = static_cast<CsvReader*>(self);
  reader->ready_.push_back(std::move(reader->current_));
  reader->current_ = CsvRow();
  reader->in_row_ = false;
}

char SeparatorLine(absl::string_view text, size_t* size) {
  absl::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (size != nullptr) *size = line.size();
  if (absl::ConsumePrefix(&line, "\"") && !absl::ConsumeSuffix(&line, "\"")) return '\0';
  if (!absl::StartsWithIgnoreCase(line, "sep=")) return '\0';
  line.remove_prefix(4);
  if (line == "\\t") return '\t';
  return line.size() == 1 && line[0] != '"' ? line[0] : '\0';
}

char DetectSeparator(absl::string_view text) {
  constexpr int kRows = 20;
  char best = ',';
  size_t best_rows = 0;
  size_t best_cells = 1;
  for (const char separator : {',', ';', '\t', '|'}) {
    CsvReader reader(text, separator);
    CsvRow row;
    size_t cells = 0;
    size_t rows = 0;  // With as many cells as the first.
    for (int i = 0; i < kRows && reader.Next(&row); ++i) {
      if (i == 0) cells = row.cells.size();
      rows += row.cells.size() == cells ? 1 : 0;
    }
    if (cells > 1 && std::make_pair(rows, cells) > std::make_pair(best_rows, best_cells)) {
      best = separator;
      best_rows = rows;
      best_cells = cells;
    }
  }
  return best;
}

}  // namespace bantam
