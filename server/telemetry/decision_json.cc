#include "server/telemetry/decision_json.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <cstdint>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "bantam/v1/decision.pb.h"
#include "server/telemetry/json_text.h"

namespace bantam {
namespace {

// Writes the fields of one object, those that are not empty.
class Fields {
 public:
  explicit Fields(std::string* json) : json_(json) { json_->push_back('{'); }

  void End() { json_->push_back('}'); }

  void AddText(absl::string_view name, absl::string_view value) {
    if (value.empty()) return;
    AddName(name);
    AppendJsonString(value, json_);
  }

  // A value that needs no escapes; `quoted`: in quotation marks.
  void AddPlain(absl::string_view name, absl::string_view value, bool quoted) {
    AddName(name);
    const absl::string_view quote = quoted ? "\"" : "";
    absl::StrAppend(json_, quote, value, quote);
  }

  void AddName(absl::string_view name) {
    absl::StrAppend(json_, first_ ? "\"" : ",\"", name, "\":");
    first_ = false;
  }

 private:
  std::string* const json_;
  bool first_ = true;
};

// RFC 3339 in UTC, with as many decimals as it needs: none, 3, 6 or 9.
void AddTime(absl::string_view name, absl::Time time, Fields* fields) {
  const absl::TimeZone::CivilInfo info = absl::UTCTimeZone().At(time);
  const absl::CivilSecond second = info.cs;
  const int64_t nanos = absl::ToInt64Nanoseconds(info.subsecond);
  char text[64];
  int size = std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d",
                           static_cast<int>(second.year()), second.month(), second.day(),
                           second.hour(), second.minute(), second.second());
  if (nanos != 0) {
    const int decimals = nanos % 1000000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9;
    const int64_t unit = decimals == 3 ? 1000000 : decimals == 6 ? 1000 : 1;
    size += std::snprintf(text + size, sizeof(text) - static_cast<size_t>(size), ".%0*d", decimals,
                          static_cast<int>(nanos / unit));
  }
  text[size++] = 'Z';
  fields->AddPlain(name, absl::string_view(text, static_cast<size_t>(size)), true);
}

// `score` is not negative.
void AddScore(double score, Fields* fields) {
  const int64_t hundredths = std::llround(score * 100);
  const int64_t rest = hundredths % 100;
  fields->AddPlain("score", absl::StrCat(hundredths / 100, rest < 10 ? ".0" : ".", rest), false);
}

void AddPersonalData(absl::string_view bytes, Fields* fields) {
  v1::DecisionPersonalData data;
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!data.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !google::protobuf::util::MessageToJsonString(data, &json, options).ok()) {
    return;
  }
  fields->AddPlain("personal_data", json, false);
}

}  // namespace

void AppendDecisionJson(const QueuedDecision& decision, std::string* json) {
  const DecisionRecord& record = decision.record;
  Fields fields(json);
  AddTime("time", record.time, &fields);
  fields.AddText("request_id", record.request_id);
  fields.AddText("traceparent", record.traceparent);
  fields.AddText("caller", record.caller);
  fields.AddText("method", record.method);
  if (record.operation != v1::BULK_OPERATION_UNSPECIFIED) {
    fields.AddPlain("operation", v1::BulkOperation_Name(record.operation), true);
  }
  fields.AddText("lead_id", record.lead_id);
  fields.AddText("icp", record.icp);
  fields.AddText("icp_revision", record.icp_revision);
  AddTime("evaluate_time", record.evaluate_time, &fields);
  if (record.verdict != v1::VERDICT_UNSPECIFIED) {
    fields.AddPlain("verdict", v1::Verdict_Name(record.verdict), true);
  }
  if (record.score.has_value()) AddScore(*record.score, &fields);
  fields.AddText("grade", record.grade);
  fields.AddText("stage", record.stage);
  if (!record.to_stage.empty()) {
    fields.AddName("transition");
    Fields transition(json);
    transition.AddText("from_stage", record.from_stage);
    transition.AddText("to_stage", record.to_stage);
    if (record.outcome != v1::ADVANCE_REASON_UNSPECIFIED) {
      transition.AddPlain("outcome", v1::AdvanceReason_Name(record.outcome), true);
    }
    transition.End();
  }
  if (!decision.personal_data.empty()) AddPersonalData(decision.personal_data, &fields);
  if (decision.personal_data_omitted) fields.AddPlain("personal_data_omitted", "true", false);
  fields.End();
}

}  // namespace bantam
