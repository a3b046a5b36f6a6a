#include "server/rpc/rpc_server.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "grpc/grpc.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/resource_quota.h"
#include "server/rpc/bulk_call.h"
#include "server/rpc/call_limit.h"
#include "server/rpc/health_service.h"
#include "server/rpc/icp_catalog_handlers.h"
#include "server/rpc/icp_editing_handlers.h"
#include "server/rpc/lane.h"
#include "server/rpc/listen_address.h"
#include "server/rpc/parse.h"
#include "server/rpc/qualification_handlers.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/worker_pool.h"

namespace bantam {
namespace {

// How long clients have to close their connections after the last call.
constexpr absl::Duration kFarewell = absl::Seconds(1);

// Measured: README.md.
constexpr int kThreadsPerLane = 3;

// Calls of a method that gRPC may hand to a lane before it must be asked again. Each costs about
// 1 KiB; further calls only wait until the first of these has been taken.
constexpr int kAskedPerMethod = 16;

// Calls in flight for each lane, by default.
constexpr int64_t kCallsPerLane = 1000;

// The server asks idle connections for a sign of life this often, and closes those that give none
// for so long. Clients may ask as often as kLeastPingInterval, with calls or without; gRPC's own
// bound of 5 minutes would cut off clients that do what its documentation advises.
constexpr absl::Duration kKeepalive = absl::Seconds(60);
constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);
constexpr absl::Duration kLeastPingInterval = absl::Seconds(5);

// Of a call, both ways.
constexpr int kMaxMetadataBytes = 16 * 1024;

// Of one message. gRPC looks at this when it has received all of the message, so a lower bound
// would save nothing; and what it refuses itself, nobody counts or logs. So `max_request_bytes` is
// looked at by our calls, and this bounds what gRPC's own services are given. Twice the highest
// --max_request_bytes.
constexpr int kMaxReceivedBytes = 128 * 1024 * 1024;

int ToMilliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

using v1::IcpCatalogService;
using v1::QualificationService;

// Services whose methods get and give bytes; we parse them ourselves (parse.h).
using RawQualificationService =
    QualificationService::WithRawMethod_Score<QualificationService::WithRawMethod_Qualify<
        QualificationService::WithRawMethod_Advance<QualificationService::WithRawMethod_BatchScore<
            QualificationService::WithRawMethod_BatchQualify<
                QualificationService::WithRawMethod_BatchAdvance<
                    QualificationService::WithRawMethod_BulkEvaluate<
                        QualificationService::Service>>>>>>>;
using RawIcpCatalogService = IcpCatalogService::WithRawMethod_GetIcp<
    IcpCatalogService::WithRawMethod_ListIcps<IcpCatalogService::WithRawMethod_ValidateIcp<
        IcpCatalogService::WithRawMethod_SaveIcp<IcpCatalogService::WithRawMethod_DeleteIcp<
            IcpCatalogService::WithRawMethod_ListIcpRevisions<
                IcpCatalogService::WithRawMethod_RollbackIcp<IcpCatalogService::Service>>>>>>>;

class RpcServerImpl final : public RpcServer {
 public:
  RpcServerImpl(const RpcServerOptions& options, Catalog* catalog, IcpEditor* editor,
                const TimeZones* zones, Clock clock, CallObserver* observer)
      : options_(options),
        limit_(BoundsOf(options)),
        workers_(std::make_unique<WorkerPool>(options.threads, LimitsOf(options))),
        environment_{workers_.get(), observer, &limit_, options.access,
                     static_cast<size_t>(options.max_request_bytes)},
        qualification_(catalog, clock, options.max_batch_leads),
        icp_catalog_(catalog, editor, zones),
        icp_editing_(catalog, editor, zones, clock) {
    DefineQualificationMethods();
    DefineIcpCatalogMethods();
    bulk_method_.method = &MethodOf(QualificationService::service_full_name(), "BulkEvaluate");
    bulk_method_.chunk_rate = workers_->NewRate();
    bulk_method_.catalog = catalog;
    bulk_method_.max_start_delay = options.max_start_delay;
    bulk_method_.clock = std::move(clock);
    bulk_method_.request = [this](grpc::ServerContext* context, BulkMethod::Stream* stream,
                                  grpc::ServerCompletionQueue* queue, void* tag) {
      qualification_service_.RequestBulkEvaluate(context, stream, queue, queue, tag);
    };
  }

  ~RpcServerImpl() override {
    if (server_ != nullptr && !drained_) Drain(absl::InfinitePast());
  }

