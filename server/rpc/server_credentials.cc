#include "server/rpc/server_credentials.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "grpc/grpc.h"
#include "grpc/grpc_security.h"
#include "server/access/check_certificates.h"
#include "server/catalog/mutex.h"
#include "server/rpc/call_metadata.h"
#include "server/rpc/listen_address.h"

namespace bantam {
namespace {

constexpr absl::string_view kAuthorization = "authorization";

// What is told of the path of a denied call; those of methods are much shorter.
constexpr size_t kMaxMethodBytes = 256;

absl::string_view ToView(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)), GRPC_SLICE_LENGTH(slice)};
}

absl::string_view ToView(grpc::string_ref text) { return {text.data(), text.size()}; }

// The token of an "authorization" header; absent: it holds something else.
absl::optional<absl::string_view> BearerToken(absl::string_view header) {
  constexpr absl::string_view kScheme = "Bearer ";
  if (!absl::StartsWithIgnoreCase(header, kScheme)) return absl::nullopt;
  return absl::StripAsciiWhitespace(header.substr(kScheme.size()));
}

std::vector<std::string> Properties(const grpc_auth_context* context, const char* name) {
  std::vector<std::string> values;
  if (context == nullptr) return values;
  grpc_auth_property_iterator it = grpc_auth_context_find_properties_by_name(context, name);
  while (const grpc_auth_property* property = grpc_auth_property_iterator_next(&it)) {
    values.emplace_back(property->value, property->value_length);
  }
  return values;
}

// Until when the client certificate holds (PEM).
absl::Time EndOf(absl::string_view certificate) {
  // For all ports and calls, and never destroyed: what it remembers holds for ever.
  static CertificateExpiries* const known = new CertificateExpiries;
  return known->Of(certificate);
}

// The value of a header that may be sent once.
class OnlyValue {
 public:
  void Add(absl::string_view value) { value_ = count_++ == 0 ? value : absl::string_view(); }

  // Empty: there is none, or more than one.
  absl::string_view value() const { return value_; }

 private:
  int count_ = 0;
  absl::string_view value_;
};

// The addresses that `address` ("host:port") stands for, in the same form; itself if none is found.
std::vector<std::string> Resolve(const std::string& address) {
  const absl::StatusOr<ListenAddress> parsed = ParseListenAddress(address);
  if (!parsed.ok()) return {address};
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(parsed->host.c_str(), nullptr, &hints, &found) != 0) return {address};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    char host[NI_MAXHOST];
    if (getnameinfo(at->ai_addr, at->ai_addrlen, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) !=
        0) {
      continue;
    }
    std::string one = at->ai_family == AF_INET6 ? absl::StrCat("[", host, "]:", parsed->port)
                                                : absl::StrCat(host, ":", parsed->port);
    if (std::find(addresses.begin(), addresses.end(), one) == addresses.end()) {
      addresses.push_back(std::move(one));
    }
  }
  return addresses;
}

// `address` with another port, if that is not 0.
std::string WithPort(const std::string& address, int port) {
  return port == 0 ? address : absl::StrCat(address.substr(0, address.rfind(':') + 1), port);
}

// What gRPC asks at a port: for certificates at every handshake, and about every call. By its C
// interface, whose C++ wrapper would copy all metadata into a map first.
class PortGuard {
 public:
  explicit PortGuard(const PortSecurity& security) : security_(security) {}

  // New C credentials, of which the caller has a reference, and which own a PortGuard.
  static grpc_server_credentials* MakeCredentials(const PortSecurity& security);

 private:
  // For grpc_ssl_server_credentials_create_options_using_config_fetcher().
  static grpc_ssl_certificate_config_reload_status FetchCertificates(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<PortGuard*>(self)->FetchCertificates(config);
  }

  // For grpc_auth_metadata_processor. Never blocks, and adds nothing to `context`: that belongs to
  // the connection, not to the call.
  static void CheckCall(void* self, grpc_auth_context* context, const grpc_metadata* metadata,
                        size_t count, grpc_process_auth_metadata_done_cb done, void* user_data) {
    const absl::Status status = static_cast<PortGuard*>(self)->Check(context, metadata, count);
    const std::string message(status.message());
    // Nothing is consumed: the call path looks at the metadata again.
    done(user_data, nullptr, 0, nullptr, 0, static_cast<grpc_status_code>(status.code()),
         status.ok() ? nullptr : message.c_str());
  }

  static void Destroy(void* self) { delete static_cast<PortGuard*>(self); }

  grpc_ssl_certificate_config_reload_status FetchCertificates(
      grpc_ssl_server_certificate_config** config);
  absl::Status Check(const grpc_auth_context* context, const grpc_metadata* metadata, size_t count);

  const PortSecurity security_;
  Mutex mutex_;
  std::shared_ptr<const CertificateSet> handed_over_ ABSL_GUARDED_BY(mutex_);
};

