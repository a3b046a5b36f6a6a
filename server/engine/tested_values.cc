#include "server/engine/tested_values.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/engine/attributes.h"
#include "server/engine/points.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr int kMostValues = 5;
constexpr size_t kMostBytes = 200;  // One line.

// Adds values to a list until it is full; then "…" once.
class ShortList {
 public:
  void Add(absl::string_view value) {
    if (full_) return;
    full_ = count_ == kMostValues || text_.size() + value.size() > kMostBytes;
    absl::StrAppend(&text_, count_ == 0 ? "" : ", ", full_ ? "…" : value);
    ++count_;
  }

  // Empty: not even the first value has room.
  std::string Take() { return count_ == 1 && full_ ? "" : std::move(text_); }

 private:
  std::string text_;
  int count_ = 0;
  bool full_ = false;
};

std::string DescribeWords(const v1::TextList& list) {
  ShortList words;
  for (const std::string& word : list.values()) words.Add(Trim(word));
  return words.Take();
}

std::string DescribeNumber(double number) {
  if (HasTwoDecimals(number)) return FormatPoints(FromWire(number));
  return absl::StrFormat("%.15g", number);
}

// A NumberRange or a Band. `unit` follows, with a space before it, or is empty.
template <typename Range>
std::string DescribeRange(const Range& range, absl::string_view unit) {
  if (!range.has_max()) return absl::StrCat("≥ ", DescribeNumber(range.min()), unit);
  if (!range.has_min()) return absl::StrCat("≤ ", DescribeNumber(range.max()), unit);
  return absl::StrCat(DescribeNumber(range.min()), "–", DescribeNumber(range.max()), unit);
}

}  // namespace

TestedValues DescribeTest(const v1::Test& test, absl::string_view currency) {
  const Attribute* const attribute = FindAttribute(test.attribute());
  const bool is_money = attribute != nullptr && attribute->type == ValueType::kMoney;
  const std::string unit = is_money ? absl::StrCat(" ", currency) : "";
  switch (test.kind_case()) {
    case v1::Test::kIn:
      return {DescribeWords(test.in()), Phrase::kWantedOneOf};
    case v1::Test::kContainsAny:
      return {DescribeWords(test.contains_any()), Phrase::kWantedOneOf};
    case v1::Test::kNotIn:
      return {DescribeWords(test.not_in()), Phrase::kWantedNoneOf};
    case v1::Test::kContainsAll:
      return {DescribeWords(test.contains_all()), Phrase::kWantedAllOf};
    case v1::Test::kRange:
      return {DescribeRange(test.range(), unit), std::nullopt};
    case v1::Test::kBands: {
      ShortList bands;
      for (const v1::Band& band : test.bands().bands()) {
        if (band.points() > 0) bands.Add(DescribeRange(band, unit));
      }
      return {bands.Take(), std::nullopt};
    }
    default:
      return {};
  }
}

}  // namespace bantam
