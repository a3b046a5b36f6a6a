#include "server/engine/validate_values.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr int32_t kMostNanos = 999999999;
constexpr int64_t kMostUnits = 1000000000000000;  // 10^15.

bool IsCurrencyCode(absl::string_view code) {
  return code.size() == 3 && absl::ascii_isupper(code[0]) && absl::ascii_isupper(code[1]) &&
         absl::ascii_isupper(code[2]);
}

bool IsBelow(const v1::Money& a, const v1::Money& b) {
  return a.units() != b.units() ? a.units() < b.units() : a.nanos() < b.nanos();
}

}  // namespace

std::string FieldPath::ToString() const {
  if (parent_ == nullptr) return std::string(name_);
  std::string path = parent_->ToString();
  if (is_key_) {
    absl::StrAppend(&path, "[", name_, "]");
  } else if (index_ >= 0) {
    absl::StrAppend(&path, "[", index_, "]");
  } else {
    absl::StrAppend(&path, ".", name_);
  }
  return path;
}

void ValueChecker::Add(const FieldPath& path, absl::string_view description) {
  violations_->push_back({path.ToString(), std::string(description)});
}

void ValueChecker::AddLong(const FieldPath& path, int max_bytes) {
  Add(path, absl::StrCat("must be at most ", max_bytes, " bytes long"));
}

void ValueChecker::RequiredText(const FieldPath& parent, absl::string_view name,
                                const std::string& text, int max_bytes, absl::string_view what) {
  if (Trim(text).empty()) {
    Add(FieldPath(parent, name), absl::StrCat("must be set: ", what));
  } else {
    Text(parent, name, text, max_bytes);
  }
}

void ValueChecker::AddLarge(const FieldPath& path, int max_size) {
  Add(path, absl::StrCat("must have at most ", max_size, " entries"));
}

void ValueChecker::AddBadTime(const FieldPath& path, const google::protobuf::Timestamp& time) {
  if (!HasNanosOfTime(time)) {
    Add(path, "must have nanos from 0 to 999999999");
  } else {
    Add(path, "must lie in the years 1900 to 2200; leave it out if it is not known");
  }
}

void ValueChecker::Money(const FieldPath& path, const v1::Money& money) {
  if (!money.currency_code().empty() && !IsCurrencyCode(money.currency_code())) {
    Add(FieldPath(path, "currency_code"),
        "must be an ISO 4217 code of three upper-case letters, such as EUR; leave it out if it is "
        "not known");
  }
  if (money.units() < -kMostUnits || money.units() > kMostUnits) {
    Add(FieldPath(path, "units"), "must be from -10^15 to 10^15");
  }
  if (money.nanos() < -kMostNanos || money.nanos() > kMostNanos) {
    Add(FieldPath(path, "nanos"), "must be from -999999999 to 999999999");
  } else if ((money.units() > 0 && money.nanos() < 0) || (money.units() < 0 && money.nanos() > 0)) {
    Add(FieldPath(path, "nanos"), "must have the same sign as units");
  }
}

void ValueChecker::Amount(const FieldPath& path, const v1::Money& money) {
  Money(path, money);
  if (money.units() < 0 || money.nanos() < 0) Add(path, "must not be negative");
}

void ValueChecker::AmountRange(const FieldPath& path, const v1::MoneyRange& range) {
  if (range.has_min()) Amount(FieldPath(path, "min"), range.min());
  if (range.has_max()) Amount(FieldPath(path, "max"), range.max());
  if (!range.has_min() || !range.has_max()) return;
  if (range.min().currency_code() != range.max().currency_code()) {
    Add(path, "must have both ends in the same currency");
  } else if (IsBelow(range.max(), range.min())) {
    Add(path, "must have a max that is not below its min");
  }
}

void ValueChecker::NumberRange(const FieldPath& path, const v1::NumberRange& range) {
  if (range.has_min() && !std::isfinite(range.min())) {
    Add(FieldPath(path, "min"), "must be a finite number; leave it out for an open end");
  }
  if (range.has_max() && !std::isfinite(range.max())) {
    Add(FieldPath(path, "max"), "must be a finite number; leave it out for an open end");
  }
  if (range.has_min() && range.has_max() && range.max() < range.min()) {
    Add(path, "must have a max that is not below its min");
  }
}

void ValueChecker::NumberRange(const FieldPath& path, const v1::NumberRange& range, double min,
                               double max) {
  NumberRange(path, range);
  const auto check_end = [&](absl::string_view name, double end) {
    if (!std::isfinite(end) || (end >= min && end <= max)) return;
    Add(FieldPath(path, name), absl::StrCat("must be from ", static_cast<int64_t>(min), " to ",
                                            static_cast<int64_t>(max)));
  };
  if (range.has_min()) check_end("min", range.min());
  if (range.has_max()) check_end("max", range.max());
}

void ValueChecker::TextList(const FieldPath& path, const v1::TextList& list,
                            const LeadBounds& bounds) {
  const FieldPath values(path, "values");
  if (!Size(values, list.values_size(), bounds.max_list_values)) return;
  const auto max_bytes = static_cast<size_t>(bounds.max_field_bytes);
  int i = 0;
  for (const std::string& value : list.values()) {
    if (value.size() > max_bytes) AddLong(FieldPath(values, i), bounds.max_field_bytes);
    ++i;
  }
}

void ValueChecker::AddBadChannel(const FieldPath& path) {
  Add(path, "must be a channel: EMAIL, PHONE, SMS or POST");
}

}  // namespace bantam
