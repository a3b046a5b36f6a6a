// YAML and JSON: one document with one lead or a list of leads.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/input/input_file.h"
#include "client/mapping.pb.h"
#include "server/definition/found_issues.h"
#include "server/definition/parse_document.h"
#include "server/definition/source_text.h"

namespace bantam {
namespace {

// {"leads": …
bool StartsWithLeadsKey(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  if (!absl::ConsumePrefix(&text, "{")) return false;
  text = absl::StripLeadingAsciiWhitespace(text);
  return absl::StartsWith(text, "\"leads\"") || absl::StartsWith(text, "leads:");
}

// What a document is.
enum class Shape {
  kLead,
  kList,   // A list of leads.
  kLeads,  // A map with the key `leads`, which no lead has.
};

Shape ShapeOf(absl::string_view text) {
  for (absl::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const absl::string_view line = absl::StripAsciiWhitespace(rest.substr(0, end));
    if (rest.front() != ' ' && !line.empty() && line.front() != '#' && line != "---" &&
        line.front() != '%') {
      if (absl::StartsWith(line, "- ") || line == "-" || line.front() == '[') return Shape::kList;
      return absl::StartsWith(line, "leads:") || StartsWithLeadsKey(rest) ? Shape::kLeads
                                                                          : Shape::kLead;
    }
    rest.remove_prefix(end);
  }
  return Shape::kLead;
}

class DocumentReader : public LeadReader {
 public:
  DocumentReader(std::string file, std::vector<std::string> notes)
      : file_(std::move(file)), notes_(std::move(notes)) {}

  absl::Status Load(absl::string_view text) {
    const Shape shape = ShapeOf(text);
    // More are told by one that says how many, which makes the file unusable.
    constexpr int kMaxIssues = 10000;
    const SourceText source(text);
    FoundIssues issues(shape == Shape::kLead ? YamlLimits().max_issues : kMaxIssues);
    bool good = true;
    if (shape == Shape::kLead) {
      ParseDocument(source, YamlLimits().max_bytes, leads_.add_leads(), nullptr, &issues);
      positions_.push_back({1, 1});
      good = issues.empty();
    } else {
      SourceMap positions;
      good = ParseDocument(source, YamlLimits().max_bytes, &leads_, &positions, &issues) &&
             !issues.overflowed();
      FindPositions(positions);
      good = good && AttributeIssues(shape, issues);
    }
    if (!good) return Explain(text, issues.Render(source, file_));
    if (leads_.leads().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(file_, ": holds no leads"));
    }
    return absl::OkStatus();
  }

  bool Next(InputLead* lead) override {
    if (next_ >= leads_.leads_size()) return false;
    lead->file = file_;
    lead->line = positions_[static_cast<size_t>(next_)].line;
    const auto error = errors_.find(next_);
    lead->error = error == errors_.end() ? "" : error->second;
    lead->lead = std::move(*leads_.mutable_leads(next_++));
    return true;
  }

  bool Skip() override { return next_ < leads_.leads_size() && ++next_ > 0; }

  int64_t ExpectedCount() const override { return leads_.leads_size(); }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  // Where each lead begins, in the order of the text.
  void FindPositions(const SourceMap& positions) {
    for (int i = 0; i < leads_.leads_size(); ++i) {
      positions_.push_back(positions.Find(absl::StrCat("leads[", i, "]")));
    }
  }

  // The lead that begins last before this place; -1: none.
  int LeadAt(std::pair<int, int> place) const {
    const auto behind =
        std::upper_bound(positions_.begin(), positions_.end(), place,
                         [](const std::pair<int, int>& wanted, const SourcePosition& position) {
                           return wanted < std::make_pair(position.line, position.column);
                         });
    return static_cast<int>(behind - positions_.begin()) - 1;
  }

  // Makes problems of leads their errors. False: there are others, which concern the whole file.
  bool AttributeIssues(Shape shape, const FoundIssues& issues) {
    for (const auto& [place, issue] : issues.kept()) {
      const int lead = LeadAt(place);
      // Behind the last lead another key may stand.
      if (lead < 0 ||
          (shape == Shape::kLeads && issue.field.empty() && lead + 1 == leads_.leads_size())) {
        return false;
      }
      std::string& error = errors_[lead];
      const int line = positions_[static_cast<size_t>(lead)].line;
      absl::StrAppend(&error, error.empty() ? "" : "; ",
                      place.first == line ? "" : absl::StrCat("line ", place.first, ", "),
                      "column ", place.second, ": ", issue.message);
    }
    return true;
  }

  absl::Status Explain(absl::string_view text, const std::vector<v1::Issue>& issues) const {
    if (LooksLikeTable(text)) {
      return absl::InvalidArgumentError(absl::StrCat(
          file_, ": looks like CSV, not like YAML or JSON; read it with --format=csv"));
    }
    std::vector<std::string> rendered;
    for (const v1::Issue& issue : issues) {
      if (rendered.size() == static_cast<size_t>(YamlLimits().max_issues)) break;
      rendered.push_back(issue.rendered());
    }
    return absl::InvalidArgumentError(absl::StrJoin(rendered, "\n"));
  }

  const std::string file_;
  const std::vector<std::string> notes_;
  client::LeadList leads_;
  std::vector<SourcePosition> positions_;  // Of the leads.
  std::map<int, std::string> errors_;      // Of the bad ones.
  int next_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LeadReader>> ReadDocument(InputFile file) {
  std::string text = std::move(file.head);
  while (text.size() <= YamlLimits().max_bytes) {
    const absl::StatusOr<absl::string_view> piece = file.rest->Next();
    if (!piece.ok()) return InFile(file.name, piece.status());
    if (piece->empty()) break;
    text.append(piece->data(), piece->size());
  }
  if (text.size() > YamlLimits().max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.name, ": YAML and JSON of more than ", YamlLimits().max_bytes,
                     " bytes are not read; write it as NDJSON, a lead on each line"));
  }
  auto reader = std::make_unique<DocumentReader>(std::move(file.name), std::move(file.notes));
  if (absl::Status status = reader->Load(text); !status.ok()) return status;
  return reader;
}

}  // namespace bantam
