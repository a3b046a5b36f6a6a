// Tables: a header, and a row for each lead.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/input/bound_source.h"
#include "client/input/csv_reader.h"
#include "client/input/input_file.h"
#include "server/definition/source_text.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

class TableReader : public LeadReader {
 public:
  TableReader(InputFile file, char separator)
      : file_(std::move(file.name)),
        notes_(std::move(file.notes)),
        line_count_(file.rest->line_count()),
        rows_(std::make_unique<LineSource>(std::move(file.head), std::move(file.rest),
                                           LineEnds::kAny),
              separator) {}

  absl::Status Load(const InputOptions& options) {
    CsvRow header;
    if (!rows_.Next(&header)) {
      return absl::InvalidArgumentError(absl::StrCat(file_, ": holds no header and no rows"));
    }
    const std::string place = absl::StrCat(file_, ":", header.line);
    if (!header.error.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(place, ": ", header.error));
    }
    // What a file calls its columns goes into messages.
    for (const std::string& name : header.cells) {
      header_.push_back(Printable(Trim(name), name.size()));
    }
    absl::StatusOr<LoadedMapping> own;
    const LoadedMapping* mapping = options.mapping;
    if (mapping == nullptr || LeavesColumnsToHeader(mapping->content)) {
      own = MappingFromHeader(header_, place, mapping);
      if (!own.ok()) return Explain(own.status());
      mapping = &*own;
    }
    absl::StatusOr<std::unique_ptr<LeadMapper>> mapper =
        LeadMapper::Create(*mapping, header_, options.time_zone);
    if (!mapper.ok()) return Explain(mapper.status());
    mapper_ = *std::move(mapper);
    if (!mapper_->unused_columns().empty()) {
      notes_.push_back(
          absl::StrCat(file_, ": columns not used: ", ListColumns(mapper_->unused_columns())));
    }
    return absl::OkStatus();
  }

  bool Next(InputLead* lead) override {
    CsvRow row;
    if (!NextRow(&row)) return false;
    lead->file = file_;
    lead->line = row.line;
    lead->error = Read(row, &lead->lead);
    return true;
  }

  bool Skip() override {
    CsvRow row;
    return NextRow(&row);
  }

  absl::Status status() const override { return InFile(file_, rows_.status()); }
  int64_t ExpectedCount() const override { return std::max<int64_t>(0, line_count_ - 1); }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  // The next row that is not what a spreadsheet leaves of a blank line.
  bool NextRow(CsvRow* row) {
    while (rows_.Next(row)) {
      if (!row->error.empty() ||
          std::any_of(row->cells.begin(), row->cells.end(),
                      [](const std::string& cell) { return !Trim(cell).empty(); })) {
        return true;
      }
    }
    return false;
  }

  // What is wrong with a row; empty: nothing.
  std::string Read(const CsvRow& row, v1::Lead* lead) const {
    lead->Clear();
    if (!row.error.empty()) return row.error;
    if (row.cells.size() != header_.size()) {
      return absl::StrCat("has ", row.cells.size(), row.cells.size() == 1 ? " cell" : " cells",
                          " where the header has ", header_.size(),
                          "; a value that holds the separator must be in quotes");
    }
    return absl::StrJoin(mapper_->Map(row.cells, lead), "; ");
  }

  // A header of one column is mostly a separator that was not guessed.
  absl::Status Explain(const absl::Status& status) const {
    if (header_.size() != 1) return status;
    return absl::InvalidArgumentError(
        absl::StrCat(status.message(), "\n", file_,
                     ": note: the whole header is one column; if that is wrong, name the "
                     "separator with --separator"));
  }

  const std::string file_;
  std::vector<std::string> notes_;
  const int64_t line_count_;
  CsvReader rows_;
  std::vector<std::string> header_;
  std::unique_ptr<LeadMapper> mapper_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LeadReader>> ReadTable(InputFile file, char separator,
                                                      const InputOptions& options) {
  size_t size;
  if (const char named = SeparatorLine(file.head, &size); named != '\0') {
    // What is left of the line is blank: the rows keep their numbers.
    file.head.erase(0, size);
    if (options.separator.empty()) separator = named;
  }
  if (separator == '\0') separator = DetectSeparator(file.head);
  auto reader = std::make_unique<TableReader>(std::move(file), separator);
  if (absl::Status status = reader->Load(options); !status.ok()) return status;
  return reader;
}

}  // namespace bantam
