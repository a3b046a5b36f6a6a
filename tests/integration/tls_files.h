#ifndef BANTAM_TESTS_INTEGRATION_TLS_FILES_H_
#define BANTAM_TESTS_INTEGRATION_TLS_FILES_H_

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "tests/integration/server_process.h"
#include "tests/servers/test_certificates.h"

namespace bantam {

// The files of a bantamd with TLS, a policy and tokens: "crm" may do everything for every tenant,
// anonymous callers nothing.
class TlsFiles {
 public:
  TlsFiles();

  // What has bantamd use them.
  std::vector<std::string> Flags() const;

  const TestAuthority& authority() const { return authority_; }

  // Flags() and that clients may have a certificate of authority(), which WriteClientCa() changes.
  std::vector<std::string> FlagsWithClientCa() const;

  // Replaces the certificate's or the key's file, the policy, or the token file.
  void WriteCertificate(const std::string& pem) const { folder_.Write("tls.crt", pem); }
  void WriteKey(const std::string& pem) const { folder_.Write("tls.key", pem); }
  void WriteClientCa(const std::string& pem) const { folder_.Write("ca.crt", pem); }
  void WritePolicy(const std::string& yaml) const { folder_.Write("policy.yaml", yaml); }
  void WriteTokens(const std::string& text) const { folder_.Write("tokens", text); }

  // What the policy and the token file hold at first, and the line of another token.
  static std::string Policy();
  static std::string Tokens() { return TokenLine("crm"); }
  static std::string TokenLine(const std::string& name);

  // What trusts the server, for a new connection.
  std::shared_ptr<grpc::ChannelCredentials> ChannelCredentials() const;

  // Has the caller be the one with the token of this name.
  static void Be(const std::string& name, grpc::ClientContext* context);

 private:
  const TestAuthority authority_;
  const TemporaryFolder folder_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_TLS_FILES_H_
