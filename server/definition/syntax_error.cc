#include "server/definition/syntax_error.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/definition/source_text.h"

namespace bantam {
namespace {

absl::string_view View(const char* text) { return text == nullptr ? "" : text; }

SourcePosition ToPosition(const yaml_mark_t& mark) {
  return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1};
}

// A problem as libyaml names it, and how people would.
struct Wording {
  absl::string_view problem;
  absl::string_view words;
  absl::string_view advice;
};
constexpr Wording kWordings[] = {
    {"mapping values are not allowed in this context", "': ' is not allowed here",
     "put a text that contains it in quotes, and check the indentation"},
    {"block sequence entries are not allowed in this context", "'- ' is not allowed here",
     "check the indentation"},
    {"mapping keys are not allowed in this context", "'? ' is not allowed here",
     "put a text that begins with it in quotes"},
    {"did not find expected key", "expected a key",
     "check the indentation, the brackets and the quotes"},
    {"did not find expected '-' indicator", "expected '- '", "check the indentation"},
    {"did not find expected node content", "expected a value", ""},
    {"could not find expected ':'", "expected ': ' after the key", "write 'key: value'"},
    {"did not find expected <document start>", "the document ended before this",
     "check the indentation"},
    {"found unknown escape character", "unknown escape",
     "in double quotes write a backslash as '\\\\', or use single quotes"},
    {"found invalid Unicode character escape code", "this escape is no character", ""},
    {"found incompatible YAML document", "unknown version of YAML", "remove this line"},
    {"found a tab character that violates indentation", "a tab in the indentation",
     "indent with spaces"},
    {"found a tab character where an indentation space is expected", "a tab in the indentation",
     "indent with spaces"},
};

// What to say about `problem`; `next` is the text from there on.
std::string Explain(absl::string_view problem, absl::string_view next) {
  if (problem == "found character that cannot start any token") {
    if (absl::StartsWith(next, "\t")) return "a tab in the indentation; indent with spaces";
    const std::string first = Quoted(next.substr(0, 1));
    return absl::StrCat("a value cannot begin with ", first,
                        "; put a text that begins with it in quotes");
  }
  for (const Wording& wording : kWordings) {
    if (wording.problem != problem) continue;
    return absl::StrCat(wording.words, wording.advice.empty() ? "" : "; ", wording.advice);
  }
  if (absl::ConsumePrefix(&problem, "did not find expected ")) {
    return absl::StrCat("expected ", problem);
  }
  return std::string(problem);
}

// The list or map that libyaml was reading, and where it begins; empty if that does not help.
std::string Within(absl::string_view context, SourcePosition start, SourcePosition problem) {
  if (start.line == problem.line) return "";
  const bool is_map = absl::EndsWith(context, "mapping");
  const bool is_list = absl::EndsWith(context, "sequence") || absl::EndsWith(context, "collection");
  if (!is_map && !is_list) return "";
  return absl::StrCat(", in the ", is_map ? "map" : "list", " that begins on line ", start.line);
}

// The text from `position` on.
absl::string_view TextAt(absl::string_view text, SourcePosition position) {
  const SourceText source(text);
  absl::string_view rest = source.text().substr(source.LineStart(position.line));
  for (int column = 1; column < position.column && !rest.empty(); ++column) {
    do {
      rest.remove_prefix(1);
    } while (!rest.empty() && (rest.front() & 0xC0) == 0x80);
  }
  return rest;
}

// The position of the last character that is no blank.
SourcePosition LastCharacter(absl::string_view text) {
  const SourceText source(text);
  const size_t size = absl::StripTrailingAsciiWhitespace(source.text()).size();
  SourcePosition position{1, 0};
  while (source.LineStart(position.line + 1) < size) ++position.line;
  for (size_t i = source.LineStart(position.line); i < size; ++i) {
    position.column += (source.text()[i] & 0xC0) == 0x80 ? 0 : 1;
  }
  return position;
}

}  // namespace

SyntaxError DescribeSyntaxError(const yaml_parser_t& parser, absl::string_view text) {
  if (parser.error == YAML_MEMORY_ERROR) {
    return {ToPosition(parser.mark), "there is not enough memory to read the text"};
  }
  if (parser.error == YAML_READER_ERROR) {
    return {ToPosition(parser.mark), absl::StrCat("syntax error: ", View(parser.problem))};
  }
  const absl::string_view problem = View(parser.problem);
  const absl::string_view context = View(parser.context);
  const SourcePosition start = ToPosition(parser.context_mark);
  SourcePosition position = ToPosition(parser.problem_mark);
  if (context == "while scanning a quoted scalar" &&
      (problem == "found unexpected end of stream" ||
       problem == "found unexpected document indicator")) {
    return {start, "syntax error: the quote that opens here is not closed"};
  }
  if (context == "while scanning a simple key") position = start;
  const absl::string_view rest = TextAt(text, position);
  std::string message = "syntax error: ";
  if (absl::StripAsciiWhitespace(rest).empty()) {
    position = LastCharacter(text);
    absl::StrAppend(&message, "the text ends too early", Within(context, start, position),
                    "; is a bracket, brace or quote left open?");
  } else {
    const std::string explanation = Explain(problem, rest);
    const size_t words = std::min(explanation.find(';'), explanation.size());
    absl::StrAppend(&message, explanation.substr(0, words), Within(context, start, position),
                    explanation.substr(words));
  }
  return {position, message};
}

}  // namespace bantam
