// YAML text → a tree of lists, maps and scalars with their positions. The only file that knows
// libyaml.
#ifndef BANTAM_SERVER_DEFINITION_YAML_TREE_H_
#define BANTAM_SERVER_DEFINITION_YAML_TREE_H_

#include <string>
#include <vector>

#include "server/definition/found_issues.h"
#include "server/definition/source_text.h"
#include "server/definition/yaml.h"

namespace bantam {

// One value, or one key of a map.
struct YamlNode {
  enum class Kind : char {
    kUnusable,  // An issue says why, or the text breaks off here.
    kScalar,
    kList,
    kMap,
  };
  Kind kind = Kind::kUnusable;

  // Scalars: in quotes, or a block; its text is never taken for a number, a boolean or null.
  bool quoted = false;

  // Keys: the map has it already; an issue says so.
  bool duplicate = false;

  // Lists and maps: in brackets or braces.
  bool flow = false;

  SourcePosition position;

  // Scalars: the text, escapes and folding undone.
  std::string text;

  // Lists: the elements. Maps: key, value, key, value …
  std::vector<YamlNode> children;
};

// One document.
struct YamlTree {
  // Unusable if there is none.
  YamlNode root;

  // Whether all of the text was read; else an issue says where it broke off.
  bool complete = false;
};

// Reads the one document of `source`. Anchors, aliases, tags, duplicate and merge keys, further
// documents, nesting deeper than kMaxYamlDepth and syntax errors become issues.
YamlTree ReadYamlTree(const SourceText& source, FoundIssues* issues);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_YAML_TREE_H_
