#include "client/qualifier/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bantam {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

Bio BioOf(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate FirstCertificate(const std::string& pem) {
  Certificate certificate(PEM_read_bio_X509(BioOf(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

// Nobody is asked for a password.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

Key PrivateKey(const std::string& pem) {
  Key key(PEM_read_bio_PrivateKey(BioOf(pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  return key;
}

// Reads files and gathers what is wrong with them.
class Reader {
 public:
  explicit Reader(const ChannelOptions& options) : options_(options) {}

  absl::StatusOr<TlsFiles> ReadAll() {
    if (!options_.token_file.empty() && !options_.UsesTls()) {
      problems_.push_back(
          "--token-file: a token is sent over TLS only; add --tls, or --tls-ca=FILE if the "
          "system does not trust who signed the server's certificate");
    }
    if (options_.tls_cert_file.empty() != options_.tls_key_file.empty()) {
      problems_.push_back(options_.tls_key_file.empty()
                              ? "--tls-cert: its key is missing; add --tls-key=FILE"
                              : "--tls-key: its certificate is missing; add --tls-cert=FILE");
    }
    TlsFiles files;
    files.ca = Read("--tls-ca", options_.tls_ca_file);
    files.cert = Read("--tls-cert", options_.tls_cert_file);
    files.key = Read("--tls-key", options_.tls_key_file);
    if (!files.ca.empty() && FirstCertificate(files.ca) == nullptr) {
      NoCertificate("--tls-ca", options_.tls_ca_file);
    }
    CheckPair(files);
    files.token = ReadToken();
    if (problems_.empty()) return files;
    return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n        "));
  }

 private:
  // The file's content; empty: there is none, or it cannot be read.
  std::string Read(absl::string_view option, const std::string& path) {
    if (path.empty()) return "";
    std::ifstream file(path, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    if (file.is_open() && !file.bad() && !content.str().empty()) return content.str();
    problems_.push_back(absl::StrCat(
        option, ": ", path,
        file.is_open() && !file.bad() ? " is empty"
                                      : absl::StrCat(" cannot be read: ", std::strerror(errno))));
    return "";
  }

  void NoCertificate(absl::string_view option, const std::string& path) {
    problems_.push_back(absl::StrCat(option, ": ", path,
                                     " holds no certificate; expected PEM, which begins with "
                                     "'-----BEGIN CERTIFICATE-----'"));
  }

  void CheckPair(const TlsFiles& files) {
    const Certificate certificate = files.cert.empty() ? nullptr : FirstCertificate(files.cert);
    const Key key = files.key.empty() ? nullptr : PrivateKey(files.key);
    if (!files.cert.empty() && certificate == nullptr) {
      NoCertificate("--tls-cert", options_.tls_cert_file);
    }
    if (!files.key.empty() && key == nullptr) {
      problems_.push_back(absl::StrCat("--tls-key: ", options_.tls_key_file,
                                       " holds no private key that can be read; expected PEM "
                                       "without a password"));
    }
    if (certificate != nullptr && key != nullptr &&
        X509_check_private_key(certificate.get(), key.get()) != 1) {
      problems_.push_back(absl::StrCat("--tls-key: the key in ", options_.tls_key_file,
                                       " does not belong to the certificate in ",
                                       options_.tls_cert_file));
    }
    if (certificate != nullptr &&
        X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
      problems_.push_back(absl::StrCat("--tls-cert: the certificate in ", options_.tls_cert_file,
                                       " has expired; get a new one"));
    }
    ERR_clear_error();
  }

  std::string ReadToken() {
    const std::string content = Read("--token-file", options_.token_file);
    std::string token(absl::StripAsciiWhitespace(content));
    if (content.empty()) return "";
    for (const char c : token) {
      if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) token.clear();
    }
    if (token.empty()) {
      problems_.push_back(absl::StrCat("--token-file: ", options_.token_file,
                                       " is not a token; expected one line of letters, digits and "
                                       "punctuation, without spaces"));
    }
    return token;
  }

  const ChannelOptions& options_;
  std::vector<std::string> problems_;
};

}  // namespace

absl::StatusOr<TlsFiles> ReadTlsFiles(const ChannelOptions& options) {
  return Reader(options).ReadAll();
}

}  // namespace bantam
