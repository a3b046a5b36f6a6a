// The least that a server of the contract can cost: the call handling of bantamd (server/rpc), and
// in place of checking, looking up and evaluating, the answer of a recording, serialised. Both
// directions carry the same bytes as with bantamd.
//
//   bantam_echo --recording=FILE --port_file=FILE [--threads=N]
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "CLI/CLI.hpp"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/rpc/cpu_quota.h"
#include "server/rpc/parse.h"
#include "server/rpc/raw_batch.pb.h"
#include "server/rpc/unary_call.h"
#include "tests/bench/echo/echo_stream.h"
#include "tests/bench/load/recording_file.h"

namespace bantam {
namespace {

using google::protobuf::Arena;
using v1::QualificationService;

// As in server/rpc/rpc_server.cc.
constexpr int kThreadsPerLane = 3;
constexpr int kAskedPerMethod = 16;

// The recording's answers as messages. Each thread has its own: serialising writes into a message.
template <typename Response>
class Answers {
 public:
  using Exchanges = google::protobuf::RepeatedPtrField<bench::Exchange>;
  explicit Answers(const Exchanges& exchanges) {
    for (const bench::Exchange& exchange : exchanges) {
      // In one piece, as an answer built on an arena is.
      auto* const response = Arena::CreateMessage<Response>(&arena_);
      response->ParseFromString(exchange.answer());
      by_lead_[exchange.lead_id()] = response;
    }
  }

  // Ends the process if the recording has no answer for this lead.
  Response* For(const std::string& lead_id) const {
    const auto found = by_lead_.find(lead_id);
    if (found != by_lead_.end()) return found->second;
    std::fprintf(stderr, "bantam_echo: the recording has no answer for lead '%s'\n",
                 lead_id.c_str());
    std::exit(1);
  }

 private:
  static google::protobuf::ArenaOptions Options() {
    google::protobuf::ArenaOptions options;
    options.start_block_size = 1 << 20;
    options.max_block_size = 1 << 24;
    return options;
  }

  Arena arena_{Options()};
  absl::flat_hash_map<std::string, Response*> by_lead_;
};

using RawService = QualificationService::WithRawMethod_Score<
    QualificationService::WithRawMethod_Qualify<QualificationService::WithRawMethod_Advance<
        QualificationService::WithRawMethod_BulkEvaluate<QualificationService::Service>>>>;

class EchoServer {
 public:
  EchoServer(const std::string& recording, int threads)
      : recording_(ReadRecording(recording)), workers_(threads, WorkerLimits()) {
    Add<v1::ScoreRequest, v1::ScoreResponse>("Score", &RawService::RequestScore);
    Add<v1::QualifyRequest, v1::QualifyResponse>("Qualify", &RawService::RequestQualify);
    Add<v1::AdvanceRequest, v1::AdvanceResponse>("Advance", &RawService::RequestAdvance);
    bulk_method_.chunk_rate = workers_.NewRate();
    bulk_method_.request = [this](grpc::ServerContext* context, BulkMethod::Stream* stream,
                                  grpc::ServerCompletionQueue* queue, void* tag) {
      service_.RequestBulkEvaluate(context, stream, queue, queue, tag);
    };
    SilenceProtobuf();
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1000);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
    builder.RegisterService(&service_);
    for (int i = 0; i < threads; ++i) {
      lanes_.push_back(std::make_unique<Lane>(builder.AddCompletionQueue()));
    }
    server_ = builder.BuildAndStart();
    for (const auto& lane : lanes_) {
      for (const UnaryMethod& method : methods_) {
        calls_.push_back(std::make_unique<UnaryCalls>(&method, lane.get(), &environment_));
        calls_.back()->Ask(kAskedPerMethod);
      }
      EchoStream::Ask(&bulk_method_, &chunk_, lane.get(), &workers_);
      lane->Start(kThreadsPerLane);
    }
  }

  ~EchoServer() {
    server_->Shutdown(std::chrono::system_clock::now());
    for (const auto& lane : lanes_) lane->WaitForCalls(absl::InfiniteFuture());
    for (const auto& lane : lanes_) lane->Stop();
  }

  int port() const { return port_; }

 private:
  template <typename Request, typename Response, typename RequestFunction>
  void Add(const std::string& name, RequestFunction request) {
    UnaryMethod method;
    method.method = &RpcMethodNamed("/bantam.v1.QualificationService/" + name);
    method.request = [this, request](grpc::ServerContext* context, grpc::ByteBuffer* bytes,
                                     grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* writer,
                                     grpc::ServerCompletionQueue* queue, void* tag) {
      (service_.*request)(context, bytes, writer, queue, queue, tag);
    };
    method.handle = [this](UnaryCall* call) {
      const auto* parsed = call->Parse<Request>();
      if (parsed == nullptr) return;
      thread_local const Answers<Response> answers(recording_.calls());
      call->Finish(*answers.For(parsed->lead().id()));
    };
    methods_.push_back(std::move(method));
  }

  // Parses as BulkCall does: the chunk with its leads as bytes, then each lead.
  grpc::ByteBuffer AnswerChunk(const grpc::ByteBuffer& bytes, Arena* arena) const {
    auto* const request = Arena::CreateMessage<rpc::RawBulkEvaluateRequest>(arena);
    ParseMessage(bytes, request);
    auto* const lead = Arena::CreateMessage<v1::Lead>(arena);
    thread_local std::string first_id;
    for (int i = 0; i < request->chunk().leads_size(); ++i) {
      lead->ParseFromString(request->chunk().leads(i));
      if (i == 0) first_id = lead->id();
    }
    thread_local const Answers<v1::BulkEvaluateResponse> answers(recording_.chunks());
    v1::BulkEvaluateResponse* const response = answers.For(first_id);
    response->set_number(request->chunk().number());
    return SerializeMessage(*response);
  }

  const bench::Recording recording_;
  CallObserver observer_;                                  // Hears and does nothing.
  CallLimit limit_{{1000000, 1000000, int64_t{1} << 40}};  // None that matters.
  WorkerPool workers_;
  const CallEnvironment environment_{&workers_, &observer_, &limit_};
  RawService service_;
  std::vector<UnaryMethod> methods_;
  BulkMethod bulk_method_;
  const EchoChunk chunk_ = [this](const grpc::ByteBuffer& bytes, Arena* arena) {
    return AnswerChunk(bytes, arena);
  };
  std::vector<std::unique_ptr<UnaryCalls>> calls_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

int Serve(const std::string& recording, const std::string& port_file, int threads) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const EchoServer server(recording, threads > 0 ? threads : UsableCpus());
  const std::string temporary = port_file + ".new";
  std::ofstream(temporary) << server.port() << "\n";
  if (std::rename(temporary.c_str(), port_file.c_str()) != 0) return 1;
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return 0;
}

}  // namespace
}  // namespace bantam

int main(int argc, char** argv) {
  std::string recording, port_file;
  int threads = 0;
  CLI::App app("Answers every call with the answer of a recording.", "bantam_echo");
  app.add_option("--recording", recording, "What bantam_record wrote")->required();
  app.add_option("--port_file", port_file, "Where to write the port when ready")->required();
  app.add_option("--threads", threads, "As of bantamd [0]");
  CLI11_PARSE(app, argc, argv);
  // As RpcServer::Start() does.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return bantam::Serve(recording, port_file, threads);
}
