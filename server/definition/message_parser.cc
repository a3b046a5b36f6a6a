#include "server/definition/message_parser.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/engine/suggest.h"

namespace bantam {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

namespace {

// The position that stands for a field: see SourceMap.
SourcePosition PositionOf(const YamlNode& key, const YamlNode& value) {
  return value.kind != YamlNode::Kind::kUnusable && value.position.line == key.position.line
             ? value.position
             : key.position;
}

const FieldDescriptor* FindField(const Descriptor* descriptor, const std::string& key) {
  const FieldDescriptor* field = descriptor->FindFieldByName(key);
  return field != nullptr ? field : descriptor->FindFieldByCamelcaseName(key);
}

absl::string_view KindName(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    default:
      return IsNullNode(node) ? "null" : "a text";
  }
}

// Whether `map`, which stands for a message with nothing but the map field `field`, names it:
// `{texts: {en: Hello}}` and not `{en: Hello}`.
bool NamesOnlyField(const YamlNode& map, const FieldDescriptor* field) {
  if (map.children.size() != 2) return false;
  const YamlNode& key = map.children[0];
  const YamlNode& value = map.children[1];
  return key.kind == YamlNode::Kind::kScalar &&
         (key.text == field->name() || key.text == field->camelcase_name()) &&
         (value.kind == YamlNode::Kind::kMap || IsNullNode(value));
}

}  // namespace

const FieldDescriptor* OnlyListField(const Descriptor* descriptor) {
  if (descriptor->field_count() != 1) return nullptr;
  const FieldDescriptor* field = descriptor->field(0);
  return field->is_repeated() && !field->is_map() ? field : nullptr;
}

const FieldDescriptor* OnlyMapField(const Descriptor* descriptor) {
  if (descriptor->field_count() != 1) return nullptr;
  return descriptor->field(0)->is_map() ? descriptor->field(0) : nullptr;
}

void MessageParser::ParseDocument(const YamlNode& root, Message* message) {
  FieldPlace document;
  if (positions_ != nullptr) {
    positions_->Add("", root.position);
    document.entry = SourceMap::kDocument;
  }
  if (IsNullNode(root)) {
    issues_->AddError({1, 1}, "",
                      absl::StrCat("the document is empty; expected the fields of ",
                                   message->GetDescriptor()->name(), ", one 'key: value' a line"));
    return;
  }
  ParseMessage(root, document, message);
}

void MessageParser::ParseMessage(const YamlNode& node, const FieldPlace& place, Message* message) {
  const Descriptor* descriptor = message->GetDescriptor();
  if (ParseShortForm(node, place, message)) return;
  if (const FieldDescriptor* list = OnlyListField(descriptor);
      list != nullptr && node.kind != YamlNode::Kind::kMap) {
    ParseList(node, Enter(place, list->name(), node.position, /*implied=*/true), list, message);
    return;
  }
  if (node.kind != YamlNode::Kind::kMap) {
    ReportWrongKind(node, place, "a map");
    return;
  }
  if (const FieldDescriptor* map = OnlyMapField(descriptor);
      map != nullptr && !NamesOnlyField(node, map)) {
    ParseMap(node, Enter(place, map->name(), node.position, /*implied=*/true), map, message);
    return;
  }
  ParseFields(node, place, message);
}

void MessageParser::ParseFields(const YamlNode& map, const FieldPlace& place, Message* message) {
  const Descriptor* descriptor = message->GetDescriptor();
  std::vector<const YamlNode*> seen(descriptor->field_count());
  std::vector<const YamlNode*> chosen(descriptor->oneof_decl_count());
  for (size_t i = 0; i + 1 < map.children.size(); i += 2) {
    const YamlNode& key = map.children[i];
    const YamlNode& value = map.children[i + 1];
    if (key.kind == YamlNode::Kind::kUnusable) continue;
    const FieldDescriptor* field = FindField(descriptor, key.text);
    if (field == nullptr) {
      if (!key.duplicate) ReportUnknownKey(key, place, descriptor);
      continue;
    }
    bool refused = key.duplicate || ReportRepetition(key, field, place, &seen);
    const OneofDescriptor* oneof = field->real_containing_oneof();
    if (!refused && oneof != nullptr && !IsNullNode(value)) {
      const YamlNode*& first = chosen[oneof->index()];
      refused = first != nullptr;
      if (refused) {
        issues_->AddError(
            key.position, place.Path(),
            absl::StrCat(Quoted(key.text), " and ", Quoted(first->text),
                         " exclude each other; keep one (", Quoted(first->text), " is at ",
                         first->position.line, ":", first->position.column, ")"));
      } else {
        first = &key;
      }
    }
    // What is refused is parsed all the same, for the mistakes in it.
    FieldPlace nowhere = place;
    if (refused) nowhere.entry = FieldPlace::kNoEntry;
    const std::unique_ptr<Message> scratch(refused ? message->New() : nullptr);
    ParseField(value, Enter(nowhere, field->name(), PositionOf(key, value)), field,
               refused ? scratch.get() : message);
  }
}

