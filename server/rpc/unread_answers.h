#ifndef BANTAM_SERVER_RPC_UNREAD_ANSWERS_H_
#define BANTAM_SERVER_RPC_UNREAD_ANSWERS_H_

#include <atomic>
#include <chrono>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"

namespace bantam {

// The part of a call that UnreadAnswers knows. It must not be gone before all of its bytes are.
class UnreadAnswer {
 public:
  // `context`: of the call. The call may arrive after this, but it has arrived before bytes are
  // added, and is not over as long as some wait.
  void SetCall(grpc::ServerContext* context) { context_ = context; }

 private:
  friend class UnreadAnswers;

  grpc::ServerContext* context_ = nullptr;
  int64_t bytes_ = 0;
  std::chrono::steady_clock::time_point since_;
  bool listed_ = false;
  UnreadAnswer* older_ = nullptr;
  UnreadAnswer* newer_ = nullptr;
};

// Answers from when they are ready until their callers have taken them, or gRPC has let go of them.
// Nobody but this bounds what they take. Safe for concurrent use.
class UnreadAnswers {
 public:
  // `patience`: how long a caller may take nothing while there is no room for others.
  UnreadAnswers(int64_t max_bytes, absl::Duration patience)
      : max_bytes_(max_bytes), patience_(patience) {}

  // So many bytes more wait to be taken.
  void Add(int64_t bytes, UnreadAnswer* answer) ABSL_LOCKS_EXCLUDED(mu_);

  // So many of them do not wait any more. What is left of this call waits from now on: its caller
  // reads.
  void Remove(int64_t bytes, UnreadAnswer* answer) ABSL_LOCKS_EXCLUDED(mu_);

  // Whether work may begin whose answer comes on top of those that wait. What is being worked on
  // already is not interrupted: the bound is passed by one answer for each thread that makes some,
  // and for each stream.
  bool HasRoom() const { return bytes() < max_bytes_; }

  // The same. If there is no room, cancels the calls whose callers have taken nothing for longer
  // than the patience, which makes room a little later: one that never reads is not to keep others
  // out for good. May be asked under the lock of a call, and of one that is cancelled by it: gRPC
  // tells of the end in the call's queue, never here.
  bool MakeRoom() ABSL_LOCKS_EXCLUDED(mu_);

  int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  void Append(UnreadAnswer* answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Unlink(UnreadAnswer* answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const int64_t max_bytes_;
  const absl::Duration patience_;
  std::atomic<int64_t> bytes_{0};
  absl::Mutex mu_;
  // Those that wait and are not cancelled, in the order in which they have begun to. A list of its
  // own links: each answer enters it, and that is not to cost an allocation.
  UnreadAnswer* oldest_ ABSL_GUARDED_BY(mu_) = nullptr;
  UnreadAnswer* newest_ ABSL_GUARDED_BY(mu_) = nullptr;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_UNREAD_ANSWERS_H_
