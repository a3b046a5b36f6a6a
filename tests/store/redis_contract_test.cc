#include <memory>

#include "tests/catalog/revision_cache_contract.h"
#include "tests/servers/redis_server.h"
#include "tests/store/redis_fixture.h"

namespace bantam {
namespace {

// A redis-server of its own.
class RedisBench : public RevisionCacheBench {
 public:
  std::unique_ptr<RevisionCache> Open() override { return ConnectRedis(server_.url()); }

  void TakeAway() override { server_.Kill(); }
  void GiveBack() override { server_.Start(); }

 private:
  RedisServer server_;
};

INSTANTIATE_TEST_SUITE_P(Redis, RevisionCacheContract,
                         ::testing::Values([] { return std::make_unique<RedisBench>(); }),
                         [](const auto&) { return "RedisCache"; });

}  // namespace
}  // namespace bantam
