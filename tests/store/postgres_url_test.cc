#include "server/store/postgres_url.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres_query.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

PostgresUrl Parse(const std::string& url) {
  const absl::StatusOr<PostgresUrl> parsed = PostgresUrl::Parse(url);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *parsed;
}

std::string Find(const PostgresUrl::Parameters& parameters, const std::string& keyword) {
  for (const auto& parameter : parameters) {
    if (parameter.first == keyword) return parameter.second;
  }
  return "(none)";
}

TEST(PostgresUrlTest, DescribesTheServerWithoutCredentials) {
  EXPECT_EQ(Parse("postgres://ada:hush@db.example:6000/icps").description(),
            "PostgreSQL at db.example:6000");
  EXPECT_EQ(Parse("postgresql://ada:hush@a,b:6000,c/icps?port=1").description(),
            "PostgreSQL at a:1,b:1,c:1");
  EXPECT_EQ(
      Parse("postgres:///icps?host=/run/postgres&port=7&user=ada&password=hush").description(),
      "PostgreSQL at /run/postgres:7");
}

TEST(PostgresUrlTest, RepeatsNothingOfABadUrl) {
  for (const char* url :
       {"", "hush", "mysql://ada:hush@db/x", "host=db password=hush", "postgres://ada:hu%zzsh@db/x",
        "postgres://ada:hush@db/x?hush=1", "postgres://ada:hush@db/x?password",
        "postgres://ada:12/3?hush=1@db/x", "postgres://[hush",
        "postgres://ada:hush@a,b,c:1,2/x?port=1,2", "postgres://ada:hush@a,b/x?hostaddr=1.2.3.4",
        "postgres://ada:hush@db/x?connect_timeout=hush",
        "postgres://ada:hush@db/x?connect_timeout=0"}) {
    const absl::Status status = PostgresUrl::Parse(url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("expected postgres://[user"),
                                                     Not(HasSubstr("hush")), Not(HasSubstr("hu%"))))
        << url;
  }
}

// libpq takes the first @ or / for the end of the password.
TEST(PostgresUrlTest, RefusesAPasswordThatIsNotEncoded) {
  for (const char* url :
       {"postgres://ada:hu/sh@db/x", "postgres://ada:hu@sh@127.0.0.1:5432/x",
        "postgres://ada:hu@sh:hu@db/x", "postgres://ada:hu@sh:12@db/x",
        "postgres://ada:hu@sh,hu@db/x", "postgres://ada:hu@@db/x", "postgres://ada:hu@@sh@db/x",
        "postgres://ada:hu@sh/hu@db/x", "postgres://ada:hu@[::1]@db/x",
        // A part that could be a port.
        "postgres://ada:4711/hu@db/x", "postgres://ada:4711/@db/x", "postgres://ada/hu@db/x",
        "postgres://ada:4711,hu/sh@db/x",
        // No @ at all.
        "postgres://ada:hu/x", "postgres://a:1,b:hu/x", "postgres://a:0/x", "postgres://a:65536/x",
        "postgres://a:+1/x", "postgres://a:%2012/x", "postgres://a,b/x?port=1,hu",
        "postgres:///x?host=ada:hu@db", "postgres:///x?host=a,ada:hu@db",
        "postgres:///x?host=@hu@db"}) {
    const absl::Status status = PostgresUrl::Parse(url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("%40 for an @, %2F for a /"), Not(HasSubstr("hu")),
                      Not(HasSubstr("sh")), Not(HasSubstr("ada")), Not(HasSubstr("4711"))))
        << url;
  }
}

TEST(PostgresUrlTest, TakesAnEncodedPasswordAndAllKindsOfHosts) {
  const PostgresUrl url = Parse("postgres://a%40da:h%40u%2Fs%25h:%3F@db:65535/x?options=a@b/c");
  EXPECT_EQ(url.description(), "PostgreSQL at db:65535");
  EXPECT_THAT(url.ForServing({}, 0),
              AllOf(Contains(Pair("user", "a@da")), Contains(Pair("password", "h@u/s%h:?"))));
  EXPECT_EQ(Parse("postgres://a:1,b,%2Frun,[::1]:2/x?port=1,,3,4").description(),
            "PostgreSQL at a:1,b,/run:3,::1:4");
  EXPECT_EQ(Parse("postgres://%40one,%40two/x?port=5").description(),
            "PostgreSQL at @one:5,@two:5");
  EXPECT_EQ(Parse("postgres:///x?host=@one&port=5&user=a@b").description(), "PostgreSQL at @one:5");
  EXPECT_EQ(Parse("postgres://a:1,b:2/d%40x").description(), "PostgreSQL at a:1,b:2");
}

