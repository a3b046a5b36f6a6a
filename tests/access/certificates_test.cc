#include "server/access/certificates.h"

#include <sys/stat.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/access/reload_events.h"
#include "tests/servers/test_certificates.h"
#include "tests/store/temp_directory.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = ReloadEvent::Kind;

// The times are given in whole seconds.
absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

const absl::Time kNow = WholeSeconds(absl::Now());

class CheckCertificatesTest : public ::testing::Test {
 protected:
  std::string Error(absl::string_view chain, absl::string_view key,
                    absl::optional<absl::string_view> ca = absl::nullopt) {
    const auto set = CheckCertificates(chain, key, ca, kNow);
    EXPECT_EQ(set.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(set.status().message());
    EXPECT_THAT(message, Not(HasSubstr("-----BEGIN PRIVATE")));
    return message;
  }

  TestIdentity Valid(absl::Time not_before, absl::Time not_after) {
    TestCertificate says;
    says.alternative_names = "DNS:localhost";
    says.not_before = not_before;
    says.not_after = not_after;
    return authority_.Issue(says);
  }

  const TestAuthority authority_;
  const TestIdentity server_ = authority_.IssueServer();
};

TEST_F(CheckCertificatesTest, AGoodSetIsTaken) {
  const TestIdentity early = Valid(kNow, kNow + absl::Minutes(10));
  const auto set = CheckCertificates(early.certificate + authority_.certificate(), early.key,
                                     authority_.certificate(), kNow);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->certificate_chain, early.certificate + authority_.certificate());
  EXPECT_EQ(set->private_key, early.key);
  EXPECT_EQ(set->client_ca, authority_.certificate());
  EXPECT_EQ(set->not_after, kNow + absl::Minutes(10));
}

TEST_F(CheckCertificatesTest, TextAroundPemIsAllowed) {
  EXPECT_TRUE(CheckCertificates("Our server:\n" + server_.certificate + "\nEnd.\n",
                                "# The key\n" + server_.key, absl::nullopt, kNow)
                  .ok());
}

TEST_F(CheckCertificatesTest, WhatIsNotPemIsRefused) {
  EXPECT_EQ(Error("rubbish", server_.key),
            "the server's certificate cannot be read: the file holds no certificate; expected PEM, "
            "which begins -----BEGIN CERTIFICATE-----");
  EXPECT_EQ(Error(server_.key, server_.key),
            "the server's certificate cannot be read: the file holds a private key and no "
            "certificate; expected PEM, which begins -----BEGIN CERTIFICATE-----");
  EXPECT_EQ(Error(server_.certificate, "rubbish"),
            "the private key cannot be read: the file holds no private key; expected PEM with a "
            "line ending in PRIVATE KEY-----");
  EXPECT_EQ(Error(server_.certificate, server_.key, "rubbish"),
            "the file of the clients' CAs cannot be read: the file holds no certificate; expected "
            "PEM, which begins -----BEGIN CERTIFICATE-----");
}

// An empty file of CAs would be that nobody is asked for a certificate.
TEST_F(CheckCertificatesTest, EmptyFilesAreRefused) {
  for (const absl::string_view empty : {"", " \r\n\t\n"}) {
    EXPECT_EQ(Error(empty, server_.key),
              "the server's certificate cannot be read: the file is empty; expected PEM, which "
              "begins -----BEGIN CERTIFICATE-----");
    EXPECT_EQ(Error(server_.certificate, empty),
              "the private key cannot be read: the file is empty; expected PEM with a line ending "
              "in PRIVATE KEY-----");
    EXPECT_EQ(Error(server_.certificate, server_.key, empty),
              "the file of the clients' CAs cannot be read: the file is empty; expected PEM, which "
              "begins -----BEGIN CERTIFICATE-----");
  }
}

