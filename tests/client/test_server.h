#ifndef BANTAM_TESTS_CLIENT_TEST_SERVER_H_
#define BANTAM_TESTS_CLIENT_TEST_SERVER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/catalog/catalog.h"
#include "server/rpc/rpc_server.h"
#include "server/zones/system_time_zones.h"

namespace bantam {

// A server on a free port of this machine, for the ICPs in some files.
class TestServer {
 public:
  // Fails the test if a file is no good ICP or the server does not start.
  explicit TestServer(const std::vector<std::string>& icp_files);
  ~TestServer();

  // "127.0.0.1:port".
  std::string address() const;

 private:
  // Holds the ICPs as they are.
  class FixedCatalog : public Catalog {
   public:
    void Get(const IcpQuery& query, GetDone done) override;
    void GetTenant(absl::string_view tenant, absl::optional<absl::Duration> max_staleness,
                   GetTenantDone done) override;
    void List(absl::string_view parent, absl::string_view after, int limit, ListDone done) override;
    std::map<std::string, CatalogEntryPtr, std::less<>> entries;
  };
  SystemTimeZones zones_;
  FixedCatalog catalog_;
  CallObserver observer_;  // Hears and does nothing.
  std::unique_ptr<RpcServer> server_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_TEST_SERVER_H_
