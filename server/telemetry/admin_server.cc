#include "server/telemetry/admin_server.h"

#include <microhttpd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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

// The body is not read: since the answer is queued before, the connection ends with it.
MHD_Result Handle(void* pages, MHD_Connection* connection, const char* url, const char* method,
                  const char* /*version*/, const char* /*upload_data*/,
                  size_t* /*upload_data_size*/, void** /*request_state*/) {
  const absl::string_view verb = method;
  const bool allowed = verb == MHD_HTTP_METHOD_GET || verb == MHD_HTTP_METHOD_HEAD;
  const Answer answer =
      allowed ? Page(*static_cast<const AdminPages*>(pages), url)
              : Answer{MHD_HTTP_METHOD_NOT_ALLOWED, kPlainText, "Only GET and HEAD.\n"};
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
  if (!allowed) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  const MHD_Result queued = MHD_queue_response(connection, answer.code, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const AdminServerOptions& options,
                                                                AdminPages pages) {
  const absl::StatusOr<ListenSocket> socket = ListenAt(options.host, options.port);
  if (!socket.ok()) return socket.status();
  std::unique_ptr<AdminServer> server(new AdminServer(std::move(pages), socket->port));
  const auto timeout = std::max<int64_t>(absl::ToInt64Seconds(options.timeout), 1);
  server->daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, /*port=*/0, nullptr, nullptr, Handle,
      const_cast<AdminPages*>(&server->pages_), MHD_OPTION_LISTEN_SOCKET, socket->fd,
      MHD_OPTION_THREAD_POOL_SIZE, kThreads, MHD_OPTION_CONNECTION_TIMEOUT,
      static_cast<unsigned>(timeout), MHD_OPTION_CONNECTION_LIMIT,
      static_cast<unsigned>(options.max_connections), MHD_OPTION_PER_IP_CONNECTION_LIMIT,
      static_cast<unsigned>(options.max_connections_per_address),
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, MHD_OPTION_END);
  if (server->daemon_ == nullptr) {
    return absl::UnavailableError("cannot start the threads of the admin pages");
  }
  return server;
}

AdminServer::AdminServer(AdminPages pages, int port) : pages_(std::move(pages)), port_(port) {}

AdminServer::~AdminServer() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

}  // namespace bantam