// gRPC would take what is before it: nothing.
TEST_F(CheckCertificatesTest, AByteOfZeroIsRefused) {
  const std::string zero("\0\n", 2);
  EXPECT_EQ(Error(zero + server_.certificate, server_.key),
            "the server's certificate holds a byte 0, which no PEM file does");
  EXPECT_EQ(Error(server_.certificate, zero + server_.key),
            "the private key holds a byte 0, which no PEM file does");
  EXPECT_EQ(Error(server_.certificate, server_.key, zero + authority_.certificate()),
            "the file of the clients' CAs holds a byte 0, which no PEM file does");
}

TEST_F(CheckCertificatesTest, HalfAFileIsRefused) {
  const std::string& whole = server_.certificate;
  EXPECT_THAT(Error(whole.substr(0, whole.size() / 2), server_.key),
              HasSubstr("the server's certificate cannot be read: PEM block 1: "));
  EXPECT_THAT(Error(whole + whole.substr(0, whole.size() / 2), server_.key),
              HasSubstr("the server's certificate cannot be read: PEM block 2: "));
  EXPECT_THAT(Error(whole, server_.key.substr(0, server_.key.size() / 2)),
              HasSubstr("the private key cannot be read: "));
  std::string damaged = whole;
  damaged[whole.size() / 2] = '!';
  EXPECT_THAT(Error(damaged, server_.key), HasSubstr("PEM block 1: "));
}

TEST_F(CheckCertificatesTest, AllProblemsAreTold) {
  EXPECT_THAT(Error("", "", "rubbish"),
              AllOf(HasSubstr("the server's certificate cannot be read"),
                    HasSubstr("\nthe private key cannot be read"),
                    HasSubstr("\nthe file of the clients' CAs cannot be read")));
}

TEST_F(CheckCertificatesTest, TheKeyMustBeThatOfTheCertificate) {
  const TestIdentity other = authority_.IssueServer();
  EXPECT_EQ(Error(server_.certificate, other.key),
            "the private key is not that of the server's certificate; give a pair");
  EXPECT_EQ(Error(authority_.certificate() + server_.certificate, server_.key),
            "the private key belongs to certificate 2; the server's own certificate must come "
            "first");
}

TEST_F(CheckCertificatesTest, AnEncryptedKeyIsRefusedWithoutAsking) {
  // Made by: openssl genpkey -algorithm ed25519 -aes-128-cbc -pass pass:secret
  constexpr absl::string_view kEncrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhDNV7e0nV/bwICCAAw\n"
      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEBShOEDpCuR0Qb/BvH9f8cwEQJae\n"
      "V9k6Mpr8Jd4R/LuCgZz1KHBLBrswoIyyo3PWGmtrlKz8Im+Czq5OyuPWiquT6/8F\n"
      "8ua786yV67CKecAdiv8=\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_EQ(Error(server_.certificate, kEncrypted),
            "the private key is encrypted; give one that is not, and protect it by file rights");
}

