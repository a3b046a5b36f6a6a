#include "server/telemetry/admin_server.h"

#include <microhttpd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/telemetry/connection_deadlines.h"
#include "server/telemetry/listen_socket.h"
#include "server/telemetry/metrics_text.h"

namespace bantam {
namespace {

// While one makes a page that takes long, the others answer probes.
constexpr unsigned kThreads = 4;

// Of one connection, for the request's line and headers and the answer's headers.
constexpr size_t kConnectionBytes = 16 * 1024;

constexpr char kPlainText[] = "text/plain; charset=utf-8";

// Nothing from elsewhere, no scripts, no frames; the page's own style and its empty icon.
constexpr char kSecurityPolicy[] =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

struct Answer {
  unsigned code = MHD_HTTP_OK;
  std::string type = kPlainText;
  std::string body;
};

Answer ReadinessAnswer(const Readiness& readiness) {
  Answer answer;
  if (readiness.ready) {
    answer.body = "ok\n";
  } else {
    answer.code = MHD_HTTP_SERVICE_UNAVAILABLE;
    answer.body = readiness.draining ? "draining\n" : "not ready\n";
  }
  for (const std::string& line : readiness.missing) {
    absl::StrAppend(&answer.body, "missing: ", line, "\n");
  }
  for (const std::string& line : readiness.degraded) {
    absl::StrAppend(&answer.body, "degraded: ", line, "\n");
  }
  return answer;
}

Answer Page(const AdminPages& pages, absl::string_view path) {
  if (path == "/healthz") return {MHD_HTTP_OK, kPlainText, "ok\n"};
  if (path == "/readyz") return ReadinessAnswer(pages.readiness());
  if (path == "/metrics") return {MHD_HTTP_OK, kMetricsContentType, pages.metrics()};
  if (path == "/") return {MHD_HTTP_OK, "text/html; charset=utf-8", pages.status_page()};
  return {MHD_HTTP_NOT_FOUND, kPlainText,
          "There is no such page. There are: / /metrics /healthz /readyz\n"};
}

MHD_Result Queue(MHD_Connection* connection, const Answer& answer) {
  MHD_Response* const response = MHD_create_response_from_buffer(
      answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  const std::pair<const char*, const char*> headers[] = {
      {MHD_HTTP_HEADER_CONTENT_TYPE, answer.type.c_str()},
      {MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
      {MHD_HTTP_HEADER_CONNECTION, "close"},
      {"Content-Security-Policy", kSecurityPolicy},
      {"Referrer-Policy", "no-referrer"},
      {"X-Content-Type-Options", "nosniff"}};
  for (const auto& [name, value] : headers) MHD_add_response_header(response, name, value);
  if (answer.code == MHD_HTTP_METHOD_NOT_ALLOWED) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  }
  const MHD_Result queued = MHD_queue_response(connection, answer.code, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

struct AdminServer::Context {
  // Both for libmicrohttpd, which hands `context` back.
  static MHD_Result Handle(void* context, MHD_Connection* connection, const char* url,
                           const char* method, const char* version, const char* upload_data,
                           size_t* upload_data_size, void** request_state);
  static void Notify(void* context, MHD_Connection* connection, void** entry,
                     MHD_ConnectionNotificationCode code);

  const AdminPages pages;
  const absl::Duration timeout;
  const absl::Duration answer_timeout;
  ConnectionDeadlines deadlines;
};

// The body is not read: since the answer is queued before, the connection ends with it.
MHD_Result AdminServer::Context::Handle(void* context, MHD_Connection* connection, const char* url,
                                        const char* method, const char* /*version*/,
                                        const char* /*upload_data*/, size_t* /*upload_data_size*/,
                                        void** /*request_state*/) {
  auto* const self = static_cast<Context*>(context);
  const MHD_ConnectionInfo* const info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  self->deadlines.Extend(static_cast<ConnectionDeadlines::Entry*>(info->socket_context),
                         self->answer_timeout);
  const absl::string_view verb = method;
  if (verb != MHD_HTTP_METHOD_GET && verb != MHD_HTTP_METHOD_HEAD) {
    return Queue(connection, {MHD_HTTP_METHOD_NOT_ALLOWED, kPlainText, "Only GET and HEAD.\n"});
  }
  return Queue(connection, Page(self->pages, url));
}

// Tells of the beginning of a connection, and of its end before its socket is closed.
void AdminServer::Context::Notify(void* context, MHD_Connection* connection, void** entry,
                                  MHD_ConnectionNotificationCode code) {
  auto* const self = static_cast<Context*>(context);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const MHD_ConnectionInfo* const info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *entry = self->deadlines.Add(info->connect_fd, self->timeout);
  } else {
    self->deadlines.Remove(static_cast<ConnectionDeadlines::Entry*>(*entry));
  }
}

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const AdminServerOptions& options,
                                                                AdminPages pages) {
  const absl::StatusOr<ListenSocket> socket = ListenAt(options.host, options.port);
  if (!socket.ok()) return socket.status();
  std::unique_ptr<AdminServer> server(new AdminServer(options, std::move(pages), socket->port));
  Context* const context = server->context_.get();
  server->daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, /*port=*/0, nullptr, nullptr, &Context::Handle,
      context, MHD_OPTION_NOTIFY_CONNECTION, &Context::Notify, context, MHD_OPTION_LISTEN_SOCKET,
      socket->fd, MHD_OPTION_THREAD_POOL_SIZE, kThreads, MHD_OPTION_CONNECTION_TIMEOUT,
      static_cast<unsigned>(absl::ToInt64Seconds(context->timeout)), MHD_OPTION_CONNECTION_LIMIT,
      static_cast<unsigned>(options.max_connections), MHD_OPTION_PER_IP_CONNECTION_LIMIT,
      static_cast<unsigned>(options.max_connections_per_address),
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, MHD_OPTION_END);
  if (server->daemon_ == nullptr) {
    return absl::UnavailableError("cannot start the threads of the admin pages");
  }
  return server;
}

AdminServer::AdminServer(const AdminServerOptions& options, AdminPages pages, int port)
    : context_(new Context{std::move(pages),
                           std::max(options.timeout, absl::Seconds(1)),
                           options.answer_timeout,
                           {}}),
      port_(port) {}

AdminServer::~AdminServer() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

}  // namespace bantam
