// UpdatedText(): edits the text of a case in place, guided by libyaml's marks.
#include <yaml.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cases/cases.h"
#include "client/cases/values.h"
#include "google/protobuf/descriptor.h"

namespace bantam {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A document of libyaml's, freed with its owner.
class Document {
 public:
  explicit Document(absl::string_view text) {
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
    loaded_ = yaml_parser_load(&parser, &document_) != 0;
    yaml_parser_delete(&parser);
  }
  ~Document() {
    if (loaded_) yaml_document_delete(&document_);
  }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // Null if the text is no YAML.
  yaml_node_t* root() { return loaded_ ? yaml_document_get_root_node(&document_) : nullptr; }
  yaml_node_t* node(int id) { return yaml_document_get_node(&document_, id); }

 private:
  yaml_document_t document_;
  bool loaded_ = false;
};

absl::string_view ScalarText(const yaml_node_t& node) {
  return {reinterpret_cast<const char*>(node.data.scalar.value), node.data.scalar.length};
}

// Collects replacements and applies them.
class Editor {
 public:
  Editor(absl::string_view text, Document* document) : text_(text), document_(*document) {
    // libyaml counts characters, not bytes; a byte-order mark counts for nothing.
    const size_t start = text.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
    for (size_t i = start; i < text.size(); ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets_.push_back(i);
    }
    offsets_.push_back(text.size());
  }

  // Brings what is written of a message up to date.
  void UpdateMessage(yaml_node_t* node, const Message& want, const Message& got) {
    if (node->type != YAML_MAPPING_NODE) return;
    for (yaml_node_pair_t* pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; ++pair) {
      const FieldDescriptor* field = want.GetDescriptor()->FindFieldByName(
          std::string(ScalarText(*document_.node(pair->key))));
      if (field != nullptr) UpdateField(document_.node(pair->value), want, got, *field);
    }
  }

  void UpdateField(yaml_node_t* node, const Message& want, const Message& got,
                   const FieldDescriptor& field) {
    const Reflection& reflection = *want.GetReflection();
    if (field.is_repeated()) {
      UpdateList(node, want, got, field);
    } else if (IsScalarField(field)) {
      const std::string value = FormatScalar(got, field, -1);
      if (value != FormatScalar(want, field, -1)) Replace(node, value);
    } else if (!reflection.HasField(got, &field)) {
      if (reflection.HasField(want, &field)) Replace(node, "null");
    } else if (!reflection.HasField(want, &field)) {
      Replace(node, Emit(nullptr, reflection.GetMessage(got, &field)));
    } else {
      UpdateMessage(node, reflection.GetMessage(want, &field), reflection.GetMessage(got, &field));
    }
  }

  // Writes `value` in place of a node.
  void Replace(const yaml_node_t* node, absl::string_view value) {
    const size_t begin = Offset(node->start_mark.index);
    const size_t end = End(*node);
    // A value that was left out ("total:") stands right behind its colon.
    const bool empty = begin == end && begin > 0 && text_[begin - 1] == ':';
    edits_.push_back({begin, end, absl::StrCat(empty ? " " : "", value)});
  }

  // The text with all replacements.
  std::string Apply() {
    std::sort(edits_.begin(), edits_.end(),
              [](const Edit& a, const Edit& b) { return a.begin > b.begin; });
    std::string text(text_);
    for (const Edit& edit : edits_) text.replace(edit.begin, edit.end - edit.begin, edit.value);
    return text;
  }

 private:
  struct Edit {
    size_t begin;
    size_t end;
    std::string value;
  };

  void UpdateList(yaml_node_t* node, const Message& want, const Message& got,
                  const FieldDescriptor& field) {
    const Reflection& reflection = *want.GetReflection();
    const int size = reflection.FieldSize(got, &field);
    if (reflection.FieldSize(want, &field) != size || node->type != YAML_SEQUENCE_NODE) {
      if (size > 0 || reflection.FieldSize(want, &field) > 0) ReplaceList(node, got, field);
      return;
    }
    for (int i = 0; i < size; ++i) {
      yaml_node_t* item = document_.node(node->data.sequence.items.start[i]);
      if (!IsScalarField(field)) {
        UpdateMessage(item, reflection.GetRepeatedMessage(want, &field, i),
                      reflection.GetRepeatedMessage(got, &field, i));
        continue;
      }
      const std::string value = FormatScalar(got, field, i);
      if (value != FormatScalar(want, field, i)) Replace(item, value);
    }
  }

  // Writes a list anew: one element to a line where it stood in block style.
  void ReplaceList(yaml_node_t* node, const Message& got, const FieldDescriptor& field) {
    const Reflection& reflection = *got.GetReflection();
    const bool block =
        node->type == YAML_SEQUENCE_NODE && node->data.sequence.style != YAML_FLOW_SEQUENCE_STYLE;
    const int size = reflection.FieldSize(got, &field);
    std::vector<std::string> items;
    for (int i = 0; i < size; ++i) {
      items.push_back(IsScalarField(field)
                          ? FormatScalar(got, field, i)
                          : Emit(Template(node, i), reflection.GetRepeatedMessage(got, &field, i)));
    }
    if (block && size > 0) {
      const std::string indent(node->start_mark.column, ' ');
      Replace(node, absl::StrCat("- ", absl::StrJoin(items, absl::StrCat("\n", indent, "- "))));
    } else {
      Replace(node, absl::StrCat("[", absl::StrJoin(items, ", "), "]"));
    }
  }

