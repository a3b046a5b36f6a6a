// What PostgreSQL adds to the contract of a RevisionStore.
#include "server/store/postgres_store.h"

#include <atomic>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/store/postgres_fixture.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kName[] = "tenants/acme/icps/software";

class PostgresStoreTest : public ::testing::Test {
 protected:
  // Runs SQL beside the store.
  PostgresServer::Rows Sql(const std::string& sql) {
    return PostgresServer::Shared().Query(url_, sql);
  }

  // The number in force of an ICP; -1: an error.
  int64_t CurrentNumber(const std::string& name) {
    const absl::StatusOr<CurrentRead> read = calls_.ReadCurrent(name);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->current.number : -1;
  }

  const std::string url_ = NewMigratedDatabase();
  PostgresCalls calls_{url_};
};

TEST_F(PostgresStoreTest, KeepsAMebibyteAsWritten) {
  std::string yaml = "# Größe – 尺寸 – 🚀\r\n\tx: '\\'\n";
  while (yaml.size() < (1 << 20)) absl::StrAppend(&yaml, "line ", yaml.size(), " é\n");
  ASSERT_TRUE(calls_.Save(kName, yaml).ok());
  const absl::StatusOr<CurrentRead> read = calls_.ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->record.has_value());
  EXPECT_TRUE(read->record->yaml == yaml);
}

TEST_F(PostgresStoreTest, NothingInATextIsTakenForSql) {
  const std::string bad = "'; DROP SCHEMA bantam CASCADE; -- \" $1 $$ \\' {\"a\",NULL} %s \x01";
  const std::string name = absl::StrCat("tenants/", bad, "/icps/", bad);
  RevisionChange change = Change(name, bad);
  change.revision = change.title = change.author = change.comment = bad;
  ASSERT_TRUE(calls_.Apply(change).ok());

  const absl::StatusOr<CurrentRead> read = calls_.ReadCurrent(name);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->record.has_value());
  for (const std::string* text :
       {&read->record->yaml, &read->record->revision, &read->record->title, &read->record->author,
        &read->record->comment, &read->current.revision}) {
    EXPECT_EQ(*text, bad);
  }
  const auto pointers = Await<std::vector<CurrentRevision>>([&](auto done) {
    calls_.store()->ReadPointers({bad, name, "", "NULL"}, calls_.Deadline(), std::move(done));
  });
  ASSERT_TRUE(pointers.ok()) << pointers.status();
  ASSERT_EQ(pointers->size(), 4u);
  EXPECT_FALSE((*pointers)[0].exists());
  EXPECT_EQ((*pointers)[0].name, bad);
  EXPECT_EQ((*pointers)[1].number, 1);
  const auto pinned = Await<absl::optional<RevisionRecord>>([&](auto done) {
    calls_.store()->ReadRevision(name, bad, 0, calls_.Deadline(), std::move(done));
  });
  ASSERT_TRUE(pinned.ok()) << pinned.status();
  EXPECT_TRUE(pinned->has_value());
  const auto names = Await<TenantNames>([&](auto done) {
    calls_.store()->ReadTenant(absl::StrCat("tenants/", bad), calls_.Deadline(), std::move(done));
  });
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(names->names, ElementsAre(name));
}

TEST_F(PostgresStoreTest, RefusesWhatPostgresCannotStore) {
  const std::string nul("a\0b", 3);
  for (const std::string& bad : {nul, std::string("\xff"), std::string("\xc0\x80"),
                                 std::string("\xed\xa0\x80"), std::string("\xf5\x80\x80\x80")}) {
    std::vector<RevisionChange> changes(6, Change(kName, "x"));
    changes[0].yaml = bad;
    changes[1].name = absl::StrCat("tenants/a/icps/", bad);
    changes[2].revision = bad;
    changes[3].title = bad;
    changes[4].author = bad;
    changes[5].comment = bad;
    for (const RevisionChange& change : changes) {
      const absl::Status status = calls_.Apply(change).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr("must be UTF-8 without NUL bytes"));
    }
  }
  EXPECT_EQ(calls_.ReadChanges(-1)->sequence, 0);
  // The connection is as good as before.
  EXPECT_TRUE(calls_.Save(kName, "x").ok());
  EXPECT_EQ(calls_.Stats().connected, 1);
}

