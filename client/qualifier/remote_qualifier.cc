#include "client/qualifier/remote_qualifier.h"

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "bantam/v1/error_details.pb.h"
#include "client/qualifier/channel.h"
#include "client/qualifier/chunk_queue.h"

namespace bantam {
namespace {

constexpr char kFromServer[] = "bantam/from-server";

// How often in a row a stream may break off without an answer.
constexpr int kStreamAttempts = 5;

// The longest pause that we choose, and the longest that a server may ask for: whoever runs us may
// have something better to do than to wait longer.
constexpr absl::Duration kMaxOwnPause = absl::Seconds(2);
constexpr absl::Duration kMaxPause = absl::Minutes(1);

using BulkStream =
    grpc::ClientReaderWriterInterface<v1::BulkEvaluateRequest, v1::BulkEvaluateResponse>;

// Sends the start and all leads.
void SendAll(const Question& question, ChunkQueue* chunks, BulkStream* stream) {
  v1::BulkEvaluateRequest request;
  v1::BulkStart* start = request.mutable_start();
  start->set_operation(question.operation);
  *start->mutable_settings() = question.settings;
  if (question.operation == v1::BULK_OPERATION_ADVANCE) start->set_mode(question.mode);
  if (!stream->Write(request)) return;
  while (const ChunkQueue::Message chunk = chunks->Next()) {
    if (!stream->Write(*chunk)) return;
  }
  stream->WritesDone();
}

// The number in an entry of metadata; absent: there is none.
absl::optional<int64_t> FindNumber(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, const char* key) {
  const auto entry = metadata.find(key);
  int64_t number;
  if (entry == metadata.end() ||
      !absl::SimpleAtoi(absl::string_view(entry->second.data(), entry->second.size()), &number)) {
    return absl::nullopt;
  }
  return number;
}

// How long to wait after so many failures in a row: what the server asks for, else at random, so
// that not all come back at once. Absent: too long, or the server wants no further attempt.
absl::optional<absl::Duration> PauseAfter(int failures, const grpc::ClientContext& context) {
  const absl::optional<int64_t> asked =
      FindNumber(context.GetServerTrailingMetadata(), "grpc-retry-pushback-ms");
  if (asked.has_value()) {
    const absl::Duration pause = absl::Milliseconds(*asked);
    if (pause < absl::ZeroDuration() || pause > kMaxPause) return absl::nullopt;
    return pause;
  }
  static thread_local absl::BitGen random;
  const absl::Duration longest = std::min(absl::Milliseconds(200) * (1 << failures), kMaxOwnPause);
  return longest * absl::Uniform(random, 0.0, 1.0);
}

// "chunk.leads[3].events[0].time" → "lead.events[0].time": the caller knows nothing of chunks.
void HideChunk(int index, v1::LeadError* error) {
  const std::string chunk = absl::StrCat("chunk.leads[", index, "]");
  for (v1::FieldViolation& violation : *error->mutable_violations()) {
    absl::string_view rest = violation.field();
    if (absl::ConsumePrefix(&rest, chunk)) violation.set_field(absl::StrCat("lead", rest));
  }
  error->set_message(absl::StrReplaceAll(error->message(), {{chunk, "lead"}}));
}

}  // namespace

RemoteQualifier::RemoteQualifier(const std::shared_ptr<grpc::Channel>& channel,
                                 absl::Duration timeout)
    : channel_(channel), stub_(v1::QualificationService::NewStub(channel)), timeout_(timeout) {}

absl::StatusOr<v1::Evaluation> RemoteQualifier::Ask(const v1::Lead& lead,
                                                    const Question& question) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
  grpc::Status status;
  v1::Evaluation evaluation;
  if (question.operation == v1::BULK_OPERATION_SCORE) {
    v1::ScoreRequest request;
    *request.mutable_lead() = lead;
    *request.mutable_settings() = question.settings;
    v1::ScoreResponse response;
    status = stub_->Score(&context, request, &response);
    evaluation.Swap(response.mutable_evaluation());
  } else if (question.operation == v1::BULK_OPERATION_QUALIFY) {
    v1::QualifyRequest request;
    *request.mutable_lead() = lead;
    *request.mutable_settings() = question.settings;
    v1::QualifyResponse response;
    status = stub_->Qualify(&context, request, &response);
    evaluation.Swap(response.mutable_evaluation());
  } else {
    v1::AdvanceRequest request;
    *request.mutable_lead() = lead;
    *request.mutable_settings() = question.settings;
    request.set_mode(question.mode);
    if (question.override_by.has_value()) *request.mutable_override() = *question.override_by;
    v1::AdvanceResponse response;
    status = stub_->Advance(&context, request, &response);
    evaluation.Swap(response.mutable_evaluation());
  }
  data_age_ = DataAge(context);
  if (!status.ok()) return FromGrpc(status, context);
  return evaluation;
}

