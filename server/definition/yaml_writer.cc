#include "server/definition/yaml_writer.h"

#include <unicode/utf8.h>

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/definition/scalars.h"

namespace bantam {
namespace {

constexpr int kIndent = 2;
constexpr size_t kMaxColumns = 100;
constexpr size_t kMaxFlowEntries = 4;

// libyaml takes longer ones for keys only if they are marked.
constexpr size_t kMaxSimpleKeyBytes = 1000;

// Whether a character can stand for itself within a line.
bool IsPrintable(int32_t c) {
  return (c >= 0x20 && c <= 0x7E) ||
         (c >= 0xA0 && c <= 0xFFFD && c != 0x2028 && c != 0x2029 && c != 0xFEFF) || c >= 0x10000;
}

// Whether every character of `text` can stand for itself, or is one of `also`.
bool AllPrintable(absl::string_view text, absl::string_view also) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t i = 0; i < text.size();) {
    int32_t c;
    U8_NEXT(bytes, i, text.size(), c);
    if (!IsPrintable(c) && !(c >= 0 && c < 0x80 && absl::StrContains(also, static_cast<char>(c)))) {
      return false;
    }
  }
  return true;
}

// Whether some reader of YAML takes the unquoted text for something else than a text.
bool LooksLikeOtherType(absl::string_view text) {
  if (ClassifyPlain(text) != PlainKind::kText) return true;
  const std::string word = absl::AsciiStrToLower(text);
  for (const absl::string_view reserved :
       {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "="}) {
    if (word == reserved) return true;
  }
  // 09:30 is 570 to YAML 1.1.
  bool only_digits_and_colons = true;
  for (const char c : text) {
    only_digits_and_colons = only_digits_and_colons && (absl::ascii_isdigit(c) || c == ':');
  }
  return only_digits_and_colons;
}

// Whether the text, all of it printable, would not be read back as it is without quotes.
bool NeedsQuotes(absl::string_view text, bool in_flow) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return true;
  if (LooksLikeOtherType(text)) return true;
  if (absl::StrContains(",[]{}#&*!|>'\"%@`", text.front())) return true;
  const bool is_indicator = absl::StrContains("-?:", text.front());
  if (is_indicator && (in_flow || text.size() == 1 || text[1] == ' ')) return true;
  if (absl::StartsWith(text, "---") || absl::StartsWith(text, "...")) return true;
  if (absl::StrContains(text, ": ") || absl::StrContains(text, " #") || text.back() == ':') {
    return true;
  }
  return in_flow && text.find_first_of(",[]{}:") != absl::string_view::npos;
}

std::string DoubleQuoted(absl::string_view text) {
  std::string quoted = "\"";
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    int32_t c;
    U8_NEXT(bytes, i, text.size(), c);
    if (c < 0) c = 0xFFFD;  // Bytes that are no character cannot be written.
    if (c == '"' || c == '\\') {
      absl::StrAppend(&quoted, "\\", text.substr(start, 1));
    } else if (c == '\n') {
      absl::StrAppend(&quoted, "\\n");
    } else if (c == '\t') {
      absl::StrAppend(&quoted, "\\t");
    } else if (c <= 0xFF && !IsPrintable(c)) {
      absl::StrAppendFormat(&quoted, "\\x%02X", c);
    } else if (!IsPrintable(c)) {
      absl::StrAppendFormat(&quoted, "\\u%04X", c);
    } else if (c == 0xFFFD) {
      absl::StrAppend(&quoted, "\xEF\xBF\xBD");
    } else {
      absl::StrAppend(&quoted, text.substr(start, i - start));
    }
  }
  return quoted + '"';
}

// The text in one line, in the quotes that it needs.
std::string Inline(absl::string_view text, bool in_flow) {
  if (!AllPrintable(text, "")) return DoubleQuoted(text);
  if (!NeedsQuotes(text, in_flow)) return std::string(text);
  // Patterns and paths read better without doubled backslashes.
  if (text.find_first_of("\"\\") == absl::string_view::npos) return DoubleQuoted(text);
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

// Whether the text can be written as a literal block.
bool IsLiteral(absl::string_view text) {
  if (!absl::StrContains(text, '\n') || !AllPrintable(text, "\n\t")) return false;
  if (text.front() == '\n' || text.front() == ' ') return false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && (line.front() == '\t' || line.find_first_not_of(' ') == line.npos)) {
      return false;
    }
  }
  return true;
}

