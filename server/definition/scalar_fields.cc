// Single values of MessageParser.
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.pb.h"
#include "server/definition/message_parser.h"
#include "server/definition/scalars.h"
#include "server/engine/suggest.h"

namespace bantam {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

// "BANT_STATE_" for the enum BantState.
std::string EnumPrefix(const EnumDescriptor* descriptor) {
  std::string prefix;
  for (const char c : descriptor->name()) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(c);
  }
  return prefix + '_';
}

// By its name in full, or without the prefix in lower or upper case, or by its number.
const EnumValueDescriptor* FindEnumValue(const EnumDescriptor* descriptor, const YamlNode& node) {
  const EnumValueDescriptor* value = descriptor->FindValueByName(node.text);
  if (value != nullptr) return value;
  const std::string upper = absl::AsciiStrToUpper(node.text);
  if (node.text == upper || node.text == absl::AsciiStrToLower(node.text)) {
    value = descriptor->FindValueByName(EnumPrefix(descriptor) + upper);
    if (value == nullptr) value = descriptor->FindValueByName(upper);
    if (value != nullptr) return value;
  }
  std::string ignored;
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  const std::optional<int64_t> number =
      node.quoted ? std::nullopt : ParseInteger(node.text, 0, kMax, &ignored);
  if (!number.has_value()) return nullptr;
  return descriptor->FindValueByNumber(static_cast<int>(*number));
}

// What proto JSON writes as a text: keys, and numbers that JavaScript cannot hold.
bool MayBeQuoted(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64 ||
         field->containing_type()->options().map_entry();
}

// Sets a field, or adds to a repeated one.
class Setter {
 public:
  Setter(Message* message, const FieldDescriptor* field) : message_(message), field_(field) {}

  void Int32(int32_t v) const {
    field_->is_repeated() ? r().AddInt32(message_, field_, v) : r().SetInt32(message_, field_, v);
  }
  void Int64(int64_t v) const {
    field_->is_repeated() ? r().AddInt64(message_, field_, v) : r().SetInt64(message_, field_, v);
  }
  void UInt32(uint32_t v) const {
    field_->is_repeated() ? r().AddUInt32(message_, field_, v) : r().SetUInt32(message_, field_, v);
  }
  void UInt64(uint64_t v) const {
    field_->is_repeated() ? r().AddUInt64(message_, field_, v) : r().SetUInt64(message_, field_, v);
  }
  void Double(double v) const {
    field_->is_repeated() ? r().AddDouble(message_, field_, v) : r().SetDouble(message_, field_, v);
  }
  void Float(float v) const {
    field_->is_repeated() ? r().AddFloat(message_, field_, v) : r().SetFloat(message_, field_, v);
  }
  void Bool(bool v) const {
    field_->is_repeated() ? r().AddBool(message_, field_, v) : r().SetBool(message_, field_, v);
  }
  void Enum(int v) const {
    field_->is_repeated() ? r().AddEnumValue(message_, field_, v)
                          : r().SetEnumValue(message_, field_, v);
  }
  void String(std::string v) const {
    field_->is_repeated() ? r().AddString(message_, field_, std::move(v))
                          : r().SetString(message_, field_, std::move(v));
  }

 private:
  const Reflection& r() const { return *message_->GetReflection(); }

  Message* const message_;
  const FieldDescriptor* const field_;
};

}  // namespace

bool IsNullNode(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kScalar && !node.quoted && IsNull(node.text);
}

std::string ShortEnumName(const EnumValueDescriptor* value) {
  return absl::AsciiStrToLower(absl::StripPrefix(value->name(), EnumPrefix(value->type())));
}

void MessageParser::ParseScalar(const YamlNode& node, const FieldPlace& place,
                                const FieldDescriptor* field, Message* message) {
  if (field->is_repeated() && IsNullNode(node)) {
    Report(node, place, "is empty; write the element, or remove it");
    ParseScalar(YamlNode(), place, field, message);
    return;
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return ParseText(node, place, field, message);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ParseEnum(node, place, field, message);
    default:
      return ParseNumberField(node, place, field, message);
  }
}

