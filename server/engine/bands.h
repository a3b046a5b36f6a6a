// Bands of numbers and amounts of money.
#ifndef BANTAM_SERVER_ENGINE_BANDS_H_
#define BANTAM_SERVER_ENGINE_BANDS_H_

#include "absl/numeric/int128.h"
#include "bantam/v1/icp.pb.h"
#include "server/engine/attributes.h"
#include "server/engine/money.h"
#include "server/engine/points.h"

namespace bantam {

// One band, both ends included.
struct CompiledBand {
  double min;
  double max;
  absl::int128 min_money;  // The ends in billionths, for money; meaningful where the end is finite.
  absl::int128 max_money;
  Points points;
};

// Compiles a band that has passed Compile()'s checks.
CompiledBand MakeBand(const v1::Band& band);

// Where a value, or a range of values, lies in relation to a band. Neither: that is not known.
struct BandPosition {
  bool inside;   // All of it.
  bool outside;  // None of it.
};

// The position of an amount of money. One without a rate has none.
BandPosition PositionOfMoney(const Value& value, const CompiledBand& band,
                             const CurrencyTable& currencies);

// Whether `value` is no amount of money, or one in a currency with a rate: else its worth is
// unknown, and so is the amount.
bool IsWorthKnown(const Value& value, const CurrencyTable& currencies);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_BANDS_H_
