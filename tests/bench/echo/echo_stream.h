#ifndef BANTAM_TESTS_BENCH_ECHO_ECHO_STREAM_H_
#define BANTAM_TESTS_BENCH_ECHO_ECHO_STREAM_H_

#include <array>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/arena.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/bulk_call.h"
#include "server/rpc/lane.h"

namespace bantam {

// Answers one chunk: parses `request` onto `arena` and gives the serialised answer.
using EchoChunk = std::function<grpc::ByteBuffer(const grpc::ByteBuffer& request,
                                                 google::protobuf::Arena* arena)>;

// A BulkEvaluate stream as BulkCall treats it (reads, works and writes side by side, the work on
// the worker pool, kMaxChunksInWork chunks at a time), but with `chunk` in place of the evaluation,
// and without its errors: it is for the load generator only. Deletes itself when it is over.
class EchoStream {
 public:
  // Asks gRPC for one further stream on `lane`, by `method.request`.
  static void Ask(const BulkMethod* method, const EchoChunk* chunk, Lane* lane,
                  WorkerPool* workers);

 private:
  struct Slot {
    grpc::ByteBuffer request;
    grpc::ByteBuffer answer;
    bool done = false;
  };

  EchoStream(const BulkMethod* method, const EchoChunk* chunk, Lane* lane, WorkerPool* workers);

  void OnArrived(bool ok);
  void OnRead(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  void OnWritten(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  void OnFinished(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  void Answer(Slot* slot) ABSL_LOCKS_EXCLUDED(mu_);
  void Proceed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool IsOver() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Delete();

  const BulkMethod* const method_;
  const EchoChunk* const chunk_;
  Lane* const lane_;
  WorkerPool* const workers_;
  const std::shared_ptr<WorkerPool::Stream> share_;
  MemberTag<EchoStream> arrived_{this, &EchoStream::OnArrived};
  MemberTag<EchoStream> read_{this, &EchoStream::OnRead};
  MemberTag<EchoStream> written_{this, &EchoStream::OnWritten};
  MemberTag<EchoStream> finished_{this, &EchoStream::OnFinished};
  MemberTag<EchoStream> done_{this, &EchoStream::OnDone};
  grpc::ServerContext context_;
  BulkMethod::Stream stream_{&context_};
  grpc::ByteBuffer start_;

  absl::Mutex mu_;
  std::array<Slot, kMaxChunksInWork> slots_;
  int64_t read_count_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t written_count_ ABSL_GUARDED_BY(mu_) = 0;
  bool started_ ABSL_GUARDED_BY(mu_) = false;
  bool input_ended_ ABSL_GUARDED_BY(mu_) = false;
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool broken_ ABSL_GUARDED_BY(mu_) = false;
  int in_work_ ABSL_GUARDED_BY(mu_) = 0;
  bool finishing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_event_ ABSL_GUARDED_BY(mu_) = false;
  bool done_event_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_ECHO_ECHO_STREAM_H_
