#ifndef BANTAM_CLIENT_QUALIFIER_CHUNK_QUEUE_H_
#define BANTAM_CLIENT_QUALIFIER_CHUNK_QUEUE_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "client/qualifier.h"

namespace bantam {

// Leads as the chunks of a bulk stream: up to 64 leads each, and no more once they have 1 MiB. Each
// is kept until it is answered, so that another stream can go on where one broke off. For one
// thread that sends and one that reads answers.
class ChunkQueue {
 public:
  using Message = std::shared_ptr<const v1::BulkEvaluateRequest>;

  // `next` is called by Next() only, and its function must outlive the queue.
  explicit ChunkQueue(Qualifier::NextLead next) : next_lead_(next) {}

  // Begins a stream, before any thread is at work: Next() gives the oldest chunk without an answer.
  void Begin();

  // The next chunk of the stream. Waits while 64 have no answer. Null: there is none, or the stream
  // is over.
  Message Next();

  // Notes that the oldest chunk is answered; the index of its first lead among all. -1: there is no
  // such chunk.
  int64_t TakeAnswered();

  // The stream is over: Next() gives nothing and does not wait.
  void End();

 private:
  struct Chunk {
    int64_t first_index = 0;
    Message message;
  };

  // Makes a chunk of the leads that come next; a null message: there are none.
  Chunk ReadChunk();

  // Of the thread that sends.
  const Qualifier::NextLead next_lead_;
  v1::Lead lead_;           // Was read and is in no chunk yet,
  bool has_lead_ = false;   // if there is one.
  bool has_begun_ = false;  // The first lead was asked for.
  int64_t lead_count_ = 0;  // In chunks.
  int64_t chunk_count_ = 0;

  std::mutex mutex_;  // For all below.
  std::condition_variable changed_;
  std::deque<Chunk> unanswered_;
  size_t sent_ = 0;  // How many of them the stream has.
  bool over_ = false;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_CHUNK_QUEUE_H_
