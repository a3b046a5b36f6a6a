// PostgreSQL as a RevisionStore.
#include "absl/strings/str_cat.h"
#include "tests/catalog/revision_store_contract.h"
#include "tests/store/postgres_fixture.h"

namespace bantam {
namespace {

// A database of its own. It is taken away by letting nobody in.
class PostgresBench final : public RevisionStoreBench {
 public:
  std::unique_ptr<RevisionStore> Open() override {
    absl::StatusOr<std::unique_ptr<PostgresStore>> store = PostgresStore::Open(url_, loop_.get());
    EXPECT_TRUE(store.ok()) << store.status();
    return std::move(store).value();
  }

  void TakeAway() override {
    Allow("false");
    server_.QueryAsSuperuser(
        postgres_, absl::StrCat("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                                "WHERE datname = '",
                                database_, "'"));
  }

  void GiveBack() override { Allow("true"); }

 private:
  void Allow(const std::string& value) {
    server_.QueryAsSuperuser(
        postgres_, absl::StrCat("ALTER DATABASE ", database_, " ALLOW_CONNECTIONS ", value));
  }

  PostgresServer& server_ = PostgresServer::Shared();
  const std::string url_ = NewMigratedDatabase();
  const std::string database_ = url_.substr(url_.rfind('/') + 1);
  const std::string postgres_ = url_.substr(0, url_.rfind('/')) + "/postgres";
  const std::unique_ptr<EventLoop> loop_ = StartEventLoop();
};

INSTANTIATE_TEST_SUITE_P(Postgres, RevisionStoreContract,
                         ::testing::Values([] { return std::make_unique<PostgresBench>(); }));

}  // namespace
}  // namespace bantam
