#include "client/qualifier/remote_qualifier.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "bantam/v1/error_details.pb.h"

namespace bantam {
namespace {

constexpr int kChunkLeads = 64;              // The contract's bound.
constexpr size_t kChunkBytes = 1024 * 1024;  // Well below the server's bound for a message.
constexpr size_t kMaxChunksInFlight = 64;
constexpr char kFromServer[] = "bantam/from-server";

using BulkStream =
    grpc::ClientReaderWriterInterface<v1::BulkEvaluateRequest, v1::BulkEvaluateResponse>;

// The chunks that were sent and not yet answered. Shared by the thread that sends and the one
// that reads.
class InFlight {
 public:
  // Waits for room; false: the stream is over.
  bool Add(int64_t first_index) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return over_ || first_indexes_.size() < kMaxChunksInFlight; });
    if (!over_) first_indexes_.push_back(first_index);
    return !over_;
  }

  // The first lead's index of the oldest chunk, which is answered now; -1: there is none.
  int64_t Remove() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (first_indexes_.empty()) return -1;
    const int64_t index = first_indexes_.front();
    first_indexes_.pop_front();
    changed_.notify_one();
    return index;
  }

  void End() {
    std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<int64_t> first_indexes_;
  bool over_ = false;
};

// Sends the start and all leads, in chunks.
void SendAll(const Question& question, Qualifier::NextLead next, BulkStream* stream,
             InFlight* in_flight) {
  v1::BulkEvaluateRequest request;
  v1::BulkStart* start = request.mutable_start();
  start->set_operation(question.operation);
  *start->mutable_settings() = question.settings;
  if (question.operation == v1::BULK_OPERATION_ADVANCE) start->set_mode(question.mode);
  if (!stream->Write(request)) return;

  int64_t index = 0;
  int64_t number = 0;
  v1::Lead lead;
  for (bool more = next(&lead); more;) {
    v1::BulkChunk* chunk = request.mutable_chunk();
    chunk->Clear();
    chunk->set_number(number++);
    size_t bytes = 0;
    do {
      bytes += lead.ByteSizeLong();
      *chunk->add_leads() = std::move(lead);
      more = next(&lead);
    } while (more && chunk->leads_size() < kChunkLeads && bytes < kChunkBytes);
    if (!in_flight->Add(index) || !stream->Write(request)) return;
    index += chunk->leads_size();
  }
  stream->WritesDone();
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
    : stub_(v1::QualificationService::NewStub(channel)), timeout_(timeout) {}

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
  grpc::ClientContext context;
  const auto stream = stub_->BulkEvaluate(&context);
  InFlight in_flight;
  std::thread sender([&question, next, &stream, &in_flight] {
    SendAll(question, next, stream.get(), &in_flight);
  });
  v1::BulkEvaluateResponse response;
  while (stream->Read(&response)) {
    const int64_t first = in_flight.Remove();
    for (v1::LeadResult& result : *response.mutable_results()) {
      if (result.has_error()) HideChunk(result.index(), result.mutable_error());
      const int64_t index = first + result.index();
      result.set_index(static_cast<int32_t>(index));
      take(index, std::move(result));
    }
  }
  in_flight.End();
  sender.join();
  const grpc::Status status = stream->Finish();
  data_age_ = DataAge(context);
  return FromGrpc(status, context);
}

absl::optional<absl::Duration> DataAge(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerInitialMetadata();
  const auto entry = metadata.find("bantam-data-age-ms");
  int64_t milliseconds;
  if (entry == metadata.end() ||
      !absl::SimpleAtoi(absl::string_view(entry->second.data(), entry->second.size()),
                        &milliseconds)) {
    return absl::nullopt;
  }
  return absl::Milliseconds(milliseconds);
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
