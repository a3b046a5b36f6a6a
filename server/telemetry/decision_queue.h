// What waits between the calls and the thread that writes the decision log.
#ifndef BANTAM_SERVER_TELEMETRY_DECISION_QUEUE_H_
#define BANTAM_SERVER_TELEMETRY_DECISION_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/mutex.h"
#include "server/telemetry/decision_log.h"

namespace bantam {

// A decision as it waits: the record without `lead` and
// `override_by`, and personal data as the bytes of a
// DecisionPersonalData. The texts lie in a chunk of the queue.
struct QueuedDecision {
  DecisionRecord record;
  absl::string_view personal_data;
  bool personal_data_omitted = false;
};

// Copies of decisions, in blocks of memory that are used again and again. Threads that add are
// spread over several parts, so that they seldom wait for each other. Does not bound itself. Safe
// for concurrent use.
class DecisionQueue {
 public:
  // Personal data of at most so many bytes.
  static constexpr size_t kMaxPersonalDataBytes = 8192;

  // Texts of at most so many bytes; longer ones are cut, between two characters.
  static constexpr size_t kMaxTextBytes = 512;

  // Adds a copy of `record` and of what it refers to, but for `lead` and `override_by`.
  // `personal_data`: bytes to go with it.
  void Add(const DecisionRecord& record, absl::string_view personal_data, bool omitted);

  // A block of decisions.
  class Chunk;

  // What was taken out of the queue. It must be gone before the queue is.
  class Taken {
   public:
    explicit Taken(DecisionQueue* queue);
    Taken(Taken&&) noexcept;
    ~Taken();

    // By time; those of one thread as they were added, if their times are in order.
    const std::vector<QueuedDecision>& decisions() const { return decisions_; }

   private:
    friend class DecisionQueue;
    DecisionQueue* const queue_;
    std::vector<std::pair<size_t, std::unique_ptr<Chunk>>> chunks_;  // By the part they are from.
    std::vector<QueuedDecision> decisions_;
  };

  // Takes all that there is.
  Taken TakeAll();

  DecisionQueue();
  ~DecisionQueue();

 private:
  static constexpr size_t kParts = 16;

  // A part on cache lines of its own.
  struct alignas(128) Part {
    Mutex mutex;
    std::unique_ptr<Chunk> open ABSL_GUARDED_BY(mutex);
    std::vector<std::unique_ptr<Chunk>> full ABSL_GUARDED_BY(mutex);
    std::vector<std::unique_ptr<Chunk>> unused ABSL_GUARDED_BY(mutex);
  };

  // The part of the calling thread.
  Part* PartOfThread();

  std::array<Part, kParts> parts_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_DECISION_QUEUE_H_
