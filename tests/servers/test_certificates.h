#ifndef BANTAM_TESTS_SERVERS_TEST_CERTIFICATES_H_
#define BANTAM_TESTS_SERVERS_TEST_CERTIFICATES_H_

#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"

struct evp_pkey_st;
struct x509_st;

namespace bantam {

// A certificate and its private key, as PEM.
struct TestIdentity {
  std::string certificate;
  std::string key;
};

// What a certificate is to say.
struct TestCertificate {
  // As OpenSSL writes them: "DNS:localhost,IP:127.0.0.1", "URI:spiffe://example.org/ns/crm".
  // Empty: none.
  std::string alternative_names;

  absl::Time not_before = absl::Now() - absl::Hours(1);
  absl::Time not_after = absl::Now() + absl::Hours(1);
};

// A certification authority made up for a test. Everything is made anew for each: two authorities
// never accept each other's certificates.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "Test CA");
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // Its own certificate, as PEM.
  const std::string& certificate() const { return certificate_pem_; }

  // A new key, and a certificate for it.
  TestIdentity Issue(const TestCertificate& certificate) const;

  // For "localhost", 127.0.0.1 and ::1.
  TestIdentity IssueServer() const;

  // For a client with these names.
  TestIdentity IssueClient(const std::string& alternative_names) const;

 private:
  evp_pkey_st* const key_;
  x509_st* const certificate_;
  std::string certificate_pem_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_SERVERS_TEST_CERTIFICATES_H_
