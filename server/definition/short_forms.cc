// Short forms of MessageParser: messages that are written as one value.
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "bantam/v1/value.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/definition/message_parser.h"
#include "server/definition/scalars.h"
#include "server/definition/source_text.h"

namespace bantam {

using google::protobuf::Duration;
using google::protobuf::DynamicCastToGenerated;
using google::protobuf::Message;
using google::protobuf::Timestamp;

namespace {

constexpr absl::string_view kDefaultLanguage = "en";

// Whether a map has the key `min` or `max`.
bool IsRange(const YamlNode& map) {
  for (size_t i = 0; i + 1 < map.children.size(); i += 2) {
    const std::string& key = map.children[i].text;
    if (key == "min" || key == "max") return true;
  }
  return false;
}

}  // namespace

bool MessageParser::ParseShortForm(const YamlNode& node, const FieldPlace& place,
                                   Message* message) {
  if (ParseScalarForm(node, place, message)) return true;
  if (ParseAttributeForm(node, place, message)) return true;
  auto* text = DynamicCastToGenerated<v1::LocalizedText>(message);
  if (text == nullptr || node.kind == YamlNode::Kind::kMap) return false;
  if (node.kind != YamlNode::Kind::kScalar) {
    ReportWrongKind(node, place, "a text, or a map such as {en: Hello, de: Hallo}");
    return true;
  }
  const FieldPlace texts = Enter(place, "texts", node.position, /*implied=*/true);
  const std::string segment = absl::StrCat("[", kDefaultLanguage, "]");
  Enter(texts, segment, node.position, /*implied=*/true);
  (*text->mutable_texts())[std::string(kDefaultLanguage)] = node.text;
  return true;
}

// Durations, times and money, which may also be written as the maps they are.
bool MessageParser::ParseScalarForm(const YamlNode& node, const FieldPlace& place,
                                    Message* message) {
  auto* duration = DynamicCastToGenerated<Duration>(message);
  auto* timestamp = DynamicCastToGenerated<Timestamp>(message);
  auto* money = DynamicCastToGenerated<v1::Money>(message);
  const bool has_form = duration != nullptr || timestamp != nullptr || money != nullptr;
  if (!has_form || node.kind == YamlNode::Kind::kMap) return false;
  if (node.kind != YamlNode::Kind::kScalar) {
    ReportWrongKind(node, place,
                    duration != nullptr    ? "a duration such as 90d"
                    : timestamp != nullptr ? "a time such as 2026-01-31T09:00:00Z"
                                           : "an amount such as 10000 EUR");
    return true;
  }
  std::string problem;
  if (duration != nullptr) {
    *duration = ParseDuration(node.text, &problem).value_or(Duration());
  } else if (timestamp != nullptr) {
    *timestamp = ParseTimestamp(node.text, &problem).value_or(Timestamp());
  } else {
    *money = ParseMoney(node.text, &problem).value_or(v1::Money());
  }
  if (!problem.empty()) Report(node, place, problem);
  return true;
}

bool MessageParser::ParseAttributeForm(const YamlNode& node, const FieldPlace& place,
                                       Message* message) {
  auto* value = DynamicCastToGenerated<v1::AttributeValue>(message);
  if (value == nullptr) return false;
  switch (node.kind) {
    case YamlNode::Kind::kScalar:
      ParsePlainAttribute(node, place, value);
      return true;
    case YamlNode::Kind::kList:
      ParseMessage(node, Enter(place, "list", node.position, /*implied=*/true),
                   value->mutable_list());
      return true;
    case YamlNode::Kind::kMap:
      if (!IsRange(node)) return false;
      ParseMessage(node, Enter(place, "number_range", node.position, /*implied=*/true),
                   value->mutable_number_range());
      return true;
    default:
      return true;
  }
}

void MessageParser::ParsePlainAttribute(const YamlNode& node, const FieldPlace& place,
                                        Message* message) {
  auto* value = DynamicCastToGenerated<v1::AttributeValue>(message);
  const auto enter = [&](absl::string_view kind) {
    Enter(place, kind, node.position, /*implied=*/true);
  };
  std::string problem;
  switch (node.quoted ? PlainKind::kText : ClassifyPlain(node.text)) {
    case PlainKind::kNull:
      break;
    case PlainKind::kBoolean:
      enter("boolean");
      value->set_boolean(node.text == "true");
      break;
    case PlainKind::kNumber:
      if (const std::optional<double> number = ParseNumber(node.text, &problem)) {
        enter("number");
        value->set_number(*number);
      }
      break;
    case PlainKind::kTime:
      if (const std::optional<Timestamp> time = ParseTimestamp(node.text, &problem)) {
        enter("time");
        *value->mutable_time() = *time;
      } else {
        absl::StrAppend(&problem, "; if it is a text, put it in quotes");
      }
      break;
    case PlainKind::kUnclear:
      problem = absl::StrCat("may be taken for a number: ", Quoted(node.text),
                             "; put a text in quotes, or write a number in decimal digits alone");
      break;
    case PlainKind::kText:
      enter("text");
      value->set_text(node.text);
      break;
  }
  if (!problem.empty()) Report(node, place, problem);
}

}  // namespace bantam
