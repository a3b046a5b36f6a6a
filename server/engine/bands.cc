#include "server/engine/bands.h"

#include <limits>

namespace bantam {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

CompiledBand MakeBand(const v1::Band& band) {
  CompiledBand result;
  result.min = band.has_min() ? band.min() : -kInfinity;
  result.max = band.has_max() ? band.max() : kInfinity;
  result.min_money = HundredthsToNanos(band.has_min() ? FromWire(band.min()) : 0);
  result.max_money = HundredthsToNanos(band.has_max() ? FromWire(band.max()) : 0);
  result.points = FromWire(band.points());
  return result;
}

BandPosition PositionOfMoney(const Value& value, const CompiledBand& band,
                             const CurrencyTable& currencies) {
  const v1::Money* any = value.min_money != nullptr ? value.min_money : value.max_money;
  const int64_t rate = currencies.Rate(any->currency_code());
  if (rate == CurrencyTable::kNoRate) return {false, false};
  const auto at_least = [&](absl::int128 end) {
    return band.min == -kInfinity || CurrencyTable::AtLeast(end, rate, band.min_money);
  };
  const auto at_most = [&](absl::int128 end) {
    return band.max == kInfinity || CurrencyTable::AtMost(end, rate, band.max_money);
  };
  if (value.min_money == value.max_money) {  // No range.
    const absl::int128 amount = ToNanos(*any);
    const bool inside = at_least(amount) && at_most(amount);
    return {inside, !inside};
  }
  // Without a least amount the range begins at 0, in whatever currency.
  const bool starts_inside =
      value.min_money != nullptr ? at_least(ToNanos(*value.min_money)) : band.min <= 0;
  const bool ends_inside =
      value.max_money != nullptr ? at_most(ToNanos(*value.max_money)) : band.max == kInfinity;
  const bool below = value.max_money != nullptr && !at_least(ToNanos(*value.max_money));
  const bool above =
      value.min_money != nullptr ? !at_most(ToNanos(*value.min_money)) : band.max < 0;
  return {starts_inside && ends_inside, below || above};
}

bool IsWorthKnown(const Value& value, const CurrencyTable& currencies) {
  if (value.type != ValueType::kMoney) return true;
  const v1::Money* any = value.min_money != nullptr ? value.min_money : value.max_money;
  return currencies.Rate(any->currency_code()) != CurrencyTable::kNoRate;
}

}  // namespace bantam