bool MessageParser::ReportRepetition(const YamlNode& key, const FieldDescriptor* field,
                                     const FieldPlace& place, std::vector<const YamlNode*>* seen) {
  const YamlNode*& first = (*seen)[field->index()];
  if (first == nullptr) {
    first = &key;
    return false;
  }
  issues_->AddError(key.position, place.Path(),
                    absl::StrCat("duplicate key ", Quoted(key.text), "; it is the same as ",
                                 Quoted(first->text), " on line ", first->position.line));
  return true;
}

void MessageParser::ReportUnknownKey(const YamlNode& key, const FieldPlace& place,
                                     const Descriptor* descriptor) {
  issues_->Add(key.position, v1::ISSUE_SEVERITY_ERROR, [&] {
    std::vector<std::string> names;
    for (int i = 0; i < descriptor->field_count(); ++i) {
      names.push_back(descriptor->field(i)->name());
    }
    FoundIssue issue;
    issue.field = place.Path();
    issue.unknown_key = true;
    issue.message = absl::StrCat("unknown key ", Quoted(key.text));
    const std::string nearest = Nearest(key.text, names);
    if (nearest.empty()) {
      absl::StrAppend(&issue.message, "; expected one of ", absl::StrJoin(names, ", "));
    } else {
      absl::StrAppend(&issue.message, "; did you mean '", nearest, "'?");
      issue.meant = absl::StrCat(issue.field, issue.field.empty() ? "" : ".", nearest);
    }
    return issue;
  });
}

void MessageParser::ParseField(const YamlNode& value, const FieldPlace& place,
                               const FieldDescriptor* field, Message* message) {
  if (IsNullNode(value)) return;
  if (field->is_map()) {
    ParseMap(value, place, field, message);
  } else if (field->is_repeated()) {
    ParseList(value, place, field, message);
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    if (value.kind == YamlNode::Kind::kUnusable) return;
    ParseMessage(value, place, message->GetReflection()->MutableMessage(message, field));
  } else {
    ParseScalar(value, place, field, message);
  }
}

void MessageParser::ParseList(const YamlNode& node, const FieldPlace& place,
                              const FieldDescriptor* field, Message* message) {
  if (node.kind != YamlNode::Kind::kList) {
    const bool of_messages = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    ReportWrongKind(node, place, of_messages ? "a list of maps" : "a list");
    return;
  }
  for (size_t i = 0; i < node.children.size(); ++i) {
    const YamlNode& child = node.children[i];
    const std::string segment = absl::StrCat("[", i, "]");
    const FieldPlace element = Enter(place, segment, child.position);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      ParseScalar(child, element, field, message);
      continue;
    }
    Message* added = message->GetReflection()->AddMessage(message, field);
    if (IsNullNode(child)) {
      Report(child, element, "is empty; write the element, or remove it");
    } else {
      ParseMessage(child, element, added);
    }
  }
}

void MessageParser::ParseMap(const YamlNode& node, const FieldPlace& place,
                             const FieldDescriptor* field, Message* message) {
  if (node.kind != YamlNode::Kind::kMap) {
    ReportWrongKind(node, place, "a map");
    return;
  }
  const FieldDescriptor* key_field = field->message_type()->map_key();
  const FieldDescriptor* value_field = field->message_type()->map_value();
  const bool of_messages = value_field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const YamlNode& key = node.children[i];
    const YamlNode& value = node.children[i + 1];
    if (key.kind == YamlNode::Kind::kUnusable || key.duplicate) continue;
    const std::string segment = absl::StrCat("[", key.text, "]");
    const FieldPlace place_of_entry = Enter(place, segment, PositionOf(key, value));
    if (IsNullNode(value)) {
      if (!of_messages) Report(value, place_of_entry, "is empty; write a value, or remove the key");
      continue;
    }
    Message* entry = message->GetReflection()->AddMessage(message, field);
    ParseScalar(key, place_of_entry, key_field, entry);
    ParseField(value, place_of_entry, value_field, entry);
  }
}

FieldPlace MessageParser::Enter(const FieldPlace& parent, absl::string_view segment,
                                SourcePosition position, bool implied) {
  FieldPlace place;
  place.parent = &parent;
  place.segment = segment;
  place.implied = implied;
  if (parent.entry != FieldPlace::kNoEntry) {
    place.entry = positions_->AddChild(parent.entry, segment, position);
  }
  return place;
}

void MessageParser::Report(const YamlNode& node, const FieldPlace& place,
                           absl::string_view problem) {
  issues_->Add(node.position, v1::ISSUE_SEVERITY_ERROR, [&] {
    FoundIssue issue;
    issue.field = place.Path();
    issue.message = absl::StrCat(place.Label(), " ", problem);
    return issue;
  });
}

void MessageParser::ReportWrongKind(const YamlNode& node, const FieldPlace& place,
                                    absl::string_view expected) {
  if (node.kind == YamlNode::Kind::kUnusable) return;
  std::string problem = absl::StrCat("must be ", expected, ", not ", KindName(node));
  if (node.kind == YamlNode::Kind::kScalar && !IsNullNode(node)) {
    if (expected == "a map" && !node.quoted && absl::StrContains(node.text, ':')) {
      absl::StrAppend(&problem, "; write 'key: value', with a space after the colon");
    } else if (expected == "a list") {
      absl::StrAppend(&problem, "; write [", Printable(node.text, 40), "]");
    }
  }
  Report(node, place, problem);
}

}  // namespace bantam
