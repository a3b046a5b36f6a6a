#include "tests/reference/differences.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bantam {
namespace reference {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The part of an answer that both evaluators give.
void RemoveTexts(v1::GateConditionResult* condition) {
  condition->clear_reason();
  for (v1::GateConditionResult& child : *condition->mutable_any_of()) RemoveTexts(&child);
}

v1::Evaluation WithoutTexts(v1::Evaluation answer) {
  answer.clear_icp_revision();
  answer.clear_engine_version();
  answer.clear_time_zone_version();
  answer.clear_notes();
  for (v1::VerdictReason& reason : *answer.mutable_verdict_reasons()) reason.clear_text();
  for (v1::OtherIcp& other : *answer.mutable_other_icps()) other.clear_icp_revision();
  if (answer.has_score()) {
    for (v1::TraceLine& line : *answer.mutable_score()->mutable_trace()) line.clear_reason();
  }
  if (answer.has_qualification()) {
    v1::Qualification* qualification = answer.mutable_qualification();
    for (v1::CriterionMatch& match : *qualification->mutable_criteria()) match.clear_title();
    for (v1::BantAssessment& bant : *qualification->mutable_bant()) bant.clear_reason();
    for (v1::Gap& gap : *qualification->mutable_gaps()) {
      gap.clear_known();
      gap.clear_required();
      gap.clear_question();
    }
    for (v1::NextAction& action : *qualification->mutable_actions()) {
      action.clear_title();
      action.clear_script();
      action.clear_questions();
      action.clear_asset();
      action.clear_reason();
    }
    for (v1::WithheldAction& action : *qualification->mutable_withheld_actions()) {
      action.clear_reason();
    }
  }
  if (answer.has_advancement()) {
    v1::Advancement* advancement = answer.mutable_advancement();
    advancement->mutable_transition()->clear_icp_revision();
    if (advancement->transition().id().empty()) advancement->clear_transition();
    for (v1::GateResult& gate : *advancement->mutable_gates()) {
      for (v1::GateConditionResult& condition : *gate.mutable_conditions()) RemoveTexts(&condition);
    }
  }
  return answer;
}

// Tries every way of making `message` smaller by one step; `message` lies within `input`.
class Shrinker {
 public:
  Shrinker(Input* input, const std::function<bool(const Input&)>& still_differs)
      : input_(input), still_differs_(still_differs) {}

  // Whether anything could go.
  bool Shrink(Message* message) {
    bool any = false;
    std::vector<const FieldDescriptor*> fields;
    message->GetReflection()->ListFields(*message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->name() == "name" && message->GetDescriptor()->name() == "Icp") continue;
      if (TryClear(message, field)) {
        any = true;
      } else if (field->is_repeated() && !field->is_map()) {
        any = ShrinkRepeated(message, field) || any;
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map()) {
        any = Shrink(message->GetReflection()->MutableMessage(message, field)) || any;
      }
    }
    return any;
  }

 private:
  bool TryClear(Message* message, const FieldDescriptor* field) {
    std::unique_ptr<Message> before(message->New());
    before->CopyFrom(*message);
    message->GetReflection()->ClearField(message, field);
    if (still_differs_(*input_)) return true;
    message->CopyFrom(*before);
    return false;
  }

  bool ShrinkRepeated(Message* message, const FieldDescriptor* field) {
    const Reflection* reflection = message->GetReflection();
    bool any = false;
    for (int i = reflection->FieldSize(*message, field) - 1; i >= 0; --i) {
      std::unique_ptr<Message> before(message->New());
      before->CopyFrom(*message);
      for (int j = i; j + 1 < reflection->FieldSize(*message, field); ++j) {
        reflection->SwapElements(message, field, j, j + 1);
      }
      reflection->RemoveLast(message, field);
      if (still_differs_(*input_)) {
        any = true;
        continue;
      }
      message->CopyFrom(*before);
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        any = Shrink(reflection->MutableRepeatedMessage(message, field, i)) || any;
      }
    }
    return any;
  }

  Input* input_;
  const std::function<bool(const Input&)>& still_differs_;
};

}  // namespace

std::vector<std::string> Differences(const v1::Evaluation& want, const v1::Evaluation& got) {
  google::protobuf::util::MessageDifferencer differencer;
  std::string report;
  differencer.ReportDifferencesToString(&report);
  if (differencer.Compare(WithoutTexts(want), WithoutTexts(got))) return {};
  std::vector<std::string> lines;
  size_t start = 0;
  while (start < report.size()) {
    const size_t end = std::min(report.find('\n', start), report.size());
    lines.push_back(report.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

Input Minimize(Input input, const std::function<bool(const Input&)>& still_differs) {
  for (size_t i = input.icps.size(); i-- > 0 && input.icps.size() > 1;) {
    Input fewer = input;
    fewer.icps.erase(fewer.icps.begin() + i);
    if (still_differs(fewer)) input = fewer;
  }
  Shrinker shrinker(&input, still_differs);
  bool again = true;
  while (again) {
    again = shrinker.Shrink(&input.lead);
    for (v1::Icp& icp : input.icps) again = shrinker.Shrink(&icp) || again;
  }
  return input;
}

}  // namespace reference
}  // namespace bantam
