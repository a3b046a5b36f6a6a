#include "client/input/cell_values.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/definition/scalars.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

// Spaces that group digits: plain, no-break, narrow no-break, thin.
constexpr absl::string_view kSpaces[] = {" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};
// Hyphen, en dash, em dash, figure dash, minus.
constexpr absl::string_view kDashes[] = {"-", "–", "—", "‒", "−"};

bool IsDigit(absl::string_view text, size_t i) {
  return i < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[i]));
}

void SkipSpaces(absl::string_view* text) { *text = absl::StripLeadingAsciiWhitespace(*text); }

absl::flat_hash_set<std::string> FoldAll(
    const google::protobuf::RepeatedPtrField<std::string>& words,
    std::initializer_list<absl::string_view> defaults) {
  absl::flat_hash_set<std::string> folded;
  for (const std::string& word : words) folded.insert(Fold(word));
  if (words.empty()) {
    for (const absl::string_view word : defaults) folded.insert(std::string(word));
  }
  return folded;
}

// Removes a thousands separator that three digits (and no fourth) follow.
bool ConsumeThousands(absl::string_view* text, absl::string_view separator) {
  if (separator.empty()) return false;
  absl::string_view rest = *text;
  bool found = false;
  if (separator == " ") {
    for (const absl::string_view space : kSpaces)
      found = found || absl::ConsumePrefix(&rest, space);
  } else {
    found = absl::ConsumePrefix(&rest, separator);
  }
  if (!found || !IsDigit(rest, 0) || !IsDigit(rest, 1) || !IsDigit(rest, 2) || IsDigit(rest, 3)) {
    return false;
  }
  *text = rest;
  return true;
}

void ConsumeDigits(absl::string_view* text, std::string* digits) {
  while (IsDigit(*text, 0)) {
    digits->push_back(text->front());
    text->remove_prefix(1);
  }
}

// "e7", "E+07", "e-3"; anything else stays.
int ConsumeExponent(absl::string_view* text) {
  absl::string_view rest = *text;
  if (!absl::ConsumePrefix(&rest, "e") && !absl::ConsumePrefix(&rest, "E")) return 0;
  const bool negative = absl::ConsumePrefix(&rest, "-");
  if (!negative) absl::ConsumePrefix(&rest, "+");
  std::string digits;
  ConsumeDigits(&rest, &digits);
  int exponent;
  if (digits.size() > 3 || !absl::SimpleAtoi(digits, &exponent)) return 0;
  *text = rest;
  return negative ? -exponent : exponent;
}

std::optional<Decimal> ConsumeDecimal(absl::string_view* text, const CellFormats& formats) {
  SkipSpaces(text);
  Decimal decimal;
  if (absl::ConsumePrefix(text, "-") || absl::ConsumePrefix(text, "−")) {
    decimal.negative = true;
  } else {
    absl::ConsumePrefix(text, "+");
  }
  const absl::string_view unsigned_text = *text;
  do {
    ConsumeDigits(text, &decimal.digits);
  } while (!decimal.digits.empty() && ConsumeThousands(text, formats.thousands_separator));
  if (!text->empty() && text->front() == formats.decimal_separator &&
      (IsDigit(*text, 1) || !decimal.digits.empty())) {
    text->remove_prefix(1);
    const size_t whole = decimal.digits.size();
    ConsumeDigits(text, &decimal.digits);
    decimal.exponent = -static_cast<int>(decimal.digits.size() - whole);
  }
  if (decimal.digits.empty() || decimal.digits.size() > 40) return std::nullopt;
  const absl::string_view digits = unsigned_text.substr(0, unsigned_text.size() - text->size());
  const int exponent = ConsumeExponent(text);
  decimal.exponent += exponent;
  decimal.may_be_thousands = !formats.separators_given && exponent == 0 && MayMeanThousands(digits);
  SkipSpaces(text);
  return decimal;
}

bool ConsumeDash(absl::string_view* text) {
  for (const absl::string_view dash : kDashes) {
    if (absl::ConsumePrefix(text, dash)) return true;
  }
  return absl::ConsumePrefix(text, "to ");
}

// Takes "EUR", "€" … from either end.
std::string ConsumeCurrency(absl::string_view* text) {
  struct Symbol {
    absl::string_view sign;
    absl::string_view code;
  };
  constexpr Symbol kSymbols[] = {{"€", "EUR"}, {"$", "USD"}, {"£", "GBP"}};
  *text = Trim(*text);
  for (const Symbol& symbol : kSymbols) {
    if (absl::ConsumePrefix(text, symbol.sign) || absl::ConsumeSuffix(text, symbol.sign)) {
      *text = Trim(*text);
      return std::string(symbol.code);
    }
  }
  const auto is_code = [](absl::string_view code) {
    return code.size() == 3 &&
           std::all_of(code.begin(), code.end(), [](char c) { return absl::ascii_isupper(c); });
  };
  std::string code;
  if (text->size() > 3 && is_code(text->substr(0, 3))) {
    code = std::string(text->substr(0, 3));
    text->remove_prefix(3);
  } else if (text->size() > 3 && is_code(text->substr(text->size() - 3))) {
    code = std::string(text->substr(text->size() - 3));
    text->remove_suffix(3);
  }
  *text = Trim(*text);
  return code;
}

