#include "server/store/postgres_schema.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/store/postgres_fixture.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kName[] = "tenants/acme/icps/software";

// What a migration did.
struct Migrated {
  absl::Status status;
  std::vector<std::string> lines;
};

Migrated Migrate(const std::string& url,
                 const std::vector<PostgresMigration>& migrations = PostgresMigrations()) {
  Migrated run;
  run.status = MigratePostgres(url, migrations,
                               [&run](absl::string_view line) { run.lines.emplace_back(line); });
  return run;
}

class PostgresSchemaTest : public ::testing::Test {
 protected:
  PostgresServer& server_ = PostgresServer::Shared();
  const std::string url_ = server_.NewDatabase();
  const int newest_ = PostgresMigrations().back().version;
};

TEST_F(PostgresSchemaTest, MigratesOnce) {
  const Migrated first = Migrate(url_);
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_THAT(first.lines, SizeIs(PostgresMigrations().size() + 1));
  EXPECT_EQ(first.lines[0], "made the schema \"bantam\"");
  EXPECT_THAT(first.lines[1], HasSubstr("version 1: tables"));
  ASSERT_TRUE(PostgresCalls(url_).Save(kName, "x").ok());

  const Migrated second = Migrate(url_);
  ASSERT_TRUE(second.status.ok()) << second.status;
  EXPECT_THAT(second.lines,
              ElementsAre(absl::StrCat("nothing to do: the database has version ", newest_)));
  EXPECT_EQ(PostgresCalls(url_).ReadCurrent(kName)->current.number, 1);
}

TEST_F(PostgresSchemaTest, SeveralMigrateAtOneTime) {
  std::vector<Migrated> runs(6);
  std::vector<std::thread> threads;
  for (Migrated& run : runs) threads.emplace_back([&run, this] { run = Migrate(url_); });
  for (std::thread& thread : threads) thread.join();
  int made = 0;
  for (const Migrated& run : runs) {
    EXPECT_TRUE(run.status.ok()) << run.status;
    if (run.lines.size() > 1) ++made;
  }
  EXPECT_EQ(made, 1);
  EXPECT_TRUE(PostgresCalls(url_).Save(kName, "x").ok());
}

TEST_F(PostgresSchemaTest, TakesAnOlderVersionFurther) {
  const std::vector<PostgresMigration>& all = PostgresMigrations();
  ASSERT_TRUE(Migrate(url_, {all.begin(), all.end() - 1}).status.ok());
  {
    const absl::Status status = PostgresCalls(url_).ReadCurrent(kName).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(absl::StrCat("has version ", newest_ - 1)),
                      HasSubstr(absl::StrCat("expected ", newest_)),
                      HasSubstr("run: bantamd migrate --icp_source=")));
  }
  const Migrated run = Migrate(url_);
  ASSERT_TRUE(run.status.ok()) << run.status;
  EXPECT_THAT(run.lines, ElementsAre(HasSubstr(absl::StrCat("version ", newest_, ": "))));
  EXPECT_TRUE(PostgresCalls(url_).Save(kName, "x").ok());
}

TEST_F(PostgresSchemaTest, ANewerVersionIsFineIfItSaysSo) {
  std::vector<PostgresMigration> migrations = PostgresMigrations();
  migrations.push_back({newest_ + 1, newest_, "an index", "CREATE TABLE bantam.extra (x int)"});
  ASSERT_TRUE(Migrate(url_, migrations).status.ok());
  EXPECT_TRUE(PostgresCalls(url_).Save(kName, "x").ok());
  // Whose program is older does no harm.
  EXPECT_THAT(Migrate(url_).lines,
              ElementsAre(absl::StrCat("nothing to do: the database has version ", newest_ + 1)));

  migrations.push_back({newest_ + 2, newest_ + 2, "another world", "DROP TABLE bantam.extra"});
  ASSERT_TRUE(Migrate(url_, migrations).status.ok());
  const absl::Status status = PostgresCalls(url_).Save(kName, "y").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("run a newer bantamd"));
}

TEST_F(PostgresSchemaTest, AStepThatFailsChangesNothing) {
  std::vector<PostgresMigration> migrations = PostgresMigrations();
  migrations.push_back({newest_ + 1, 1, "a mistake", "CREATE TABLE bantam.a (x int); SELECT 1/0"});
  const Migrated run = Migrate(url_, migrations);
  EXPECT_THAT(std::string(run.status.message()),
              AllOf(HasSubstr("division by zero"), HasSubstr("a mistake"),
                    HasSubstr("nothing was changed")));
  EXPECT_THAT(run.lines, SizeIs(0));
  EXPECT_THAT(server_.Query(url_, "SELECT count(*) FROM pg_namespace WHERE nspname = 'bantam'"),
              ElementsAre(ElementsAre("0")));
}

TEST_F(PostgresSchemaTest, ADatabaseThatIsNotSetUpSaysWhatToRun) {
  PostgresCalls calls(url_);
  for (int i = 0; i < 2; ++i) {
    const absl::Status status = calls.ReadCurrent(kName).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("is not set up"), HasSubstr("bantamd migrate --icp_source=")));
  }
  // Nor does it have to be told when that has been done.
  ASSERT_TRUE(Migrate(url_).status.ok());
  EXPECT_TRUE(WaitFor([&] { return calls.ReadCurrent(kName).ok(); }));
}

TEST_F(PostgresSchemaTest, AnEmptySchemaOfItsOwnWillDo) {
  // As a role that may not create schemas.
  server_.QueryAsSuperuser(
      url_,
      "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' OWNER TO postgres'; "
      "END $$; CREATE SCHEMA bantam AUTHORIZATION bantam");
  const Migrated run = Migrate(url_);
  ASSERT_TRUE(run.status.ok()) << run.status;
  EXPECT_TRUE(PostgresCalls(url_).Save(kName, "x").ok());
}

TEST_F(PostgresSchemaTest, LeavesTheSchemaOfSomeoneElseAlone) {
  server_.Query(url_, "CREATE SCHEMA bantam; CREATE TABLE bantam.chickens (weight int)");
  const Migrated run = Migrate(url_);
  EXPECT_EQ(run.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(run.status.message()), HasSubstr("in use by something else"));
}

TEST_F(PostgresSchemaTest, ARoleWithoutRightsIsToldSo) {
  server_.QueryAsSuperuser(
      url_,
      "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' OWNER TO postgres'; "
      "END $$");
  const Migrated run = Migrate(url_);
  EXPECT_EQ(run.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(run.status.message()), HasSubstr("permission denied"));
}

TEST_F(PostgresSchemaTest, AnotherEncodingIsRefused) {
  server_.QueryAsSuperuser(url_,
                           "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' "
                           "LOCALE_PROVIDER libc TEMPLATE template0");
  const Migrated run = Migrate(url_.substr(0, url_.rfind('/')) + "/latin");
  EXPECT_EQ(run.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(run.status.message()),
              AllOf(HasSubstr("encoding LATIN1"), HasSubstr("expected UTF8")));
}

TEST_F(PostgresSchemaTest, SaysNoCredentials) {
  for (const std::string& url : {PostgresServer::WithWrongPassword(url_), url_ + "_none"}) {
    const Migrated run = Migrate(url);
    EXPECT_EQ(run.status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(
        std::string(run.status.message()),
        AllOf(HasSubstr(absl::StrCat("127.0.0.1:", server_.port())), Not(HasSubstr("wrong4712")),
              Not(HasSubstr(PostgresServer::kPassword)), Not(HasSubstr("\n"))));
  }
}

}  // namespace
}  // namespace bantam
