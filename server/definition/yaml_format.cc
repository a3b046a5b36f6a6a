// FormatYaml(): a message → a tree of YAML nodes → text.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bantam/v1/value.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/definition/message_parser.h"
#include "server/definition/scalars.h"
#include "server/definition/yaml.h"
#include "server/definition/yaml_tree.h"
#include "server/definition/yaml_writer.h"

namespace bantam {
namespace {

using google::protobuf::Duration;
using google::protobuf::DynamicCastToGenerated;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

YamlNode MessageNode(const Message& message, YamlFields fields);

// A text, in quotes where it needs them.
YamlNode TextNode(absl::string_view text) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.quoted = true;
  node.text = std::string(text);
  return node;
}

// A number, a time or the like.
YamlNode PlainNode(std::string text) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.text = std::move(text);
  return node;
}

YamlNode EmptyNode(YamlNode::Kind kind) {
  YamlNode node;
  node.kind = kind;
  return node;
}

void AddEntry(absl::string_view key, YamlNode value, YamlNode* map) {
  map->children.push_back(TextNode(key));
  map->children.push_back(std::move(value));
}

YamlNode NumberNode(double number, const std::string& written) {
  if (!written.empty()) return PlainNode(written);
  return PlainNode(number > 0 ? ".inf" : number < 0 ? "-.inf" : ".nan");
}

// One value of a field; `index` is that of a repeated field's element, else -1.
YamlNode ValueNode(const Message& message, const FieldDescriptor* field, int index,
                   YamlFields fields) {
  const Reflection& r = *message.GetReflection();
  const bool one = index < 0;
  const auto i = index;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return PlainNode(
          absl::StrCat(one ? r.GetInt32(message, field) : r.GetRepeatedInt32(message, field, i)));
    case FieldDescriptor::CPPTYPE_INT64:
      return PlainNode(
          absl::StrCat(one ? r.GetInt64(message, field) : r.GetRepeatedInt64(message, field, i)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return PlainNode(
          absl::StrCat(one ? r.GetUInt32(message, field) : r.GetRepeatedUInt32(message, field, i)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return PlainNode(
          absl::StrCat(one ? r.GetUInt64(message, field) : r.GetRepeatedUInt64(message, field, i)));
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const double n = one ? r.GetDouble(message, field) : r.GetRepeatedDouble(message, field, i);
      return NumberNode(n, WriteNumber(n));
    }
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const float n = one ? r.GetFloat(message, field) : r.GetRepeatedFloat(message, field, i);
      return NumberNode(n, WriteFloat(n));
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool yes = one ? r.GetBool(message, field) : r.GetRepeatedBool(message, field, i);
      return PlainNode(yes ? "true" : "false");
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number =
          one ? r.GetEnumValue(message, field) : r.GetRepeatedEnumValue(message, field, i);
      const EnumValueDescriptor* value = field->enum_type()->FindValueByNumber(number);
      return value != nullptr ? TextNode(ShortEnumName(value)) : PlainNode(absl::StrCat(number));
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text =
          one ? r.GetString(message, field) : r.GetRepeatedString(message, field, i);
      return TextNode(field->type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text)
                                                                   : text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return MessageNode(one ? r.GetMessage(message, field) : r.GetRepeatedMessage(message, field, i),
                     fields);
}

// The entries by key, so that equal messages give equal texts.
YamlNode MapNode(const Message& message, const FieldDescriptor* field, YamlFields fields) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* key = field->message_type()->map_key();
  const FieldDescriptor* value = field->message_type()->map_value();
  std::vector<std::pair<std::string, int>> keys;
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    keys.emplace_back(
        ValueNode(reflection.GetRepeatedMessage(message, field, i), key, -1, fields).text, i);
  }
  std::sort(keys.begin(), keys.end());
  YamlNode map = EmptyNode(YamlNode::Kind::kMap);
  for (const auto& [text, i] : keys) {
    AddEntry(text, ValueNode(reflection.GetRepeatedMessage(message, field, i), value, -1, fields),
             &map);
  }
  return map;
}

YamlNode FieldNode(const Message& message, const FieldDescriptor* field, YamlFields fields) {
  if (field->is_map()) return MapNode(message, field, fields);
  if (!field->is_repeated()) return ValueNode(message, field, -1, fields);
  YamlNode list = EmptyNode(YamlNode::Kind::kList);
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    list.children.push_back(ValueNode(message, field, i, fields));
  }
  return list;
}

