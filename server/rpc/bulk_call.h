#ifndef BANTAM_SERVER_RPC_BULK_CALL_H_
#define BANTAM_SERVER_RPC_BULK_CALL_H_

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "grpcpp/alarm.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/catalog/catalog.h"
#include "server/rpc/evaluate_leads.h"
#include "server/rpc/lane.h"
#include "server/rpc/raw_batch.pb.h"
#include "server/rpc/unary_call.h"

namespace bantam {

// Chunks of one stream that are in work or wait to be sent. When a reader does not read, that many
// answers are ready, and the server reads nothing more from this stream.
inline constexpr int kMaxChunksInWork = 4;

// What all streams share; outlives them.
struct BulkMethod {
  using Stream = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

  const RpcMethod* method = nullptr;  // Of RpcMethods().

  // How long chunks take; of the workers.
  WorkRate* chunk_rate = nullptr;

  // Generated Request… function of the raw service: asks gRPC for the next stream.
  std::function<void(grpc::ServerContext*, Stream*, grpc::ServerCompletionQueue*, void* tag)>
      request;

  Catalog* catalog = nullptr;
  Clock clock;

  // How long a stream may take until its first message.
  absl::Duration max_start_delay;
};

// One BulkEvaluate stream:
//
//   read start ─► collect ICPs ─► { read chunk ─► evaluate (worker) ─► write, in order } ─► finish
//
// Chunks are read, evaluated and written side by side, at most kMaxChunksInWork at a time. A bad
// chunk ends the stream after the chunks before it are answered. Deletes itself when it is over.
class BulkCall {
 public:
  // Asks gRPC for one further stream on `lane`.
  static void Ask(const BulkMethod* method, Lane* lane, const CallEnvironment* environment);

  BulkCall(const BulkCall&) = delete;
  BulkCall& operator=(const BulkCall&) = delete;

 private:
  // A chunk on its way through; used in turn.
  struct Slot {
    grpc::ByteBuffer request;
    grpc::ByteBuffer answer;
    absl::Status status;
    absl::optional<Refusal> refusal;  // Why `status` is no better, if it was turned away.
    int64_t number = 0;
    bool evaluated = false;
    bool waits_for_turn = false;  // It is to be evaluated when the answers before it are sent.
  };

  BulkCall(const BulkMethod* method, Lane* lane, const CallEnvironment* environment);
  ~BulkCall() = default;

