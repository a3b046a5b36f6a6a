#include "server/access/check_certificates.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bantam {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

using Chain = std::vector<Owned<X509>>;

Owned<BIO> Reader(absl::string_view text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Instead of asking for it at the terminal: there is no passphrase.
int NoPassphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

// The library's reason for its last failure; forgets all its failures.
std::string TakeReason() {
  const unsigned long error = ERR_peek_last_error();  // NOLINT: OpenSSL's type.
  const char* const reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return reason == nullptr ? "no reason is given" : reason;
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromCivil(absl::CivilSecond(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                                           parts.tm_hour, parts.tm_min, parts.tm_sec),
                         absl::UTCTimeZone());
}

std::string Day(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

// Checks one set; finds all that is wrong.
class SetCheck {
 public:
  explicit SetCheck(absl::Time now) : now_(now) {}

  absl::StatusOr<CertificateSet> Run(absl::string_view certificate_chain,
                                     absl::string_view private_key,
                                     absl::optional<absl::string_view> client_ca) {
    ERR_clear_error();
    CheckText(certificate_chain, kServer);
    CheckText(private_key, kKey);
    const Chain chain = ReadCertificates(certificate_chain, kServer);
    for (size_t i = 0; i < chain.size(); ++i) CheckTime(*chain[i], Nth(i, chain.size()));
    const Owned<EVP_PKEY> key = ReadKey(private_key);
    if (!chain.empty() && key != nullptr) CheckPair(chain, key.get());
    if (client_ca.has_value()) CheckClientCa(*client_ca);
    // As gRPC will do it.
    if (problems_.empty()) CheckLibraryTakes(chain, key.get());
    if (!problems_.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    CertificateSet set;
    set.certificate_chain = std::string(certificate_chain);
    set.private_key = std::string(private_key);
    if (client_ca.has_value()) set.client_ca = std::string(*client_ca);
    set.not_after = absl::InfiniteFuture();
    for (const auto& certificate : chain) {
      set.not_after = std::min(set.not_after, ToTime(X509_get0_notAfter(certificate.get())));
    }
    return set;
  }

 private:
  static constexpr absl::string_view kServer = "the server's certificate";
  static constexpr absl::string_view kKey = "the private key";
  static constexpr absl::string_view kClientCa = "the file of the clients' CAs";

  void Add(absl::string_view what, absl::string_view problem) {
    problems_.push_back(absl::StrCat(what, " ", problem));
  }

  // What certificate `i` of the server's chain of `count` is called.
  static std::string Nth(size_t i, size_t count) {
    if (i == 0) return std::string(kServer);
    return absl::StrCat("certificate ", i + 1, " of the ", count, " in the server's chain");
  }

  // gRPC takes texts up to their first byte 0, so the rest would be checked and not be used.
  void CheckText(absl::string_view text, absl::string_view what) {
    if (absl::StrContains(text, '\0')) Add(what, "holds a byte 0, which no PEM file does");
  }

  // Why a text of PEM holds nothing of what it should.
  static absl::string_view WhyNothing(absl::string_view text, absl::string_view otherwise) {
    return absl::StripAsciiWhitespace(text).empty() ? "the file is empty" : otherwise;
  }

  Chain ReadCertificates(absl::string_view text, absl::string_view what) {
    Chain chain;
    const Owned<BIO> reader = Reader(text);
    while (true) {
      Owned<X509> certificate(PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr));
      if (certificate == nullptr) break;
      chain.push_back(std::move(certificate));
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    const std::string reason = TakeReason();
    if (!at_end) {
      Add(what, absl::StrCat("cannot be read: PEM block ", chain.size() + 1, ": ", reason));
      chain.clear();
    } else if (chain.empty()) {
      Add(what,
          absl::StrCat("cannot be read: ",
                       WhyNothing(text, absl::StrContains(text, "PRIVATE KEY-----")
                                            ? "the file holds a private key and no certificate"
                                            : "the file holds no certificate"),
                       "; expected PEM, which begins -----BEGIN CERTIFICATE-----"));
    }
    return chain;
  }

  void CheckTime(const X509& certificate, const std::string& what) {
    const absl::Time not_before = ToTime(X509_get0_notBefore(&certificate));
    const absl::Time not_after = ToTime(X509_get0_notAfter(&certificate));
    if (now_ >= not_after) Add(what, absl::StrCat("has expired on ", Day(not_after)));
    if (now_ < not_before) {
      Add(what, absl::StrCat("is not valid before ", Day(not_before), "; is the clock right?"));
    }
  }

  Owned<EVP_PKEY> ReadKey(absl::string_view text) {
    bool encrypted = false;
    Owned<EVP_PKEY> key(
        PEM_read_bio_PrivateKey(Reader(text).get(), nullptr, &NoPassphrase, &encrypted));
    const std::string reason = TakeReason();
    if (key != nullptr) return key;
    if (encrypted) {
      Add(kKey, "is encrypted; give one that is not, and protect it by file rights");
    } else if (!absl::StrContains(text, "PRIVATE KEY-----")) {
      Add(kKey, absl::StrCat("cannot be read: ", WhyNothing(text, "the file holds no private key"),
                             "; expected PEM with a line ending in PRIVATE KEY-----"));
    } else {
      Add(kKey, absl::StrCat("cannot be read: ", reason));
    }
    return nullptr;
  }

  void CheckPair(const Chain& chain, EVP_PKEY* key) {
    for (size_t i = 0; i < chain.size(); ++i) {
      if (X509_check_private_key(chain[i].get(), key) != 1) continue;
      if (i == 0) return;
      Add(kKey, absl::StrCat("belongs to certificate ", i + 1,
                             "; the server's own certificate must come first"));
      return;
    }
    ERR_clear_error();
    Add(kKey, "is not that of the server's certificate; give a pair");
  }

  void CheckClientCa(absl::string_view text) {
    CheckText(text, kClientCa);
    const Chain bundle = ReadCertificates(text, kClientCa);
    bool any_in_time = bundle.empty();
    for (size_t i = 0; i < bundle.size(); ++i) {
      X509* const ca = bundle[i].get();
      if (X509_check_ca(ca) == 0) {
        Add(kClientCa, absl::StrCat("holds a certificate (number ", i + 1, ") that is not a CA's"));
      }
      any_in_time = any_in_time || now_ < ToTime(X509_get0_notAfter(ca));
    }
    // One of several may have expired: that is how CAs are exchanged.
    if (!any_in_time) Add(kClientCa, "holds only certificates that have expired");
  }

  // Whether the library's own rules (key lengths, signatures) admit the pair.
  void CheckLibraryTakes(const Chain& chain, EVP_PKEY* key) {
    const Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
    bool taken = SSL_CTX_use_certificate(context.get(), chain[0].get()) == 1 &&
                 SSL_CTX_use_PrivateKey(context.get(), key) == 1;
    for (size_t i = 1; taken && i < chain.size(); ++i) {
      taken = SSL_CTX_add1_chain_cert(context.get(), chain[i].get()) == 1;
    }
    if (!taken) Add(kServer, absl::StrCat("is refused by the TLS library: ", TakeReason()));
  }

  const absl::Time now_;
  std::vector<std::string> problems_;
};

}  // namespace

absl::StatusOr<CertificateSet> CheckCertificates(absl::string_view certificate_chain,
                                                 absl::string_view private_key,
                                                 absl::optional<absl::string_view> client_ca,
                                                 absl::Time now) {
  return SetCheck(now).Run(certificate_chain, private_key, client_ca);
}

absl::Time CertificateExpiries::Of(absl::string_view certificate) {
  {
    MutexLock lock(mutex_);
    const auto it = known_.find(certificate);
    if (it != known_.end()) return it->second;
  }
  const Owned<X509> read(PEM_read_bio_X509(Reader(certificate).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  const absl::Time expiry =
      read == nullptr ? absl::InfinitePast() : ToTime(X509_get0_notAfter(read.get()));
  MutexLock lock(mutex_);
  if (known_.size() >= kMostRemembered) known_.clear();
  known_.emplace(certificate, expiry);
  return expiry;
}

}  // namespace bantam
