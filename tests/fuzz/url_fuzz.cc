// Any text as an address of Redis, of PostgreSQL, or to listen at. Messages repeat nothing of it:
// in the wrong place, any of it may be a password.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "server/rpc/listen_address.h"
#include "server/store/postgres_url.h"
#include "server/store/redis_url.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

// Stands in many seeds, at all places.
constexpr absl::string_view kSecret = "S3cr3tW0rd";

void CheckSaysNoSecret(absl::string_view text) {
  Require(!text.empty(), "something is said");
  Require(!absl::StrContains(text, kSecret), "messages repeat nothing of the address");
}

void FuzzRedisUrl(absl::string_view text) {
  const absl::StatusOr<RedisUrl> url = ParseRedisUrl(text);
  if (!url.ok()) return CheckSaysNoSecret(url.status().message());
  Require(!url->host.empty() && url->port >= 1 && url->port <= 65535 && url->database >= 0,
          "a URL of Redis has a host, a port and a database");
  Require(!url->Address().empty(), "it can be told");
}

void FuzzPostgresUrl(const std::string& text) {
  const absl::StatusOr<PostgresUrl> url = PostgresUrl::Parse(text);
  if (!url.ok()) return CheckSaysNoSecret(url.status().message());
  Require(url->host_count() >= 1 && url->connect_timeout() > absl::ZeroDuration(),
          "a URL of PostgreSQL has a host and a bound");
  PostgresUrl::Addresses addresses;
  for (const std::string& name : url->names()) addresses[name] = {"192.0.2.1", "2001:db8::1"};
  for (size_t first = 0; first < 3; ++first) url->ForServing(addresses, first);
  url->ForServing({}, 0);
  url->ForCommand();
}

void FuzzListenAddress(absl::string_view text) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
  Require(!address.ok() || (address->port >= 0 && address->port <= 65535), "a port is in range");
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  bantam::FuzzRedisUrl(text);
  bantam::FuzzPostgresUrl(std::string(text));
  bantam::FuzzListenAddress(text);
  return 0;
}
