#ifndef BANTAM_SERVER_CATALOG_PART_HEALTH_H_
#define BANTAM_SERVER_CATALOG_PART_HEALTH_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/catalog/catalog_events.h"
#include "server/catalog/circuit_breaker.h"
#include "server/catalog/mutex.h"

namespace bantam {

// How well a part that the catalog depends on (its store, its cache) works. Calls go by way of its
// circuit breaker, and are counted; the catalog can wait until none is under way.
//
// Only what answers the question shows that a part works: OK, NOT_FOUND, ABORTED, INVALID_ARGUMENT
// and PERMISSION_DENIED. RESOURCE_EXHAUSTED says nothing about it: it was not asked. Every other
// error is a failure, of a part that cannot be reached (UNAVAILABLE), or that refuses what it is
// asked: rights that were taken away, a schema that is too new. What it refuses is told at once,
// since waiting will not mend it: once for each reason, until it works again after it was down.
//
// Safe for concurrent use.
class PartHealth {
 public:
  template <typename Result>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Result>)>;

  // `name`: as messages call it ("the cache"). `down`, `up`: the events to tell.
  PartHealth(std::string name, CatalogEvent::Kind down, CatalogEvent::Kind up,
             const CircuitBreakerOptions& options, CatalogEvents* events);

  // Waits for what is under way.
  ~PartHealth();

  // Makes a call: `call(done)` is to hand `done` on to the part. If the breaker is open, `done` is
  // called with UNAVAILABLE at once instead.
  template <typename Result, typename Call>
  void Ask(Done<Result> done, Call call) {
    if (!Allow()) return done(absl::UnavailableError(DownMessage()));
    AskAnyway<Result>(std::move(done), std::move(call));
  }

  // Makes a call even if the breaker is open.
  template <typename Result, typename Call>
  void AskAnyway(Done<Result> done, Call call) {
    UnderWay under_way(this);
    if (closed())
      return done(absl::UnavailableError(absl::StrCat(name_, " is not asked any more")));
    call(Done<Result>([this, under_way = std::move(under_way),
                       done = std::move(done)](absl::StatusOr<Result> result) mutable {
      Note(result.status());
      done(std::move(result));
    }));
  }

  // Whether a call would be made now.
  bool WouldAsk() const;

  // Whether its circuit breaker is closed: it is asked, and not known to be down.
  bool up() const;

  // Whether it has ever answered a question.
  bool answered() const;

  // Calls that failed.
  int64_t failures() const;

  // Why the last such call failed, as the part said.
  std::string cause() const;

  // Waits until no call is under way.
  void WaitUntilIdle();

  // No call is made from now on: `done` is called with UNAVAILABLE at once. Waits for those that
  // are under way.
  void Close();

 private:
  // Counts as a call under way while it lives.
  class UnderWay {
   public:
    explicit UnderWay(PartHealth* health);
    UnderWay(UnderWay&& other) noexcept : health_(std::exchange(other.health_, nullptr)) {}
    UnderWay& operator=(UnderWay&&) = delete;
    ~UnderWay();

   private:
    PartHealth* health_;
  };

  bool Allow();
  bool closed() const;
  void Note(const absl::Status& status);
  void NoteAnswer();
  void NoteFailure(const absl::Status& status);
  std::string DownMessage() const;

  const std::string name_;
  const CatalogEvent::Kind down_;
  const CatalogEvent::Kind up_;
  CatalogEvents* const events_;

  mutable Mutex mutex_;
  std::condition_variable_any idle_;
  CircuitBreaker breaker_ ABSL_GUARDED_BY(mutex_);
  int64_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t failures_ ABSL_GUARDED_BY(mutex_) = 0;
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::string cause_ ABSL_GUARDED_BY(mutex_);
  std::string told_refusal_ ABSL_GUARDED_BY(mutex_);  // Since it was down last.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_PART_HEALTH_H_