void MessageParser::ParseNumberField(const YamlNode& node, const FieldPlace& place,
                                     const FieldDescriptor* field, Message* message) {
  const Setter set(message, field);
  const bool is_boolean = field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  const absl::string_view expected = is_boolean ? "true or false" : "a number";
  std::string problem;
  std::string text = node.text;
  const bool in_quotes = node.quoted && !MayBeQuoted(field);
  if (node.kind != YamlNode::Kind::kScalar || in_quotes) {
    if (in_quotes) {
      Report(node, place,
             absl::StrCat("must be ", expected, ", not a text in quotes; remove the quotes"));
    } else {
      ReportWrongKind(node, place, expected);
    }
    if (!field->is_repeated()) return;
    text = is_boolean ? "false" : "0";
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      set.Bool(ParseBoolean(text, &problem).value_or(false));
      break;
    case FieldDescriptor::CPPTYPE_INT32: {
      using Limits = std::numeric_limits<int32_t>;
      set.Int32(ParseInteger(text, Limits::min(), Limits::max(), &problem).value_or(0));
      break;
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      using Limits = std::numeric_limits<int64_t>;
      set.Int64(ParseInteger(text, Limits::min(), Limits::max(), &problem).value_or(0));
      break;
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      set.UInt32(ParseUnsigned(text, std::numeric_limits<uint32_t>::max(), &problem).value_or(0));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      set.UInt64(ParseUnsigned(text, std::numeric_limits<uint64_t>::max(), &problem).value_or(0));
      break;
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const double number = ParseNumber(text, &problem).value_or(0);
      if (number > std::numeric_limits<float>::max() ||
          number < std::numeric_limits<float>::lowest()) {
        problem = absl::StrCat("must be a number that a float can hold, not ", Quoted(text));
      }
      set.Float(problem.empty() ? static_cast<float>(number) : 0);
      break;
    }
    default:
      set.Double(ParseNumber(text, &problem).value_or(0));
      break;
  }
  if (problem.empty()) return;
  Report(node, place, problem);
  if (!field->is_repeated()) message->GetReflection()->ClearField(message, field);
}

void MessageParser::ParseEnum(const YamlNode& node, const FieldPlace& place,
                              const FieldDescriptor* field, Message* message) {
  const EnumDescriptor* descriptor = field->enum_type();
  const EnumValueDescriptor* value =
      node.kind == YamlNode::Kind::kScalar ? FindEnumValue(descriptor, node) : nullptr;
  if (value != nullptr || field->is_repeated()) {
    Setter(message, field).Enum(value != nullptr ? value->number() : 0);
  }
  if (value != nullptr) return;
  if (node.kind != YamlNode::Kind::kScalar) {
    ReportWrongKind(node, place, "a single value");
    return;
  }
  std::vector<std::string> names;
  for (int i = 0; i < descriptor->value_count(); ++i) {
    // 0 is "not said": who means that leaves the field out.
    if (descriptor->value(i)->number() != 0) names.push_back(ShortEnumName(descriptor->value(i)));
  }
  Report(node, place,
         absl::StrCat("has the unknown value ", Quoted(node.text), DidYouMean(node.text, names),
                      " (allowed: ", absl::StrJoin(names, ", "), ")"));
}

void MessageParser::ParseText(const YamlNode& node, const FieldPlace& place,
                              const FieldDescriptor* field, Message* message) {
  std::string text;
  bool good = node.kind == YamlNode::Kind::kScalar;
  if (!good) {
    ReportWrongKind(node, place, "a text");
  } else if (field->type() != FieldDescriptor::TYPE_BYTES) {
    text = node.text;
  } else {
    good = absl::Base64Unescape(node.text, &text) || absl::WebSafeBase64Unescape(node.text, &text);
    if (!good) {
      Report(node, place, "must be bytes in base64");
      text.clear();
    }
  }
  if (good || field->is_repeated()) Setter(message, field).String(std::move(text));
}

}  // namespace bantam