grpc_server_credentials* PortGuard::MakeCredentials(const PortSecurity& security) {
  grpc_ssl_client_certificate_request_type client = GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  if (security.certificates->Current()->client_ca.has_value()) {
    client = security.require_client_certificate
                 ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                 : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  auto* const guard = new PortGuard(security);
  grpc_server_credentials* const credentials = grpc_ssl_server_credentials_create_with_options(
      grpc_ssl_server_credentials_create_options_using_config_fetcher(client, &FetchCertificates,
                                                                      guard));
  grpc_auth_metadata_processor processor = {};
  processor.process = &CheckCall;
  processor.destroy = &Destroy;
  processor.state = guard;
  grpc_server_credentials_set_auth_metadata_processor(credentials, processor);
  return credentials;
}

grpc_ssl_certificate_config_reload_status PortGuard::FetchCertificates(
    grpc_ssl_server_certificate_config** config) {
  std::shared_ptr<const CertificateSet> set = security_.certificates->Current();
  MutexLock lock(mutex_);
  if (set == handed_over_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  const grpc_ssl_pem_key_cert_pair pair = {set->private_key.c_str(),
                                           set->certificate_chain.c_str()};
  // gRPC insists on CAs here even where no client is asked for a certificate, and then does nothing
  // with them; any will do.
  const std::string& client_ca = set->client_ca ? *set->client_ca : set->certificate_chain;
  *config = grpc_ssl_server_certificate_config_create(client_ca.c_str(), &pair, 1);
  handed_over_ = std::move(set);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

absl::Status PortGuard::Check(const grpc_auth_context* context, const grpc_metadata* metadata,
                              size_t count) {
  Credentials credentials;
  absl::string_view full_method;
  OnlyValue request_id;
  OnlyValue traceparent;
  for (size_t i = 0; i < count; ++i) {
    const absl::string_view key = ToView(metadata[i].key);
    const absl::string_view value = ToView(metadata[i].value);
    if (key == ":path") {
      full_method = value;
    } else if (key == kAuthorization) {
      if (!credentials.bearer_token.has_value()) credentials.bearer_token = BearerToken(value);
    } else if (key == kRequestIdKey) {
      request_id.Add(value);
    } else if (key == kTraceparentKey) {
      traceparent.Add(value);
    }
  }
  credentials.spiffe_ids = Properties(context, GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  credentials.dns_names = Properties(context, GRPC_PEER_DNS_PROPERTY_NAME);
  const std::vector<std::string> shown = Properties(context, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (!shown.empty()) credentials.certificate_end = EndOf(shown[0]);
  const auto caller = security_.access->Identify(credentials);
  const absl::Status status =
      caller.ok() ? security_.access->CheckMethod(**caller, full_method) : caller.status();
  if (status.ok()) return status;
  const CallIds ids = CheckedIds(request_id.value(), traceparent.value());
  if (security_.observer != nullptr) {
    security_.observer->OnDenied({full_method.substr(0, kMaxMethodBytes),
                                  caller.ok() ? caller->get() : nullptr, status, ids.request_id,
                                  ids.traceparent});
  }
  return absl::Status(status.code(),
                      absl::StrCat(status.message(), " (request id ", ids.request_id, ")"));
}

// The port itself.
class TlsPortCredentials final : public grpc::ServerCredentials {
 public:
  explicit TlsPortCredentials(const PortSecurity& security) : security_(security) {}

  // Calls are checked by PortGuard and by nobody else.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {
    std::abort();
  }

 private:
  // gRPC shares C credentials between the addresses that a name stands for, and exchanges
  // certificates without a lock against connections to another address. So each gets its own.
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    int port = 0;
    for (const std::string& one : Resolve(address)) {
      grpc_server_credentials* const credentials = PortGuard::MakeCredentials(security_);
      const int bound =
          grpc_server_add_http2_port(server, WithPort(one, port).c_str(), credentials);
      grpc_server_credentials_release(credentials);
      if (bound != 0) port = bound;
    }
    return port;
  }

  const PortSecurity security_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(const PortSecurity& security) {
  return std::make_shared<TlsPortCredentials>(security);
}

Credentials CredentialsOf(const grpc::ServerContextBase& context) {
  Credentials credentials;
  const auto& metadata = context.client_metadata();
  const auto headers =
      metadata.equal_range(grpc::string_ref(kAuthorization.data(), kAuthorization.size()));
  for (auto it = headers.first; it != headers.second && !credentials.bearer_token.has_value();
       ++it) {
    credentials.bearer_token = BearerToken(ToView(it->second));
  }
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth == nullptr) return credentials;
  for (const grpc::string_ref& id : auth->FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME)) {
    credentials.spiffe_ids.emplace_back(id.data(), id.size());
  }
  for (const grpc::string_ref& name : auth->FindPropertyValues(GRPC_PEER_DNS_PROPERTY_NAME)) {
    credentials.dns_names.emplace_back(name.data(), name.size());
  }
  const std::vector<grpc::string_ref> shown =
      auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (!shown.empty()) credentials.certificate_end = EndOf(ToView(shown[0]));
  return credentials;
}

}  // namespace bantam
