#include "server/store/redis_cache.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/store/redis_scripts.h"
#include "server/store/redis_url.h"

namespace bantam {
namespace {

// How many names one command is about.
constexpr size_t kBatch = 500;

// For commands whose answer nobody waits for.
constexpr absl::Duration kNoTimeout = absl::InfiniteDuration();

// How many commands there are for so many names.
size_t BatchCount(size_t names) { return (names + kBatch - 1) / kBatch; }

}  // namespace

struct RedisCache::PointersRead {
  std::vector<std::string> names;
  std::vector<absl::optional<CurrentRevision>> found;
  size_t commands_left;
  absl::Status status;
  Done<std::vector<absl::optional<CurrentRevision>>> done;
};

absl::StatusOr<std::unique_ptr<RedisCache>> RedisCache::Open(absl::string_view url,
                                                             const RedisCacheOptions& options,
                                                             OnEvent on_event) {
  absl::StatusOr<RedisUrl> parsed = ParseRedisUrl(url);
  if (!parsed.ok()) return parsed.status();
  const std::string address = parsed->Address();
  absl::StatusOr<std::unique_ptr<RedisLink>> link =
      RedisLink::Open(*std::move(parsed), options, std::move(on_event));
  if (!link.ok()) return link.status();
  return std::unique_ptr<RedisCache>(new RedisCache(address, options, *std::move(link)));
}

RedisCache::RedisCache(std::string address, const RedisCacheOptions& options,
                       std::unique_ptr<RedisLink> link)
    : address_(std::move(address)),
      options_(options),
      keys_(options.prefix),
      link_(std::move(link)) {}

RedisCache::~RedisCache() { link_->Stop(); }

// ---- Reads ----

absl::Status RedisCache::ReadError(const absl::StatusOr<const redisReply*>& reply) {
  ++stats_.failed_reads;
  if (absl::IsDeadlineExceeded(reply.status())) ++stats_.timeouts;
  const absl::Status status = absl::UnavailableError(
      reply.ok() ? absl::StrCat("Redis at ", address_, ": ", RedisErrorText(**reply))
                 : reply.status().message());
  link_->NoteError(status);
  return status;
}

absl::string_view RedisCache::EntryBytes(const redisReply& reply) {
  // A number is what the script says for a key of another type; MGET says nothing of it.
  if (reply.type == REDIS_REPLY_INTEGER || IsRedisError(reply, "WRONGTYPE")) ++stats_.wrong_type;
  return RedisText(reply);
}

bool RedisCache::Accept(RedisEntryFault fault) {
  switch (fault) {
    case RedisEntryFault::kNone:
      return true;
    case RedisEntryFault::kDamaged:
      ++stats_.damaged;
      break;
    case RedisEntryFault::kChecksum:
      ++stats_.wrong_checksum;
      break;
    case RedisEntryFault::kNewer:
      ++stats_.newer_version;
      break;
    case RedisEntryFault::kOtherKey:
      ++stats_.other_key;
      break;
  }
  return false;
}

bool RedisCache::AcceptFronted(RedisEntryFault fault, const std::string& key,
                               absl::string_view bytes) {
  if (Accept(fault)) return true;
  // Submitted, since after an answer to a read nobody flushes the connection for writes. Whoever
  // else does the same finds it gone, or another one there.
  link_->Submit([this, arguments = std::vector<std::string>{key, std::string(bytes)}]() mutable {
    RemoveIfEqualScript().Run(link_->writing(), 1, std::move(arguments), kNoTimeout,
                              [](absl::StatusOr<const redisReply*>) {});
  });
  return false;
}

bool RedisCache::DecodeFound(const redisReply& reply, absl::string_view name,
                             CurrentRevision* current, absl::Time* read_time) {
  const absl::string_view bytes = EntryBytes(reply);
  const bool found = !bytes.empty() && AcceptFronted(DecodePointer(bytes, name, current, read_time),
                                                     keys_.Pointer(name), bytes);
  ++(found ? stats_.hits : stats_.misses);
  return found;
}

void RedisCache::ReadCurrent(absl::string_view name, int64_t known_number, Done<CachedRead> done) {
  link_->Submit([this, name = std::string(name), known_number, done = std::move(done)]() mutable {
    std::vector<std::string> arguments = {keys_.Pointer(name), absl::StrCat(known_number),
                                          keys_.RecordPrefix(name),
                                          absl::StrCat(options_.max_entry_bytes)};
    ReadCurrentScript().Run(
        link_->reading(), 1, std::move(arguments), options_.timeout,
        [this, name, done = std::move(done)](absl::StatusOr<const redisReply*> reply) mutable {
          if (!reply.ok() || IsRedisError(**reply)) {
            done(ReadError(reply));
          } else {
            done(FinishReadCurrent(**reply, name));
          }
        });
  });
}

CachedRead RedisCache::FinishReadCurrent(const redisReply& reply, const std::string& name) {
  CachedRead read;
  CurrentRevision current;
  absl::Time read_time;
  if (reply.elements == 0 || !DecodeFound(*reply.element[0], name, &current, &read_time)) {
    return read;
  }
  if (reply.elements == 2) {
    RevisionRecord record;
    const absl::string_view bytes = EntryBytes(*reply.element[1]);
    if (!bytes.empty() &&
        Accept(DecodeRecord(bytes, name, current.number, current.revision, &record))) {
      read.record = std::move(record);
    } else {
      ++stats_.missing_records;
    }
  }
  read.current = std::move(current);
  read.read_time = read_time;
  return read;
}

template <typename Result>
void RedisCache::ReadEntry(const std::string& key, Done<Result> done,
                           std::function<Result(absl::string_view bytes)> finish) {
  const std::string last = absl::StrCat(options_.max_entry_bytes - 1);
  link_->reading()->Send(
      {"GETRANGE", key, "0", last}, options_.timeout,
      [this, done = std::move(done), finish](absl::StatusOr<const redisReply*> reply) mutable {
        if (!reply.ok() || (IsRedisError(**reply) && !IsRedisError(**reply, "WRONGTYPE"))) {
          done(ReadError(reply));
          return;
        }
        const absl::string_view bytes = EntryBytes(**reply);
        Result result = bytes.empty() ? Result() : finish(bytes);
        ++(result.has_value() ? stats_.hits : stats_.misses);
        done(std::move(result));
      });
}

void RedisCache::ReadRevision(absl::string_view name, absl::string_view revision,
                              Done<absl::optional<RevisionRecord>> done) {
  link_->Submit([this, name = std::string(name), revision = std::string(revision),
                 done = std::move(done)]() mutable {
    ReadEntry<absl::optional<RevisionRecord>>(
        keys_.Revision(name, revision), std::move(done),
        [this, name, revision](absl::string_view bytes) -> absl::optional<RevisionRecord> {
          RevisionRecord record;
          if (!Accept(DecodeRecord(bytes, name, 0, revision, &record))) return absl::nullopt;
          return record;
        });
  });
}

void RedisCache::ReadTenant(absl::string_view tenant, Done<absl::optional<TenantNames>> done) {
  link_->Submit([this, tenant = std::string(tenant), done = std::move(done)]() mutable {
    ReadEntry<absl::optional<TenantNames>>(
        keys_.Tenant(tenant), std::move(done),
        [this, tenant](absl::string_view bytes) -> absl::optional<TenantNames> {
          absl::optional<TenantNames> names;
          AcceptFronted(DecodeTenant(bytes, tenant, &names), keys_.Tenant(tenant), bytes);
          return names;
        });
  });
}

void RedisCache::ReadPointers(const std::vector<std::string>& names,
                              Done<std::vector<absl::optional<CurrentRevision>>> done) {
  if (names.empty()) {
    done(std::vector<absl::optional<CurrentRevision>>());
    return;
  }
  auto read = std::make_shared<PointersRead>();
  read->names = names;
  read->found.resize(names.size());
  read->commands_left = BatchCount(names.size());
  read->done = std::move(done);
  link_->Submit([this, read] {
    for (size_t begin = 0; begin < read->names.size(); begin += kBatch) {
      const size_t end = std::min(begin + kBatch, read->names.size());
      std::vector<std::string> keys;
      for (size_t i = begin; i < end; ++i) keys.push_back(keys_.Pointer(read->names[i]));
      std::vector<absl::string_view> words = {"MGET"};
      words.insert(words.end(), keys.begin(), keys.end());
      const auto finish = [this, read, begin, end](absl::StatusOr<const redisReply*> reply) {
        if (!reply.ok() || IsRedisError(**reply) || (*reply)->elements != end - begin) {
          read->status = ReadError(reply);
        } else {
          for (size_t i = begin; i < end; ++i) {
            CurrentRevision current;
            absl::Time read_time;
            if (DecodeFound(*(*reply)->element[i - begin], read->names[i], &current, &read_time)) {
              read->found[i] = std::move(current);
            }
          }
        }
        if (--read->commands_left > 0) return;
        if (read->status.ok()) {
          read->done(std::move(read->found));
        } else {
          read->done(read->status);
        }
      };
      link_->reading()->Send(words, options_.timeout, finish);
    }
  });
}

void RedisCache::ReadMostUsed(int limit, Done<std::vector<std::string>> done) {
  if (limit <= 0) {
    done(std::vector<std::string>());
    return;
  }
  link_->Submit([this, limit, done = std::move(done)]() mutable {
    const std::string last = absl::StrCat(limit - 1);
    link_->reading()->Send(
        {"ZREVRANGE", keys_.Uses(), "0", last}, 10 * options_.timeout,
        [this, done = std::move(done)](absl::StatusOr<const redisReply*> reply) mutable {
          std::vector<std::string> names;
          if (reply.ok() && IsRedisError(**reply, "WRONGTYPE")) {
            ++stats_.wrong_type;
          } else if (!reply.ok() || IsRedisError(**reply)) {
            done(ReadError(reply));
            return;
          } else {
            for (size_t i = 0; i < (*reply)->elements; ++i) {
              names.emplace_back(RedisText(*(*reply)->element[i]));
            }
          }
          done(std::move(names));
        });
  });
}

// ---- Writes ----

std::string RedisCache::Milliseconds(absl::Duration ttl) {
  return absl::StrCat(
      std::max<int64_t>(1, absl::ToInt64Milliseconds(ttl * absl::Uniform(random_, 0.9, 1.1))));
}

void RedisCache::FinishWrite(const absl::StatusOr<const redisReply*>& reply, int64_t count) {
  if (!reply.ok()) {
    stats_.dropped += count;
    return;
  }
  std::string problem;
  if (IsRedisError(**reply)) {
    problem = RedisErrorText(**reply);
    stats_.refused += count;
  } else if ((*reply)->type == REDIS_REPLY_ARRAY && (*reply)->elements == 3) {
    // What WriteFrontedScript() says.
    const int64_t written = (*reply)->element[0]->integer;
    const int64_t kept = (*reply)->element[1]->integer;
    problem = std::string(RedisText(*(*reply)->element[2]));
    stats_.written += written;
    stats_.kept += kept;
    stats_.refused += count - written - kept;
  } else {
    stats_.written += count;
  }
  link_->NoteWrite(problem.empty() ? absl::OkStatus()
                                   : absl::UnavailableError(absl::StrCat(
                                         "Redis at ", address_, " takes no writes: ", problem)));
}

void RedisCache::WriteText(std::string key, std::string bytes) {
  link_->Submit([this, key = std::move(key), bytes = std::move(bytes)] {
    if (bytes.size() > options_.max_entry_bytes) {
      ++stats_.dropped;
      return;
    }
    const std::string ttl = Milliseconds(options_.record_ttl);
    link_->writing()->Send(
        {"SET", key, bytes, "PX", ttl}, kNoTimeout,
        [this](absl::StatusOr<const redisReply*> reply) { FinishWrite(reply, 1); });
  });
}

void RedisCache::WriteRecord(const RevisionRecord& record) {
  WriteText(keys_.Record(record.name, record.number), EncodeRecord(record));
}

void RedisCache::WriteRevision(const RevisionRecord& record) {
  WriteText(keys_.Revision(record.name, record.revision), EncodeRecord(record));
}

void RedisCache::WriteFronted(std::vector<Fronted> entries, int64_t quiet_state) {
  for (size_t begin = 0; begin < entries.size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, entries.size());
    std::vector<Fronted> batch(std::make_move_iterator(entries.begin() + begin),
                               std::make_move_iterator(entries.begin() + end));
    link_->Submit([this, batch = std::move(batch), quiet_state]() mutable {
      SendFronted(std::move(batch), quiet_state);
    });
  }
}

