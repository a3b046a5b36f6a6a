#include "tests/bench/threading/servers.h"

#include <ctime>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/rpc/lane.h"
#include "server/rpc/parse.h"
#include "server/rpc/unary_call.h"

namespace bantam {
namespace {

using Service = v1::QualificationService;

// Burns processor time, not wall time: threads that wait for a core do not work meanwhile.
void Burn(absl::Duration work) {
  if (work <= absl::ZeroDuration()) return;
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  const absl::Duration end = absl::DurationFromTimespec(now) + work;
  do {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  } while (absl::DurationFromTimespec(now) < end);
}

// What all variants do for a call once they have its message.
void Answer(const v1::QualifyResponse& prebuilt, absl::Duration work,
            v1::QualifyResponse* response) {
  Burn(work);
  *response = prebuilt;
}

class GrpcEchoServer : public EchoServer {
 public:
  ~GrpcEchoServer() override {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  }
  int port() const override { return port_; }

 protected:
  void Build(grpc::ServerBuilder* builder, grpc::Service* service) {
    builder->AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder->RegisterService(service);
    server_ = builder->BuildAndStart();
  }
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  const v1::QualifyResponse response_ = MakeResponse();
};

class SyncServer final : public GrpcEchoServer, public Service::Service {
 public:
  explicit SyncServer(absl::Duration work) : work_(work) {
    grpc::ServerBuilder builder;
    Build(&builder, this);
  }
  grpc::Status Qualify(grpc::ServerContext*, const v1::QualifyRequest*,
                       v1::QualifyResponse* response) override {
    Answer(response_, work_, response);
    return grpc::Status::OK;
  }

