#include "server/rpc/health_service.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "server/rpc/parse.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// Of one request: much more than any name has. Any number of Watches may be open, and each keeps
// its name.
constexpr size_t kMaxRequestBytes = 1024;

// The name that a request asks for. Error: INVALID_ARGUMENT.
absl::StatusOr<std::string> NameIn(const grpc::ByteBuffer& bytes) {
  if (bytes.Length() > kMaxRequestBytes) {
    return InvalidRequest({{"request", absl::StrCat("must have at most ", kMaxRequestBytes,
                                                    " bytes, not ", bytes.Length())}});
  }
  HealthCheckRequest request;
  if (ParseMessage(bytes, &request)) return request.service();
  return InvalidRequest(ExplainParseFailure(Flatten(bytes), *HealthCheckRequest::descriptor(), ""));
}

// The same, and lets go of the bytes, which would be kept as long as the call.
absl::StatusOr<std::string> TakeNameIn(grpc::ByteBuffer* bytes) {
  absl::StatusOr<std::string> name = NameIn(*bytes);
  bytes->Clear();
  return name;
}

}  // namespace

// One Check. Deletes itself when it is over.
class HealthService::Check {
 public:
  explicit Check(HealthService* health) : health_(health) {
    health_->lane_->BeginCall();
    grpc::ServerCompletionQueue* const queue = health_->lane_->queue();
    health_->service_.RequestCheck(&context_, &request_, &writer_, queue, queue, &arrived_);
  }

 private:
  ~Check() = default;

  void OnArrived(bool ok) {
    if (!ok) return Delete();  // The server shuts down.
    new Check(health_);
    const absl::StatusOr<std::string> name = TakeNameIn(&request_);
    if (!name.ok()) return writer_.FinishWithError(ToGrpcStatus(name.status()), &finished_);
    HealthCheckResponse response;
    {
      absl::MutexLock lock(&health_->mu_);
      response.set_status(health_->StatusOf(*name));
    }
    if (response.status() == HealthCheckResponse::SERVICE_UNKNOWN) {
      return writer_.FinishWithError(
          ToGrpcStatus(absl::NotFoundError("the server knows no service of this name")),
          &finished_);
    }
    writer_.Finish(SerializeMessage(response), grpc::Status::OK, &finished_);
  }

  void OnFinished(bool /*ok*/) { Delete(); }

  void Delete() {
    Lane* const lane = health_->lane_;
    delete this;
    lane->EndCall();
  }

  HealthService* const health_;
  MemberTag<Check> arrived_{this, &Check::OnArrived};
  MemberTag<Check> finished_{this, &Check::OnFinished};
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{&context_};
};

// One Watch. Deletes itself when it is over. All of it is guarded by the service's lock.
class HealthService::Watch {
 public:
  explicit Watch(HealthService* health) : health_(health) {
    health_->lane_->BeginCall();
    context_.AsyncNotifyWhenDone(&done_);
    grpc::ServerCompletionQueue* const queue = health_->lane_->queue();
    health_->service_.RequestWatch(&context_, &request_, &writer_, queue, queue, &arrived_);
  }

  // Does whatever can be done next: tells a change, or ends.
  void Proceed() {
    if (writing_ || finishing_ || is_done_) return;
    if (!failure_.ok()) return End(ToGrpcStatus(failure_));
    const Status status = health_->StatusOf(name_);
    if (told_ == status) {
      // Not before the caller was told why: what was written before may only just be on its way.
      if (health_->watches_end_) End({grpc::StatusCode::UNAVAILABLE, "the server ends"});
      return;
    }
    told_ = status;
    writing_ = true;
    HealthCheckResponse response;
    response.set_status(status);
    writer_.Write(SerializeMessage(response), &written_);
  }

 private:
  ~Watch() = default;

  void End(const grpc::Status& status) {
    finishing_ = true;
    writer_.Finish(status, &finished_);
  }

  void OnArrived(bool ok) {
    if (!ok) return Delete();  // The server shuts down. The done event never comes.
    new Watch(health_);
    Then([&] {
      has_arrived_ = true;
      absl::StatusOr<std::string> name = TakeNameIn(&request_);
      failure_ = name.status();
      if (name.ok()) name_ = *std::move(name);
      health_->watches_.insert(this);
    });
  }

  void OnWritten(bool /*ok*/) {
    Then([&] { writing_ = false; });
  }

  void OnFinished(bool /*ok*/) {
    Then([&] { finishing_ = false, is_done_ = true; });
  }

  // The caller has gone, or the call is over.
  void OnDone(bool /*ok*/) {
    Then([&] { is_done_ = done_event_ = true; });
  }

  template <typename Change>
  void Then(Change change) {
    bool over = false;
    {
      absl::MutexLock lock(&health_->mu_);
      change();
      if (has_arrived_) Proceed();
      over = has_arrived_ && done_event_ && !writing_ && !finishing_;
      if (over) health_->watches_.erase(this);
    }
    if (over) Delete();
  }

  void Delete() {
    Lane* const lane = health_->lane_;
    delete this;
    lane->EndCall();
  }

  HealthService* const health_;
  MemberTag<Watch> arrived_{this, &Watch::OnArrived};
  MemberTag<Watch> written_{this, &Watch::OnWritten};
  MemberTag<Watch> finished_{this, &Watch::OnFinished};
  MemberTag<Watch> done_{this, &Watch::OnDone};
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
  std::string name_;
  absl::Status failure_;         // Why nothing can be watched.
  absl::optional<Status> told_;  // None: nothing yet.
  bool has_arrived_ = false;     // OnDone() may come before, on another thread.
  bool writing_ = false;
  bool finishing_ = false;
  bool is_done_ = false;     // Nothing can be told any more.
  bool done_event_ = false;  // The last but for what is on its way.
};

void HealthService::Start(Lane* lane) {
  lane_ = lane;
  new Check(this);
  new Watch(this);
}

void HealthService::Set(const std::string& name, bool serving) {
  absl::MutexLock lock(&mu_);
  serving_[name] = serving;
  TellWatches();
}

void HealthService::ShutDown() {
  absl::MutexLock lock(&mu_);
  shut_down_ = true;
  TellWatches();
}

void HealthService::EndWatches() {
  absl::MutexLock lock(&mu_);
  watches_end_ = true;
  TellWatches();
}

HealthService::Status HealthService::StatusOf(const std::string& name) const {
  const auto it = serving_.find(name);
  if (it == serving_.end()) return HealthCheckResponse::SERVICE_UNKNOWN;
  return it->second && !shut_down_ ? HealthCheckResponse::SERVING
                                   : HealthCheckResponse::NOT_SERVING;
}

void HealthService::TellWatches() {
  for (Watch* const watch : watches_) watch->Proceed();
}

}  // namespace bantam
