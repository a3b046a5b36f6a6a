#include "client/diff/flow_text.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bantam/v1/value.pb.h"
#include "client/cases/values.h"
#include "client/diff/words.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/definition/scalars.h"

namespace bantam {
namespace {

using google::protobuf::DynamicCastToGenerated;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The exact value of a number or time, which FormatScalar() rounds for people; empty: of other
// kinds, and of repeated fields.
std::string ExactText(const Message& message, const FieldDescriptor& field) {
  if (field.is_repeated() || !message.GetReflection()->HasField(message, &field)) return "";
  const Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    return WriteNumber(reflection.GetDouble(message, &field));
  }
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return "";
  const Message& value = reflection.GetMessage(message, &field);
  if (const auto* duration = DynamicCastToGenerated<google::protobuf::Duration>(&value)) {
    return WriteDuration(*duration);
  }
  if (const auto* time = DynamicCastToGenerated<google::protobuf::Timestamp>(&value)) {
    return WriteTimestamp(*time);
  }
  return "";
}

std::string Value(const Message& message, const FieldDescriptor& field, int index,
                  bool omit_texts) {
  if (IsScalarField(field)) {
    const std::string exact = ExactText(message, field);
    return exact.empty() ? FormatScalar(message, field, index) : exact;
  }
  const Reflection& reflection = *message.GetReflection();
  const Message& value = index >= 0 ? reflection.GetRepeatedMessage(message, &field, index)
                                    : reflection.GetMessage(message, &field);
  FlowOptions options;
  options.omit_texts = omit_texts;
  return FlowMessage(value, options);
}

// A map is shown in the order of its keys, which the wire does not keep.
std::string MapText(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::map<std::string, std::string> entries;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    entries[FlowValue(entry, key, -1)] = FlowValue(entry, value, -1);
  }
  return absl::StrCat("{", absl::StrJoin(entries, ", ", absl::PairFormatter(": ")), "}");
}

std::string FieldText(const Message& message, const FieldDescriptor& field, bool omit_texts) {
  if (field.is_map()) return MapText(message, field);
  if (!field.is_repeated()) return Value(message, field, -1, omit_texts);
  std::vector<std::string> elements;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    elements.push_back(Value(message, field, i, omit_texts));
  }
  return absl::StrCat("[", absl::StrJoin(elements, ", "), "]");
}

}  // namespace

std::string FlowMessage(const Message& message, const FlowOptions& options) {
  if (const auto* money = DynamicCastToGenerated<v1::Money>(&message)) {
    if (std::string text = WriteMoney(*money); !text.empty()) return text;
  }
  if (IsListMessage(*message.GetDescriptor())) {
    return FieldText(message, *message.GetDescriptor()->field(0), options.omit_texts);
  }
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<std::string> entries;
  for (const FieldDescriptor* field : fields) {
    if (field->name() == options.omit_field) continue;
    if (options.omit_texts && field->message_type() == v1::LocalizedText::descriptor()) continue;
    entries.push_back(
        absl::StrCat(field->name(), ": ", FieldText(message, *field, options.omit_texts)));
  }
  return absl::StrCat("{", absl::StrJoin(entries, ", "), "}");
}

std::string FlowValue(const Message& message, const FieldDescriptor& field, int index) {
  return Value(message, field, index, /*omit_texts=*/false);
}

}  // namespace bantam