 private:
  const absl::Duration work_;
};

class CallbackServer final : public GrpcEchoServer, public Service::CallbackService {
 public:
  explicit CallbackServer(absl::Duration work) : work_(work) {
    grpc::ServerBuilder builder;
    Build(&builder, this);
  }
  grpc::ServerUnaryReactor* Qualify(grpc::CallbackServerContext* context, const v1::QualifyRequest*,
                                    v1::QualifyResponse* response) override {
    Answer(response_, work_, response);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const absl::Duration work_;
};

class CallbackRawServer final : public GrpcEchoServer,
                                public Service::WithRawCallbackMethod_Qualify<Service::Service> {
 public:
  explicit CallbackRawServer(absl::Duration work) : work_(work) {
    grpc::ServerBuilder builder;
    Build(&builder, this);
  }
  grpc::ServerUnaryReactor* Qualify(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override {
    thread_local ReusedArena arena;
    using google::protobuf::Arena;
    ParseMessage(*request, Arena::CreateMessage<v1::QualifyRequest>(arena.get()));
    auto* answer = Arena::CreateMessage<v1::QualifyResponse>(arena.get());
    Answer(response_, work_, answer);
    *response = SerializeMessage(*answer);
    arena.Reset();
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const absl::Duration work_;
};

// Generated messages on completion queues, with objects made anew for each call, as in gRPC's own
// examples.
class AsyncServer final : public GrpcEchoServer {
 public:
  explicit AsyncServer(const EchoOptions& options) : work_(options.work) {
    grpc::ServerBuilder builder;
    for (int i = 0; i < options.queues; ++i) queues_.push_back(builder.AddCompletionQueue());
    Build(&builder, &service_);
    for (const auto& queue : queues_) {
      for (int i = 0; i < 16; ++i) new Call(this, queue.get());
      for (int i = 0; i < options.threads_per_queue; ++i) {
        threads_.emplace_back([queue = queue.get()] {
          void* tag;
          bool ok;
          while (queue->Next(&tag, &ok)) static_cast<Call*>(tag)->Run(ok);
        });
      }
    }
  }

  ~AsyncServer() override {
    server_->Shutdown(std::chrono::system_clock::now());
    for (const auto& queue : queues_) queue->Shutdown();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  struct Call {
    Call(AsyncServer* server, grpc::ServerCompletionQueue* queue) : server(server), queue(queue) {
      server->service_.RequestQualify(&context, &request, &writer, queue, queue, this);
    }
    void Run(bool ok) {
      if (!ok || answered) {
        delete this;
        return;
      }
      new Call(server, queue);
      v1::QualifyResponse response;
      Answer(server->response_, server->work_, &response);
      answered = true;
      writer.Finish(response, grpc::Status::OK, this);
    }
    AsyncServer* const server;
    grpc::ServerCompletionQueue* const queue;
    grpc::ServerContext context;
    v1::QualifyRequest request;
    grpc::ServerAsyncResponseWriter<v1::QualifyResponse> writer{&context};
    bool answered = false;
  };

  const absl::Duration work_;
  Service::WithAsyncMethod_Qualify<Service::Service> service_;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::vector<std::thread> threads_;
};

// The classes that bantamd uses.
class RawServer final : public GrpcEchoServer {
 public:
  explicit RawServer(const EchoOptions& options) {
    method_.method = &RpcMethodNamed("/bantam.v1.QualificationService/Qualify");
    method_.request = [this](grpc::ServerContext* context, grpc::ByteBuffer* bytes,
                             grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* writer,
                             grpc::ServerCompletionQueue* queue, void* tag) {
      service_.RequestQualify(context, bytes, writer, queue, queue, tag);
    };
    method_.handle = [this, work = options.work](UnaryCall* call) {
      if (call->Parse<v1::QualifyRequest>() == nullptr) return;
      auto* response = call->Create<v1::QualifyResponse>();
      Answer(response_, work, response);
      call->Finish(*response);
    };
    grpc::ServerBuilder builder;
    for (int i = 0; i < options.queues; ++i) {
      lanes_.push_back(std::make_unique<Lane>(builder.AddCompletionQueue()));
    }
    Build(&builder, &service_);
    for (const auto& lane : lanes_) {
      calls_.push_back(std::make_unique<UnaryCalls>(&method_, lane.get(), &environment_));
      calls_.back()->Ask(16);
      lane->Start(options.threads_per_queue);
    }
  }

  ~RawServer() override {
    server_->Shutdown(std::chrono::system_clock::now());
    for (const auto& lane : lanes_) lane->WaitForCalls(absl::InfiniteFuture());
    for (const auto& lane : lanes_) lane->Stop();
  }

 private:
  CallObserver observer_;                                  // Hears and does nothing.
  CallLimit limit_{{1000000, 1000000, int64_t{1} << 40}};  // None that matters.
  WorkerPool workers_{1, WorkerLimits()};
  const CallEnvironment environment_{&workers_, &observer_, &limit_};
  Service::WithRawMethod_Qualify<Service::Service> service_;
  UnaryMethod method_;
  std::vector<std::unique_ptr<UnaryCalls>> calls_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

std::unique_ptr<EchoServer> StartEchoServer(const EchoOptions& options) {
  if (options.api == "sync") return std::make_unique<SyncServer>(options.work);
  if (options.api == "callback") return std::make_unique<CallbackServer>(options.work);
  if (options.api == "callback_raw") return std::make_unique<CallbackRawServer>(options.work);
  if (options.api == "async") return std::make_unique<AsyncServer>(options);
  if (options.api == "raw") return std::make_unique<RawServer>(options);
  return nullptr;
}

v1::QualifyRequest MakeRequest() {
  v1::QualifyRequest request;
  v1::Lead* lead = request.mutable_lead();
  lead->set_id("lead-000001");
  lead->mutable_company()->set_name("Example Software Company GmbH");
  lead->mutable_company()->set_industry("software");
  lead->mutable_company()->set_employee_count(240);
  lead->mutable_company()->set_country("DE");
  lead->mutable_company()->set_domain("example.com");
  for (int i = 0; i < 2; ++i) {
    v1::Contact* contact = lead->add_contacts();
    contact->set_id(absl::StrCat("contact-", i));
    contact->set_title("Head of Information Technology");
    contact->set_country("DE");
  }
  for (int i = 0; i < 16; ++i) {
    v1::Event* event = lead->add_events();
    event->set_id(absl::StrCat("event-0000-", i));
    event->set_type("page_view");
    event->set_message_id("message-0000-0000-0001");
    event->mutable_time()->set_seconds(1767225600 + i * 3600);
  }
  request.mutable_settings()->add_icps()->set_name("tenants/acme/icps/software");
  return request;
}

v1::QualifyResponse MakeResponse() {
  v1::QualifyResponse response;
  v1::Evaluation* evaluation = response.mutable_evaluation();
  evaluation->set_icp("tenants/acme/icps/software");
  evaluation->set_icp_revision("0123456789abcdef0123456789abcdef");
  evaluation->mutable_score()->set_total(59);
  for (int i = 0; i < 32; ++i) {
    v1::TraceLine* line = evaluation->mutable_score()->add_trace();
    line->set_rule(absl::StrCat("criterion_", i));
    line->set_status(v1::RULE_STATUS_MATCHED);
    line->set_points(1.25);
    line->set_reason("Number of employees 240 lies in the range from 50 to 999.");
  }
  for (int i = 0; i < 8; ++i) {
    v1::Gap* gap = evaluation->mutable_qualification()->add_gaps();
    gap->set_question("How many people work at your company, in all countries together?");
  }
  return response;
}

}  // namespace bantam
