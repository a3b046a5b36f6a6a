#ifndef BANTAM_SERVER_RPC_UNARY_CALL_H_
#define BANTAM_SERVER_RPC_UNARY_CALL_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/arena_pool.h"
#include "server/rpc/call_access.h"
#include "server/rpc/call_limit.h"
#include "server/rpc/call_metadata.h"
#include "server/rpc/call_observer.h"
#include "server/rpc/lane.h"
#include "server/rpc/unread_answers.h"
#include "server/rpc/worker_pool.h"

namespace bantam {

class UnaryCall;

// Requests of more bytes than this are parsed and answered by a worker. Some ordinary leads fit.
inline constexpr size_t kMaxInlineBytes = 16 * 1024;

// Calls that evaluate more often than this (leads × ICPs) are answered by a worker.
inline constexpr size_t kMaxInlineEvaluations = 16;

// One method with one request and one answer.
struct UnaryMethod {
  const RpcMethod* method = nullptr;  // Of RpcMethods().

  // Generated Request… function of the raw service: asks gRPC for the next call.
  std::function<void(grpc::ServerContext*, grpc::ByteBuffer*,
                     grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                     grpc::ServerCompletionQueue*, void* tag)>
      request;

  // Answers a call, now or later, on any thread, by Finish() or Fail(), exactly once.
  std::function<void(UnaryCall*)> handle;

  // Whether a worker handles it, whatever its size.
  bool heavy = false;
};

// What all calls need; outlives them.
struct CallEnvironment {
  WorkerPool* workers = nullptr;
  CallObserver* observer = nullptr;
  CallLimit* limit = nullptr;
  AccessControl* access = nullptr;      // Null: everybody may do everything.
  size_t max_request_bytes = SIZE_MAX;  // Of one message; larger ones are CheckRequestBytes()'s.
};

// The calls of one method on one lane: keeps some asked for, and reuses the objects.
class UnaryCalls {
 public:
  UnaryCalls(const UnaryMethod* method, Lane* lane, const CallEnvironment* environment);
  ~UnaryCalls();

  // Asks gRPC for `count` further calls.
  void Ask(int count);

 private:
  friend class UnaryCall;
  void Recycle(UnaryCall* call) ABSL_LOCKS_EXCLUDED(mu_);

  const UnaryMethod* const method_;
  Lane* const lane_;
  const CallEnvironment* const environment_;
  WorkRate* const arrival_rate_;       // Of calls that a worker takes as they arrive …
  WorkRate* const continuation_rate_;  // … and of those it takes once their ICPs are at hand.
  absl::Mutex mu_;
  std::vector<std::unique_ptr<UnaryCall>> free_ ABSL_GUARDED_BY(mu_);
};

// One call. A handler parses the request, builds its answer on the arena and finishes; what it made
// by Parse() and Create() is gone after Finish() or Fail(), and so may be the call.
class UnaryCall {
 public:
  explicit UnaryCall(UnaryCalls* calls);

  // The request as it came.
  const grpc::ByteBuffer& bytes() const { return bytes_; }

  // The request, or null if it does not parse; then the call has been answered.
  template <typename Message>
  Message* Parse() {
    auto* message = Create<Message>();
    return ParseInto(message, *Message::descriptor()) ? message : nullptr;
  }

  // The same for a twin `Message` of `type` with unparsed parts.
  template <typename Message>
  Message* ParseAs(const google::protobuf::Descriptor& type) {
    auto* message = Create<Message>();
    return ParseInto(message, type) ? message : nullptr;
  }

  // An empty message that lives as long as the call is not answered.
  template <typename Message>
  Message* Create() {
    return google::protobuf::Arena::CreateMessage<Message>(arena_->get());
  }

  // For an answer that is written as bytes; as long as the call is not answered. Empty at first.
  std::string* text() { return arena_->text(); }

  // Bytes of the messages so far, without long texts.
  size_t ArenaBytes() const { return arena_->get()->SpaceAllocated(); }

