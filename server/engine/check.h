// Checks of a definition. Each finds every problem of its part; compile.cc calls them all.
#ifndef BANTAM_SERVER_ENGINE_CHECK_H_
#define BANTAM_SERVER_ENGINE_CHECK_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/icp.pb.h"
#include "server/engine/aliases.h"
#include "server/engine/issue.h"
#include "server/engine/time_zones.h"

namespace bantam {

// Collects issues.
class Issues {
 public:
  template <typename... Parts>
  void Error(absl::string_view field, const Parts&... message) {
    Add(Issue::Severity::kError, field, absl::StrCat(message...));
  }
  template <typename... Parts>
  void Warning(absl::string_view field, const Parts&... message) {
    Add(Issue::Severity::kWarning, field, absl::StrCat(message...));
  }

  bool has_errors() const { return has_errors_; }
  std::vector<Issue>& list() { return list_; }

 private:
  void Add(Issue::Severity severity, absl::string_view field, std::string message) {
    has_errors_ = has_errors_ || severity == Issue::Severity::kError;
    list_.push_back({severity, std::string(field), std::move(message)});
  }

  std::vector<Issue> list_;
  bool has_errors_ = false;
};

// Bounds that the contract documents.
inline constexpr double kMostPoints = 1000;
inline constexpr int64_t kLongestSpanSeconds = 36500LL * 86400;

// Paths: "a.b", "a[3]".
std::string Path(absl::string_view parent, absl::string_view field);
std::string Path(absl::string_view parent, absl::string_view field, int index);

// Single values.
void CheckId(absl::string_view id, absl::string_view path, std::set<std::string>* seen,
             Issues* issues);
void CheckPoints(double points, double least, double most, absl::string_view path, Issues* issues);
void CheckPercent(double percent, absl::string_view path, Issues* issues);
void CheckSpan(const google::protobuf::Duration& span, int64_t least_seconds,
               absl::string_view path, Issues* issues);
void CheckCount(int count, int most, absl::string_view path, Issues* issues);
void CheckInt(int64_t value, int64_t least, int64_t most, absl::string_view path, Issues* issues);
void CheckText(const v1::LocalizedText& text, absl::string_view path, Issues* issues);
bool IsCurrencyCode(absl::string_view code);
bool IsEventType(absl::string_view type);
void CheckEventTypes(const google::protobuf::RepeatedPtrField<std::string>& types,
                     absl::string_view path, Issues* issues);

// Parts. `icp` has its defaults filled in; `written` is as given.
void CheckMoney(const v1::Icp& icp, Issues* issues);
void CheckAliases(const v1::Icp& icp, Issues* issues);
void CheckCaps(const v1::Icp& icp, Issues* issues);
void CheckFit(const v1::Icp& icp, const v1::Icp& written, Issues* issues);
void CheckTest(const v1::Test& test, absl::string_view path, int depth, const AliasTables& aliases,
               Issues* issues);
void CheckEngagement(const v1::Icp& icp, Issues* issues);
void CheckBant(const v1::Icp& icp, Issues* issues);
void CheckGrading(const v1::Icp& icp, Issues* issues);
void CheckTemperature(const v1::Icp& icp, Issues* issues);
void CheckFunnel(const v1::Icp& icp, Issues* issues);
void CheckPlaybook(const v1::Icp& icp, Issues* issues);
void CheckBusinessHours(const v1::Icp& icp, const v1::Icp& written, const TimeZones& zones,
                        Issues* issues);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_CHECK_H_
