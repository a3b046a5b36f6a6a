#include "server/engine/bands.h"

#include <limits>
#include <optional>

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
  const std::optional<int64_t> rate = currencies.Rate(any->currency_code());
  if (!rate.has_value()) return {false, false};
  const auto at_least = [&](const v1::Money& end) {
    return band.min == -kInfinity || CurrencyTable::AtLeast(ToNanos(end), *rate, band.min_money);
  };
  const auto at_most = [&](const v1::Money& end) {
    return band.max == kInfinity || CurrencyTable::AtMost(ToNanos(end), *rate, band.max_money);
  };
  if (value.min_money == value.max_money) {  // No range.
    const bool inside = at_least(*any) && at_most(*any);
    return {inside, !inside};
  }
  // Without a least amount the range begins at 0, in whatever currency.
  const bool starts_inside =
      value.min_money != nullptr ? at_least(*value.min_money) : band.min <= 0;
  const bool ends_inside =
      value.max_money != nullptr ? at_most(*value.max_money) : band.max == kInfinity;
  const bool below = value.max_money != nullptr && !at_least(*value.max_money);
  const bool above = value.min_money != nullptr ? !at_most(*value.min_money) : band.max < 0;
  return {starts_inside && ends_inside, below || above};
}

bool IsWorthKnown(const Value& value, const CurrencyTable& currencies) {
  if (value.type != ValueType::kMoney) return true;
  const v1::Money* any = value.min_money != nullptr ? value.min_money : value.max_money;
  return currencies.Rate(any->currency_code()).has_value();
}

}  // namespace bantam
