#include "client/input/lead_reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/input/csv_reader.h"
#include "client/input/encoding.h"
#include "client/mapping.pb.h"
#include "server/definition/yaml.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

// What all formats share.
class ReaderBase : public LeadReader {
 public:
  ReaderBase(std::string text, std::string file, std::vector<std::string> notes)
      : text_(std::move(text)), file_(std::move(file)), notes_(std::move(notes)) {}

  const std::vector<BadRow>& bad_rows() const override { return bad_rows_; }
  const std::vector<std::string>& notes() const override { return notes_; }

 protected:
  void AddBadRow(int line, std::string message) {
    bad_rows_.push_back({file_, line, std::move(message)});
  }

  const std::string text_;
  const std::string file_;
  std::vector<std::string> notes_;

 private:
  std::vector<BadRow> bad_rows_;
};

absl::string_view FirstLine(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return text.substr(0, text.find_first_of("\r\n"));
}

// Whether the first line could be the header of a table, and is no YAML or JSON.
bool LooksLikeTable(absl::string_view text) {
  const absl::string_view line = FirstLine(text);
  return line.find_first_of(",;\t|") != absl::string_view::npos && !absl::StrContains(line, ": ") &&
         !absl::EndsWith(line, ":") && !absl::StartsWith(line, "- ") &&
         !absl::StartsWith(line, "{") && !absl::StartsWith(line, "[") &&
         !absl::StartsWith(line, "#");
}

// YAML and JSON: one document with one lead or a list of leads.
class DocumentReader : public ReaderBase {
 public:
  using ReaderBase::ReaderBase;

  absl::Status Load() {
    const bool list = HoldsList();
    std::vector<v1::Issue> issues = list ? ParseYaml(text_, file_, &leads_, &positions_)
                                         : ParseYaml(text_, file_, leads_.add_leads(), &positions_);
    if (!issues.empty()) {
      if (LooksLikeTable(text_)) {
        return absl::InvalidArgumentError(absl::StrCat(
            file_, ": looks like CSV, not like YAML or JSON; read it with --format=csv"));
      }
      std::vector<std::string> rendered;
      for (const v1::Issue& issue : issues) rendered.push_back(issue.rendered());
      return absl::InvalidArgumentError(absl::StrJoin(rendered, "\n"));
    }
    if (list && leads_.leads().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(file_, ": holds no leads"));
    }
    single_ = !list;
    return absl::OkStatus();
  }

  bool Next(InputLead* lead) override {
    if (next_ >= leads_.leads_size()) return false;
    lead->file = file_;
    lead->line = single_ ? 1 : positions_.Find(absl::StrCat("leads[", next_, "]")).line;
    lead->lead = std::move(*leads_.mutable_leads(next_++));
    return true;
  }

  int64_t ExpectedCount() const override { return leads_.leads_size(); }

 private:
  // A list, or a document with the key `leads` (which no lead has).
  bool HoldsList() const {
    for (absl::string_view rest = text_; !rest.empty();) {
      const size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
      const absl::string_view line = absl::StripAsciiWhitespace(rest.substr(0, end));
      if (rest.front() != ' ' && !line.empty() && line.front() != '#' && line != "---" &&
          line.front() != '%') {
        return absl::StartsWith(line, "leads:") || absl::StartsWith(line, "- ") || line == "-" ||
               line.front() == '[' || StartsWithLeadsKey(rest);
      }
      rest.remove_prefix(end);
    }
    return false;
  }

  // {"leads": …
  static bool StartsWithLeadsKey(absl::string_view text) {
    text = absl::StripLeadingAsciiWhitespace(text);
    if (!absl::ConsumePrefix(&text, "{")) return false;
    text = absl::StripLeadingAsciiWhitespace(text);
    return absl::StartsWith(text, "\"leads\"") || absl::StartsWith(text, "leads:");
  }

  client::LeadList leads_;
  SourceMap positions_;
  bool single_ = false;
  int next_ = 0;
};

// One JSON object per line.
class NdjsonReader : public ReaderBase {
 public:
  NdjsonReader(std::string text, std::string file, std::vector<std::string> notes)
      : ReaderBase(std::move(text), std::move(file), std::move(notes)), rest_(text_) {}

