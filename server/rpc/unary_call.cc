#include "server/rpc/unary_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/rpc/data_age.h"
#include "server/rpc/parse.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

// Per method and lane; more are freed.
constexpr size_t kMaxFreeCalls = 64;

}  // namespace

absl::Status CheckRequestBytes(const CallEnvironment& environment, size_t bytes) {
  if (bytes <= environment.max_request_bytes) return absl::OkStatus();
  return AskForLess(
      {"request",
       absl::StrCat("must have at most ", environment.max_request_bytes, " bytes, not ", bytes,
                    "; send less at a time: BulkEvaluate takes any number of leads, in chunks")});
}

absl::Time DeadlineOf(const grpc::ServerContext& context) {
  const auto deadline = context.deadline();
  return deadline == decltype(deadline)::max() ? absl::InfiniteFuture()
                                               : absl::FromChrono(deadline);
}

absl::Status AbandonedStatus(bool cancelled, absl::Time deadline) {
  if (deadline != absl::InfiniteFuture() && absl::Now() >= deadline) {
    return absl::DeadlineExceededError("the deadline passed before the answer was ready");
  }
  if (cancelled) return absl::CancelledError("the caller cancelled the call");
  return absl::OkStatus();
}

UnaryCalls::UnaryCalls(const UnaryMethod* method, Lane* lane, const CallEnvironment* environment)
    : method_(method),
      lane_(lane),
      environment_(environment),
      arrival_rate_(environment->workers->NewRate()),
      continuation_rate_(environment->workers->NewRate()) {}

UnaryCalls::~UnaryCalls() = default;

