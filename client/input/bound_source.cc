#include "client/input/bound_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/definition/source_text.h"
#include "server/engine/suggest.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr absl::string_view kExpectedTime =
    "expected a time in ISO 8601, such as 2026-01-31 or 2026-01-31T09:00:00+01:00; other formats "
    "are named in the mapping under formats.time_formats";
constexpr absl::string_view kExpectedNumber =
    "expected a number such as 240 or 1.5, or a range such as 51-200 or 500+; other notations are "
    "named in the mapping under formats.decimal_separator and formats.thousands_separator";
constexpr absl::string_view kExpectedMoney =
    "expected an amount such as 12000 or 12000.50 EUR; other notations are named in the mapping "
    "under formats.decimal_separator and formats.thousands_separator";
constexpr absl::string_view kUnclear =
    "is unclear with three decimals, which may be meant as thousands; write thousands without a "
    "separator (38000) and decimals with a fourth (38.0000), or say in the mapping which it is, "
    "with formats.thousands_separator or formats.decimal_separator";

}  // namespace

std::string ListColumns(const std::vector<std::string>& names) {
  constexpr size_t kMaxNames = 20;
  constexpr size_t kMaxCharacters = 40;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kMaxNames); ++i) {
    shown.push_back(Printable(names[i], kMaxCharacters));
  }
  std::string list = absl::StrJoin(shown, ", ");
  if (names.size() > kMaxNames) {
    absl::StrAppend(&list, " and ", names.size() - kMaxNames, " more");
  }
  return list;
}

HeaderBinder::HeaderBinder(const std::vector<std::string>& header, Report report)
    : header_(header), report_(std::move(report)), used_(header.size(), false) {}

int HeaderBinder::Find(const std::string& column, const std::string& path) {
  const absl::string_view name = Trim(column);
  int found = -1;
  for (size_t i = 0; i < header_.size(); ++i) {
    if (header_[i] != name) continue;
    used_[i] = true;
    if (found >= 0) {
      report_(path, absl::StrCat("column '", name,
                                 "' stands more than once in the header; rename "
                                 "one of them in the file"));
      return -1;
    }
    found = static_cast<int>(i);
  }
  if (found < 0) {
    std::string hint = DidYouMean(name, header_);
    if (hint.empty()) hint = absl::StrCat("; the header has ", ListColumns(header_));
    report_(path, absl::StrCat("the file has no column '", name, "'", hint));
  }
  return found;
}

std::vector<std::string> HeaderBinder::Unused() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < header_.size(); ++i) {
    if (!used_[i] && !header_[i].empty()) names.push_back(header_[i]);
  }
  return names;
}

BoundSource::BoundSource(const client::Source& source, const std::string& path,
                         HeaderBinder* binder)
    : path_(path), column_name_(source.column()) {
  if (source.column().empty() == source.constant().empty()) {
    binder->ReportProblem(path, "give exactly one of 'column' and 'constant'");
    return;
  }
  if (source.column().empty()) {
    constant_ = source.constant();
  } else {
    column_ = binder->Find(source.column(), absl::StrCat(path, ".column"));
  }
  std::vector<std::string> names;
  for (const auto& [cell, value] : source.values()) {
    values_.emplace(Fold(cell), value);
    names.push_back(cell);
  }
  std::sort(names.begin(), names.end());
  value_names_ = absl::StrJoin(names, ", ");
  if (source.other_values() != client::OTHER_VALUES_UNSPECIFIED) {
    other_values_ = source.other_values();
  }
  for (const std::string& cell : source.absent_values()) absent_.insert(Fold(cell));
}

std::optional<std::string> BoundSource::Text(const RowContext& row) const {
  if (constant_.has_value()) return constant_;
  if (column_ < 0) return std::nullopt;
  const std::string& cell = row.cells[static_cast<size_t>(column_)];
  const absl::string_view trimmed = Trim(cell);
  if (trimmed.empty()) return std::nullopt;
  if (values_.empty() && absent_.empty() && row.formats.absent.empty()) {
    return std::string(trimmed);
  }
  const std::string folded = Fold(trimmed);
  // The value map speaks first: it may give a meaning to a cell that is absent elsewhere.
  const auto value = values_.find(folded);
  if (value != values_.end()) {
    if (Trim(value->second).empty()) return std::nullopt;
    return value->second;
  }
  if (absent_.contains(folded) || row.formats.absent.contains(folded)) return std::nullopt;
  if (values_.empty() || other_values_ == client::OTHER_VALUES_KEEP) return std::string(trimmed);
  if (other_values_ == client::OTHER_VALUES_ERROR) {
    Report(row,
           absl::StrCat("expected one of ", value_names_, " (or set other_values in the mapping)"));
  }
  return std::nullopt;
}

std::optional<bool> BoundSource::Boolean(const RowContext& row) const {
  const std::optional<std::string> text = Text(row);
  if (!text.has_value()) return std::nullopt;
  const std::optional<bool> value = ParseBoolean(*text, row.formats);
  if (!value.has_value()) {
    Report(row,
           "expected yes or no (or the words of formats.true_values and "
           "formats.false_values in the mapping)");
  }
  return value;
}

std::optional<absl::Time> BoundSource::Time(const RowContext& row) const {
  const std::optional<std::string> text = Text(row);
  if (!text.has_value()) return std::nullopt;
  const std::optional<absl::Time> value = ParseTimeCell(*text, row.formats);
  if (!value.has_value()) Report(row, kExpectedTime);
  return value;
}

std::optional<DecimalRange> BoundSource::Number(const RowContext& row) const {
  const std::optional<std::string> text = Text(row);
  if (!text.has_value()) return std::nullopt;
  const std::optional<DecimalRange> value = ParseNumber(*text, row.formats);
  if (!value.has_value()) Report(row, kExpectedNumber);
  if (!value.has_value() || !value->IsUnclear()) return value;
  Report(row, kUnclear);
  return std::nullopt;
}

std::optional<MoneyCell> BoundSource::Money(const RowContext& row,
                                            absl::string_view currency) const {
  const std::optional<std::string> text = Text(row);
  if (!text.has_value()) return std::nullopt;
  const std::optional<MoneyCell> value = ParseMoney(*text, currency, row.formats);
  if (!value.has_value()) Report(row, kExpectedMoney);
  if (!value.has_value() || !value->unclear) return value;
  Report(row, kUnclear);
  return std::nullopt;
}

void BoundSource::Report(const RowContext& row, absl::string_view expected) const {
  row.problems->push_back(column_name_.empty()
                              ? absl::StrCat(path_, ".constant: ", expected)
                              : absl::StrCat("column '", column_name_, "': ", expected));
}

BoundCondition::BoundCondition(const client::Condition& condition, const std::string& path,
                               HeaderBinder* binder) {
  column_ = binder->Find(condition.column(), absl::StrCat(path, ".column"));
  for (const std::string& cell : condition.in()) in_.insert(Fold(cell));
  for (const std::string& cell : condition.not_in()) not_in_.insert(Fold(cell));
  if (in_.empty() && not_in_.empty()) {
    binder->ReportProblem(path, "give 'in' or 'not_in': which cells are meant");
  }
}

bool BoundCondition::Holds(const RowContext& row) const {
  if (column_ < 0) return true;
  const std::string cell = Fold(row.cells[static_cast<size_t>(column_)]);
  if (!in_.empty() && !in_.contains(cell)) return false;
  if (not_in_.empty()) return true;
  return !cell.empty() && !row.formats.absent.contains(cell) && !not_in_.contains(cell);
}

}  // namespace bantam
