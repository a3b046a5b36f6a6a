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
  result.min_money = band.has_min() ? FromWire(band.min()) : 0;
  result.max_money = band.has_max() ? FromWire(band.max()) : 0;
  result.points = FromWire(band.points());
  return result;
}

BandPosition PositionOfMoney(const Value& value, const CompiledBand& band,
                             const CurrencyTable& currencies) {
  const v1::Money* any = value.min_money != nullptr ? value.min_money : value.max_money;
  const std::optional<int64_t> rate = currencies.Rate(any->currency_code());
  if (!rate.has_value()) return {false, false};
  const bool has_min = band.min != -kInfinity;
  const bool has_max = band.max != kInfinity;
  const absl::int128 least = HundredthsToNanos(band.min_money);
  const absl::int128 most = HundredthsToNanos(band.max_money);
  const auto at_least = [&](const v1::Money* end) {
    return !has_min || (end != nullptr && CurrencyTable::AtLeast(ToNanos(*end), *rate, least));
  };
  const auto at_most = [&](const v1::Money* end) {
    return !has_max || (end != nullptr && CurrencyTable::AtMost(ToNanos(*end), *rate, most));
  };
  const bool below = value.max_money != nullptr && !at_least(value.max_money);
  const bool above = value.min_money != nullptr && !at_most(value.min_money);
  return {at_least(value.min_money) && at_most(value.max_money), below || above};
}

bool IsWorthKnown(const Value& value, const CurrencyTable& currencies) {
  if (value.type != ValueType::kMoney) return true;
  const v1::Money* any = value.min_money != nullptr ? value.min_money : value.max_money;
  return currencies.Rate(any->currency_code()).has_value();
}

}  // namespace bantam
