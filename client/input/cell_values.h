// Cells of a table → numbers, money, times and booleans, in the notations that a file uses.
#ifndef BANTAM_CLIENT_INPUT_CELL_VALUES_H_
#define BANTAM_CLIENT_INPUT_CELL_VALUES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/value.pb.h"
#include "client/mapping.pb.h"

namespace bantam {

// How cells are read: the message Formats with its defaults filled in.
struct CellFormats {
  // From `formats`, whose time zone must be known to `zone`.
  CellFormats(const client::Formats& formats, absl::TimeZone zone);

  char decimal_separator;
  std::string thousands_separator;  // Empty: none. " ": any kind of space.
  bool separators_given;            // One of the two; else "38.000" is unclear.
  std::vector<std::string> time_formats;
  absl::TimeZone zone;
  absl::flat_hash_set<std::string> absent;     // Folded.
  absl::flat_hash_set<std::string> yes_words;  // Folded.
  absl::flat_hash_set<std::string> no_words;   // Folded.
  std::string currency;                        // Empty: not known.
};

// An exact decimal number: ± digits × 10^exponent.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
  bool may_be_thousands = false;  // MayMeanThousands(), and the formats do not say which.

  double ToDouble() const;

  // Nullopt: more than nine decimals, or beyond the range of Money.
  std::optional<v1::Money> ToMoney() const;
};

// A number, or a range with either end open.
struct DecimalRange {
  std::optional<Decimal> min;
  std::optional<Decimal> max;
  bool exact = false;  // One number: min is it, and max the same.

  // Whether an end may have been meant as thousands: "38.000" where no separators are given.
  bool IsUnclear() const;
};

// "240", "-1.5", "6.0E7", "51-200", "51–200", "51 to 200", "500+". Nullopt: none of these.
std::optional<DecimalRange> ParseNumber(absl::string_view cell, const CellFormats& formats);

// An amount, or a range of them, with a currency that the cell names by an ISO 4217 code or one of
// € $ £ (US dollars); else `currency`.
struct MoneyCell {
  std::optional<v1::Money> min;
  std::optional<v1::Money> max;
  bool exact = false;
  bool unclear = false;  // As DecimalRange::IsUnclear(), and the currency has not three decimals.
};
std::optional<MoneyCell> ParseMoney(absl::string_view cell, absl::string_view currency,
                                    const CellFormats& formats);

// ISO 8601 (a date, or date and time with or without seconds, fraction and offset), else one of the
// formats. A time without an offset is in the formats' zone.
std::optional<absl::Time> ParseTimeCell(absl::string_view cell, const CellFormats& formats);

// One of the formats' words for yes and no.
std::optional<bool> ParseBoolean(absl::string_view cell, const CellFormats& formats);

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_CELL_VALUES_H_
