#include "server/definition/parse_document.h"

#include "absl/strings/str_cat.h"
#include "server/definition/message_parser.h"
#include "server/definition/yaml_tree.h"

namespace bantam {
namespace {

// Whether a document of this kind can be a message of this type: a list stands for the only field.
bool IsOfType(YamlNode::Kind kind, const google::protobuf::Descriptor& type) {
  return kind == YamlNode::Kind::kMap ||
         (kind == YamlNode::Kind::kList && type.field_count() == 1 &&
          type.field(0)->is_repeated() && !type.field(0)->is_map());
}

}  // namespace

bool ParseDocument(const SourceText& source, size_t max_bytes, google::protobuf::Message* message,
                   SourceMap* positions, FoundIssues* issues) {
  message->Clear();
  if (positions != nullptr) positions->Clear();
  if (source.text().size() > max_bytes) {
    issues->AddError({}, "",
                     absl::StrCat("the text is ", source.text().size(), " bytes long; at most ",
                                  max_bytes, " are allowed"));
    return false;
  }
  YamlTree tree = ReadYamlTree(source, issues);
  const bool has_root = tree.root.kind != YamlNode::Kind::kUnusable;
  if (!has_root && tree.complete && issues->empty()) {
    // Nothing but blanks and comments reads like null.
    tree.root.kind = YamlNode::Kind::kScalar;
    tree.root.position = {1, 1};
  }
  MessageParser(issues, positions).ParseDocument(tree.root, message);
  return tree.complete && IsOfType(tree.root.kind, *message->GetDescriptor());
}

}  // namespace bantam