  // The old element whose keys a new one takes: the i-th, else the last; null if there is none.
  yaml_node_t* Template(yaml_node_t* list, int i) {
    if (list->type != YAML_SEQUENCE_NODE) return nullptr;
    const int size =
        static_cast<int>(list->data.sequence.items.top - list->data.sequence.items.start);
    return size == 0 ? nullptr
                     : document_.node(list->data.sequence.items.start[std::min(i, size - 1)]);
  }

  // A message in flow style: the fields that `keys` names, else all that are set.
  std::string Emit(yaml_node_t* keys, const Message& message) {
    std::vector<std::string> entries;
    if (keys != nullptr && keys->type == YAML_MAPPING_NODE) {
      for (yaml_node_pair_t* pair = keys->data.mapping.pairs.start;
           pair < keys->data.mapping.pairs.top; ++pair) {
        const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(
            std::string(ScalarText(*document_.node(pair->key))));
        if (field != nullptr) {
          entries.push_back(EmitField(document_.node(pair->value), message, *field));
        }
      }
    } else {
      std::vector<const FieldDescriptor*> fields;
      message.GetReflection()->ListFields(message, &fields);
      for (const FieldDescriptor* field : fields) {
        entries.push_back(EmitField(nullptr, message, *field));
      }
    }
    return absl::StrCat("{", absl::StrJoin(entries, ", "), "}");
  }

  std::string EmitField(yaml_node_t* keys, const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    std::string value;
    if (field.is_repeated()) {
      std::vector<std::string> items;
      for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
        items.push_back(IsScalarField(field)
                            ? FormatScalar(message, field, i)
                            : Emit(keys == nullptr ? nullptr : Template(keys, i),
                                   reflection.GetRepeatedMessage(message, &field, i)));
      }
      value = absl::StrCat("[", absl::StrJoin(items, ", "), "]");
    } else if (IsScalarField(field)) {
      value = FormatScalar(message, field, -1);
    } else if (reflection.HasField(message, &field)) {
      value = Emit(keys, reflection.GetMessage(message, &field));
    } else {
      value = "null";
    }
    return absl::StrCat(field.name(), ": ", value);
  }

  size_t Offset(size_t index) const { return offsets_[std::min(index, offsets_.size() - 1)]; }

  // Where the node's text ends. libyaml ends a block collection at the next token, beyond blank
  // lines and comments that follow it: its last leaf tells better.
  size_t End(const yaml_node_t& node) {
    if (node.type == YAML_SEQUENCE_NODE && node.data.sequence.style != YAML_FLOW_SEQUENCE_STYLE &&
        node.data.sequence.items.top > node.data.sequence.items.start) {
      return End(*document_.node(node.data.sequence.items.top[-1]));
    }
    if (node.type == YAML_MAPPING_NODE && node.data.mapping.style != YAML_FLOW_MAPPING_STYLE &&
        node.data.mapping.pairs.top > node.data.mapping.pairs.start) {
      return End(*document_.node(node.data.mapping.pairs.top[-1].value));
    }
    size_t end = Offset(node.end_mark.index);
    const size_t begin = Offset(node.start_mark.index);
    while (end > begin && absl::ascii_isspace(static_cast<unsigned char>(text_[end - 1]))) --end;
    return end;
  }

  absl::string_view text_;
  Document& document_;
  std::vector<size_t> offsets_;  // Of each character.
  std::vector<Edit> edits_;
};

std::string Entry(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return absl::StrCat(name, ": ", FormatScalar(message, *field, -1));
}

// What a case begins with that does not say yet what it is about, in flow style.
std::string MainValues(const v1::Evaluation& answer) {
  std::vector<std::string> entries;
  if (answer.verdict() != v1::VERDICT_UNSPECIFIED) entries.push_back(Entry(answer, "verdict"));
  if (answer.has_score()) {
    const v1::Score& score = answer.score();
    entries.push_back(absl::StrCat("score: {", Entry(score, "total"), ", ", Entry(score, "label"),
                                   ", ", Entry(score, "temperature"), "}"));
  }
  if (answer.has_advancement()) {
    entries.push_back(absl::StrCat("advancement: {", Entry(answer.advancement(), "to_stage"), "}"));
  }
  return absl::StrCat("{", absl::StrJoin(entries, ", "), "}");
}

}  // namespace

absl::StatusOr<std::string> UpdatedText(const LoadedCase& loaded, const CaseOutcome& outcome) {
  Document document(loaded.text);
  yaml_node_t* root = document.root();
  if (root == nullptr || root->type != YAML_MAPPING_NODE) {
    return absl::InternalError(absl::StrCat(loaded.file, ": cannot be edited"));
  }
  // A case that wants an answer and got refused fields has nothing to take over.
  const bool answered = outcome.got.has_want();
  const bool wants_answer = loaded.written.Contains("want");
  if (wants_answer && !answered) return loaded.text;
  const FieldDescriptor& field =
      *v1::EvaluationCase::descriptor()->FindFieldByName(wants_answer ? "want" : "want_violations");
  Editor editor(loaded.text, &document);
  for (yaml_node_pair_t* pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top;
       ++pair) {
    if (ScalarText(*document.node(pair->key)) != field.name()) continue;
    if (WantsNothing(loaded)) {
      editor.Replace(document.node(pair->value), MainValues(outcome.got.want()));
    } else {
      editor.UpdateField(document.node(pair->value), loaded.content, outcome.got, field);
    }
  }
  return editor.Apply();
}

}  // namespace bantam
