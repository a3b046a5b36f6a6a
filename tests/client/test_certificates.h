#ifndef BANTAM_TESTS_CLIENT_TEST_CERTIFICATES_H_
#define BANTAM_TESTS_CLIENT_TEST_CERTIFICATES_H_

#include <memory>
#include <string>

#include "absl/time/time.h"

struct evp_pkey_st;  // OpenSSL's
struct x509_st;

namespace bantam {

// A certificate with its key, in PEM form.
struct TestCertificate {
  std::string certificate;
  std::string key;
};

// An authority that signs certificates for tests.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  ~TestAuthority();

  // Its own certificate.
  std::string certificate() const;

  // A certificate for `names` as OpenSSL writes them ("DNS:localhost,IP:127.0.0.1"), good from an
  // hour before now until `valid` from now, which may be negative: expired.
  TestCertificate Issue(const std::string& names, absl::Duration valid = absl::Hours(1)) const;

 private:
  evp_pkey_st* const key_;
  x509_st* const certificate_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_TEST_CERTIFICATES_H_
