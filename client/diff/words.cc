#include "client/diff/words.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "bantam/v1/value.pb.h"
#include "client/diff/flow_text.h"

namespace bantam {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

constexpr absl::string_view kPercent = "_percent";

// The first of the naming fields that is set; null: none.
const FieldDescriptor* NamingField(const Message& element) {
  for (const char* name : {"id", "attribute", "part", "dimension"}) {
    const FieldDescriptor* field = element.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr && !field->is_repeated() &&
        element.GetReflection()->HasField(element, field)) {
      return field;
    }
  }
  return nullptr;
}

// The name without the quotes that YAML might want.
std::string PlainValue(const Message& element, const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return element.GetReflection()->GetString(element, &field);
  }
  return FlowValue(element, field, -1);
}

// "50–199", "from 1000", "up to 49"; empty: it is no range.
std::string RangeText(const Message& element) {
  const Descriptor& type = *element.GetDescriptor();
  const FieldDescriptor* min = type.FindFieldByName("min");
  const FieldDescriptor* max = type.FindFieldByName("max");
  if (min == nullptr || max == nullptr) return "";
  const bool has_min = element.GetReflection()->HasField(element, min);
  const bool has_max = element.GetReflection()->HasField(element, max);
  const std::string from = has_min ? FlowValue(element, *min, -1) : "";
  const std::string to = has_max ? FlowValue(element, *max, -1) : "";
  if (has_min && has_max) return absl::StrCat(from, "–", to);
  if (has_min) return absl::StrCat("from ", from);
  if (has_max) return absl::StrCat("up to ", to);
  return "all";
}

// The kind that is set of the message's oneof; null: there is none.
const FieldDescriptor* KindField(const Message& element) {
  const Descriptor& type = *element.GetDescriptor();
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const FieldDescriptor* kind =
        element.GetReflection()->GetOneofFieldDescriptor(element, type.oneof_decl(i));
    if (kind != nullptr) return kind;
  }
  return nullptr;
}

}  // namespace

std::string FieldWords(const FieldDescriptor& field) {
  return absl::StrReplaceAll(absl::StripSuffix(field.name(), kPercent), {{"_", " "}});
}

std::string UnitOf(const FieldDescriptor& field) {
  return absl::EndsWith(field.name(), kPercent) ? " %" : "";
}

std::string PartWords(const FieldDescriptor& field) {
  if (field.message_type() == v1::LocalizedText::descriptor()) return "texts";
  if (field.name() == "bant") return "BANT";
  return FieldWords(field);
}

std::string ElementNoun(const FieldDescriptor& field) {
  if (field.name() == "criteria") return "criterion";
  if (field.name() == "aliases") return "aliases of";
  return std::string(absl::StripSuffix(FieldWords(field), "s"));
}

bool IsListMessage(const Descriptor& type) {
  return type.field_count() == 1 && type.field(0)->is_repeated();
}

ElementKey KeyOf(const Message& element) {
  if (const FieldDescriptor* field = NamingField(element); field != nullptr) {
    return {PlainValue(element, *field), false};
  }
  if (std::string range = RangeText(element); !range.empty()) return {std::move(range), true};
  const FieldDescriptor* kind = KindField(element);
  if (kind == nullptr) return {FlowMessage(element, {}), false};
  if (kind->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return {absl::StrCat(kind->name(), ": ", FlowValue(element, *kind, -1)), false};
  }
  const Message& value = element.GetReflection()->GetMessage(element, kind);
  const FieldDescriptor* name = NamingField(value);
  if (name == nullptr) return {kind->name(), false};
  return {absl::StrCat(kind->name(), ": ", PlainValue(value, *name)), false};
}

}  // namespace bantam
