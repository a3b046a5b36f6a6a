#ifndef BANTAM_SERVER_RPC_ARENA_POOL_H_
#define BANTAM_SERVER_RPC_ARENA_POOL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/arena.h"

namespace bantam {

// A protobuf arena whose first block is kept when it is reset, and a text whose memory is, so that
// an ordinary call allocates no memory for its messages and for what it writes.
class ReusedArena {
 public:
  ReusedArena();
  google::protobuf::Arena* get() { return &arena_; }

  // For an answer, before it is handed to gRPC. Empty at first.
  std::string* text() { return &text_; }

  // Forgets all messages and the text, and frees all blocks but the first, and a large text.
  void Reset();

 private:
  const std::unique_ptr<char[]> first_block_;
  google::protobuf::Arena arena_;
  std::string text_;
};

// Arenas for the calls that are being worked on; a call that waits for its turn or for its answer
// to be sent needs none. Safe for concurrent use.
class ArenaPool {
 public:
  // An empty arena; a new one if none is at hand.
  std::unique_ptr<ReusedArena> Take();

  // Takes it back for reuse; frees it if enough are at hand.
  void Return(std::unique_ptr<ReusedArena> arena);

 private:
  absl::Mutex mu_;
  std::vector<std::unique_ptr<ReusedArena>> free_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_ARENA_POOL_H_
