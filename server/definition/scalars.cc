#include "server/definition/scalars.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/definition/source_text.h"

namespace bantam {
namespace {

// Takes the digits at the front of `text` off.
absl::string_view ConsumeDigits(absl::string_view* text) {
  size_t length = 0;
  while (length < text->size() && absl::ascii_isdigit((*text)[length])) ++length;
  const absl::string_view digits = text->substr(0, length);
  text->remove_prefix(length);
  return digits;
}

// -?(0|[1-9][0-9]*)
bool ConsumeJsonInteger(absl::string_view* text) {
  absl::ConsumePrefix(text, "-");
  const absl::string_view digits = ConsumeDigits(text);
  return !digits.empty() && (digits.size() == 1 || digits.front() != '0');
}

bool IsJsonInteger(absl::string_view text) { return ConsumeJsonInteger(&text) && text.empty(); }

bool IsJsonNumber(absl::string_view text) {
  if (!ConsumeJsonInteger(&text)) return false;
  if (absl::ConsumePrefix(&text, ".") && ConsumeDigits(&text).empty()) return false;
  if (absl::ConsumePrefix(&text, "e") || absl::ConsumePrefix(&text, "E")) {
    if (!absl::ConsumePrefix(&text, "+")) absl::ConsumePrefix(&text, "-");
    if (ConsumeDigits(&text).empty()) return false;
  }
  return text.empty();
}

bool IsNotFinite(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
  absl::ConsumePrefix(&text, ".");
  const std::string word = absl::AsciiStrToLower(text);
  return word == "inf" || word == "infinity" || word == "nan";
}

// The number that one would read `text` as, written properly; empty if it is none.
std::string ProperNumber(absl::string_view text) {
  std::string proper = absl::StrReplaceAll(text, {{"_", ""}});
  absl::string_view rest = proper;
  const bool negative = absl::ConsumePrefix(&rest, "-");
  if (!negative) absl::ConsumePrefix(&rest, "+");
  while (rest.size() > 1 && rest[0] == '0' && absl::ascii_isdigit(rest[1])) rest.remove_prefix(1);
  absl::ConsumeSuffix(&rest, ".");
  proper = absl::StrCat(negative ? "-" : "", absl::StartsWith(rest, ".") ? "0" : "", rest);
  return IsJsonNumber(proper) ? proper : "";
}

// Hexadecimal, octal and binary numbers of YAML: 0x1F, 0o17, 0b101.
bool HasRadixPrefix(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
  if (text.size() < 3 || text[0] != '0') return false;
  const char radix = absl::ascii_tolower(text[1]);
  if (radix != 'x' && radix != 'o' && radix != 'b') return false;
  for (const char c : text.substr(2)) {
    if (!absl::ascii_isxdigit(c) && c != '_') return false;
  }
  return true;
}

// "must be a number, not 'abc'", with a hint where what was meant can be told.
std::string NotANumber(absl::string_view expected, absl::string_view text) {
  std::string problem = absl::StrCat("must be ", expected, ", not ", Quoted(text));
  if (IsNotFinite(text)) {
    absl::StrAppend(&problem, "; it must be finite");
  } else if (HasRadixPrefix(text)) {
    absl::StrAppend(&problem, "; write it in decimal digits");
  } else if (const std::string proper = ProperNumber(text); !proper.empty() && proper != text) {
    absl::StrAppend(&problem, "; write ", Printable(proper, 40));
  } else if (absl::StrContains(text, ',')) {
    absl::StrAppend(&problem, "; write it with a decimal point and without thousands separators");
  } else if (absl::EndsWith(text, "%")) {
    absl::StrAppend(&problem, "; write it without '%'");
  }
  return problem;
}

// Whether the whole number `digits` is exactly `number`.
bool IsExact(absl::string_view digits, double number) {
  constexpr size_t kSafeDigits = 15;
  if (digits.size() <= kSafeDigits) return true;
  char buffer[400];
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::fixed, 0);
  return end.ec == std::errc() && digits == absl::string_view(buffer, end.ptr - buffer);
}

template <typename T>
std::string WriteShortest(T number) {
  constexpr T kPlain = 1e15;  // Below it people read digits, not exponents.
  char buffer[64];
  const bool is_plain = number == std::trunc(number) && std::abs(number) < kPlain;
  const auto end =
      is_plain ? std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::fixed)
               : std::to_chars(buffer, buffer + sizeof(buffer), number);
  return std::isfinite(number) ? std::string(buffer, end.ptr) : "";
}

}  // namespace

