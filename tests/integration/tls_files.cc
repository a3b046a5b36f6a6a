#include "tests/integration/tls_files.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/access/token_set.h"

namespace bantam {
namespace {

std::string TokenOf(const std::string& name) { return absl::StrCat("the-token-of-", name); }

}  // namespace

TlsFiles::TlsFiles() {
  const TestIdentity pair = authority_.IssueServer();
  WriteCertificate(pair.certificate);
  WriteKey(pair.key);
  WriteClientCa(authority_.certificate());
  WritePolicy(Policy());
  WriteTokens(Tokens());
}

std::vector<std::string> TlsFiles::Flags() const {
  const std::string folder = folder_.path();
  return {absl::StrCat("--tls_cert=", folder, "/tls.crt"),
          absl::StrCat("--tls_key=", folder, "/tls.key"),
          absl::StrCat("--access_policy=", folder, "/policy.yaml"),
          absl::StrCat("--tokens=", folder, "/tokens")};
}

std::vector<std::string> TlsFiles::FlagsWithClientCa() const {
  std::vector<std::string> flags = Flags();
  flags.push_back(absl::StrCat("--tls_client_ca=", folder_.path(), "/ca.crt"));
  flags.push_back("--tls_client_auth=optional");
  return flags;
}

std::string TlsFiles::Policy() {
  return "grants:\n"
         "  - {identities: ['token:crm'], methods: ['*'], tenants: ['*']}\n";
}

std::string TlsFiles::TokenLine(const std::string& name) {
  const TokenDigest digest = DigestOfToken(TokenOf(name));
  const absl::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  return absl::StrCat(name, " ", absl::BytesToHexString(bytes), "\n");
}

std::shared_ptr<grpc::ChannelCredentials> TlsFiles::ChannelCredentials() const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority_.certificate();
  return grpc::SslCredentials(options);
}

void TlsFiles::Be(const std::string& name, grpc::ClientContext* context) {
  context->AddMetadata("authorization", absl::StrCat("Bearer ", TokenOf(name)));
}

}  // namespace bantam
