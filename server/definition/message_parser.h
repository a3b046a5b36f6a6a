// A tree of YAML nodes → a protobuf message, by descriptor.
#ifndef BANTAM_SERVER_DEFINITION_MESSAGE_PARSER_H_
#define BANTAM_SERVER_DEFINITION_MESSAGE_PARSER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/definition/field_place.h"
#include "server/definition/found_issues.h"
#include "server/definition/yaml.h"
#include "server/definition/yaml_tree.h"

namespace bantam {

// Parses one tree. Not safe for concurrent use.
class MessageParser {
 public:
  // `positions` may be null.
  MessageParser(FoundIssues* issues, SourceMap* positions)
      : issues_(issues), positions_(positions) {}

  // Sets the fields of `message` that `root` gives. What is wrong becomes an issue and stays unset;
  // a list has one element for each that is written, whether good or not.
  void ParseDocument(const YamlNode& root, google::protobuf::Message* message);

 private:
  using Field = google::protobuf::FieldDescriptor;

  // Fields and lists (message_parser.cc).
  void ParseMessage(const YamlNode& node, const FieldPlace& place,
                    google::protobuf::Message* message);
  void ParseFields(const YamlNode& map, const FieldPlace& place,
                   google::protobuf::Message* message);
  void ParseField(const YamlNode& value, const FieldPlace& place, const Field* field,
                  google::protobuf::Message* message);
  void ParseList(const YamlNode& node, const FieldPlace& place, const Field* field,
                 google::protobuf::Message* message);
  void ParseMap(const YamlNode& node, const FieldPlace& place, const Field* field,
                google::protobuf::Message* message);
  void ReportUnknownKey(const YamlNode& key, const FieldPlace& place,
                        const google::protobuf::Descriptor* descriptor);
  bool ReportRepetition(const YamlNode& key, const Field* field, const FieldPlace& place,
                        std::vector<const YamlNode*>* seen);

  // Short forms (short_forms.cc). Each returns whether the node is in the form, right or wrong.
  bool ParseShortForm(const YamlNode& node, const FieldPlace& place,
                      google::protobuf::Message* message);
  bool ParseScalarForm(const YamlNode& node, const FieldPlace& place,
                       google::protobuf::Message* message);
  bool ParseAttributeForm(const YamlNode& node, const FieldPlace& place,
                          google::protobuf::Message* message);
  void ParsePlainAttribute(const YamlNode& node, const FieldPlace& place,
                           google::protobuf::Message* message);

  // Single values (scalar_fields.cc). For a repeated field an element is added, also if it is bad.
  void ParseScalar(const YamlNode& node, const FieldPlace& place, const Field* field,
                   google::protobuf::Message* message);
  void ParseNumberField(const YamlNode& node, const FieldPlace& place, const Field* field,
                        google::protobuf::Message* message);
  void ParseEnum(const YamlNode& node, const FieldPlace& place, const Field* field,
                 google::protobuf::Message* message);
  void ParseText(const YamlNode& node, const FieldPlace& place, const Field* field,
                 google::protobuf::Message* message);

  // The place of `segment`, written at `position`, below `parent`. `segment` must outlive it.
  FieldPlace Enter(const FieldPlace& parent, absl::string_view segment, SourcePosition position,
                   bool implied = false);

  // Reports "<label> <problem>" about the field at `place`.
  void Report(const YamlNode& node, const FieldPlace& place, absl::string_view problem);

  // Reports "<label> must be <expected>, not a list", or whatever the node is. Silent for unusable
  // nodes, which were reported before.
  void ReportWrongKind(const YamlNode& node, const FieldPlace& place, absl::string_view expected);

  FoundIssues* const issues_;
  SourceMap* const positions_;
};

// Whether the node stands for "not set".
bool IsNullNode(const YamlNode& node);

// The field that makes up all of the message and is a list, or a map: its value may stand for the
// message. Null if there is none.
const google::protobuf::FieldDescriptor* OnlyListField(
    const google::protobuf::Descriptor* descriptor);
const google::protobuf::FieldDescriptor* OnlyMapField(
    const google::protobuf::Descriptor* descriptor);

// Enum values as definitions name them: `partial` for BANT_STATE_PARTIAL.
std::string ShortEnumName(const google::protobuf::EnumValueDescriptor* value);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_MESSAGE_PARSER_H_