TEST_F(CheckCertificatesTest, TimesAreKept) {
  const TestIdentity expired = Valid(kNow - absl::Hours(2), kNow);
  EXPECT_EQ(Error(expired.certificate, expired.key),
            absl::StrCat("the server's certificate has expired on ",
                         absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", kNow, absl::UTCTimeZone())));
  const TestIdentity early = Valid(kNow + absl::Seconds(1), kNow + absl::Hours(1));
  EXPECT_THAT(Error(early.certificate, early.key),
              HasSubstr("the server's certificate is not valid before "));
  EXPECT_TRUE(
      CheckCertificates(early.certificate, early.key, absl::nullopt, kNow + absl::Seconds(1)).ok());
  EXPECT_THAT(Error(server_.certificate + expired.certificate, server_.key),
              HasSubstr("certificate 2 of the 2 in the server's chain has expired on "));
}

TEST_F(CheckCertificatesTest, ClientCasMustBeCas) {
  EXPECT_EQ(Error(server_.certificate, server_.key, authority_.certificate() + server_.certificate),
            "the file of the clients' CAs holds a certificate (number 2) that is not a CA's");
}

class CertificatesTest : public ::testing::Test {
 protected:
  void Write(const TestIdentity& identity) {
    directory_.Replace("tls.crt", identity.certificate);
    directory_.Replace("tls.key", identity.key);
    ASSERT_EQ(chmod(directory_.Path("tls.key").c_str(), 0640), 0);
  }

  // `client_ca`: the name of a file of the clients' CAs.
  absl::StatusOr<std::unique_ptr<Certificates>> Open(
      const absl::optional<std::string>& client_ca = absl::nullopt) {
    CertificateFiles files;
    files.certificate = directory_.Path("tls.crt");
    files.key = directory_.Path("tls.key");
    if (client_ca.has_value()) files.client_ca = directory_.Path(*client_ca);
    return Certificates::Open(files, &watcher_, events_.Recorder());
  }

  static FileWatcherOptions Quick() {
    FileWatcherOptions options;
    options.poll_interval = absl::Milliseconds(50);
    return options;
  }

  const TestAuthority authority_;
  TempDirectory directory_;
  ReloadEvents events_;
  FileWatcher watcher_{Quick()};
};

TEST_F(CertificatesTest, ANewPairIsUsedAndABadOneIsNot) {
  const TestIdentity first = authority_.IssueServer();
  Write(first);
  const auto certificates = Open();
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  EXPECT_EQ((*certificates)->Current()->certificate_chain, first.certificate);
  EXPECT_EQ((*certificates)->Current(), (*certificates)->Current());

  const TestIdentity second = authority_.IssueServer();
  Write(second);
  ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "new content"));
  EXPECT_EQ((*certificates)->Current()->certificate_chain, second.certificate);
  EXPECT_FALSE((*certificates)->Stats().failed);

  directory_.Replace("tls.crt", "rubbish");
  ASSERT_TRUE(events_.WaitFor(Kind::kFailed, "the server's certificate cannot be read"));
  EXPECT_EQ((*certificates)->Current()->certificate_chain, second.certificate);
  EXPECT_TRUE((*certificates)->Stats().failed);
}

TEST_F(CertificatesTest, AtTheStartABadPairIsAnError) {
  Write(authority_.IssueServer());
  directory_.Replace("tls.key", authority_.IssueServer().key);
  EXPECT_EQ(Open().status(),
            absl::InvalidArgumentError(
                "the private key is not that of the server's certificate; give a pair"));
}

TEST_F(CertificatesTest, AnEmptyFileOfClientCasIsNotThatNobodyIsAsked) {
  Write(authority_.IssueServer());
  directory_.Write("ca.crt", "");
  EXPECT_EQ(Open("ca.crt").status(),
            absl::InvalidArgumentError(
                "the file of the clients' CAs cannot be read: the file is empty; expected PEM, "
                "which begins -----BEGIN CERTIFICATE-----"));

  directory_.Write("ca.crt", authority_.certificate());
  const auto certificates = Open("ca.crt");
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  for (const char* const nothing : {"", "\n", "# None.\n"}) {
    directory_.Replace("ca.crt", nothing);
    ASSERT_TRUE(events_.WaitFor(Kind::kFailed, "the file of the clients' CAs cannot be read"));
    EXPECT_EQ((*certificates)->Current()->client_ca, authority_.certificate());
    EXPECT_TRUE((*certificates)->Stats().failed);
    directory_.Replace("ca.crt", authority_.certificate());
    ASSERT_TRUE(events_.WaitFor(Kind::kLoaded, "is back"));
  }
}

TEST_F(CertificatesTest, AKeyThatEverybodyMayReadIsWorthAWarning) {
  Write(authority_.IssueServer());
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(events_.size(), 0);
  ASSERT_EQ(chmod(directory_.Path("tls.key").c_str(), 0644), 0);
  ASSERT_TRUE(Open().ok());
  EXPECT_TRUE(events_.WaitFor(Kind::kWarning, "every user of this machine may read"));
}

}  // namespace
}  // namespace bantam