TEST_F(PostgresStoreTest, ANameThatCannotBeStoredIsNotThere) {
  ASSERT_TRUE(calls_.Save("tenants/a/icps/b", "x").ok());
  // Cut off at its NUL byte it would be one that is there.
  const std::string name("tenants/a/icps/b\0c", 18);
  const absl::StatusOr<CurrentRead> read = calls_.ReadCurrent(name);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->current.exists());
  EXPECT_EQ(read->current.name, name);
  EXPECT_EQ(read->current.sequence, 1);
  const auto pointers = Await<std::vector<CurrentRevision>>([&](auto done) {
    calls_.store()->ReadPointers({name, "\xff"}, calls_.Deadline(), std::move(done));
  });
  ASSERT_TRUE(pointers.ok()) << pointers.status();
  EXPECT_FALSE((*pointers)[0].exists());
  EXPECT_FALSE((*pointers)[1].exists());
}

TEST_F(PostgresStoreTest, ANameOfAnotherFormIsRefused) {
  for (const char* name : {"", "acme", "tenants/acme", "tenants/acme/icps/", "tenants//icps/x",
                           "tenants/acme/icps/x/y", "x/tenants/acme/icps/y"}) {
    const absl::Status status = calls_.Save(name, "x").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name << ": " << status;
  }
}

TEST_F(PostgresStoreTest, NamesAreInTheOrderOfTheirBytes) {
  // English readers would expect a, A, b, é, z.
  for (const char* id : {"b", "é", "A", "z", "a", "a-b", "a1"}) {
    ASSERT_TRUE(calls_.Save(absl::StrCat("tenants/t/icps/", id), "x").ok());
  }
  const auto names = Await<TenantNames>([&](auto done) {
    calls_.store()->ReadTenant("tenants/t", calls_.Deadline(), std::move(done));
  });
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_TRUE(std::is_sorted(names->names.begin(), names->names.end()));
  const auto listed = Await<std::vector<RevisionRecord>>([&](auto done) {
    calls_.store()->ListCurrent("tenants/-", "tenants/t/icps/a1", 3, calls_.Deadline(),
                                std::move(done));
  });
  ASSERT_TRUE(listed.ok()) << listed.status();
  std::vector<std::string> ids;
  for (const RevisionRecord& record : *listed) ids.push_back(record.name.substr(15));
  EXPECT_THAT(ids, ElementsAre("b", "z", "é"));
}

TEST_F(PostgresStoreTest, TwoEditorsWithOneEtag) {
  ASSERT_TRUE(calls_.Save(kName, "first").ok());
  for (int round = 0; round < 20; ++round) {
    const std::string etag = EtagOf(*calls_.ReadCurrent(kName)->record);
    absl::StatusOr<AppliedChange> results[2];
    std::thread editors[2];
    for (int i = 0; i < 2; ++i) {
      editors[i] = std::thread([&, i] {
        results[i] = calls_.Apply(Change(kName, absl::StrCat("round ", round, " of ", i), etag));
      });
    }
    for (std::thread& editor : editors) editor.join();
    EXPECT_NE(results[0].ok(), results[1].ok());
    const absl::StatusOr<AppliedChange>& loser = results[results[0].ok() ? 1 : 0];
    EXPECT_EQ(loser.status().code(), absl::StatusCode::kAborted) << loser.status();
    EXPECT_THAT(std::string(loser.status().message()), HasSubstr("read it again"));
    EXPECT_EQ(CurrentNumber(kName), round + 2);
  }
}

TEST_F(PostgresStoreTest, OfManyWhoSaveANewIcpOneWins) {
  std::atomic<int> wins{0};
  std::atomic<int> aborts{0};
  std::vector<std::thread> editors;
  for (int i = 0; i < 8; ++i) {
    editors.emplace_back([&, i] {
      const absl::Status status =
          calls_.Apply(Change(kName, absl::StrCat("by ", i), /*etag=*/"")).status();
      if (status.ok()) ++wins;
      if (absl::IsAborted(status)) ++aborts;
    });
  }
  for (std::thread& editor : editors) editor.join();
  EXPECT_EQ(wins, 1);
  EXPECT_EQ(aborts, 7);
  EXPECT_EQ(CurrentNumber(kName), 1);
}