  void OnArrived(bool ok);
  void OnStartDelay(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  void OnRead(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  void OnWritten(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  void OnFinished(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone(bool ok) ABSL_LOCKS_EXCLUDED(mu_);

  // Takes what was read: gives its slot, which is in work then. Null: it is too large, and so the
  // last one.
  Slot* Accept(bool* is_start) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // The first message.
  void Start(const grpc::ByteBuffer& bytes) ABSL_LOCKS_EXCLUDED(mu_);
  void OnCollected(absl::StatusOr<CollectedIcps> collected) ABSL_LOCKS_EXCLUDED(mu_);
  void EndStart(const absl::Status& status, absl::optional<Refusal> refusal = absl::nullopt)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Has a chunk evaluated by a worker.
  void Submit(Slot* slot);

  // Whether a chunk is to wait until the answers before it are sent: while too many answers wait,
  // a stream has one at a time, so that it holds little and yet goes on as soon as it is read. May
  // cancel streams whose callers do not read, this one among them.
  bool WaitsForTurn(Slot* slot) ABSL_LOCKS_EXCLUDED(mu_);

  // A further message. Needs no lock: nobody else touches a slot in work.
  void Evaluate(Slot* slot) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status EvaluateInto(Slot* slot, google::protobuf::Arena* arena) const;
  // Writes the answer, a RawBulkEvaluateResponse.
  absl::Status EvaluateChunk(const rpc::RawBulkChunk& chunk, google::protobuf::Arena* arena,
                             std::string* answer) const;

  // OK, or why so many leads may not be evaluated for it now; then the slot is told the reason. All
  // is asked anew for each chunk: a caller that is not allowed any more is not kept on.
  absl::Status BeginLeads(int leads, Slot* slot) const;
  void EndEvaluate(Slot* slot) ABSL_LOCKS_EXCLUDED(mu_);

  // Does whatever can be done next.
  void Proceed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ReadNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void SendNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // The stream is to end so, unless it already is to end. `refusal`: set if it was turned away.
  void End(const absl::Status& status, absl::optional<Refusal> refusal = absl::nullopt)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Nobody waits for it any more. Once it has arrived.
  void Abandon() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Whether nothing is on its way any more. Each function that a tag or a task calls asks this
  // under the lock under which it took itself out, so that exactly one of them deletes the call.
  bool IsOver() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Delete();

  Slot& SlotOf(int64_t position) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return slots_[position % kMaxChunksInWork];
  }

  const BulkMethod* const method_;
  Lane* const lane_;
  const CallEnvironment* const environment_;

  MemberTag<BulkCall> arrived_{this, &BulkCall::OnArrived};
  MemberTag<BulkCall> start_delay_{this, &BulkCall::OnStartDelay};
  MemberTag<BulkCall> read_{this, &BulkCall::OnRead};
  MemberTag<BulkCall> written_{this, &BulkCall::OnWritten};
  MemberTag<BulkCall> finished_{this, &BulkCall::OnFinished};
  MemberTag<BulkCall> done_{this, &BulkCall::OnDone};

  grpc::ServerContext context_;
  BulkMethod::Stream stream_{&context_};
  grpc::Alarm start_alarm_;  // Goes off when the first message should have come.
  const CallMetadata info_;
  const std::shared_ptr<WorkerPool::Stream> share_;
  std::atomic<bool> cancelled_{false};

  // Set by OnArrived(), constant from then on. OnDone() may come before, on another thread.
  bool counted_ = false;                         // By the limit.
  std::chrono::steady_clock::time_point begin_;  // When it arrived.
  absl::Time deadline_;

  // Leads that were looked at.
  mutable std::atomic<int> leads_{0};

  // Bytes for each lead in the newest answer: the next one will be about as long.
  mutable std::atomic<size_t> result_bytes_{0};

  // Set by Start(), constant from then on; `tenants_` refers to texts of `start_`.
  v1::BulkStart start_;
  absl::InlinedVector<absl::string_view, 1> tenants_;

  // Set by OnCollected(), constant from then on.
  absl::optional<LeadEvaluator> evaluator_;

  absl::Mutex mu_;
  // Positions count the chunks from 0: those before `written_count_` are answered, those from there
  // to before `read_count_` are in `slots_`.
  std::array<Slot, kMaxChunksInWork> slots_;
  int64_t read_count_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t written_count_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t last_number_ ABSL_GUARDED_BY(mu_) = -1;
  UnreadAnswer unread_ ABSL_GUARDED_BY(mu_);
  int64_t answer_bytes_ ABSL_GUARDED_BY(mu_) = 0;  // Of answers in `slots_`.
  bool started_ ABSL_GUARDED_BY(mu_) = false;      // The first message has arrived.
  bool collected_ ABSL_GUARDED_BY(mu_) = false;    // Chunks may be read.
  bool input_ended_ ABSL_GUARDED_BY(mu_) = false;  // The caller sends nothing more.
  absl::optional<absl::Status> end_status_ ABSL_GUARDED_BY(mu_);

  // Why it ends, if it was turned away.
  absl::optional<Refusal> refusal_ ABSL_GUARDED_BY(mu_);

  // Tags and tasks on their way.
  bool arrived_event_ ABSL_GUARDED_BY(mu_) = false;
  bool alarm_set_ ABSL_GUARDED_BY(mu_) = false;
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  int in_work_ ABSL_GUARDED_BY(mu_) = 0;
  bool finishing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_event_ ABSL_GUARDED_BY(mu_) = false;
  bool done_event_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_BULK_CALL_H_
