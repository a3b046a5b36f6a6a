// What tests of the PostgreSQL store share.
#ifndef BANTAM_TESTS_STORE_POSTGRES_FIXTURE_H_
#define BANTAM_TESTS_STORE_POSTGRES_FIXTURE_H_

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/store/event_loop.h"
#include "server/store/postgres_store.h"
#include "tests/servers/postgres_server.h"

namespace bantam {

// Calls `start` with a callback, and waits until that is called.
template <typename Result>
absl::StatusOr<Result> Await(
    const std::function<void(absl::AnyInvocable<void(absl::StatusOr<Result>)>)>& start) {
  // Shared, since the thread that sets it may still be at it when this one goes on.
  auto answer = std::make_shared<std::promise<absl::StatusOr<Result>>>();
  start([answer](absl::StatusOr<Result> result) { answer->set_value(std::move(result)); });
  return answer->get_future().get();
}

// A new event loop.
std::unique_ptr<EventLoop> StartEventLoop();

// A new database of the shared server with the newest schema.
std::string NewMigratedDatabase(PostgresServer& server = PostgresServer::Shared());

// The same tables as a PostgresStore, on a loop of its own, with calls that wait.
class PostgresCalls {
 public:
  explicit PostgresCalls(const std::string& url, const PostgresPoolOptions& options = {});
  ~PostgresCalls();

  absl::StatusOr<CurrentRead> ReadCurrent(absl::string_view name);
  absl::StatusOr<StoreChanges> ReadChanges(int64_t after);
  absl::StatusOr<AppliedChange> Apply(RevisionChange change);

  // Saves a text, whatever is there.
  absl::StatusOr<AppliedChange> Save(const std::string& name, const std::string& yaml);

  PostgresStore* store() { return store_.get(); }
  PostgresPoolStats Stats() const { return store_->Stats(); }

  // How long a call may take.
  void set_timeout(absl::Duration timeout) { timeout_ = timeout; }
  absl::Time Deadline() const { return absl::Now() + timeout_; }

 private:
  absl::Duration timeout_ = absl::Seconds(30);
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<PostgresStore> store_;
};

// A change that saves `yaml` under `name`.
RevisionChange Change(const std::string& name, const std::string& yaml,
                      const std::string& etag = "*");

}  // namespace bantam

#endif  // BANTAM_TESTS_STORE_POSTGRES_FIXTURE_H_
