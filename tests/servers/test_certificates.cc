#include "tests/servers/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>

namespace bantam {
namespace {

// Ends the test program: without certificates there is nothing to test.
void Must(bool done) {
  if (!done) std::abort();
}

std::string TakeText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);  // NOLINT: OpenSSL's type.
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

std::string ToPem(X509* certificate) {
  BIO* const bio = BIO_new(BIO_s_mem());
  Must(PEM_write_bio_X509(bio, certificate) == 1);
  return TakeText(bio);
}

std::string ToPem(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  Must(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return TakeText(bio);
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// A certificate of `key` that is not signed yet.
X509* NewCertificate(EVP_PKEY* key, const std::string& name, const TestCertificate& says) {
  X509* const certificate = X509_new();
  Must(X509_set_version(certificate, 2) == 1 && X509_set_pubkey(certificate, key) == 1);
  uint64_t serial = 0;
  Must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(says.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(says.not_after));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  if (!says.alternative_names.empty()) {
    AddExtension(certificate, NID_subject_alt_name, says.alternative_names);
  }
  return certificate;
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name)
    : key_(EVP_EC_gen("P-256")), certificate_(NewCertificate(key_, name, {})) {
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  AddExtension(certificate_, NID_basic_constraints, "critical,CA:TRUE");
  Must(X509_sign(certificate_, key_, EVP_sha256()) > 0);
  certificate_pem_ = ToPem(certificate_);
}

TestAuthority::~TestAuthority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

TestIdentity TestAuthority::Issue(const TestCertificate& says) const {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = NewCertificate(key, "test", says);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  Must(X509_sign(certificate, key_, EVP_sha256()) > 0);
  TestIdentity identity;
  identity.certificate = ToPem(certificate);
  identity.key = ToPem(key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

TestIdentity TestAuthority::IssueServer() const {
  TestCertificate says;
  says.alternative_names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  return Issue(says);
}

TestIdentity TestAuthority::IssueClient(const std::string& alternative_names) const {
  TestCertificate says;
  says.alternative_names = alternative_names;
  return Issue(says);
}

}  // namespace bantam
