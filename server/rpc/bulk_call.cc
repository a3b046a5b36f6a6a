#include "server/rpc/bulk_call.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/rpc/answer_bytes.h"
#include "server/rpc/data_age.h"
#include "server/rpc/parse.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

constexpr int kMaxChunkLeads = 64;

absl::optional<Operation> OperationOf(v1::BulkOperation operation) {
  switch (operation) {
    case v1::BULK_OPERATION_SCORE:
      return Operation::kScore;
    case v1::BULK_OPERATION_QUALIFY:
      return Operation::kQualify;
    case v1::BULK_OPERATION_ADVANCE:
      return Operation::kAdvance;
    default:
      return absl::nullopt;
  }
}

std::vector<Violation> CheckStart(const v1::BulkStart& start) {
  std::vector<Violation> violations;
  const absl::optional<Operation> operation = OperationOf(start.operation());
  if (!operation.has_value()) {
    violations.push_back({"start.operation",
                          "must be BULK_OPERATION_SCORE, BULK_OPERATION_QUALIFY or "
                          "BULK_OPERATION_ADVANCE"});
  }
  CheckSettings(start.has_settings(), start.settings(), start.mode(),
                operation.value_or(Operation::kScore), "start.", &violations);
  return violations;
}

std::vector<Violation> CheckChunk(const rpc::RawBulkChunk& chunk) {
  std::vector<Violation> violations;
  if (chunk.number() < 0) violations.push_back({"chunk.number", "must not be negative"});
  if (chunk.leads().empty()) {
    violations.push_back({"chunk.leads", "must hold at least one lead"});
  } else if (chunk.leads_size() > kMaxChunkLeads) {
    violations.push_back(
        {"chunk.leads", absl::StrCat("must hold at most ", kMaxChunkLeads, " leads, not ",
                                     chunk.leads_size(), "; send several chunks")});
  }
  return violations;
}

}  // namespace

void BulkCall::Ask(const BulkMethod* method, Lane* lane, const CallEnvironment* environment) {
  lane->BeginCall();
  auto* const call = new BulkCall(method, lane, environment);
  method->request(&call->context_, &call->stream_, lane->queue(), &call->arrived_);
}

BulkCall::BulkCall(const BulkMethod* method, Lane* lane, const CallEnvironment* environment)
    : method_(method),
      lane_(lane),
      environment_(environment),
      info_(method->method, environment->access, &context_),
      share_(environment->workers->NewStream()) {
  context_.AsyncNotifyWhenDone(&done_);
  unread_.SetCall(&context_);
}

void BulkCall::OnArrived(bool ok) {
  if (!ok) {  // The server shuts down. The done event never comes.
    return Delete();
  }
  Ask(method_, lane_, environment_);
  environment_->observer->OnCallBegin(info_);
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    arrived_event_ = true;
    begin_ = std::chrono::steady_clock::now();
    deadline_ = DeadlineOf(context_);
    const absl::Status begun = environment_->limit->BeginStream();
    counted_ = begun.ok();
    if (cancelled_) {
      Abandon();
    } else if (!counted_) {
      End(begun, Refusal::kOverload);
      Proceed();
    } else {
      alarm_set_ = true;
      start_alarm_.Set(lane_->queue(), absl::ToChronoTime(absl::Now() + method_->max_start_delay),
                       &start_delay_);
      reading_ = true;
      stream_.Read(&SlotOf(0).request, &read_);
    }
    over = IsOver();
  }
  if (over) Delete();
}

void BulkCall::OnStartDelay(bool ok) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    alarm_set_ = false;
    if (ok && !started_) {
      End(InvalidRequest({{"start", absl::StrCat("must be sent within ",
                                                 absl::FormatDuration(method_->max_start_delay),
                                                 " after the stream is opened")}}));
      Proceed();
    }
    over = IsOver();
  }
  if (over) Delete();
}

void BulkCall::OnRead(bool ok) {
  Slot* slot = nullptr;
  bool is_start = false;
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    reading_ = false;
    if (!started_) start_alarm_.Cancel();
    if (ok && !end_status_.has_value()) {
      slot = Accept(&is_start);
    } else if (!ok) {
      input_ended_ = true;
      if (!started_) End(InvalidRequest({{"start", "must be set in the first message"}}));
    }
    Proceed();
    over = IsOver();
  }
  if (is_start) {
    Start(slot->request);
  } else if (slot != nullptr) {
    Submit(slot);
  } else if (over) {
    Delete();
  }
}

BulkCall::Slot* BulkCall::Accept(bool* is_start) {
  Slot* const slot = &SlotOf(read_count_);
  *is_start = !started_;
  started_ = true;
  const absl::Status size = CheckRequestBytes(*environment_, slot->request.Length());
  if (!*is_start) ++read_count_;
  if (size.ok()) {
    ++in_work_;
    return slot;
  }
  slot->request.Clear();
  if (*is_start) {
    End(size, Refusal::kTooLarge);
  } else {
    slot->status = size;
    slot->refusal = Refusal::kTooLarge;
    slot->evaluated = true;
    input_ended_ = true;
  }
  *is_start = false;
  return nullptr;
}

