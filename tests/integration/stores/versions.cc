#include "tests/integration/stores/versions.h"

#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace bantam {

std::string VersionedName(const std::string& tenant, const std::string& word, int i) {
  return absl::StrCat("tenants/", tenant, "/icps/", word, "-", i);
}

std::string VersionedIcp(const std::string& name, int version) {
  return absl::StrFormat(R"(name: %s
caps: {fit: 100}
fit:
  criteria:
    - id: size
      points: %d.%02d
      test: {attribute: company.employee_count, range: {min: 100}}
)",
                         name, version / 100, version % 100);
}

v1::ScoreRequest VersionRequest(const std::string& name) {
  v1::ScoreRequest request;
  request.mutable_lead()->mutable_company()->set_employee_count(240);
  request.mutable_settings()->add_icps()->set_name(name);
  request.mutable_settings()->set_omit_trace(true);
  return request;
}

int VersionOf(const v1::ScoreResponse& answer) {
  return static_cast<int>(std::lround(answer.evaluation().score().total() * 100));
}

VersionLog::VersionLog(const std::vector<std::string>& names) {
  for (const std::string& name : names) histories_.emplace(name, std::make_unique<History>());
}

int VersionLog::Next(const std::string& name) {
  History& history = *histories_.at(name);
  const MutexLock lock(history.mutex);
  return ++history.begun;
}

int VersionLog::Begun(const std::string& name) const {
  const History& history = *histories_.at(name);
  const MutexLock lock(history.mutex);
  return history.begun;
}

void VersionLog::Acknowledge(const std::string& name, int version) {
  History& history = *histories_.at(name);
  const MutexLock lock(history.mutex);
  history.acknowledged[absl::Now()] = version;
}

int VersionLog::Acknowledged(const std::string& name) const {
  const History& history = *histories_.at(name);
  const MutexLock lock(history.mutex);
  return history.acknowledged.empty() ? 0 : history.acknowledged.rbegin()->second;
}

std::string VersionLog::Check(const std::string& name, const v1::ScoreResponse& answer,
                              absl::Time call_time, absl::Duration bound) const {
  if (answer.evaluation().icp() != name) {
    return absl::StrCat(name, " was answered by ", answer.evaluation().icp());
  }
  const History& history = *histories_.at(name);
  const MutexLock lock(history.mutex);
  const int version = VersionOf(answer);
  if (version < 1 || version > history.begun) {
    return absl::StrCat(name, " was answered by version ", version, " of ", history.begun);
  }
  auto newest = history.acknowledged.upper_bound(call_time - bound);
  if (newest != history.acknowledged.begin() && version < (--newest)->second) {
    return absl::StrCat(name, " was answered by version ", version, ", but ", newest->second,
                        " had been saved ", absl::FormatDuration(call_time - newest->first),
                        " before");
  }
  return "";
}

void Slowness::Add(absl::Duration call) {
  const int64_t nanos = absl::ToInt64Nanoseconds(call);
  int64_t slowest = slowest_;
  while (nanos > slowest && !slowest_.compare_exchange_weak(slowest, nanos)) {
  }
}

void SeenVersions::See(int version) {
  const MutexLock lock(mutex_);
  if (seen_.empty() || seen_.rbegin()->second < version) seen_[absl::Now()] = version;
}

int SeenVersions::NewestBefore(absl::Time time) const {
  const MutexLock lock(mutex_);
  const auto after = seen_.lower_bound(time);
  return after == seen_.begin() ? 0 : std::prev(after)->second;
}

}  // namespace bantam