// In the order of their numbers, as ListFields() has them.
std::vector<const FieldDescriptor*> AllFields(const Message& message) {
  std::vector<const FieldDescriptor*> all;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (!field->has_presence() || message.GetReflection()->HasField(message, field)) {
      all.push_back(field);
    }
  }
  std::sort(all.begin(), all.end(), [](const FieldDescriptor* a, const FieldDescriptor* b) {
    return a->number() < b->number();
  });
  return all;
}

// The fields by name.
YamlNode FieldsNode(const Message& message, YamlFields fields) {
  YamlNode map = EmptyNode(YamlNode::Kind::kMap);
  std::vector<const FieldDescriptor*> written;
  if (fields == YamlFields::kAll) {
    written = AllFields(message);
  } else {
    message.GetReflection()->ListFields(message, &written);
  }
  for (const FieldDescriptor* field : written) {
    AddEntry(field->name(), FieldNode(message, field, fields), &map);
  }
  return map;
}

YamlNode AttributeNode(const v1::AttributeValue& value, YamlFields fields) {
  switch (value.kind_case()) {
    case v1::AttributeValue::kText:
      return TextNode(value.text());
    case v1::AttributeValue::kNumber:
      return NumberNode(value.number(), WriteNumber(value.number()));
    case v1::AttributeValue::kBoolean:
      return PlainNode(value.boolean() ? "true" : "false");
    case v1::AttributeValue::kTime: {
      const std::string time = WriteTimestamp(value.time());
      return time.empty() ? FieldsNode(value, fields) : PlainNode(time);
    }
    case v1::AttributeValue::kList:
      return MessageNode(value.list(), fields);
    case v1::AttributeValue::kNumberRange: {
      const bool is_open = !value.number_range().has_min() && !value.number_range().has_max();
      return is_open ? FieldsNode(value, fields) : FieldsNode(value.number_range(), fields);
    }
    case v1::AttributeValue::KIND_NOT_SET:
      break;
  }
  return EmptyNode(YamlNode::Kind::kMap);
}

YamlNode MessageNode(const Message& message, YamlFields fields) {
  std::string written;
  if (const auto* duration = DynamicCastToGenerated<Duration>(&message)) {
    written = WriteDuration(*duration);
  } else if (const auto* timestamp = DynamicCastToGenerated<Timestamp>(&message)) {
    written = WriteTimestamp(*timestamp);
  } else if (const auto* money = DynamicCastToGenerated<v1::Money>(&message)) {
    written = WriteMoney(*money);
  } else if (const auto* value = DynamicCastToGenerated<v1::AttributeValue>(&message)) {
    return AttributeNode(*value, fields);
  } else if (const auto* text = DynamicCastToGenerated<v1::LocalizedText>(&message)) {
    const auto english = text->texts().find("en");
    if (text->texts().size() == 1 && english != text->texts().end()) {
      return TextNode(english->second);
    }
  }
  if (!written.empty()) return PlainNode(std::move(written));
  if (const FieldDescriptor* list = OnlyListField(message.GetDescriptor())) {
    return FieldNode(message, list, fields);
  }
  if (const FieldDescriptor* map = OnlyMapField(message.GetDescriptor())) {
    return MapNode(message, map, fields);
  }
  return FieldsNode(message, fields);
}

}  // namespace

std::string FormatYaml(const Message& message, YamlFields fields) {
  return WriteYamlTree(MessageNode(message, fields));
}

}  // namespace bantam
