// A RedisCache over TLS (rediss://).
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/redis_cache.h"
#include "tests/servers/redis_server.h"
#include "tests/store/redis_fixture.h"
#include "tests/store/temp_directory.h"

namespace bantam {
namespace {

constexpr absl::string_view kName = "tenants/acme/icps/smb";

// Writes a new key and a certificate that it signs itself, good for the name localhost only.
void WriteCertificate(const std::string& key_path, const std::string& certificate_path) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* const names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  ASSERT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
  FILE* file = fopen(key_path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  fclose(file);
  file = fopen(certificate_path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  PEM_write_X509(file, certificate);
  fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

class RedisTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteCertificate(directory_.Path("key.pem"), certificate_);
    // The server may run as another user.
    ASSERT_EQ(chmod(directory_.Path().c_str(), 0755), 0);
    url_ = server_.ListenWithTls(certificate_, directory_.Path("key.pem"));
  }

  void TearDown() override { unsetenv("SSL_CERT_FILE"); }

  void Trust() { setenv("SSL_CERT_FILE", certificate_.c_str(), 1); }

  TempDirectory directory_;
  const std::string certificate_ = directory_.Path("certificate.pem");
  RedisServer server_;
  std::string url_;  // By the name localhost, with TLS.
  RedisEventLog log_;
  CacheEventLog changes_;
};

TEST_F(RedisTlsTest, EverythingWorksOverTls) {
  Trust();
  const auto cache = ConnectRedis(url_);
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  // Longer than what TLS packs into one piece, and than what a socket takes at once.
  RevisionRecord great = RedisTextOf(kName, 1);
  for (int i = 0; i < 6000000; ++i) great.yaml.push_back(static_cast<char>('a' + i % 23));
  cache->WriteRecord(great);
  cache->WritePointers({RedisPointerTo(kName, 1, 1)}, absl::UnixEpoch());
  ASSERT_TRUE(changes_.WaitForName(kName));
  const absl::StatusOr<CachedRead> read = ReadCurrent(cache.get(), kName);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->record.has_value());
  EXPECT_TRUE(read->record->yaml == great.yaml);
  for (int i = 2; i <= 200; ++i) {
    cache->WritePointers({RedisPointerTo(kName, i, 1)}, absl::UnixEpoch());
  }
  EXPECT_TRUE(WaitUntil([&] { return SequenceOf(cache.get(), kName) == 200; }));
}

TEST_F(RedisTlsTest, CertificateThatNobodyTrustsIsRefused) {
  const auto cache = OpenRedis(url_, PatientRedisOptions(), log_.OnEvent());
  EXPECT_TRUE(log_.WaitForLine({"certificate is not trusted"}));
  EXPECT_FALSE(ReadCurrent(cache.get(), kName).ok());
}

TEST_F(RedisTlsTest, CertificateOfAnotherHostIsRefused) {
  Trust();
  const auto cache = OpenRedis(absl::StrReplaceAll(url_, {{"localhost", "127.0.0.1"}}),
                               PatientRedisOptions(), log_.OnEvent());
  EXPECT_TRUE(log_.WaitForLine({"certificate is not trusted", "IP address mismatch"}));
}

TEST_F(RedisTlsTest, ServerWithoutTlsIsNoHang) {
  const auto cache = OpenRedis(absl::StrCat("rediss://localhost:", server_.port()),
                               PatientRedisOptions(), log_.OnEvent());
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().connection_failures >= 2; }));
  EXPECT_FALSE(cache->Stats().connected);
  EXPECT_FALSE(log_.lines().empty());
}

TEST_F(RedisTlsTest, ServerThatWantsTlsIsNoHang) {
  const auto cache = OpenRedis(absl::StrReplaceAll(url_, {{"rediss:", "redis:"}}),
                               PatientRedisOptions(), log_.OnEvent());
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().connection_failures >= 2; }));
  EXPECT_FALSE(cache->Stats().connected);
}

}  // namespace
}  // namespace bantam
