#include "client/output/result_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/output/card.h"
#include "client/output/lead_table.h"
#include "client/output/words.h"
#include "google/protobuf/util/json_util.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

class CardResultWriter : public ResultWriter {
 public:
  CardResultWriter(const WriterOptions& options, std::ostream* output)
      : options_(options), output_(output) {}

  void Write(const Answer& answer) override {
    if (answer.result.has_error()) return;
    if (written_++ > 0) *output_ << "\n";
    *output_ << RenderCard(LeadName(answer), answer.result.evaluation(), options_.language_code,
                           options_.style, options_.zone);
  }
  void Finish() override {}

 private:
  const WriterOptions options_;
  std::ostream* const output_;
  int written_ = 0;
};

// The result for a program, where an error says where its lead stands. `*room` holds it, if it is
// another one.
const v1::LeadResult& WithPlace(const Answer& answer, v1::LeadResult* room) {
  if (!answer.result.has_error()) return answer.result;
  *room = answer.result;
  room->mutable_error()->set_message(
      absl::StrCat(answer.file, ":", answer.line, ": ", room->error().message()));
  return *room;
}

class NdjsonResultWriter : public ResultWriter {
 public:
  explicit NdjsonResultWriter(std::ostream* output) : output_(output) {}

  void Write(const Answer& answer) override {
    v1::LeadResult room;
    *output_ << ToJson(WithPlace(answer, &room), /*pretty=*/false) << "\n";
  }
  void Finish() override {}

 private:
  std::ostream* const output_;
};

class JsonResultWriter : public ResultWriter {
 public:
  JsonResultWriter(bool single, std::ostream* output) : single_(single), output_(output) {}

  void Write(const Answer& answer) override {
    if (single_) {
      if (!answer.result.has_error()) *output_ << ToJson(answer.result.evaluation(), true);
      return;
    }
    v1::LeadResult room;
    *output_ << (written_++ == 0 ? "[\n" : ",\n")
             << ToJson(WithPlace(answer, &room), /*pretty=*/false);
  }
  void Finish() override {
    if (!single_) *output_ << (written_ == 0 ? "[]\n" : "\n]\n");
  }

 private:
  const bool single_;
  std::ostream* const output_;
  int written_ = 0;
};

// Documents of a list are written as its indented items.
class YamlResultWriter : public ResultWriter {
 public:
  YamlResultWriter(bool single, std::ostream* output) : single_(single), output_(output) {}

  void Write(const Answer& answer) override {
    if (single_) {
      if (!answer.result.has_error())
        *output_ << FormatYaml(answer.result.evaluation(), YamlFields::kAll);
      return;
    }
    ++written_;
    v1::LeadResult room;
    absl::string_view start = "- ";
    for (const absl::string_view line : absl::StrSplit(
             FormatYaml(WithPlace(answer, &room), YamlFields::kAll), '\n', absl::SkipEmpty())) {
      *output_ << start << line << "\n";
      start = "  ";
    }
  }
  void Finish() override {
    if (!single_ && written_ == 0) *output_ << "[]\n";
  }

 private:
  const bool single_;
  std::ostream* const output_;
  int written_ = 0;
};

class CsvResultWriter : public ResultWriter {
 public:
  explicit CsvResultWriter(std::ostream* output) : output_(output) {
    *output_ << "lead_id,file,line,icp,icp_revision,verdict,verdict_reasons,total,fit,engagement,"
                "bant,range_min,range_max,completeness,grade,level,label,temperature,from_stage,"
                "to_stage,transition_id,gaps,next_action,next_action_due_time,overdue,"
                "reevaluate_time,error\n";
  }