void BulkCall::Start(const grpc::ByteBuffer& bytes) {
  rpc::RawBulkEvaluateRequest request;
  if (!ParseMessage(bytes, &request)) {
    return EndStart(InvalidRequest(
        ExplainParseFailure(Flatten(bytes), *v1::BulkEvaluateRequest::descriptor(), "")));
  }
  if (!request.has_start()) {
    return EndStart(InvalidRequest({{"start", "must be set in the first message"}}));
  }
  const std::vector<Violation> violations = CheckStart(request.start());
  if (!violations.empty()) return EndStart(InvalidRequest(violations));
  start_.Swap(request.mutable_start());
  tenants_ = TenantsOf(start_.settings());
  const absl::Status allowed = CallAccess(environment_->access, &info_).CheckTenants(tenants_);
  if (!allowed.ok()) return EndStart(allowed, Refusal::kAccess);
  CollectIcps(method_->catalog, start_.settings(), [this](absl::StatusOr<CollectedIcps> collected) {
    OnCollected(std::move(collected));
  });
}

void BulkCall::OnCollected(absl::StatusOr<CollectedIcps> collected) {
  if (!collected.ok()) return EndStart(collected.status());
  {
    absl::MutexLock lock(&mu_);
    if (!finishing_) TellDataAge(collected->age, &context_);
  }
  evaluator_.emplace(std::move(collected->icps),
                     MakeOptions(start_.settings(), *OperationOf(start_.operation()), start_.mode(),
                                 method_->clock),
                     ObservedCall{environment_->observer, &info_});
  EndStart(absl::OkStatus());
}

void BulkCall::EndStart(const absl::Status& status, absl::optional<Refusal> refusal) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    --in_work_;
    collected_ = status.ok();
    if (!status.ok()) End(status, refusal);
    Proceed();
    over = IsOver();
  }
  if (over) Delete();
}

void BulkCall::Submit(Slot* slot) {
  const size_t bytes = slot->request.Length();
  environment_->workers->SubmitChunk(
      share_, [this, slot] { Evaluate(slot); }, method_->chunk_rate, bytes);
}

bool BulkCall::WaitsForTurn(Slot* slot) {
  // Makes some, too: while there are only streams, nobody else would end those that are not read.
  if (environment_->limit->unread().MakeRoom()) return false;
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    if (slot == &SlotOf(written_count_)) return false;
    slot->waits_for_turn = true;
    --in_work_;
    over = IsOver();
  }
  if (over) Delete();
  return true;
}

void BulkCall::Evaluate(Slot* slot) {
  if (WaitsForTurn(slot)) return;
  std::unique_ptr<ReusedArena> arena = lane_->arenas().Take();
  slot->status = EvaluateInto(slot, arena->get());
  lane_->arenas().Return(std::move(arena));
  EndEvaluate(slot);
}

absl::Status BulkCall::EvaluateInto(Slot* slot, google::protobuf::Arena* arena) const {
  using google::protobuf::Arena;
  auto* request = Arena::CreateMessage<rpc::RawBulkEvaluateRequest>(arena);
  if (!ParseMessage(slot->request, request)) {
    return InvalidRequest(
        ExplainParseFailure(Flatten(slot->request), *v1::BulkEvaluateRequest::descriptor(), ""));
  }
  slot->request.Clear();
  if (!request->has_chunk()) {
    return InvalidRequest({{"chunk", "must be set in every message after the first"}});
  }
  slot->number = request->chunk().number();
  const std::vector<Violation> violations = CheckChunk(request->chunk());
  if (!violations.empty()) return InvalidRequest(violations);
  const absl::Status admitted = BeginLeads(request->chunk().leads_size(), slot);
  if (!admitted.ok()) return admitted;
  std::string answer;
  const auto leads = static_cast<size_t>(request->chunk().leads_size());
  answer.reserve(leads * result_bytes_ * 9 / 8);
  const absl::Status status = EvaluateChunk(request->chunk(), arena, &answer);
  if (!status.ok()) return status;
  result_bytes_ = answer.size() / leads;
  slot->answer = HandOver(std::move(answer));
  return absl::OkStatus();
}

absl::Status BulkCall::BeginLeads(int leads, Slot* slot) const {
  const CallAccess access(environment_->access, &info_);
  const absl::Status allowed = access.CheckTenants(tenants_);
  if (!allowed.ok()) {
    slot->refusal = Refusal::kAccess;
    return allowed;
  }
  return access.BeginLeads(environment_->observer, tenants_, leads, &slot->refusal);
}

