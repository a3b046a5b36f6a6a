// ICPs whose answers tell their version, and which versions a call may see.
#ifndef BANTAM_TESTS_INTEGRATION_STORES_VERSIONS_H_
#define BANTAM_TESTS_INTEGRATION_STORES_VERSIONS_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/catalog/mutex.h"

namespace bantam {

// "tenants/{tenant}/icps/{word}-{i}".
std::string VersionedName(const std::string& tenant, const std::string& word, int i);

// Version `version` of the ICP `name`: the lead of VersionRequest() scores that many hundredths.
// Range: [1, 10000].
std::string VersionedIcp(const std::string& name, int version);
v1::ScoreRequest VersionRequest(const std::string& name);

// The version that an answer was given by.
int VersionOf(const v1::ScoreResponse& answer);

// Which versions were saved, and when. Safe for concurrent use. Each name has one writer at a time,
// and its versions ascend.
class VersionLog {
 public:
  explicit VersionLog(const std::vector<std::string>& names);

  // The next version, which is about to be saved: from now on it may be seen.
  int Next(const std::string& name);

  // The save was acknowledged.
  void Acknowledge(const std::string& name, int version);

  // The newest version that may be seen, and the newest one that was acknowledged.
  int Begun(const std::string& name) const;
  int Acknowledged(const std::string& name) const;

  // What is wrong with an answer for `name` to a call made at `call_time`: it is by another ICP, by
  // a version that was not saved, or by one that was outdated for longer than `bound` then. Empty:
  // nothing.
  std::string Check(const std::string& name, const v1::ScoreResponse& answer, absl::Time call_time,
                    absl::Duration bound) const;

 private:
  struct History {
    mutable Mutex mutex;
    int begun ABSL_GUARDED_BY(mutex) = 0;
    std::map<absl::Time, int> acknowledged ABSL_GUARDED_BY(mutex);
  };

  // Complete from the start.
  std::map<std::string, std::unique_ptr<History>> histories_;
};

// The versions of one ICP that one replica has answered by: it never goes back. Safe for concurrent
// use.
class SeenVersions {
 public:
  // An answer by `version` has come.
  void See(int version);

  // The newest version by which an answer had come before `time`; 0: none.
  int NewestBefore(absl::Time time) const;
  int newest() const { return NewestBefore(absl::InfiniteFuture()); }

 private:
  mutable Mutex mutex_;
  std::map<absl::Time, int> seen_ ABSL_GUARDED_BY(mutex_);  // Ascending.
};

// How slow the machine is, by the slowest of the calls that should take no time: what is promised
// within a time takes that much longer. Safe for concurrent use.
class Slowness {
 public:
  void Add(absl::Duration call);

  // For as many steps, one after the other, as it takes from a change to an answer by it; not more
  // than a busy machine explains.
  absl::Duration Allowance() const {
    return std::min(5 * absl::Nanoseconds(slowest_.load()), absl::Seconds(5));
  }

 private:
  std::atomic<int64_t> slowest_{0};
};

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_STORES_VERSIONS_H_
