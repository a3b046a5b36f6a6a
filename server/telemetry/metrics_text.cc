#include "server/telemetry/metrics_text.h"

#include <iterator>
#include <utility>
#include <vector>

#include "prometheus/text_serializer.h"
#include "server/telemetry/metric_families.h"

namespace bantam {

FamilyBuilder& FamilyBuilder::Add(double value, MetricLabels labels) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  (family_.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) =
      value;
  family_.metric.push_back(std::move(metric));
  return *this;
}

FamilyBuilder& FamilyBuilder::Add(prometheus::ClientMetric::Histogram histogram,
                                  MetricLabels labels) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.histogram = std::move(histogram);
  family_.metric.push_back(std::move(metric));
  return *this;
}

FamilyBuilder CounterFamily(std::string name, std::string help) {
  return FamilyBuilder(std::move(name), std::move(help), prometheus::MetricType::Counter);
}

FamilyBuilder GaugeFamily(std::string name, std::string help) {
  return FamilyBuilder(std::move(name), std::move(help), prometheus::MetricType::Gauge);
}

std::string MetricsText(const ServerStatus& status, const CallSnapshot& calls) {
  std::vector<prometheus::MetricFamily> families = CallFamilies(calls);
  std::vector<prometheus::MetricFamily> others = StatusFamilies(status);
  families.insert(families.end(), std::make_move_iterator(others.begin()),
                  std::make_move_iterator(others.end()));
  const prometheus::TextSerializer serializer;
  return static_cast<const prometheus::Serializer&>(serializer).Serialize(families);
}

}  // namespace bantam