void RedisCache::SendFronted(std::vector<Fronted> entries, int64_t quiet_state) {
  std::vector<std::string> arguments;
  for (Fronted& entry : entries) arguments.push_back(std::move(entry.key));
  arguments.push_back(absl::StrFormat("%019d", quiet_state));
  for (Fronted& entry : entries) {
    arguments.push_back(std::move(entry.bytes));
    arguments.push_back(Milliseconds(entry.ttl));
  }
  const int64_t count = static_cast<int64_t>(entries.size());
  WriteFrontedScript().Run(
      link_->writing(), static_cast<int>(count), std::move(arguments), kNoTimeout,
      [this, count](absl::StatusOr<const redisReply*> reply) { FinishWrite(reply, count); });
}

void RedisCache::WritePointers(const std::vector<CurrentRevision>& current, absl::Time read_time) {
  std::vector<Fronted> entries;
  for (const CurrentRevision& one : current) {
    entries.push_back({keys_.Pointer(one.name), EncodePointer(one, read_time),
                       one.exists() ? options_.pointer_ttl : options_.absence_ttl});
  }
  // That there is nothing is as true as before if it is seen again later.
  WriteFronted(std::move(entries), 0);
}

void RedisCache::WriteTenant(const TenantNames& names) {
  std::string bytes = EncodeTenant(names);
  if (bytes.size() > options_.max_entry_bytes) {
    // The list before must go all the same.
    DropTenant(names.tenant, names.sequence);
    return;
  }
  WriteFronted({{keys_.Tenant(names.tenant), std::move(bytes),
                 names.names.empty() ? options_.absence_ttl : options_.pointer_ttl}},
               kTenantEmpty);
}