  // Goes on with `work`, which takes that many evaluations: on this thread if it is a worker, or
  // if it serves a lane and the work is small; else on a worker, small work before all else: it was
  // admitted when it came, and hundreds may have waited for the same load. Fails the call instead
  // if nobody waits for it any more, or too many answers wait to be sent, or large work would have
  // to wait too long.
  template <typename Work>
  void Continue(size_t evaluations, Work work) {
    if (!MayGoOnHere(evaluations)) return ContinueOnWorker(evaluations, std::move(work));
    GoOn(work);
  }

  // Goes on with `work`, which ends a call that has changed something already: on this thread if it
  // is a worker, else on a worker, however much waits there, so that the caller is told of what was
  // done.
  void Conclude(WorkerPool::Task work);

  // OK, or why nobody waits for the answer any more: CANCELLED or DEADLINE_EXCEEDED.
  absl::Status Abandoned() const;

  // Has the answer tell how old the data is that it is made from. At most once.
  void SetDataAge(absl::Duration age);

  // Whether the call may be about the tenant, or the ICP, of this name. False: it may not, and has
  // been answered.
  bool MayUse(absl::string_view name);

  // Whether it may be about the tenants of these settings (valid). False: it may not, and has been
  // answered.
  bool MayEvaluate(const v1::EvaluationSettings& settings);

  // What it may do beside that.
  CallAccess access() const { return CallAccess(calls_->environment_->access, &*info_); }

  // Takes so many leads, which are about to be evaluated with these settings, from the quotas of
  // their tenants, and tells of them. False: they are refused, and the call has been answered.
  bool BeginLeads(const v1::EvaluationSettings& settings, int leads);

  // Counts leads for the report.
  void CountLeads(int leads) { leads_ += leads; }

  // Who hears of this call.
  ObservedCall observed() const { return {calls_->environment_->observer, &*info_}; }

  void Finish(const google::protobuf::Message& response);
  void Finish(const grpc::ByteBuffer& response);
  void Fail(const absl::Status& status);

 private:
  friend class UnaryCalls;
  void Ask();
  void OnArrived(bool ok);
  void OnTurn(bool ok);
  void OnFinished(bool ok);
  void OnDone(bool ok);
  void Handle();

  // Asked whenever it may have waited. False: nobody waits for its answer any more, or too many
  // answers wait already; it has been answered.
  bool MayGoOn();
  void Submit(WorkerPool::Task task, WorkRate* rate);
  static bool MayGoOnHere(size_t evaluations);
  void ContinueOnWorker(size_t evaluations, WorkerPool::Task work);
  template <typename Work>
  void GoOn(Work& work) {
    if (MayGoOn()) work();
  }
  bool ParseInto(google::protobuf::Message* message, const google::protobuf::Descriptor& type);
  void FailAs(Refusal refusal, const absl::Status& status);
  void EndHandling(const absl::Status& status);
  void EndEvent();

  UnaryCalls* const calls_;
  MemberTag<UnaryCall> arrived_{this, &UnaryCall::OnArrived};
  MemberTag<UnaryCall> turn_{this, &UnaryCall::OnTurn};
  MemberTag<UnaryCall> finished_{this, &UnaryCall::OnFinished};
  MemberTag<UnaryCall> done_{this, &UnaryCall::OnDone};

  // Made anew for each call: gRPC's cannot be reused.
  absl::optional<grpc::ServerContext> context_;
  absl::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  absl::optional<CallMetadata> info_;
  grpc::ByteBuffer bytes_;
  size_t request_bytes_ = 0;
  bool counted_ = false;  // By the limit.
  std::unique_ptr<ReusedArena> arena_;
  std::chrono::steady_clock::time_point begin_;  // When it arrived.
  absl::Time deadline_;
  int leads_ = 0;
  UnreadAnswer unread_;
  int64_t answer_bytes_ = 0;
  absl::optional<Refusal> refusal_;
  std::atomic<bool> cancelled_{false};
  std::atomic<int> events_{0};  // Tags that will still arrive.
};

// OK, or that a message of so many bytes is more than the server takes: AskForLess().
absl::Status CheckRequestBytes(const CallEnvironment& environment, size_t bytes);

// InfiniteFuture() if the caller set none.
absl::Time DeadlineOf(const grpc::ServerContext& context);

// OK, or why a call of which these are known is not waited for any more.
absl::Status AbandonedStatus(bool cancelled, absl::Time deadline);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_UNARY_CALL_H_