TEST(PostgresUrlTest, APortAloneIsThatOfTheDefaultHost) {
  const PostgresUrl url = Parse("postgres:///x?port=7");
  EXPECT_EQ(url.description(), "PostgreSQL at libpq's default");
  EXPECT_EQ(Find(url.ForServing({}, 0), "port"), "7");
  EXPECT_EQ(Find(url.ForCommand(), "port"), "7");
  EXPECT_EQ(Find(Parse("postgres:///x?service=s&port=8").ForServing({}, 0), "port"), "8");
  EXPECT_THAT(PostgresUrl::Parse("postgres:///x?port=hush").status().ToString(),
              AllOf(HasSubstr("a port"), Not(HasSubstr("hush"))));
}

TEST(PostgresUrlTest, NamesWhatMustBeLookedUp) {
  EXPECT_THAT(Parse("postgres://a,b:6000,a,10.0.0.1,[::1],%2Frun/x").names(),
              ElementsAre("a", "b"));
  EXPECT_THAT(Parse("postgres://a/x?hostaddr=10.0.0.1").names(), IsEmpty());
}

TEST(PostgresUrlTest, HandsOutAddressesWithTheirNamesAndPorts) {
  const PostgresUrl url = Parse("postgres://a:1,b:2,[::1]:3,lost:4,%2Frun:5/x");
  const PostgresUrl::Addresses addresses = {
      {"a", {"10.0.0.1", "fe80::1"}}, {"b", {"10.0.0.2"}}, {"lost", {}}};
  const PostgresUrl::Parameters parameters = url.ForServing(addresses, 0);
  EXPECT_EQ(Find(parameters, "host"), "a,a,b,::1,/run");
  EXPECT_EQ(Find(parameters, "hostaddr"), "10.0.0.1,fe80::1,10.0.0.2,::1,");
  EXPECT_EQ(Find(parameters, "port"), "1,1,2,3,5");
  EXPECT_EQ(Find(parameters, "target_session_attrs"), "read-write");
  EXPECT_EQ(Find(url.ForServing(addresses, 11), "host"), "b,::1,/run,a,a");
  EXPECT_EQ(url.PlaceCount(addresses), 5);
  EXPECT_EQ(Parse("postgres://lost/x").PlaceCount({{"lost", {}}}), 1);
}

TEST(PostgresUrlTest, WhatTheUrlSaysWins) {
  const PostgresUrl plain = Parse("postgres://ada:hush@a/x");
  EXPECT_EQ(plain.connect_timeout(), absl::Seconds(2));
  const PostgresUrl::Parameters defaults = plain.ForServing({}, 0);
  EXPECT_THAT(defaults, Contains(Pair("password", "hush")));
  EXPECT_THAT(defaults, Contains(Pair("application_name", "bantamd")));
  EXPECT_THAT(defaults, Contains(Pair("client_encoding", "UTF8")));
  EXPECT_THAT(Find(defaults, "options"), HasSubstr("-c statement_timeout=10s"));
  EXPECT_EQ(Find(defaults, "target_session_attrs"), "(none)");

  const PostgresUrl said = Parse(
      "postgres://a/x?application_name=me&connect_timeout=7&tcp_user_timeout=5&"
      "options=-c%20statement_timeout%3D1s");
  EXPECT_EQ(said.connect_timeout(), absl::Seconds(7));
  const PostgresUrl::Parameters parameters = said.ForServing({}, 0);
  EXPECT_EQ(Find(parameters, "application_name"), "me");
  EXPECT_EQ(Find(parameters, "tcp_user_timeout"), "5");
  // Of two settings the later one counts.
  const std::string options = Find(parameters, "options");
  EXPECT_GT(options.find("statement_timeout=1s"), options.find("statement_timeout=10s"));
  // A migration may take long.
  EXPECT_THAT(Find(plain.ForCommand(), "options"), Not(HasSubstr("statement_timeout")));
}

TEST(PostgresQueryTest, MessagesAreOneLineWithoutSecrets) {
  EXPECT_EQ(OneLine("a: hush\n\tmore\nlast\n", "hush"), "a: *** more; last");
  EXPECT_EQ(OneLine("a", ""), "a");
}

TEST(PostgresQueryTest, KnowsWhatCanBeStored) {
  for (const char* text : {"", "a", "é", "尺", "🚀", "\x01"}) EXPECT_TRUE(IsStorable(text)) << text;
  for (const std::string& text :
       {std::string(1, '\0'), std::string("\x80"), std::string("\xc1\xbf"),
        std::string("a\xe2\x82"), std::string("\xed\xbf\xbf"), std::string("\xf4\x90\x80\x80")}) {
    EXPECT_FALSE(IsStorable(text));
  }
}

}  // namespace
}  // namespace bantam
