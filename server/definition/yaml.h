// YAML and JSON text ↔ any protobuf message, by descriptor. Serves ICPs, leads, test cases and
// mapping files alike; knows no particular message beyond the well-known types and the short forms
// documented in value.proto and icp.proto. README.md documents the syntax.
//
// Pure code: no I/O, clock, locks or logs. All functions are safe for concurrent use.
#ifndef BANTAM_SERVER_DEFINITION_YAML_H_
#define BANTAM_SERVER_DEFINITION_YAML_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "google/protobuf/message.h"

namespace bantam {

// Where a field was written. Lines and columns (in characters) count from 1; 0: not known.
struct SourcePosition {
  int line = 0;
  int column = 0;
};

// Field path ("fit.criteria[2].test.in", "exchange_rates[USD]", "" for the document) → position.
// Short forms are entered under the fields they stand for: `in: [a]` also as "in.values" and
// "in.values[0]"; and what stands below the only field of a message is found without its name as
// well: "in[0]". The position of a value that begins on the line of its key is the value's, else
// the key's.
class SourceMap {
 public:
  // What stands for the document in AddChild().
  static constexpr int kDocument = 0;

  // Enters `path`, and the paths that enclose it where they are missing.
  void Add(absl::string_view path, SourcePosition position);

  // Enters one segment ("criteria", "[2]", "[USD]") below the entry `parent`, kDocument or what
  // AddChild() returned; a segment entered before gets the new position. Returns the entry.
  int AddChild(int parent, absl::string_view segment, SourcePosition position);

  // The position of `path`, else of the nearest enclosing path that was written; {0, 0} if the map
  // is empty.
  SourcePosition Find(absl::string_view path) const;

  // Whether exactly `path` was written (also as `null`, which leaves the field unset).
  bool Contains(absl::string_view path) const;

  // Forgets everything.
  void Clear();

 private:
  struct Entry {
    int id = kDocument;
    SourcePosition position;
  };

  // The entry that `path` names, or the nearest enclosing one; `exact` tells which. Null if the map
  // is empty.
  const Entry* Look(absl::string_view path, bool* exact) const;

  // The entry of the segment in brackets at the front of `path` below `parent`, and the segment's
  // length; null if there is none.
  const Entry* LookInBrackets(int parent, absl::string_view path, size_t* length) const;

  // By entry and segment. A tree of segments rather than whole paths, which deep nesting and long
  // keys would make large.
  std::map<std::pair<int, std::string>, Entry> children_;
  Entry document_;
  bool empty_ = true;
  int last_id_ = kDocument;
};

// What ParseYaml() accepts.
struct YamlLimits {
  // Size of the text in bytes.
  size_t max_bytes = size_t{16} << 20;

  // Problems that are returned; what is beyond is counted by one more, the last.
  int max_issues = 100;
};

// The limits of an ICP's text.
inline constexpr size_t kMaxIcpBytes = size_t{1} << 20;

// Lists and maps within each other; the document itself is the first. A deeper text is refused.
inline constexpr int kMaxYamlDepth = 64;

// Parses one document into `message` (cleared first) and fills `positions` (cleared first; may be
// null). Returns the problems, as many as `limits` allow, in order of line and column, with
// `rendered` filled in; empty: it is good. After a syntax error parsing stops there; problems
// before it are returned as well. After an error `message` holds what could be read: lists keep one
// element for each that was written. `file` is the name issues carry.
std::vector<v1::Issue> ParseYaml(absl::string_view text, absl::string_view file,
                                 google::protobuf::Message* message, SourceMap* positions,
                                 const YamlLimits& limits = {});

// Which fields are written.
enum class YamlFields {
  kSet,  // Those that are set.
  kAll,  // And those that cannot tell whether they are, with their 0, "", false or empty list.
};

// Writes `message` as a YAML document that ParseYaml() reads back to an equal message. What no
// document can say is written all the same, and refused when read: numbers that are not finite,
// enum values unknown to the contract, and map keys over 1024 bytes. Bytes of a text that are not
// UTF-8 become U+FFFD.
std::string FormatYaml(const google::protobuf::Message& message,
                       YamlFields fields = YamlFields::kSet);

// Fills in file, line, column and `rendered` (`file:line:column: error: message`, the line, and a
// caret below it) of an issue about the field at `field`.
v1::Issue LocateIssue(v1::IssueSeverity severity, absl::string_view field,
                      absl::string_view message, absl::string_view text, absl::string_view file,
                      const SourceMap& positions);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_YAML_H_