  absl::Status Listen() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(
        options_.listen,
        options_.credentials == nullptr ? grpc::InsecureServerCredentials() : options_.credentials,
        &port_);
    // Else a second server on the same port would start and take half of the calls.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options_.max_concurrent_streams);
    AddConnectionArguments(&builder);
    grpc::ResourceQuota quota("bantam");
    quota.Resize(static_cast<size_t>(options_.memory_mib) << 20);
    builder.SetResourceQuota(quota);
    builder.SetMaxReceiveMessageSize(kMaxReceivedBytes);
    // gRPC unpacks a message before it looks at its size: 4 MiB can become 4 GiB.
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
    // Reflection alone is left to gRPC's own threads.
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
    builder.RegisterService(&qualification_service_);
    builder.RegisterService(&icp_catalog_service_);
    builder.RegisterService(health_.service());
    for (int i = 0; i < options_.threads; ++i) {
      lanes_.push_back(std::make_unique<Lane>(builder.AddCompletionQueue(), options_.max_waiting));
    }
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen, ": ",
                                                 ExplainListenFailure(options_.listen)));
    }
    health_.Start(lanes_.front().get());
    for (const std::unique_ptr<Lane>& lane : lanes_) StartLane(lane.get());
    SetHealth("", options_.ready);
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  RpcStats Stats() const override {
    RpcStats stats;
    stats.calls_in_flight = limit_.calls();
    stats.max_calls_in_flight = limit_.bounds().calls;
    stats.open_streams = limit_.streams();
    stats.unread_answer_bytes = limit_.unread().bytes();
    stats.waiting_work = static_cast<int64_t>(workers_->waiting());
    stats.expected_wait = workers_->expected_wait();
    return stats;
  }

  // Names that were not set keep being unknown; those that were are NOT_SERVING for good.
  void BeginDrain() override { health_.ShutDown(); }

  void SetHealth(const std::string& name, bool serving) override {
    health_.Set(name, serving);
    if (!name.empty()) return;
    health_.Set(QualificationService::service_full_name(), serving);
    health_.Set(IcpCatalogService::service_full_name(), serving);
  }

  void Drain(absl::Time deadline) override {
    drained_ = true;
    health_.ShutDown();
    health_.EndWatches();
    // Without a deadline, and until it, Shutdown() waits for every call, reflection's among them,
    // which only their callers end. So it is called on a thread of its own, and what is left when
    // our calls are over is cancelled.
    absl::Notification over;
    std::thread shutdown([&] {
      server_->Shutdown(absl::ToChronoTime(deadline));
      over.Notify();
    });
    for (const std::unique_ptr<Lane>& lane : lanes_) lane->WaitForCalls(deadline);
    // Connections are being closed in good order, which takes a round trip to each client. To cut
    // them off meanwhile would fail the calls that cross it, for some clients as INTERNAL.
    over.WaitForNotificationWithDeadline(std::min(deadline, absl::Now() + kFarewell));
    grpc_server_cancel_all_calls(server_->c_server());
    shutdown.join();
    for (const std::unique_ptr<Lane>& lane : lanes_) lane->WaitForCalls(absl::InfiniteFuture());
    for (const std::unique_ptr<Lane>& lane : lanes_) lane->Stop();
  }

 private:
  static CallLimit::Bounds BoundsOf(const RpcServerOptions& options) {
    CallLimit::Bounds bounds;
    bounds.calls = options.max_calls_in_flight > 0 ? options.max_calls_in_flight
                                                   : kCallsPerLane * options.threads;
    bounds.streams = std::max<int64_t>(1, bounds.calls / 2);
    bounds.unread_patience = options.unread_patience;
    bounds.unread_bytes = options.max_unread_bytes > 0 ? options.max_unread_bytes
                                                       : (int64_t{options.memory_mib} << 20) / 4;
    return bounds;
  }

  static WorkerLimits LimitsOf(const RpcServerOptions& options) {
    WorkerLimits limits;
    limits.max_waiting = options.max_waiting;
    return limits;
  }

  void AddConnectionArguments(grpc::ServerBuilder* builder) const {
    builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
    builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, ToMilliseconds(kKeepalive));
    builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ToMilliseconds(kKeepaliveTimeout));
    builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // As many as that is.
    builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                                ToMilliseconds(kLeastPingInterval));
    if (options_.max_connection_age <= absl::ZeroDuration()) return;
    builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                                ToMilliseconds(options_.max_connection_age));
    builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                                ToMilliseconds(options_.max_connection_age_grace));
  }

  static const RpcMethod& MethodOf(absl::string_view service, absl::string_view method) {
    return RpcMethodNamed(absl::StrCat("/", service, "/", method));
  }

  // Adds a method by its generated Request… function and its handler.
  template <typename Service, typename Handlers, typename Request>
  void AddMethod(const RpcMethod& rpc_method, Service* service, Request request,
                 const Handlers* handlers, void (Handlers::*handle)(UnaryCall*) const,
                 bool heavy = false) {
    UnaryMethod method;
    method.method = &rpc_method;
    method.request = [service, request](grpc::ServerContext* context, grpc::ByteBuffer* bytes,
                                        grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* writer,
                                        grpc::ServerCompletionQueue* queue, void* tag) {
      (service->*request)(context, bytes, writer, queue, queue, tag);
    };
    method.handle = [handlers, handle](UnaryCall* call) { (handlers->*handle)(call); };
    method.heavy = heavy;
    methods_.push_back(std::move(method));
  }

  void DefineQualificationMethods() {
    using Service = RawQualificationService;
    using Handlers = QualificationHandlers;
    const auto add = [this](absl::string_view name, auto request, auto handle) {
      AddMethod(MethodOf(QualificationService::service_full_name(), name), &qualification_service_,
                request, &qualification_, handle, /*heavy=*/false);
    };
    add("Score", &Service::RequestScore, &Handlers::Score);
    add("Qualify", &Service::RequestQualify, &Handlers::Qualify);
    add("Advance", &Service::RequestAdvance, &Handlers::Advance);
    add("BatchScore", &Service::RequestBatchScore, &Handlers::BatchScore);
    add("BatchQualify", &Service::RequestBatchQualify, &Handlers::BatchQualify);
    add("BatchAdvance", &Service::RequestBatchAdvance, &Handlers::BatchAdvance);
  }

  void DefineIcpCatalogMethods() {
    using Service = RawIcpCatalogService;
    using Reading = IcpCatalogHandlers;
    using Editing = IcpEditingHandlers;
    const auto add = [this](absl::string_view name, auto request, auto* handlers, auto handle) {
      AddMethod(MethodOf(IcpCatalogService::service_full_name(), name), &icp_catalog_service_,
                request, handlers, handle, /*heavy=*/true);
    };
    add("GetIcp", &Service::RequestGetIcp, &icp_catalog_, &Reading::GetIcp);
    add("ListIcps", &Service::RequestListIcps, &icp_catalog_, &Reading::ListIcps);
    add("ValidateIcp", &Service::RequestValidateIcp, &icp_catalog_, &Reading::ValidateIcp);
    add("SaveIcp", &Service::RequestSaveIcp, &icp_editing_, &Editing::SaveIcp);
    add("DeleteIcp", &Service::RequestDeleteIcp, &icp_editing_, &Editing::DeleteIcp);
    add("ListIcpRevisions", &Service::RequestListIcpRevisions, &icp_editing_,
        &Editing::ListIcpRevisions);
    add("RollbackIcp", &Service::RequestRollbackIcp, &icp_editing_, &Editing::RollbackIcp);
  }

  void StartLane(Lane* lane) {
    for (const UnaryMethod& method : methods_) {
      calls_.push_back(std::make_unique<UnaryCalls>(&method, lane, &environment_));
      calls_.back()->Ask(kAskedPerMethod);
    }
    BulkCall::Ask(&bulk_method_, lane, &environment_);
    lane->Start(kThreadsPerLane);
  }

  const RpcServerOptions options_;
  RawQualificationService qualification_service_;
  RawIcpCatalogService icp_catalog_service_;
  HealthService health_;
  CallLimit limit_;
  std::unique_ptr<WorkerPool> workers_;
  const CallEnvironment environment_;
  const QualificationHandlers qualification_;
  const IcpCatalogHandlers icp_catalog_;
  const IcpEditingHandlers icp_editing_;
  std::vector<UnaryMethod> methods_;  // Complete before the first lane starts.
  BulkMethod bulk_method_;
  std::vector<std::unique_ptr<UnaryCalls>> calls_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // Their threads use all of the above.
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::atomic<bool> drained_{false};
};

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const RpcServerOptions& options,
                                                            Catalog* catalog, IcpEditor* editor,
                                                            const TimeZones* zones, Clock clock,
                                                            CallObserver* observer) {
  SilenceProtobuf();
  // Debian's Abseil looks for deadlocks whenever a mutex is locked, gRPC's own among them, and
  // holds one lock for the whole process meanwhile.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto server =
      std::make_unique<RpcServerImpl>(options, catalog, editor, zones, std::move(clock), observer);
  const absl::Status status = server->Listen();
  if (!status.ok()) return status;
  return server;
}

}  // namespace bantam
