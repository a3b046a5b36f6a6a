// NDJSON: a JSON object on each line.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/input/input_file.h"
#include "client/input/line_source.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

// `message` without the line that it names at its end: it is counted within the row, which has one.
absl::string_view WithoutLine(absl::string_view message) {
  if (!absl::ConsumeSuffix(&message, "; the first is on line 1")) {
    absl::ConsumeSuffix(&message, " on line 1");
  }
  return message;
}

class NdjsonReader : public LeadReader {
 public:
  explicit NdjsonReader(InputFile file)
      : file_(std::move(file.name)),
        notes_(std::move(file.notes)),
        line_count_(file.rest->line_count()),
        lines_(std::move(file.head), std::move(file.rest), LineEnds::kLf) {}

  bool Next(InputLead* lead) override {
    absl::string_view line;
    if (!NextLine(&line)) return false;
    lead->file = file_;
    lead->line = line_;
    lead->error = Parse(line, &lead->lead);
    return true;
  }

  bool Skip() override {
    absl::string_view line;
    return NextLine(&line);
  }

  absl::Status status() const override { return InFile(file_, lines_.status()); }
  int64_t ExpectedCount() const override { return line_count_; }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  // The next line that is not blank; empty: it is too long.
  bool NextLine(absl::string_view* line) {
    while (lines_.Next(line)) {
      ++line_;
      if (line->empty()) return true;
      *line = absl::StripAsciiWhitespace(*line);
      if (!line->empty()) return true;
    }
    return false;
  }

  // What is wrong with a line; empty: nothing.
  std::string Parse(absl::string_view line, v1::Lead* lead) const {
    lead->Clear();
    if (line.empty()) return absl::StrCat("the line has more than ", kMaxRecordBytes, " bytes");
    if (!absl::StartsWith(line, "{")) return "expected a JSON object, from { to }, on each line";
    std::vector<std::string> messages;
    for (const v1::Issue& issue : ParseYaml(line, file_, lead, nullptr)) {
      const absl::string_view message = WithoutLine(issue.message());
      messages.push_back(issue.column() > 0 ? absl::StrCat("column ", issue.column(), ": ", message)
                                            : std::string(message));
    }
    return absl::StrJoin(messages, "; ");
  }

  const std::string file_;
  const std::vector<std::string> notes_;
  const int64_t line_count_;
  LineSource lines_;
  int line_ = 0;
};

}  // namespace

std::unique_ptr<LeadReader> ReadNdjson(InputFile file) {
  return std::make_unique<NdjsonReader>(std::move(file));
}

}  // namespace bantam
