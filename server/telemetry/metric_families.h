// What metrics_text.cc is put together from.
#ifndef BANTAM_SERVER_TELEMETRY_METRIC_FAMILIES_H_
#define BANTAM_SERVER_TELEMETRY_METRIC_FAMILIES_H_

#include <string>
#include <utility>
#include <vector>

#include "prometheus/metric_family.h"
#include "server/telemetry/call_metrics.h"
#include "server/telemetry/server_status.h"

namespace bantam {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

// A family under construction.
class FamilyBuilder {
 public:
  // `help`: one line.
  FamilyBuilder(std::string name, std::string help, prometheus::MetricType type)
      : family_{std::move(name), std::move(help), type, {}} {}

  // Adds a sample of a counter or a gauge.
  FamilyBuilder& Add(double value, MetricLabels labels = {});

  // Adds a sample of a histogram.
  FamilyBuilder& Add(prometheus::ClientMetric::Histogram histogram, MetricLabels labels);

  prometheus::MetricFamily Build() { return std::move(family_); }

 private:
  prometheus::MetricFamily family_;
};

FamilyBuilder CounterFamily(std::string name, std::string help);
FamilyBuilder GaugeFamily(std::string name, std::string help);

std::vector<prometheus::MetricFamily> CallFamilies(const CallSnapshot& calls);
std::vector<prometheus::MetricFamily> StatusFamilies(const ServerStatus& status);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_METRIC_FAMILIES_H_
