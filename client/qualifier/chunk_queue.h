#ifndef BANTAM_CLIENT_QUALIFIER_CHUNK_QUEUE_H_
#define BANTAM_CLIENT_QUALIFIER_CHUNK_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "absl/time/time.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "client/qualifier.h"

namespace bantam {

// Leads as the chunks of a bulk stream: up to 64 leads each, and no more once they have 1 MiB. Each
// is kept until it is answered, so that another stream can go on where one broke off. For one
// thread that sends, one that reads answers, and one that watches how long the server takes.
class ChunkQueue {
 public:
  using Message = std::shared_ptr<const v1::BulkEvaluateRequest>;

  // `next` is called by Next() only, and its function must outlive the queue.
  explicit ChunkQueue(Qualifier::NextLead next) : next_lead_(next) {}

  // Begins a stream, before any thread is at work: Next() gives the oldest chunk without an answer.
  // The reader waits from now on: for the stream to be opened, then for an answer.
  void Begin();

  // The next chunk of the stream. Waits while 64 have no answer. Null: there is none, or the stream
  // is over. The first call says that the stream is open.
  Message Next();

  // Notes that the oldest chunk is answered, so that the reader does not wait; the index of its
  // first lead among all. -1: there is no such chunk.
  int64_t TakeAnswered();

  // The reader waits for the next answer, or for the end of the stream, from now on.
  void BeginWaiting();

  // The stream is over: Next() and AwaitOverdue() do not wait any more, and Next() gives nothing.
  void End();

  // Returns true once the reader has waited for `patience` (1 ms at least, a year at most) while
  // the server owed something: to open the stream, to answer a chunk that was sent, or to end the
  // stream once all was sent. Leads that are slow to come do not count, nor answers that are slow
  // to be taken, and each answer starts it anew. False: the stream was over before.
  bool AwaitOverdue(absl::Duration patience);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr Instant kNever = Instant::max();

  struct Chunk {
    int64_t first_index = 0;
    Message message;
  };

  // Makes a chunk of the leads that come next; a null message: there are none.
  Chunk ReadChunk();

  // Brings `waiting_since_` up to date; to be called under the lock after each change.
  void UpdateWaiting();

  // Of the thread that sends.
  const Qualifier::NextLead next_lead_;
  v1::Lead lead_;           // Was read and is in no chunk yet,
  bool has_lead_ = false;   // if there is one.
  bool has_begun_ = false;  // The first lead was asked for.
  int64_t lead_count_ = 0;  // In chunks.
  int64_t chunk_count_ = 0;

  std::mutex mutex_;                 // For all below.
  std::condition_variable changed_;  // For the thread that sends,
  std::condition_variable ended_;    // and for the one that watches.
  std::deque<Chunk> unanswered_;
  size_t sent_ = 0;  // How many of them the stream has.
  bool open_ = false;
  bool all_sent_ = false;  // Nothing is left to send.
  bool over_ = false;
  bool reader_waits_ = false;
  Instant waiting_since_ = kNever;  // Since when the reader waits for what the server owes.
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_CHUNK_QUEUE_H_
