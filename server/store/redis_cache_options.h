#ifndef BANTAM_SERVER_STORE_REDIS_CACHE_OPTIONS_H_
#define BANTAM_SERVER_STORE_REDIS_CACHE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace bantam {

struct RedisCacheOptions {
  // What all keys begin with. Whoever shares a Redis but not the database of definitions must have
  // another one.
  std::string prefix = "bantam";

  // How long a read waits for its answer; for the list of what is used most, ten times as long.
  absl::Duration timeout = absl::Milliseconds(10);

  // How long entries are kept, up to a tenth more or less at random: pointers and tenants' lists
  // (each replica hears of it when one ends, so not too short), that there is nothing of some name,
  // and texts.
  absl::Duration pointer_ttl = absl::Hours(24);
  absl::Duration absence_ttl = absl::Seconds(30);
  absl::Duration record_ttl = absl::Hours(24 * 7);

  // After how long a use counts half, and of how many names uses are kept.
  absl::Duration uses_half_life = absl::Hours(24);
  int max_used_names = 20000;

  // The greatest entry that is written or read.
  size_t max_entry_bytes = 8 << 20;

  // What may wait for Redis' answers, per connection. What is beyond is refused (reads) or dropped
  // (writes).
  size_t max_waiting_commands = 4096;
  size_t max_waiting_bytes = 32 << 20;

  // The pause before connecting again, and how long a copy is put up with, as in
  // RedisConnectionOptions.
  absl::Duration min_pause = absl::Milliseconds(50);
  absl::Duration max_pause = absl::Seconds(5);
  absl::Duration copy_patience = absl::Seconds(30);
};

// For telemetry. Counts since the start.
struct RedisCacheStats {
  // Whether the connections for data are there, and the one that hears of changes; how often one
  // was lost or could not be made.
  bool connected = false;
  bool watching = false;
  int64_t connection_failures = 0;

  // Reads, by name. A pointer whose text is missing is a hit.
  int64_t hits = 0;
  int64_t misses = 0;           // Those for `rejected` included.
  int64_t missing_records = 0;  // Texts that a pointer led to, and that were not there or no good.
  int64_t failed_reads = 0;     // Calls that ended with an error. Those for time included.
  int64_t timeouts = 0;

  // Entries that were not used, by reason.
  int64_t damaged = 0;
  int64_t wrong_checksum = 0;
  int64_t newer_version = 0;
  int64_t other_key = 0;
  int64_t wrong_type = 0;  // The key held something else than a text.

  // Writes. One of many names counts as many.
  int64_t written = 0;
  int64_t kept = 0;     // What was there was as new, or newer.
  int64_t dropped = 0;  // There was no connection, too much waited already, or it was too great.
  int64_t refused = 0;  // By Redis.

  int64_t invalidation_messages = 0;  // Heard from Redis, also of what this process wrote.
  int64_t changed_names = 0;          // Told by CacheEvents::on_changed.
  int64_t all_changed = 0;            // Calls of CacheEvents::on_all_changed.

  std::string last_error;  // One line, no credentials. Empty: there was none.
};

// Something that whoever operates the cache wants to know, for the log: once that it works, and
// once for each reason why it does not.
struct RedisCacheEvent {
  enum class Part {
    kData,      // The connections for reads and writes.
    kWatching,  // The connection that hears of changes.
    kWrites,    // Whether Redis takes writes: it may be out of memory, or a read-only copy.
  };
  Part part;
  absl::Status status;  // OK: it works (again). One line, no credentials.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_CACHE_OPTIONS_H_
