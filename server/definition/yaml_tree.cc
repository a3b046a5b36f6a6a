#include "server/definition/yaml_tree.h"

#include <yaml.h>

#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/definition/json_surrogates.h"
#include "server/definition/syntax_error.h"

namespace bantam {
namespace {

// Longer keys are a mistake, and would make the paths of fields long.
constexpr size_t kMaxKeyBytes = 1024;

constexpr absl::string_view kCoreTag = "tag:yaml.org,2002:";

absl::string_view View(const yaml_char_t* text) {
  return text == nullptr ? absl::string_view() : reinterpret_cast<const char*>(text);
}

// One event of libyaml.
class Event {
 public:
  Event() { event_.type = YAML_NO_EVENT; }
  ~Event() { yaml_event_delete(&event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  yaml_event_t* operator->() { return &event_; }
  yaml_event_t* get() { return &event_; }

 private:
  yaml_event_t event_;
};

// Builds the tree of one text.
class TreeReader {
 public:
  TreeReader(const SourceText& source, FoundIssues* issues)
      : source_(source), text_(source), issues_(issues) {
    if (yaml_parser_initialize(&parser_) == 0) return;
    initialized_ = true;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  ~TreeReader() {
    if (initialized_) yaml_parser_delete(&parser_);
  }
  TreeReader(const TreeReader&) = delete;
  TreeReader& operator=(const TreeReader&) = delete;

  YamlTree Read();

 private:
  SourcePosition ToPosition(const yaml_mark_t& mark) const {
    return text_.ToSource({static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1});
  }

  // The next event; false after a syntax error, which is reported.
  bool Next(Event* event);

  // Called after Next() failed: a scalar read just before may have run on into what is wrong.
  void Distrust(YamlNode* last) const {
    if (after_scalar_ && last->kind == YamlNode::Kind::kScalar) *last = YamlNode();
  }

  // Reads what begins with `event`, `depth` levels deep. False if reading cannot go on.
  bool ReadNode(Event* event, int depth, YamlNode* node);
  bool ReadList(int depth, YamlNode* node);
  bool ReadMap(int depth, YamlNode* node);
  void CheckKey(YamlNode* key, absl::flat_hash_set<std::string>* keys, const YamlNode& map);

  void RefuseAnchor(const yaml_char_t* anchor, SourcePosition position);
  void ApplyTag(absl::string_view tag, YamlNode* node);

  // Refuses a %TAG directive: each one is compared with all before it.
  bool CheckDirectives();

  // Looks for anything behind the document, which ended at `mark`.
  void CheckEnd(const yaml_mark_t& mark);

  const SourceText& source_;
  const JoinedSurrogates text_;
  FoundIssues* const issues_;
  std::optional<BadCharacter> bad_character_;
  yaml_parser_t parser_;
  bool initialized_ = false;
  bool after_scalar_ = false;  // The event before was a scalar.
};

YamlTree TreeReader::Read() {
  YamlTree tree;
  if (!initialized_) {
    issues_->AddError({}, "", "there is not enough memory to read the text");
    return tree;
  }
  absl::string_view text = text_.text();
  bad_character_ = FindBadCharacter(source_);
  if (bad_character_.has_value()) {
    issues_->AddError(bad_character_->position, "", bad_character_->message);
    // Only whole lines before it: what it breaks off would be misleading.
    text = text.substr(0, SourceText(text).LineStart(bad_character_->position.line));
  }
  if (text.empty()) text = "";  // Not a null pointer, which libyaml asserts against.
  yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
  if (!CheckDirectives()) return tree;
  for (;;) {
    Event event;
    if (!Next(&event)) {
      Distrust(&tree.root);
      return tree;
    }
    if (event->type == YAML_STREAM_START_EVENT || event->type == YAML_DOCUMENT_START_EVENT) {
      continue;
    }
    if (event->type == YAML_DOCUMENT_END_EVENT || event->type == YAML_STREAM_END_EVENT) {
      tree.complete = !bad_character_.has_value();
      if (event->type == YAML_DOCUMENT_END_EVENT && tree.complete) CheckEnd(event->end_mark);
      return tree;
    }
    if (!ReadNode(&event, 1, &tree.root)) return tree;
  }
}

bool TreeReader::Next(Event* event) {
  if (yaml_parser_parse(&parser_, event->get()) != 0) {
    after_scalar_ = (*event)->type == YAML_SCALAR_EVENT;
    return true;
  }
  // What breaks off before a bad character is no mistake of its own.
  const bool at_bad_character =
      bad_character_.has_value() &&
      parser_.problem_mark.line + 1 >= static_cast<size_t>(bad_character_->position.line);
  if (at_bad_character) return false;
  const SyntaxError error = DescribeSyntaxError(parser_, text_.text());
  issues_->AddError(text_.ToSource(error.position), "", error.message);
  return false;
}

bool TreeReader::ReadNode(Event* event, int depth, YamlNode* node) {
  yaml_event_t* const e = event->get();
  node->position = ToPosition(e->start_mark);
  switch (e->type) {
    case YAML_ALIAS_EVENT:
      issues_->AddError(
          node->position, "",
          absl::StrCat("aliases are not supported; write what ",
                       Quoted(absl::StrCat("*", View(e->data.alias.anchor))), " stands for"));
      return true;
    case YAML_SCALAR_EVENT:
      node->kind = YamlNode::Kind::kScalar;
      node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
      node->text.assign(reinterpret_cast<const char*>(e->data.scalar.value), e->data.scalar.length);
      RefuseAnchor(e->data.scalar.anchor, node->position);
      ApplyTag(View(e->data.scalar.tag), node);
      return true;
    case YAML_SEQUENCE_START_EVENT:
      node->kind = YamlNode::Kind::kList;
      node->flow = e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
      RefuseAnchor(e->data.sequence_start.anchor, node->position);
      ApplyTag(View(e->data.sequence_start.tag), node);
      return ReadList(depth, node);
    default:
      node->kind = YamlNode::Kind::kMap;
      node->flow = e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
      RefuseAnchor(e->data.mapping_start.anchor, node->position);
      ApplyTag(View(e->data.mapping_start.tag), node);
      return ReadMap(depth, node);
  }
}

bool TreeReader::ReadList(int depth, YamlNode* node) {
  if (depth > kMaxYamlDepth) {
    issues_->AddError(node->position, "",
                      absl::StrCat("lists and maps are nested more than ", kMaxYamlDepth,
                                   " deep; reading stops here"));
    return false;
  }
  for (;;) {
    Event event;
    if (!Next(&event)) {
      if (!node->children.empty()) Distrust(&node->children.back());
      return false;
    }
    if (event->type == YAML_SEQUENCE_END_EVENT) return true;
    YamlNode element;
    const bool go_on = ReadNode(&event, depth + 1, &element);
    node->children.push_back(std::move(element));
    if (!go_on) return false;
  }
}

bool TreeReader::ReadMap(int depth, YamlNode* node) {
  if (depth > kMaxYamlDepth) {
    issues_->AddError(node->position, "",
                      absl::StrCat("lists and maps are nested more than ", kMaxYamlDepth,
                                   " deep; reading stops here"));
    return false;
  }
  absl::flat_hash_set<std::string> keys;
  for (;;) {
    Event key_event;
    if (!Next(&key_event)) {
      if (!node->children.empty()) Distrust(&node->children.back());
      return false;
    }
    if (key_event->type == YAML_MAPPING_END_EVENT) return true;
    YamlNode key;
    if (!ReadNode(&key_event, depth + 1, &key)) return false;
    CheckKey(&key, &keys, *node);
    Event value_event;
    if (!Next(&value_event)) return false;
    YamlNode value;
    const bool go_on = ReadNode(&value_event, depth + 1, &value);
    node->children.push_back(std::move(key));
    node->children.push_back(std::move(value));
    if (!go_on) return false;
  }
}

void TreeReader::CheckKey(YamlNode* key, absl::flat_hash_set<std::string>* keys,
                          const YamlNode& map) {
  if (key->kind == YamlNode::Kind::kUnusable) return;
  std::string problem;
  if (key->kind != YamlNode::Kind::kScalar) {
    problem = absl::StrCat("a key must be a text, not a ",
                           key->kind == YamlNode::Kind::kList ? "list" : "map");
  } else if (key->text == "<<" && !key->quoted) {
    problem = "merge keys ('<<') are not supported; write the fields out";
  } else if (key->text.size() > kMaxKeyBytes) {
    problem = absl::StrCat("a key of ", key->text.size(), " bytes is too long; at most ",
                           kMaxKeyBytes, " are allowed");
  }
  if (!problem.empty()) {
    issues_->AddError(key->position, "", problem);
    *key = YamlNode();
    return;
  }
  key->duplicate = !keys->insert(key->text).second;
  if (!key->duplicate) return;
  issues_->Add(key->position, v1::ISSUE_SEVERITY_ERROR, [&] {
    FoundIssue issue;
    issue.message = absl::StrCat("duplicate key ", Quoted(key->text));
    for (size_t i = 0; i < map.children.size(); i += 2) {
      if (map.children[i].text != key->text) continue;
      absl::StrAppend(&issue.message, "; the first is on line ", map.children[i].position.line);
      break;
    }
    return issue;
  });
}

void TreeReader::RefuseAnchor(const yaml_char_t* anchor, SourcePosition position) {
  if (anchor == nullptr) return;
  issues_->AddError(
      position, "",
      absl::StrCat("anchors are not supported; remove ", Quoted(absl::StrCat("&", View(anchor))),
                   ", and write out what refers to it"));
}

// The core tags say what the value is anyway.
void TreeReader::ApplyTag(absl::string_view tag, YamlNode* node) {
  if (tag.empty()) return;
  absl::string_view name = tag;
  const bool core = absl::ConsumePrefix(&name, kCoreTag);
  if (node->kind == YamlNode::Kind::kScalar) {
    if (tag == "!" || (core && name == "str")) {
      node->quoted = true;
      return;
    }
    if (core && (name == "int" || name == "float" || name == "bool" || name == "null" ||
                 name == "timestamp")) {
      node->quoted = false;
      return;
    }
  } else if (core && name == (node->kind == YamlNode::Kind::kList ? "seq" : "map")) {
    return;
  }
  issues_->AddError(node->position, "",
                    absl::StrCat("the tag ", Quoted(absl::StrCat(core ? "!!" : "", name)),
                                 " is not supported here; remove it"));
}

bool TreeReader::CheckDirectives() {
  for (int number = 1; source_.LineStart(number) < source_.text().size(); ++number) {
    const absl::string_view line = source_.Line(number);
    if (absl::StartsWith(line, "%TAG")) {
      issues_->AddError({number, 1}, "", "%TAG directives are not supported; remove this line");
      return false;
    }
    const absl::string_view stripped = absl::StripLeadingAsciiWhitespace(line);
    if (!stripped.empty() && stripped.front() != '#' && stripped.front() != '%') break;
  }
  return true;
}

void TreeReader::CheckEnd(const yaml_mark_t& mark) {
  const SourceText source(text_.text());
  int number = static_cast<int>(mark.line) + 1;
  // The end mark of an explicit end ("...") stands behind it.
  size_t skip = mark.column;
  for (; source.LineStart(number) < source.text().size(); ++number, skip = 0) {
    absl::string_view line = source.Line(number);
    size_t column = 0;
    while (column < skip && !line.empty()) {  // By characters.
      do {
        line.remove_prefix(1);
      } while (!line.empty() && (line.front() & 0xC0) == 0x80);
      ++column;
    }
    if (column == 0 && absl::StartsWith(line, "...")) continue;
    const absl::string_view stripped = absl::StripLeadingAsciiWhitespace(line);
    if (stripped.empty() || stripped.front() == '#') continue;
    column += line.size() - stripped.size();
    const bool starts_document =
        column == 0 && (absl::StartsWith(stripped, "---") || stripped.front() == '%');
    issues_->AddError(text_.ToSource({number, static_cast<int>(column) + 1}), "",
                      starts_document
                          ? "a second document starts here; put each document in a file of its own"
                          : "the document ended before this; remove it, or check the indentation");
    return;
  }
}

}  // namespace

YamlTree ReadYamlTree(const SourceText& source, FoundIssues* issues) {
  return TreeReader(source, issues).Read();
}

}  // namespace bantam