absl::Status RemoteQualifier::AskMany(const Question& question, NextLead next, TakeResult take) {
  ChunkQueue chunks(next);
  bool ever_answered = false;
  for (int failures = 0;;) {
    grpc::ClientContext context;
    bool answered = false;
    absl::Status status = AskStream(question, take, &context, &chunks, &answered);
    ever_answered = ever_answered || answered;
    // Where a server falls silent midway, another may go on. Without any answer yet it is as with a
    // call for one lead: nobody waits for longer than the timeout.
    const bool fell_silent = ever_answered && absl::IsDeadlineExceeded(status);
    if (status.ok() || !(IsPassing(status) || fell_silent)) return status;
    failures = answered ? 1 : failures + 1;
    if (failures == kStreamAttempts) return status;
    const absl::optional<absl::Duration> pause = PauseAfter(failures, context);
    if (!pause.has_value()) return status;
    absl::SleepFor(*pause);
    // A channel connects only while somebody waits for it, and answers at once with its last
    // failure to do so.
    TryToConnect(channel_.get(), absl::InfiniteFuture());
  }
}

absl::Status RemoteQualifier::AskStream(const Question& question, TakeResult take,
                                        grpc::ClientContext* context, ChunkQueue* chunks,
                                        bool* answered) {
  chunks->Begin();
  // It watches from before the stream is made, which waits for a connection.
  bool overdue = false;
  std::thread watcher([&] {
    overdue = chunks->AwaitOverdue(timeout_);
    if (overdue) context->TryCancel();
  });
  const auto stream = stub_->BulkEvaluate(context);
  std::thread sender([&] { SendAll(question, chunks, stream.get()); });
  v1::BulkEvaluateResponse response;
  while (stream->Read(&response)) {
    *answered = true;
    const int64_t first = chunks->TakeAnswered();
    for (v1::LeadResult& result : *response.mutable_results()) {
      if (result.has_error()) HideChunk(result.index(), result.mutable_error());
      const int64_t index = first + result.index();
      result.set_index(static_cast<int32_t>(index));
      take(index, std::move(result));
    }
    chunks->BeginWaiting();
  }
  chunks->End();
  sender.join();
  watcher.join();
  const grpc::Status status = stream->Finish();
  data_age_ = DataAge(*context);
  if (overdue && status.error_code() == grpc::StatusCode::CANCELLED) {
    return absl::DeadlineExceededError("the server did not answer in time");
  }
  return FromGrpc(status, *context);
}

bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsCancelled(status) ||
         absl::IsResourceExhausted(status);
}

absl::optional<absl::Duration> DataAge(const grpc::ClientContext& context) {
  const absl::optional<int64_t> age =
      FindNumber(context.GetServerInitialMetadata(), "bantam-data-age-ms");
  if (!age.has_value()) return absl::nullopt;
  return absl::Milliseconds(*age);
}

absl::Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  // gRPC has no better way to tell.
  if (absl::StrContains(context.debug_error_string(), "received from peer")) {
    result.SetPayload(kFromServer, absl::Cord());
  }
  v1::RpcStatus details;
  if (!details.ParseFromString(status.error_details())) return result;
  for (const v1::RpcAny& detail : details.details()) {
    v1::BadRequest violations;
    if (detail.type_url() == "type.googleapis.com/google.rpc.BadRequest" &&
        violations.ParseFromString(detail.value())) {
      return WithViolations(std::move(result), violations);
    }
  }
  return result;
}

bool CameFromServer(const absl::Status& status) {
  return status.GetPayload(kFromServer).has_value();
}

}  // namespace bantam