absl::Status BulkCall::EvaluateChunk(const rpc::RawBulkChunk& chunk, google::protobuf::Arena* arena,
                                     std::string* answer) const {
  using google::protobuf::Arena;
  AppendNumber(chunk.number(), answer);
  // Used for one lead after the other, so that their memory is reused.
  auto* const lead = Arena::CreateMessage<v1::Lead>(arena);
  auto* const result = Arena::CreateMessage<rpc::RawLeadResult>(arena);
  AnnouncedLeads announced({environment_->observer, &info_}, chunk.leads_size());
  for (int i = 0; i < chunk.leads_size(); ++i) {
    const absl::Status abandoned = AbandonedStatus(cancelled_, deadline_);
    if (!abandoned.ok()) return abandoned;
    result->Clear();
    result->set_index(i);
    evaluator_->EvaluateLead(chunk.leads(i), absl::StrCat("chunk.leads[", i, "]"), lead, result);
    AppendResult(*result, answer);
    announced.CountOne();
    ++leads_;
  }
  return absl::OkStatus();
}

void BulkCall::EndEvaluate(Slot* slot) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    slot->evaluated = true;
    const auto bytes = static_cast<int64_t>(slot->answer.Length());
    answer_bytes_ += bytes;
    environment_->limit->unread().Add(bytes, &unread_);
    --in_work_;
    Proceed();
    over = IsOver();
  }
  if (over) Delete();
}

void BulkCall::OnWritten(bool ok) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    writing_ = false;
    const auto bytes = static_cast<int64_t>(SlotOf(written_count_).answer.Length());
    answer_bytes_ -= bytes;
    environment_->limit->unread().Remove(bytes, &unread_);
    SlotOf(written_count_) = Slot();
    ++written_count_;
    Slot* const next = &SlotOf(written_count_);
    if (next->waits_for_turn && !end_status_.has_value()) {
      next->waits_for_turn = false;
      ++in_work_;
      Submit(next);
    }
    if (!ok) End(absl::CancelledError("the caller does not listen any more"));
    Proceed();
    over = IsOver();
  }
  if (over) Delete();
}

void BulkCall::Proceed() {
  SendNext();
  ReadNext();
}

void BulkCall::ReadNext() {
  if (!collected_ || reading_ || input_ended_ || end_status_.has_value()) return;
  if (read_count_ - written_count_ >= kMaxChunksInWork) return;
  reading_ = true;
  stream_.Read(&SlotOf(read_count_).request, &read_);
}

void BulkCall::SendNext() {
  if (writing_ || finishing_) return;
  if (!end_status_.has_value() && written_count_ < read_count_) {
    Slot& slot = SlotOf(written_count_);
    if (!slot.evaluated) return;
    if (!slot.status.ok()) {
      End(slot.status, slot.refusal);
    } else if (slot.number <= last_number_) {
      End(InvalidRequest({{"chunk.number", absl::StrCat("must be higher than that of the chunk "
                                                        "before, which was ",
                                                        last_number_)}}));
    } else {
      last_number_ = slot.number;
      writing_ = true;
      stream_.Write(slot.answer, &written_);
      return;
    }
  } else if (input_ended_ && collected_ && in_work_ == 0) {
    End(absl::OkStatus());
  }
  if (end_status_.has_value()) {
    finishing_ = true;
    info_.TellEnd(*end_status_);
    stream_.Finish(ToGrpcStatus(*end_status_), &finished_);
  }
}

void BulkCall::End(const absl::Status& status, absl::optional<Refusal> refusal) {
  if (end_status_.has_value()) return;
  end_status_ = status;
  refusal_ = refusal;
}

void BulkCall::OnFinished(bool ok) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    finished_event_ = true;
    // A caller that went away was told nothing, and what seemed wrong, such as that no message came
    // any more, was only that. Who was turned away before stays so.
    if (!ok && !refusal_.has_value()) end_status_ = AbandonedStatus(true, deadline_);
    environment_->observer->OnCallEnd({info_, *end_status_, leads_,
                                       absl::FromChrono(std::chrono::steady_clock::now() - begin_),
                                       refusal_});
    over = IsOver();
  }
  if (over) Delete();
}

void BulkCall::OnDone(bool /*ok*/) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    done_event_ = true;
    if (context_.IsCancelled()) {
      cancelled_ = true;
      if (arrived_event_) Abandon();  // Else OnArrived() does so.
    }
    over = IsOver();
  }
  if (over) Delete();
}

void BulkCall::Abandon() {
  environment_->observer->OnCallAbandoned(info_);
  End(AbandonedStatus(true, deadline_));
  Proceed();
}

bool BulkCall::IsOver() const {
  return arrived_event_ && finished_event_ && done_event_ && !alarm_set_ && !reading_ &&
         !writing_ && in_work_ == 0;
}

void BulkCall::Delete() {
  Lane* const lane = lane_;
  environment_->limit->unread().Remove(answer_bytes_, &unread_);
  if (counted_) environment_->limit->EndStream();
  delete this;
  lane->EndCall();
}

}  // namespace bantam