  bool Next(InputLead* lead) override {
    while (!rest_.empty()) {
      const size_t end = std::min(rest_.find('\n'), rest_.size() - 1) + 1;
      const absl::string_view line = absl::StripAsciiWhitespace(rest_.substr(0, end));
      rest_.remove_prefix(end);
      ++line_;
      if (line.empty()) continue;
      const std::vector<v1::Issue> issues = ParseYaml(line, file_, &lead->lead, nullptr);
      if (!issues.empty()) {
        std::vector<std::string> messages;
        for (const v1::Issue& issue : issues) {
          messages.push_back(issue.column() > 0
                                 ? absl::StrCat("column ", issue.column(), ": ", issue.message())
                                 : issue.message());
        }
        AddBadRow(line_, absl::StrJoin(messages, "; "));
        continue;
      }
      lead->file = file_;
      lead->line = line_;
      return true;
    }
    return false;
  }

  int64_t ExpectedCount() const override {
    return std::count(text_.begin(), text_.end(), '\n') + (absl::EndsWith(text_, "\n") ? 0 : 1);
  }

 private:
  absl::string_view rest_;
  int line_ = 0;
};

// Tables.
class TableReader : public ReaderBase {
 public:
  TableReader(std::string text, std::string file, std::vector<std::string> notes, char separator)
      : ReaderBase(std::move(text), std::move(file), std::move(notes)), rows_(text_, separator) {}

  absl::Status Load(const InputOptions& options) {
    CsvRow header;
    if (!rows_.Next(&header)) {
      return absl::InvalidArgumentError(absl::StrCat(file_, ": holds no header and no rows"));
    }
    if (!header.error.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(file_, ":", header.line, ": ", header.error));
    }
    for (std::string& name : header.cells) header_.emplace_back(Trim(name));
    absl::StatusOr<LoadedMapping> own;
    if (options.mapping == nullptr) {
      own = MappingFromHeader(header_);
      if (!own.ok()) return Explain(own.status());
    }
    absl::StatusOr<std::unique_ptr<LeadMapper>> mapper = LeadMapper::Create(
        options.mapping == nullptr ? *own : *options.mapping, header_, options.time_zone);
    if (!mapper.ok()) return Explain(mapper.status());
    mapper_ = *std::move(mapper);
    if (!mapper_->unused_columns().empty()) {
      notes_.push_back(absl::StrCat(
          file_, ": columns not used: ", absl::StrJoin(mapper_->unused_columns(), ", ")));
    }
    return absl::OkStatus();
  }

  bool Next(InputLead* lead) override {
    CsvRow row;
    while (rows_.Next(&row)) {
      if (!row.error.empty()) {
        AddBadRow(row.line, row.error);
        continue;
      }
      if (std::all_of(row.cells.begin(), row.cells.end(),
                      [](const std::string& cell) { return Trim(cell).empty(); })) {
        continue;  // What a spreadsheet leaves of a blank line.
      }
      if (row.cells.size() != header_.size()) {
        AddBadRow(row.line, absl::StrCat("has ", row.cells.size(), " cells where the header has ",
                                         header_.size(),
                                         "; a value that holds the separator must be in quotes"));
        continue;
      }
      const std::vector<std::string> problems = mapper_->Map(row.cells, &lead->lead);
      if (!problems.empty()) {
        AddBadRow(row.line, absl::StrJoin(problems, "; "));
        continue;
      }
      lead->file = file_;
      lead->line = row.line;
      return true;
    }
    return false;
  }

  int64_t ExpectedCount() const override {
    return std::max<int64_t>(
        0, std::count(text_.begin(), text_.end(), '\n') - (absl::EndsWith(text_, "\n") ? 1 : 0));
  }

 private:
  // A header of one column is mostly a separator that was not guessed.
  absl::Status Explain(const absl::Status& status) const {
    std::string message(status.message());
    if (header_.size() == 1) {
      absl::StrAppend(&message, "\n", file_,
                      ": note: the whole header is one column; if that is wrong, name the "
                      "separator with --separator");
    }
    return absl::InvalidArgumentError(
        absl::StartsWith(message, "no column") ? absl::StrCat(file_, ": ", message) : message);
  }

  CsvReader rows_;
  std::vector<std::string> header_;
  std::unique_ptr<LeadMapper> mapper_;
};