// 8 writers save to their own and to shared ICPs and delete some, while a reader follows the
// changes: it must be told of every one, none may come late, and none is missing in the count.
TEST_F(PostgresStoreTest, AReaderMissesNoChange) {
  constexpr int kWriters = 8;
  constexpr int kSaves = 40;
  std::atomic<int> writing{kWriters};
  std::mutex mutex;
  std::map<std::string, int64_t> newest;  // By name, from the writers.
  std::set<int64_t> sequences;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kSaves; ++i) {
        // One that all share, one of each writer, and new ones.
        const std::string names[] = {kName, absl::StrCat("tenants/t", i % 5, "/icps/w", writer),
                                     absl::StrCat("tenants/t/icps/w", writer, "-", i)};
        const std::string& name = names[i % 3];
        const bool deletes = i % 7 == 6;
        const RevisionChange change = Change(name, deletes ? "" : absl::StrCat(writer, ".", i));
        absl::StatusOr<AppliedChange> applied = calls_.Apply(change);
        // Others came in between each time it was tried: nothing was changed.
        while (absl::IsAborted(applied.status())) applied = calls_.Apply(change);
        if (!applied.ok()) {
          EXPECT_TRUE(deletes && absl::IsNotFound(applied.status())) << applied.status();
          continue;
        }
        const std::lock_guard<std::mutex> lock(mutex);
        EXPECT_TRUE(sequences.insert(applied->sequence).second) << "twice: " << applied->sequence;
        newest[name] = std::max(newest[name], applied->sequence);
      }
      --writing;
    });
  }

  PostgresCalls reader(url_);
  std::map<std::string, int64_t> seen;
  int64_t known = 0;
  bool is_last = false;
  while (true) {
    const absl::StatusOr<StoreChanges> changes = reader.ReadChanges(known);
    ASSERT_TRUE(changes.ok()) << changes.status();
    ASSERT_GE(changes->sequence, known);
    int64_t before = known;
    for (const CurrentRevision& icp : changes->icps) {
      EXPECT_GT(icp.sequence, before);
      EXPECT_LE(icp.sequence, changes->sequence);
      before = icp.sequence;
      seen[icp.name] = icp.sequence;
    }
    known = changes->sequence;
    if (is_last) break;
    is_last = writing == 0;
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen, newest);
  EXPECT_EQ(static_cast<int64_t>(sequences.size()), known) << "there are gaps";
  EXPECT_EQ(*sequences.rbegin(), known);
}

TEST_F(PostgresStoreTest, ManyChangesAreReadInPages) {
  // Each tenant comes with its ICP, under one number; then all ICPs change once more.
  Sql("SELECT bantam.save('tenants/t' || i || '/icps/x', 'one') FROM generate_series(1, 1500) i");
  Sql("SELECT bantam.save('tenants/t' || i || '/icps/x', 'two') FROM generate_series(1, 900) i");
  std::set<std::string> icps, tenants;
  int64_t known = 0;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const absl::StatusOr<StoreChanges> changes = calls_.ReadChanges(known);
    ASSERT_TRUE(changes.ok()) << changes.status();
    EXPECT_LE(changes->icps.size(), 1001u);
    ASSERT_GT(changes->sequence, known);
    for (const CurrentRevision& icp : changes->icps) {
      EXPECT_TRUE(icps.insert(icp.name).second) << icp.name << " twice";
    }
    for (const TenantChange& change : changes->tenants) {
      EXPECT_TRUE(tenants.insert(change.tenant).second) << change.tenant << " twice";
      EXPECT_LE(change.sequence, 1500);
    }
    known = changes->sequence;
    more = changes->more;
  }
  EXPECT_EQ(known, 2400);
  EXPECT_GE(pages, 3);  // There are 3000 rows.
  EXPECT_EQ(icps.size(), 1500u);
  EXPECT_EQ(tenants.size(), 1500u);
  const absl::StatusOr<StoreChanges> none = calls_.ReadChanges(known);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->sequence, known);
  EXPECT_THAT(none->icps, IsEmpty());
  EXPECT_THAT(none->tenants, IsEmpty());
  EXPECT_FALSE(none->more);
}

