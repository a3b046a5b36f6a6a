// Counts calls and leads, at a few nanoseconds each.
//
//   call threads ── OnStart, OnLead, OnEnd … ──► counters of each thread ── Snapshot() ──► scrape
//
// Each thread counts in memory of its own, which only it writes: nothing is locked and no cache
// line is contended. A scrape adds up what all threads have counted.
#ifndef BANTAM_SERVER_TELEMETRY_CALL_METRICS_H_
#define BANTAM_SERVER_TELEMETRY_CALL_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/value.pb.h"
#include "server/catalog/mutex.h"

namespace bantam {

// One of the methods that are counted.
struct CallMethod {
  std::string service;  // "bantam.v1.QualificationService".
  std::string method;   // "Score".
  std::string type;     // "unary", "client_stream", "server_stream" or "bidi_stream".
};

// Why a call was refused before its handler did any work.
enum class RefusalReason {
  kOverload,     // Too many calls are in flight, or wait.
  kQuota,        // The tenant has used up its leads per second.
  kAccess,       // The caller may not do this, or is not known.
  kDecisionLog,  // The decision log is full, and calls are to be refused then.
  kTooLarge,     // The request has too many bytes.
};
inline constexpr int kRefusalReasons = 5;

// Status codes of gRPC: 0 (OK) to 16 (UNAUTHENTICATED).
inline constexpr int kStatusCodes = 17;

// The latency histogram's upper bounds. Those of calls that take longer are counted beyond.
inline constexpr std::array<absl::Duration, 16> kLatencyBounds = {
    absl::Microseconds(100), absl::Microseconds(200), absl::Microseconds(500),
    absl::Milliseconds(1),   absl::Milliseconds(2),   absl::Milliseconds(5),
    absl::Milliseconds(10),  absl::Milliseconds(20),  absl::Milliseconds(50),
    absl::Milliseconds(100), absl::Milliseconds(200), absl::Milliseconds(500),
    absl::Seconds(1),        absl::Seconds(2),        absl::Seconds(5),
    absl::Seconds(10)};
inline constexpr int kLatencyBuckets = static_cast<int>(kLatencyBounds.size()) + 1;

// Verdicts by their number in the contract; kVerdicts is one more than the highest.
inline constexpr int kVerdicts = v1::Verdict_ARRAYSIZE;

// "A" to "F", and "none" (no fact about fit is known, or the lead is restricted).
inline constexpr std::array<absl::string_view, 6> kGrades = {"A", "B", "C", "D", "F", "none"};

// As many stages of one ICP are told apart; a funnel has 22 at most, and revisions may have others.
// Further ones count as "other".
inline constexpr int kMaxStages = 32;

// What was counted for one method since the start.
struct MethodCounts {
  CallMethod method;
  int64_t started = 0;
  std::array<int64_t, kStatusCodes> handled = {};     // By status code.
  std::array<int64_t, kLatencyBuckets> latency = {};  // Calls in each bucket; not cumulative.
  absl::Duration latency_sum;
  int64_t abandoned = 0;

  int64_t Handled() const;

  // Handled with another code than OK.
  int64_t Failed() const;

  // Now. Never less than zero.
  int64_t InFlight() const;

  // An estimate of how long at most this share of the calls took, such as 0.99: by the histogram,
  // evenly spread within a bucket. Zero if there were none; the greatest bound if it lies beyond.
  absl::Duration LatencyQuantile(double share) const;
};

// What was counted for one ICP since it was first seen.
struct IcpCounts {
  std::string icp;  // Its name, or "other".
  std::array<int64_t, kVerdicts> verdicts = {};
  std::array<int64_t, kGrades.size()> grades = {};
  std::map<std::string, int64_t> stages;
};

struct CallSnapshot {
  std::vector<MethodCounts> methods;  // In the order in which the methods were given.
  std::array<int64_t, kRefusalReasons> refused = {};
  int64_t lead_errors = 0;
  std::vector<IcpCounts> icps;  // By name; the last one is "other".
};

// Safe for concurrent use; what it is told never waits, but for the first lead of an ICP in a
// thread, which takes a lock for a moment.
class CallMetrics {
 public:
  // Counts these methods, and tells apart as many ICPs; the leads of further ones count as "other".
  // An ICP without leads for an hour gives up its place to others when there is no free one, and
  // for a week in any case: so those that are gone do not stay for ever.
  CallMetrics(std::vector<CallMethod> methods, int max_icps);
  ~CallMetrics();

  CallMetrics(const CallMetrics&) = delete;
  CallMetrics& operator=(const CallMetrics&) = delete;

  // A call of the method with this index, in the order given to the constructor, begins; ends; is
  // not waited for any more by its caller (it ends as well). Each from any thread.
  void OnStart(int method);
  void OnEnd(int method, absl::StatusCode code, absl::Duration latency);
  void OnAbandoned(int method);

  // A call is refused. Says nothing of start and end, which are told as well if there are any.
  void OnRefused(RefusalReason reason);

  // A lead was evaluated. `grade`: "A" to "F", empty: none. `stage`: an id of the ICP's funnel, as
  // it was checked when the lead was; empty: none.
  void OnLead(absl::string_view icp, v1::Verdict verdict, absl::string_view grade,
              absl::string_view stage);

  // A lead of a batch or a stream could not be evaluated.
  void OnLeadError();

  // What was counted until now. To be called at each scrape, which is when ICPs without leads are
  // found.
  CallSnapshot Snapshot(absl::Time now);

 private:
  class ThreadCounters;
  struct LeadCounters;
  struct Icp;

  ThreadCounters* CurrentThread();
  ThreadCounters* FindThread();

  // Where `thread` counts leads of the ICP. Leaves it in `thread->last` as well.
  LeadCounters* FindIcp(ThreadCounters* thread, absl::string_view name);
  LeadCounters* LearnIcp(ThreadCounters* thread, absl::string_view name);

  // The place of its counter.
  int FindStage(Icp* icp, absl::string_view stage);
  void CopyIcps(ThreadCounters* thread) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static LeadCounters* CountersOf(Icp* icp, int thread_number);
  static IcpCounts CountsOf(const Icp& icp);
  void DropIdle(const CallSnapshot& snapshot, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<CallMethod> methods_;
  const size_t max_icps_;
  const uint64_t id_;  // Of all objects of this class that ever lived in this process.

  // Raised when threads must look at `icps_` again: it has become full, or some were dropped.
  std::atomic<uint64_t> epoch_{1};

  Mutex mutex_;
  std::vector<std::unique_ptr<ThreadCounters>> threads_ ABSL_GUARDED_BY(mutex_);  // By number.
  std::map<std::string, std::shared_ptr<Icp>, std::less<>> icps_ ABSL_GUARDED_BY(mutex_);
  const std::shared_ptr<Icp> other_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_CALL_METRICS_H_