void RedisCache::DropTenant(absl::string_view tenant, int64_t sequence) {
  WriteFronted(
      {{keys_.Tenant(tenant), EncodeDroppedTenant(tenant, sequence), options_.pointer_ttl}},
      kTenantEmpty);
}

void RedisCache::AddUses(const std::vector<std::pair<std::string, int64_t>>& uses) {
  for (size_t begin = 0; begin < uses.size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, uses.size());
    std::vector<std::string> arguments = {
        keys_.Uses(), keys_.UsesFaded(),
        absl::StrCat(std::max<int64_t>(1, absl::ToInt64Milliseconds(options_.uses_half_life))),
        absl::StrCat(options_.max_used_names)};
    for (size_t i = begin; i < end; ++i) {
      arguments.push_back(uses[i].first);
      arguments.push_back(absl::StrCat(uses[i].second));
    }
    const int64_t count = static_cast<int64_t>(end - begin);
    link_->Submit([this, arguments = std::move(arguments), count]() mutable {
      AddUsesScript().Run(
          link_->writing(), 2, std::move(arguments), kNoTimeout,
          [this, count](absl::StatusOr<const redisReply*> reply) { FinishWrite(reply, count); });
    });
  }
}

// ---- Changes ----

void RedisCache::Watch(CacheEvents events) {
  link_->Submit([this, events = std::move(events)]() mutable {
    events_ = std::move(events);
    RedisInvalidationEvents told;
    told.on_keys = [this](const std::vector<std::string>& keys) { OnKeys(keys); };
    told.on_all = [this] { OnAllChanged(); };
    told.on_watching = [this, was_watching = false](const absl::Status& watching) mutable {
      if (watching.ok() || was_watching) OnAllChanged();
      was_watching = watching.ok();
    };
    link_->Watch({keys_.PointerPrefix(), keys_.TenantPrefix()}, std::move(told));
  });
}

void RedisCache::OnKeys(const std::vector<std::string>& keys) {
  std::vector<std::string> names;
  for (const std::string& key : keys) {
    // Both prefixes are of one length.
    if (key.size() >= keys_.PointerPrefix().size()) {
      names.push_back(key.substr(keys_.PointerPrefix().size()));
    }
  }
  stats_.changed_names += static_cast<int64_t>(names.size());
  events_.on_changed(names);
}

void RedisCache::OnAllChanged() {
  ++stats_.all_changed;
  events_.on_all_changed();
}

RedisCacheStats RedisCache::Stats() const {
  RedisCacheStats stats;
  link_->RunAndWait([this, &stats] {
    stats = stats_;
    link_->FillStats(&stats);
  });
  return stats;
}

}  // namespace bantam
