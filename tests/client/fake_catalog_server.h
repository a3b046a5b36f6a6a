#ifndef BANTAM_TESTS_CLIENT_FAKE_CATALOG_SERVER_H_
#define BANTAM_TESTS_CLIENT_FAKE_CATALOG_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "server/zones/system_time_zones.h"

namespace bantam {

// A server whose catalog is in memory and keeps a history with etags, as one in a database does;
// with switches for what goes wrong. The entry of number n has the etag "e<n>" and was made n
// minutes after 2026-01-31 09:00 UTC.
class FakeCatalogServer {
 public:
  // One entry of a history.
  struct Record {
    int64_t number = 0;
    std::string yaml;  // Empty: a deletion.
    std::string revision;
    std::string listed;  // As the history calls the revision. Empty: as it is.
    v1::Icp icp;
    std::string author;
    std::string comment;
  };

  // Starts on a free port of this machine.
  FakeCatalogServer();
  ~FakeCatalogServer();

  // "127.0.0.1:port".
  std::string address() const;

  // Serves a connection that somebody else has accepted, and owns it from now on.
  void TakeConnection(int socket);

  // Saves a definition as the next entry of its ICP; fails the test if it has errors.
  void Add(const std::string& yaml, const std::string& author = "",
           const std::string& comment = "");

  // The same, whose revision the history calls `revision`.
  void AddAs(const std::string& yaml, const std::string& revision);

  // The same, saved by hand in the database: the history calls the revision "sql-" and `digits`.
  void AddByHand(const std::string& yaml, const std::string& digits);

  // The entries of an ICP, oldest first; none: it never was.
  std::vector<Record> History(const std::string& name) const;

  // The current text; empty: there is none.
  std::string Text(const std::string& name) const;

  // Sets the health of a name that grpc.health.v1 knows.
  void SetHealth(const std::string& name, bool serving);

  // Switches, to be set while no call is under way.
  bool files_only = false;          // A catalog of files: FAILED_PRECONDITION.
  int max_page = 1000;              // Of lists.
  int64_t first_number = 1;         // Of every history.
  absl::optional<int> data_age_ms;  // Sent with GetIcp and evaluations.
  std::string broken;               // UNAVAILABLE with this text for GetIcp and evaluations.
  std::string changed_meanwhile;    // Another saves this just before the next change.
  std::string bad_name;             // Its newest entry is bad: the one before it serves.
  std::string stale_name;           // Likewise, unless what is newest is asked for.
  std::string refused_name;         // SaveIcp of this ICP is INVALID_ARGUMENT.
  std::string vanished_name;        // Is listed, but cannot be read.

  // What was asked.
  std::vector<v1::GetIcpRequest> gets;
  std::vector<v1::SaveIcpRequest> saves;
  std::vector<v1::EvaluationSettings> settings;

 private:
  class Catalog;
  class Qualification;

  // All under `mutex_`, like the histories.
  const Record* Current(const std::string& name) const;
  const Record* Serving(const std::string& name) const;
  const Record* Find(const std::string& name, const std::string& revision, int64_t number) const;
  grpc::Status CheckEtag(const std::string& name, const std::string& etag);
  void Append(const std::string& name, Record record);
  void Describe(const std::string& name, const Record& record, v1::IcpRevision* revision) const;
  void Summarize(const std::string& name, const Record& record,
                 v1::IcpRevisionSummary* summary) const;
  grpc::Status Announce(grpc::ServerContext* context) const;
  bool Load(const std::string& yaml, std::string* name, Record* record) const;

  const SystemTimeZones zones_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Record>> histories_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Qualification> qualification_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_FAKE_CATALOG_SERVER_H_
