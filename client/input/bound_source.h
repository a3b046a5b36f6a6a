// A Source of the mapping, bound to the columns of one file.
#ifndef BANTAM_CLIENT_INPUT_BOUND_SOURCE_H_
#define BANTAM_CLIENT_INPUT_BOUND_SOURCE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "client/input/cell_values.h"
#include "client/mapping.pb.h"

namespace bantam {

// The cells of one row, and where to report what is wrong with them.
struct RowContext {
  const std::vector<std::string>& cells;
  const CellFormats& formats;
  std::vector<std::string>* problems;
};

// The names of columns for a message: 20 of them, 40 characters of each.
std::string ListColumns(const std::vector<std::string>& names);

// Finds columns by their header and reports what is wrong with a mapping.
class HeaderBinder {
 public:
  // `report` is called with the mapping's field path and a message. `header` must outlive the
  // binder.
  using Report = std::function<void(const std::string& path, const std::string& message)>;
  HeaderBinder(const std::vector<std::string>& header, Report report);

  // The index of the column; -1 after a report.
  int Find(const std::string& column, const std::string& path);

  void ReportProblem(const std::string& path, const std::string& message) {
    report_(path, message);
  }

  // Headers that Find() was never asked for, in their order; empty ones left out.
  std::vector<std::string> Unused() const;

 private:
  const std::vector<std::string>& header_;
  Report report_;
  std::vector<bool> used_;
};

// Where one value of a lead comes from. Immutable after construction.
class BoundSource {
 public:
  // Gives nothing.
  BoundSource() = default;

  // Reports to `binder` what is wrong with `source`, which stands at `path` in the mapping.
  BoundSource(const client::Source& source, const std::string& path, HeaderBinder* binder);

  // Whether a source is given at all.
  bool bound() const { return column_ >= 0 || constant_.has_value(); }

  // The text for a row, mapped by the value map; nullopt: not known, or reported as a problem.
  std::optional<std::string> Text(const RowContext& row) const;

  // The text as one of these types; a text that is none is reported, as is a number or an amount
  // that may have been meant as thousands.
  std::optional<bool> Boolean(const RowContext& row) const;
  std::optional<absl::Time> Time(const RowContext& row) const;
  std::optional<DecimalRange> Number(const RowContext& row) const;
  std::optional<MoneyCell> Money(const RowContext& row, absl::string_view currency) const;

  // Reports a problem of this source in a row; `expected` says what it should have been.
  void Report(const RowContext& row, absl::string_view expected) const;

  // The column's header; empty for a constant.
  const std::string& column_name() const { return column_name_; }

 private:
  int column_ = -1;
  std::string path_;         // In the mapping.
  std::string column_name_;  // As the mapping gives it.
  std::optional<std::string> constant_;
  absl::flat_hash_map<std::string, std::string> values_;  // Folded cell → value.
  std::string value_names_;                               // For messages.
  client::OtherValues other_values_ = client::OTHER_VALUES_ERROR;
  absl::flat_hash_set<std::string> absent_;  // Folded.
};

// A Condition, bound. Without one every row is meant.
class BoundCondition {
 public:
  BoundCondition() = default;
  BoundCondition(const client::Condition& condition, const std::string& path, HeaderBinder* binder);

  bool Holds(const RowContext& row) const;

 private:
  int column_ = -1;
  absl::flat_hash_set<std::string> in_;      // Folded; empty: any.
  absl::flat_hash_set<std::string> not_in_;  // Folded.
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_BOUND_SOURCE_H_
