#include "tests/store/postgres_fixture.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/store/postgres_schema.h"

namespace bantam {

std::unique_ptr<EventLoop> StartEventLoop() {
  absl::StatusOr<std::unique_ptr<EventLoop>> loop = EventLoop::Start();
  EXPECT_TRUE(loop.ok()) << loop.status();
  return std::move(loop).value();
}

std::string NewMigratedDatabase(PostgresServer& server) {
  const std::string url = server.NewDatabase();
  const absl::Status status = MigratePostgres(url, [](absl::string_view) {});
  EXPECT_TRUE(status.ok()) << status;
  return url;
}

PostgresCalls::PostgresCalls(const std::string& url, const PostgresPoolOptions& options)
    : loop_(StartEventLoop()) {
  absl::StatusOr<std::unique_ptr<PostgresStore>> store =
      PostgresStore::Open(url, loop_.get(), options);
  EXPECT_TRUE(store.ok()) << store.status();
  store_ = std::move(store).value();
}

PostgresCalls::~PostgresCalls() { store_.reset(); }

absl::StatusOr<CurrentRead> PostgresCalls::ReadCurrent(absl::string_view name) {
  return Await<CurrentRead>(
      [&](auto done) { store_->ReadCurrent(name, 0, Deadline(), std::move(done)); });
}

absl::StatusOr<StoreChanges> PostgresCalls::ReadChanges(int64_t after) {
  return Await<StoreChanges>(
      [&](auto done) { store_->ReadChanges(after, Deadline(), std::move(done)); });
}

absl::StatusOr<AppliedChange> PostgresCalls::Apply(RevisionChange change) {
  return Await<AppliedChange>(
      [&](auto done) { store_->Apply(std::move(change), Deadline(), std::move(done)); });
}

absl::StatusOr<AppliedChange> PostgresCalls::Save(const std::string& name,
                                                  const std::string& yaml) {
  return Apply(Change(name, yaml));
}

RevisionChange Change(const std::string& name, const std::string& yaml, const std::string& etag) {
  RevisionChange change;
  change.name = name;
  change.yaml = yaml;
  if (!yaml.empty()) {
    change.revision = absl::StrCat("r", std::hash<std::string>()(yaml));
    change.title = "Title";
  }
  change.author = "ada";
  change.comment = "why";
  change.etag = etag;
  return change;
}

}  // namespace bantam