std::string Scalar(const YamlNode& node, bool in_flow) {
  return node.quoted ? Inline(node.text, in_flow) : node.text;
}

bool IsScalar(const YamlNode& node) { return node.kind == YamlNode::Kind::kScalar; }

// A list of single values, or a small map of numbers and the like, in one line; empty if it is
// neither.
std::string Flow(const YamlNode& node) {
  std::vector<std::string> parts;
  if (node.kind == YamlNode::Kind::kList) {
    for (const YamlNode& element : node.children) {
      if (!IsScalar(element)) return "";
      parts.push_back(Scalar(element, /*in_flow=*/true));
    }
    return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
  }
  if (node.children.size() > 2 * kMaxFlowEntries) return "";
  for (size_t i = 0; i < node.children.size(); i += 2) {
    const YamlNode& value = node.children[i + 1];
    if (!IsScalar(value) || value.quoted) return "";
    parts.push_back(absl::StrCat(Scalar(node.children[i], /*in_flow=*/true), ": ", value.text));
  }
  return absl::StrCat("{", absl::StrJoin(parts, ", "), "}");
}

class Writer {
 public:
  std::string Write(const YamlNode& root) {
    if (IsScalar(root)) {
      out_ = Scalar(root, /*in_flow=*/false);
    } else if (root.children.empty()) {
      out_ = Flow(root);
    } else {
      WriteBlock(root, 0, /*goes_on=*/false);
      return out_;
    }
    return out_ + "\n";
  }

 private:
  void Indent(int indent) { out_.append(indent, ' '); }

  // Writes the entries of a list or map at `indent`; `goes_on`: the first one on the line begun.
  void WriteBlock(const YamlNode& node, int indent, bool goes_on) {
    const bool is_list = node.kind == YamlNode::Kind::kList;
    for (size_t i = 0; i < node.children.size(); i += is_list ? 1 : 2) {
      if (i > 0 || !goes_on) Indent(indent);
      if (is_list) {
        out_ += '-';
        WriteValue(node.children[i], indent, /*may_go_on=*/true);
        continue;
      }
      const std::string key = Scalar(node.children[i], /*in_flow=*/false);
      if (key.size() > kMaxSimpleKeyBytes) {
        absl::StrAppend(&out_, "? ", key, "\n");
        Indent(indent);
        out_ += ':';
      } else {
        absl::StrAppend(&out_, key, ":");
      }
      WriteValue(node.children[i + 1], indent, /*may_go_on=*/false);
    }
  }

  // Writes what follows "key:" or "-" of an entry at `indent`, with the line's end.
  void WriteValue(const YamlNode& node, int indent, bool may_go_on) {
    if (IsScalar(node)) {
      if (node.quoted && IsLiteral(node.text)) {
        WriteLiteral(node.text, indent + kIndent);
      } else {
        absl::StrAppend(&out_, " ", Scalar(node, /*in_flow=*/false), "\n");
      }
      return;
    }
    const std::string flow = Flow(node);
    const size_t line_start = out_.rfind('\n') + 1;  // npos + 1 is 0.
    const bool fits = out_.size() - line_start + 1 + flow.size() <= kMaxColumns;
    if (node.children.empty() || (!flow.empty() && fits)) {
      absl::StrAppend(&out_, " ", flow, "\n");
      return;
    }
    out_ += may_go_on ? ' ' : '\n';
    WriteBlock(node, indent + kIndent, may_go_on);
  }

  // Writes the lines of a text behind "key:" or "-".
  void WriteLiteral(absl::string_view text, int indent) {
    const bool ends_line = absl::EndsWith(text, "\n");
    absl::StrAppend(&out_, ends_line ? (absl::EndsWith(text, "\n\n") ? " |+\n" : " |\n") : " |-\n");
    if (ends_line) text.remove_suffix(1);
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      if (!line.empty()) Indent(indent);
      absl::StrAppend(&out_, line, "\n");
    }
  }

  std::string out_;
};

}  // namespace

std::string WriteYamlTree(const YamlNode& root) { return Writer().Write(root); }

}  // namespace bantam
