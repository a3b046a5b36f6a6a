#include "server/store/redis_url.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

RedisUrl Parse(absl::string_view text) {
  absl::StatusOr<RedisUrl> url = ParseRedisUrl(text);
  EXPECT_TRUE(url.ok()) << text << ": " << url.status();
  return url.ok() ? *std::move(url) : RedisUrl();
}

std::string Problem(absl::string_view text) {
  const absl::StatusOr<RedisUrl> url = ParseRedisUrl(text);
  EXPECT_FALSE(url.ok()) << text;
  EXPECT_EQ(url.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(url.status().message());
}

TEST(RedisUrlTest, HostAloneHasDefaults) {
  const RedisUrl url = Parse("redis://cache.example.com");
  EXPECT_EQ(url.host, "cache.example.com");
  EXPECT_EQ(url.port, 6379);
  EXPECT_EQ(url.database, 0);
  EXPECT_EQ(url.user, "");
  EXPECT_EQ(url.password, "");
  EXPECT_FALSE(url.tls);
  EXPECT_EQ(url.Address(), "cache.example.com:6379");
}

TEST(RedisUrlTest, AllParts) {
  const RedisUrl url = Parse("redis://bantam:s3cret@10.0.0.7:7000/12");
  EXPECT_EQ(url.host, "10.0.0.7");
  EXPECT_EQ(url.port, 7000);
  EXPECT_EQ(url.database, 12);
  EXPECT_EQ(url.user, "bantam");
  EXPECT_EQ(url.password, "s3cret");
  EXPECT_EQ(url.Address(), "10.0.0.7:7000");
}

TEST(RedisUrlTest, PasswordWithoutUser) {
  const RedisUrl url = Parse("redis://:s3cret@localhost/");
  EXPECT_EQ(url.user, "");
  EXPECT_EQ(url.password, "s3cret");
  EXPECT_EQ(url.database, 0);
}

TEST(RedisUrlTest, CredentialsAreDecoded) {
  const RedisUrl url = Parse("redis://b%40nt%3Am:%2Fp%25%3f%c3%A4@localhost");
  EXPECT_EQ(url.user, "b@nt:m");
  EXPECT_EQ(url.password, "/p%?\xc3\xa4");
}

TEST(RedisUrlTest, PasswordMayHoldColonSlashAndAt) {
  const RedisUrl url = Parse("redis://u:a:b/c@d@localhost:1/2");
  EXPECT_EQ(url.user, "u");
  EXPECT_EQ(url.password, "a:b/c@d");
  EXPECT_EQ(url.host, "localhost");
  EXPECT_EQ(url.port, 1);
  EXPECT_EQ(url.database, 2);
}

TEST(RedisUrlTest, Ipv6AddressStandsInBrackets) {
  const RedisUrl url = Parse("redis://:p@[2001:db8::1]:7000/1");
  EXPECT_EQ(url.host, "2001:db8::1");
  EXPECT_EQ(url.port, 7000);
  EXPECT_EQ(url.Address(), "[2001:db8::1]:7000");
  EXPECT_EQ(Parse("redis://[::1]").Address(), "[::1]:6379");
  EXPECT_EQ(Parse("redis://[fe80::1%eth0]").host, "fe80::1%eth0");
}

TEST(RedisUrlTest, TlsIsAnotherScheme) { EXPECT_TRUE(Parse("rediss://localhost").tls); }

TEST(RedisUrlTest, EachMistakeIsNamed) {
  EXPECT_THAT(Problem("localhost:6379"), HasSubstr("redis://"));
  EXPECT_THAT(Problem("http://localhost"), HasSubstr("redis://"));
  EXPECT_THAT(Problem(""), HasSubstr("redis://"));
  EXPECT_THAT(Problem("redis://"), HasSubstr("host"));
  EXPECT_THAT(Problem("redis://:6379"), HasSubstr("host"));
  EXPECT_THAT(Problem("redis://two words"), HasSubstr("host"));
  EXPECT_THAT(Problem("redis://::1"), HasSubstr("IPv6"));
  EXPECT_THAT(Problem("redis://[::1"), HasSubstr("IPv6"));
  EXPECT_THAT(Problem("redis://[::1]6379"), HasSubstr("IPv6"));
  EXPECT_THAT(Problem("redis://[localhost]"), HasSubstr("IPv6"));
  EXPECT_THAT(Problem("redis://localhost:"), HasSubstr("port"));
  EXPECT_THAT(Problem("redis://localhost:0"), HasSubstr("port"));
  EXPECT_THAT(Problem("redis://localhost:65536"), HasSubstr("port"));
  EXPECT_THAT(Problem("redis://localhost:+1"), HasSubstr("port"));
  EXPECT_THAT(Problem("redis://localhost:6379x"), HasSubstr("port"));
  EXPECT_THAT(Problem("redis://localhost/one"), HasSubstr("database"));
  EXPECT_THAT(Problem("redis://localhost/-1"), HasSubstr("database"));
  EXPECT_THAT(Problem("redis://localhost/1/"), HasSubstr("database"));
  EXPECT_THAT(Problem("redis://localhost?db=1"), HasSubstr("?"));
  EXPECT_THAT(Problem("redis://s3cret@localhost"), HasSubstr("password"));
  EXPECT_THAT(Problem("redis://user:@localhost"), HasSubstr("password"));
  EXPECT_THAT(Problem("redis://u:100%@localhost"), HasSubstr("%25"));
  EXPECT_THAT(Problem("redis://u:%zz@localhost"), HasSubstr("%25"));
}

TEST(RedisUrlTest, AllMistakesComeAtOnce) {
  EXPECT_THAT(Problem("redis://user@bad host:99999/x?y"),
              AllOf(HasSubstr("password"), HasSubstr("host"), HasSubstr("port"),
                    HasSubstr("database"), HasSubstr("?")));
}

// Wherever a password stands, it does not come back.
TEST(RedisUrlTest, MistakesQuoteNothing) {
  for (const absl::string_view text :
       {"s3cret", "http://u:s3cret@host", "redis://s3cret@host", "redis://u:%s3cret@host",
        "redis://u:s3cret@", "redis://u:s3cret", "redis://host:s3cret/0", "redis://host/s3cret",
        "redis://[s3cret]", "redis://host?password=s3cret", "redis://u:p@host#s3cret"}) {
    EXPECT_THAT(Problem(text), Not(HasSubstr("s3cret"))) << text;
  }
}

}  // namespace
}  // namespace bantam