LeadFormat FormatByName(absl::string_view file) {
  const std::string name = absl::AsciiStrToLower(file);
  if (absl::EndsWith(name, ".yaml") || absl::EndsWith(name, ".yml")) return LeadFormat::kYaml;
  if (absl::EndsWith(name, ".json")) return LeadFormat::kJson;
  if (absl::EndsWith(name, ".ndjson") || absl::EndsWith(name, ".jsonl")) return LeadFormat::kNdjson;
  if (absl::EndsWith(name, ".csv")) return LeadFormat::kCsv;
  if (absl::EndsWith(name, ".tsv") || absl::EndsWith(name, ".tab")) return LeadFormat::kTsv;
  return LeadFormat::kDetect;
}

// JSON objects on lines of their own.
bool LooksLikeNdjson(absl::string_view text) {
  const absl::string_view first = FirstLine(text);
  if (!absl::StartsWith(first, "{") || !absl::EndsWith(absl::StripAsciiWhitespace(first), "}")) {
    return false;
  }
  const absl::string_view start = absl::StripLeadingAsciiWhitespace(text);
  const absl::string_view rest = absl::StripLeadingAsciiWhitespace(start.substr(first.size()));
  return absl::StartsWith(rest, "{");
}

LeadFormat FormatByContent(absl::string_view text) {
  if (LooksLikeNdjson(text)) return LeadFormat::kNdjson;
  return LooksLikeTable(text) ? LeadFormat::kCsv : LeadFormat::kYaml;
}

// The separator that is asked for; 0: detect it.
char SeparatorOf(const InputOptions& options, LeadFormat format) {
  std::string separator = options.separator;
  if (separator.empty() && options.mapping != nullptr) {
    separator = options.mapping->content.formats().separator();
  }
  if (separator.empty()) return format == LeadFormat::kTsv ? '\t' : '\0';
  return separator == "tab" || separator == "\\t" ? '\t' : separator[0];
}

absl::StatusOr<std::unique_ptr<LeadReader>> OpenTable(std::string text, const std::string& file,
                                                      std::vector<std::string> notes,
                                                      LeadFormat format,
                                                      const InputOptions& options) {
  char separator = SeparatorOf(options, format);
  if (separator == '\0') separator = DetectSeparator(text);
  auto reader = std::make_unique<TableReader>(std::move(text), file, std::move(notes), separator);
  if (absl::Status status = reader->Load(options); !status.ok()) return status;
  return reader;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LeadReader>> ReadLeads(std::string bytes, const std::string& file,
                                                      const InputOptions& options) {
  std::string encoding = options.encoding;
  if (encoding.empty() && options.mapping != nullptr) {
    encoding = options.mapping->content.formats().encoding();
  }
  absl::StatusOr<DecodedText> decoded = DecodeText(std::move(bytes), encoding);
  if (!decoded.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": ", decoded.status().message()));
  }
  if (absl::StripAsciiWhitespace(decoded->text).empty()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": is empty"));
  }
  std::vector<std::string> notes;
  if (decoded->guessed) {
    notes.push_back(absl::StrCat(file, ": is not UTF-8; read as ", decoded->encoding,
                                 " (if that is wrong, name it with --encoding)"));
  }
  LeadFormat format = options.format;
  if (format == LeadFormat::kDetect) format = FormatByName(file);
  if (format == LeadFormat::kDetect) format = FormatByContent(decoded->text);
  switch (format) {
    case LeadFormat::kCsv:
    case LeadFormat::kTsv:
      return OpenTable(std::move(decoded->text), file, std::move(notes), format, options);
    case LeadFormat::kNdjson:
      return std::make_unique<NdjsonReader>(std::move(decoded->text), file, std::move(notes));
    default: {
      auto reader =
          std::make_unique<DocumentReader>(std::move(decoded->text), file, std::move(notes));
      if (absl::Status status = reader->Load(); !status.ok()) return status;
      return reader;
    }
  }
}

absl::StatusOr<std::unique_ptr<LeadReader>> OpenLeads(const std::string& path,
                                                      const InputOptions& options) {
  absl::StatusOr<std::string> bytes = ReadInput(path);
  if (!bytes.ok()) return bytes.status();
  return ReadLeads(*std::move(bytes), path == "-" ? "(standard input)" : path, options);
}

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  std::ostringstream bytes;
  if (path == "-") {
    bytes << std::cin.rdbuf();
    return bytes.str();
  }
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is a folder, not a file"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  bytes << file.rdbuf();
  return bytes.str();
}

}  // namespace bantam