bool TryFormat(const std::string& format, const std::string& cell, absl::TimeZone zone,
               absl::Time* time) {
  std::string error;
  return absl::ParseTime(format, cell, zone, time, &error);
}

}  // namespace

CellFormats::CellFormats(const client::Formats& formats, absl::TimeZone zone)
    : decimal_separator(formats.decimal_separator().empty() ? '.' : formats.decimal_separator()[0]),
      thousands_separator(formats.thousands_separator()),
      separators_given(!formats.decimal_separator().empty() ||
                       !formats.thousands_separator().empty()),
      time_formats(formats.time_formats().begin(), formats.time_formats().end()),
      zone(zone),
      absent(FoldAll(formats.absent_values(), {})),
      yes_words(FoldAll(formats.true_values(), {"yes", "true", "y", "1"})),
      no_words(FoldAll(formats.false_values(), {"no", "false", "n", "0"})),
      currency(formats.currency()) {}

double Decimal::ToDouble() const {
  double value = 0;
  if (!absl::SimpleAtod(absl::StrCat(negative ? "-" : "", digits, "e", exponent), &value)) return 0;
  return value;
}

std::optional<v1::Money> Decimal::ToMoney() const {
  std::string all = digits;
  int scale = exponent;
  while (scale < 0 && all.size() > 1 && all.back() == '0') {
    all.pop_back();
    ++scale;
  }
  if (scale < -9 || scale > 15) return std::nullopt;
  // In billionths: whole and fraction then split at a fixed place.
  all.append(static_cast<size_t>(9 + scale), '0');
  if (all.size() < 10) all.insert(0, 10 - all.size(), '0');
  v1::Money money;
  int64_t units;
  int32_t nanos;
  if (!absl::SimpleAtoi(all.substr(0, all.size() - 9), &units) || units > 1000000000000000 ||
      !absl::SimpleAtoi(all.substr(all.size() - 9), &nanos)) {
    return std::nullopt;
  }
  money.set_units(negative ? -units : units);
  money.set_nanos(negative ? -nanos : nanos);
  return money;
}

bool DecimalRange::IsUnclear() const {
  return (min.has_value() && min->may_be_thousands) || (max.has_value() && max->may_be_thousands);
}

std::optional<DecimalRange> ParseNumber(absl::string_view cell, const CellFormats& formats) {
  absl::string_view text = Trim(cell);
  DecimalRange range;
  range.min = ConsumeDecimal(&text, formats);
  if (!range.min.has_value()) return std::nullopt;
  if (text.empty()) {
    range.max = range.min;
    range.exact = true;
  } else if (text != "+") {
    if (!ConsumeDash(&text)) return std::nullopt;
    range.max = ConsumeDecimal(&text, formats);
    if (!range.max.has_value() || !text.empty()) return std::nullopt;
  }
  return range;
}

std::optional<MoneyCell> ParseMoney(absl::string_view cell, absl::string_view currency,
                                    const CellFormats& formats) {
  std::string code = ConsumeCurrency(&cell);
  if (code.empty()) code = std::string(currency);
  const std::optional<DecimalRange> range = ParseNumber(cell, formats);
  if (!range.has_value()) return std::nullopt;
  MoneyCell money;
  money.exact = range->exact;
  money.unclear = range->IsUnclear() && !HasThreeDecimals(code);
  if (range->min.has_value()) {
    money.min = range->min->ToMoney();
    if (!money.min.has_value()) return std::nullopt;
    money.min->set_currency_code(code);
  }
  if (range->max.has_value()) {
    money.max = range->max->ToMoney();
    if (!money.max.has_value()) return std::nullopt;
    money.max->set_currency_code(code);
  }
  return money;
}

std::optional<absl::Time> ParseTimeCell(absl::string_view cell, const CellFormats& formats) {
  const std::string text(Trim(cell));
  absl::Time time;
  // Also keeps out the words "infinite-past" and "infinite-future" that absl::ParseTime knows.
  if (!std::any_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); })) {
    return std::nullopt;
  }
  if (text.size() >= 10 && text[4] == '-' && text[7] == '-') {
    if (text.size() == 10) {
      if (TryFormat("%Y-%m-%d", text, formats.zone, &time)) return time;
    } else {
      for (const absl::string_view clock : {"%H:%M:%E*S", "%H:%M"}) {
        for (const absl::string_view offset : {"%Ez", "%z", ""}) {
          const std::string format =
              absl::StrCat("%Y-%m-%d", text[10] == ' ' ? " " : "%ET", clock, offset);
          if (TryFormat(format, text, formats.zone, &time)) return time;
        }
      }
    }
  }
  for (const std::string& format : formats.time_formats) {
    if (TryFormat(format, text, formats.zone, &time)) return time;
  }
  return std::nullopt;
}

std::optional<bool> ParseBoolean(absl::string_view cell, const CellFormats& formats) {
  const std::string word = Fold(cell);
  if (formats.yes_words.contains(word)) return true;
  if (formats.no_words.contains(word)) return false;
  return std::nullopt;
}

}  // namespace bantam