bool IsNull(absl::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

PlainKind ClassifyPlain(absl::string_view text) {
  if (IsNull(text)) return PlainKind::kNull;
  if (text == "true" || text == "false") return PlainKind::kBoolean;
  if (IsJsonNumber(text)) return PlainKind::kNumber;
  absl::string_view rest = text;
  if (ConsumeDigits(&rest).size() == 4 && absl::ConsumePrefix(&rest, "-") &&
      ConsumeDigits(&rest).size() == 2 && absl::ConsumePrefix(&rest, "-") &&
      ConsumeDigits(&rest).size() == 2 &&
      (rest.empty() || absl::ascii_tolower(rest[0]) == 't' || rest[0] == ' ')) {
    return PlainKind::kTime;
  }
  const bool dotted_word = IsNotFinite(text) && absl::StrContains(text, '.');
  if (dotted_word || HasRadixPrefix(text) || !ProperNumber(text).empty())
    return PlainKind::kUnclear;
  return PlainKind::kText;
}

std::optional<double> ParseNumber(absl::string_view text, std::string* problem) {
  if (!IsJsonNumber(text)) {
    *problem = NotANumber("a number", text);
    return std::nullopt;
  }
  double number = 0;
  const auto result = absl::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc()) {
    *problem = absl::StrCat("must be a number that a double can hold, not ", Quoted(text));
    return std::nullopt;
  }
  if (IsJsonInteger(text) && !IsExact(text, number)) {
    *problem = absl::StrCat("has more digits than a number can hold exactly: ", Quoted(text),
                            "; if it is an id, put it in quotes");
    return std::nullopt;
  }
  return number;
}

std::optional<int64_t> ParseInteger(absl::string_view text, int64_t min, int64_t max,
                                    std::string* problem) {
  int64_t number = 0;
  if (!IsJsonInteger(text)) {
    *problem = NotANumber("a whole number", text);
  } else if (!absl::SimpleAtoi(text, &number) || number < min || number > max) {
    *problem = absl::StrCat("must be from ", min, " to ", max, ", not ", Quoted(text));
  } else {
    return number;
  }
  return std::nullopt;
}

std::optional<uint64_t> ParseUnsigned(absl::string_view text, uint64_t max, std::string* problem) {
  uint64_t number = 0;
  if (!IsJsonInteger(text)) {
    *problem = NotANumber("a whole number", text);
  } else if (!absl::SimpleAtoi(text, &number) || number > max) {
    *problem = absl::StrCat("must be from 0 to ", max, ", not ", Quoted(text));
  } else {
    return number;
  }
  return std::nullopt;
}

std::optional<bool> ParseBoolean(absl::string_view text, std::string* problem) {
  if (text == "true") return true;
  if (text == "false") return false;
  *problem = absl::StrCat("must be true or false, not ", Quoted(text));
  const std::string word = absl::AsciiStrToLower(text);
  if (word == "true" || word == "yes" || word == "on" || word == "y") {
    absl::StrAppend(problem, "; write true");
  } else if (word == "false" || word == "no" || word == "off" || word == "n") {
    absl::StrAppend(problem, "; write false");
  }
  return std::nullopt;
}

std::string WriteNumber(double number) { return WriteShortest(number); }
std::string WriteFloat(float number) { return WriteShortest(number); }

}  // namespace bantam