void UnaryCalls::Ask(int count) {
  for (int i = 0; i < count; ++i) {
    std::unique_ptr<UnaryCall> call;
    {
      absl::MutexLock lock(&mu_);
      if (!free_.empty()) {
        call = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (call == nullptr) call = std::make_unique<UnaryCall>(this);
    call.release()->Ask();  // Owned by the completion queue until Recycle().
  }
}

void UnaryCalls::Recycle(UnaryCall* call) {
  std::unique_ptr<UnaryCall> owned(call);
  absl::MutexLock lock(&mu_);
  if (free_.size() < kMaxFreeCalls) free_.push_back(std::move(owned));
}

UnaryCall::UnaryCall(UnaryCalls* calls) : calls_(calls) {}

void UnaryCall::Ask() {
  calls_->lane_->BeginCall();
  context_.emplace();
  writer_.emplace(&*context_);
  info_.emplace(calls_->method_->method, calls_->environment_->access, &*context_);
  cancelled_ = false;
  leads_ = 0;
  unread_.SetCall(&*context_);
  answer_bytes_ = 0;
  refusal_.reset();
  events_ = 2;  // Finished and done, which may be heard of before OnArrived() is run.
  context_->AsyncNotifyWhenDone(&done_);
  calls_->method_->request(&*context_, &bytes_, &*writer_, calls_->lane_->queue(), &arrived_);
}

void UnaryCall::OnArrived(bool ok) {
  if (!ok) {  // The server shuts down. The other events never come.
    events_ = 1;
    return EndEvent();
  }
  calls_->Ask(1);
  begin_ = std::chrono::steady_clock::now();
  calls_->environment_->observer->OnCallBegin(*info_);
  deadline_ = DeadlineOf(*context_);
  request_bytes_ = bytes_.Length();
  const absl::Status size = CheckRequestBytes(*calls_->environment_, request_bytes_);
  if (!size.ok()) return FailAs(Refusal::kTooLarge, size);
  const absl::Status begun = calls_->environment_->limit->Begin();
  counted_ = begun.ok();
  if (!counted_) return FailAs(Refusal::kOverload, begun);
  if (calls_->method_->heavy || request_bytes_ > kMaxInlineBytes) {
    Submit([this] { Handle(); }, calls_->arrival_rate_);
  } else if (!calls_->lane_->RunInTurn(&turn_, begin_)) {
    FailAs(Refusal::kOverload, OverloadedError());
  }
}

void UnaryCall::OnTurn(bool /*ok*/) { Handle(); }

void UnaryCall::Handle() {
  if (!MayGoOn()) return;
  arena_ = calls_->lane_->arenas().Take();
  calls_->method_->handle(this);
}

bool UnaryCall::MayGoOn() {
  const absl::Status abandoned = Abandoned();
  if (!abandoned.ok()) {
    Fail(abandoned);
    return false;
  }
  const absl::Status unread = calls_->environment_->limit->CheckUnread();
  if (!unread.ok()) FailAs(Refusal::kOverload, unread);
  return unread.ok();
}

void UnaryCall::Submit(WorkerPool::Task task, WorkRate* rate) {
  if (!calls_->environment_->workers->SubmitCall(std::move(task), rate, request_bytes_)) {
    FailAs(Refusal::kOverload, OverloadedError());
  }
}

bool UnaryCall::MayGoOnHere(size_t evaluations) {
  const ThreadRole role = CurrentThreadRole();
  return role == ThreadRole::kWorker ||
         (role == ThreadRole::kLane && evaluations <= kMaxInlineEvaluations);
}

void UnaryCall::ContinueOnWorker(size_t evaluations, WorkerPool::Task work) {
  WorkerPool::Task task = [this, work = std::move(work)]() mutable { GoOn(work); };
  if (evaluations <= kMaxInlineEvaluations) {
    calls_->environment_->workers->SubmitConclusion(std::move(task));
  } else {
    Submit(std::move(task), calls_->continuation_rate_);
  }
}

void UnaryCall::Conclude(WorkerPool::Task work) {
  if (CurrentThreadRole() == ThreadRole::kWorker) return work();
  calls_->environment_->workers->SubmitConclusion(std::move(work));
}

absl::Status UnaryCall::Abandoned() const { return AbandonedStatus(cancelled_, deadline_); }

bool UnaryCall::ParseInto(google::protobuf::Message* message,
                          const google::protobuf::Descriptor& type) {
  if (ParseMessage(bytes_, message)) {
    bytes_.Clear();
    return true;
  }
  Fail(InvalidRequest(ExplainParseFailure(Flatten(bytes_), type, "")));
  return false;
}

bool UnaryCall::MayUse(absl::string_view name) {
  const absl::Status allowed = access().CheckTenant(name);
  if (!allowed.ok()) FailAs(Refusal::kAccess, allowed);
  return allowed.ok();
}

bool UnaryCall::MayEvaluate(const v1::EvaluationSettings& settings) {
  if (calls_->environment_->access == nullptr) return true;
  const absl::Status allowed = access().CheckTenants(TenantsOf(settings));
  if (!allowed.ok()) FailAs(Refusal::kAccess, allowed);
  return allowed.ok();
}

bool UnaryCall::BeginLeads(const v1::EvaluationSettings& settings, int leads) {
  absl::InlinedVector<absl::string_view, 1> tenants;
  if (calls_->environment_->access != nullptr) tenants = TenantsOf(settings);
  const absl::Status begun =
      access().BeginLeads(calls_->environment_->observer, tenants, leads, &refusal_);
  if (!begun.ok()) Fail(begun);
  return begun.ok();
}

void UnaryCall::SetDataAge(absl::Duration age) { TellDataAge(age, &*context_); }

void UnaryCall::Finish(const google::protobuf::Message& response) {
  Finish(SerializeMessage(response));
}

void UnaryCall::Finish(const grpc::ByteBuffer& response) {
  EndHandling(absl::OkStatus());
  answer_bytes_ = static_cast<int64_t>(response.Length());
  calls_->environment_->limit->unread().Add(answer_bytes_, &unread_);
  writer_->Finish(response, grpc::Status::OK, &finished_);
}

void UnaryCall::Fail(const absl::Status& status) {
  EndHandling(status);
  writer_->FinishWithError(ToGrpcStatus(status), &finished_);
}

void UnaryCall::FailAs(Refusal refusal, const absl::Status& status) {
  refusal_ = refusal;
  Fail(status);
}

void UnaryCall::EndHandling(const absl::Status& status) {
  if (arena_ != nullptr) calls_->lane_->arenas().Return(std::move(arena_));
  bytes_.Clear();
  calls_->environment_->observer->OnCallEnd(
      {*info_, status, leads_, absl::FromChrono(std::chrono::steady_clock::now() - begin_),
       refusal_});
  info_->TellEnd(status);
}

void UnaryCall::OnFinished(bool /*ok*/) {
  calls_->environment_->limit->unread().Remove(answer_bytes_, &unread_);
  EndEvent();
}

void UnaryCall::OnDone(bool /*ok*/) {
  if (context_->IsCancelled()) {
    cancelled_ = true;
    calls_->environment_->observer->OnCallAbandoned(*info_);
  }
  EndEvent();
}

void UnaryCall::EndEvent() {
  if (events_.fetch_sub(1) != 1) return;
  if (counted_) calls_->environment_->limit->End();
  counted_ = false;
  info_.reset();
  writer_.reset();
  context_.reset();
  Lane* const lane = calls_->lane_;
  calls_->Recycle(this);
  lane->EndCall();
}

}  // namespace bantam