TEST_F(PostgresStoreTest, WhatIsSavedByHandIsAChangeLikeOthers) {
  Sql(absl::StrCat("SELECT bantam.save('", kName, "', 'name: [bad')"));
  const absl::StatusOr<CurrentRead> read = calls_.ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->record.has_value());
  EXPECT_EQ(read->record->yaml, "name: [bad");
  EXPECT_EQ(read->record->title, "software");
  EXPECT_THAT(read->record->revision, StartsWith("sql-"));
  EXPECT_EQ(read->current.sequence, 1);
  ASSERT_EQ(calls_.ReadChanges(0)->tenants.size(), 1u);
  EXPECT_EQ(calls_.ReadChanges(0)->tenants[0].tenant, "tenants/acme");
  Sql(absl::StrCat("SELECT bantam.save(name => '", kName, "', yaml => NULL, author => 'bob')"));
  EXPECT_EQ(CurrentNumber(kName), 0);
  EXPECT_EQ(calls_.ReadChanges(1)->sequence, 2);
}

TEST_F(PostgresStoreTest, AChangeThatIsRolledBackLeavesNoGap) {
  Sql(absl::StrCat("BEGIN; SELECT bantam.save('", kName, "', 'one'); ROLLBACK"));
  EXPECT_EQ(calls_.Save(kName, "two")->sequence, 1);
}

TEST_F(PostgresStoreTest, HistoryCannotBeChanged) {
  ASSERT_TRUE(calls_.Save(kName, "one").ok());
  for (const char* sql : {"UPDATE bantam.revisions SET author = 'eve'",
                          "DELETE FROM bantam.revisions", "TRUNCATE bantam.revisions CASCADE"}) {
    const PostgresServer::Rows rows =
        Sql(absl::StrCat("DO $$ BEGIN ", sql, "; EXCEPTION WHEN raise_exception THEN ",
                         "CREATE TABLE IF NOT EXISTS public.refused (x int); END $$; SELECT "
                         "to_regclass('refused')"));
    EXPECT_THAT(rows, ElementsAre(ElementsAre("refused"))) << sql;
    Sql("DROP TABLE IF EXISTS public.refused");
  }
}

TEST_F(PostgresStoreTest, WhatIsSavedIsOnDiskThoughTheDatabaseDoesNotCare) {
  PostgresServer::Shared().QueryAsSuperuser(
      url_,
      "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || "
      "' SET synchronous_commit = off'; END $$");
  EXPECT_THAT(Sql(absl::StrCat("SHOW synchronous_commit")), ElementsAre(ElementsAre("off")));
  EXPECT_THAT(Sql(absl::StrCat("BEGIN; SELECT bantam.save('", kName,
                               "', 'x'); "
                               "SHOW synchronous_commit")),
              ElementsAre(ElementsAre("on")));
}

// As the README suggests.
TEST_F(PostgresStoreTest, ARoleNeedsFewRights) {
  PostgresServer& server = PostgresServer::Shared();
  const std::string role = absl::StrCat("r", url_.substr(url_.rfind('/') + 1));
  server.QueryAsSuperuser(url_, absl::StrCat("CREATE ROLE ", role, " LOGIN PASSWORD 'x'"));
  std::string url = url_;
  url.replace(url.find("bantam:"), url.find('@') - url.find("bantam:"), role + ":x");

  const auto code = [&](const std::string& yaml) {
    PostgresCalls calls(url);
    const absl::Status read = calls.ReadCurrent(kName).status();
    const absl::Status save = yaml.empty() ? read : calls.Save(kName, yaml).status();
    return std::make_pair(read.code(), save.code());
  };
  using Code = absl::StatusCode;
  EXPECT_EQ(code("").first, Code::kFailedPrecondition);
  server.Query(url_, absl::StrCat("GRANT USAGE ON SCHEMA bantam TO ", role,
                                  "; GRANT SELECT ON ALL TABLES IN SCHEMA bantam TO ", role));
  EXPECT_EQ(code("x"), std::make_pair(Code::kOk, Code::kPermissionDenied));
  server.Query(url_, absl::StrCat("GRANT EXECUTE ON FUNCTION bantam.save TO ", role));
  EXPECT_EQ(code("x"), std::make_pair(Code::kOk, Code::kOk));
}

}  // namespace
}  // namespace bantam