  void Write(const Answer& answer) override {
    const v1::Evaluation& evaluation = answer.result.evaluation();
    const v1::Advancement& advancement = evaluation.advancement();
    std::vector<std::string> cells = {answer.result.lead_id(), answer.file,
                                      answer.line > 0 ? absl::StrCat(answer.line) : "",
                                      evaluation.icp(), evaluation.icp_revision()};
    std::vector<std::string> reasons;
    for (const v1::VerdictReason& reason : evaluation.verdict_reasons()) {
      reasons.push_back(Key(Words(reason.code())));
    }
    cells.push_back(evaluation.verdict() == 0 ? "" : Words(evaluation.verdict()));
    cells.push_back(absl::StrJoin(reasons, ";"));
    AppendScore(evaluation, &cells);
    cells.insert(cells.end(),
                 {advancement.from_stage(), advancement.to_stage(), advancement.transition().id()});
    AppendWork(evaluation, &cells);
    cells.push_back(ErrorText(answer.result.error()));
    for (std::string& cell : cells) cell = CsvCell(cell);
    *output_ << absl::StrJoin(cells, ",") << "\n";
  }
  void Finish() override {}

 private:
  static std::string Key(const std::string& words) {
    return absl::StrReplaceAll(words, {{" ", "_"}});
  }

  static std::string Time(bool given, const google::protobuf::Timestamp& time) {
    return given ? absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", ToTime(time), absl::UTCTimeZone()) : "";
  }

  static void AppendScore(const v1::Evaluation& evaluation, std::vector<std::string>* cells) {
    if (!evaluation.has_score()) {
      cells->insert(cells->end(), 11, "");
      return;
    }
    const v1::Score& score = evaluation.score();
    for (const double number :
         {score.total(), score.fit().points(), score.engagement().points(), score.bant().points(),
          score.range_min(), score.range_max(), score.completeness()}) {
      cells->push_back(TwoDecimals(number));
    }
    cells->insert(cells->end(), {score.grade(), absl::StrCat(score.level()), score.label(),
                                 Words(score.temperature())});
  }

  static void AppendWork(const v1::Evaluation& evaluation, std::vector<std::string>* cells) {
    const v1::Qualification& qualification = evaluation.qualification();
    std::vector<std::string> gaps;
    for (const v1::Gap& gap : qualification.gaps()) gaps.push_back(gap.id());
    cells->push_back(absl::StrJoin(gaps, ";"));
    if (qualification.actions().empty()) {
      cells->insert(cells->end(), 3, "");
    } else {
      const v1::NextAction& action = qualification.actions(0);
      cells->push_back(Key(Words(action.kind())));
      cells->push_back(Time(action.has_due_time(), action.due_time()));
      cells->push_back(action.overdue() ? "true" : "false");
    }
    cells->push_back(Time(evaluation.has_reevaluate_time(), evaluation.reevaluate_time()));
  }

  static std::string ErrorText(const v1::LeadError& error) {
    std::vector<std::string> fields;
    for (const v1::FieldViolation& violation : error.violations()) {
      fields.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
    }
    return fields.empty() ? error.message() : absl::StrJoin(fields, "; ");
  }

  std::ostream* const output_;
};

}  // namespace

std::string LeadName(const Answer& answer) {
  if (!answer.result.lead_id().empty()) return answer.result.lead_id();
  const std::string file = answer.file.substr(answer.file.rfind('/') + 1);
  return answer.line > 0 ? absl::StrCat(file, ":", answer.line) : file;
}

std::unique_ptr<ResultWriter> MakeResultWriter(const WriterOptions& options, std::ostream* output) {
  switch (options.format) {
    case OutputFormat::kTable:
      return MakeLeadTable(options, output);
    case OutputFormat::kJson:
      return std::make_unique<JsonResultWriter>(options.single, output);
    case OutputFormat::kNdjson:
      return std::make_unique<NdjsonResultWriter>(output);
    case OutputFormat::kYaml:
      return std::make_unique<YamlResultWriter>(options.single, output);
    case OutputFormat::kCsv:
      return std::make_unique<CsvResultWriter>(output);
    default:
      return std::make_unique<CardResultWriter>(options, output);
  }
}

std::string CsvCell(const std::string& text) {
  std::string cell = text;
  double number;
  if (!cell.empty() && std::string("=+-@\t\r").find(cell[0]) != std::string::npos &&
      !absl::SimpleAtod(cell, &number)) {
    cell.insert(0, 1, '\'');
  }
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

std::string ToJson(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = pretty;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : absl::StrCat("{\"error\": \"", status.ToString(), "\"}");
}

}  // namespace bantam
