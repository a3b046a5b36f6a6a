#ifndef BANTAM_SERVER_CATALOG_BOUNDED_CACHE_H_
#define BANTAM_SERVER_CATALOG_BOUNDED_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "server/catalog/mutex.h"

namespace bantam {

// For telemetry. Counts since the start.
struct BoundedCacheStats {
  int64_t entries = 0;
  size_t bytes = 0;  // What they are charged with: at most the bound.
  int64_t hits = 0;
  int64_t misses = 0;
  int64_t evictions = 0;  // Entries that went because of the bound.
};

// The number of this thread among those that asked, from 0 in the order of asking.
inline size_t ThreadNumber() {
  static std::atomic<size_t> next{0};
  thread_local const size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

// Values by key, bounded by bytes. Made for a Find() that happens far more often than anything
// else, and on many threads for the same key:
//
//   Find ─► the thread's stripe: copies of what it finds often (a lock that others hardly take)
//             └ else ─► the key's shard: all entries
//
// A copy has a reference count of its own, so that threads do not fight for the value's. What is
// replaced or goes is taken out of all stripes first: Find() gives nothing old, and nothing but its
// callers keeps a value alive that is not held any more.
//
// What was not found since the last look goes first (second chance). Safe for concurrent use.
template <typename Value>
class BoundedCache {
 public:
  using ValuePtr = std::shared_ptr<const Value>;

  // What an entry is charged with beside what Put() says and the length of its key.
  static constexpr size_t kOverheadBytes = 192;

  // `max_bytes`: what all entries may be charged with together.
  explicit BoundedCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  BoundedCache(const BoundedCache&) = delete;
  BoundedCache& operator=(const BoundedCache&) = delete;

  // The value of `key`; null: it is not held. Counts as a use.
  ValuePtr Find(absl::string_view key) {
    const size_t hash = Hash(key);
    const size_t number = ThreadNumber() % kStripes;
    Stripe& stripe = stripes_[number];
    {
      MutexLock lock(stripe.mutex);
      if (Copy* const copy = stripe.Find(key, hash); copy != nullptr) {
        ++stripe.hits;
        ++copy->uses;
        if (copy->credit < kMaxCredit) ++copy->credit;
        MarkUsed(copy->node);
        return copy->value;
      }
    }
    return FindInShard(key, hash, number);
  }

  // The same without counting as a use, a hit or a miss.
  ValuePtr Peek(absl::string_view key) const {
    const Shard& shard = ShardOf(Hash(key));
    MutexLock lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    return found == shard.by_key.end() ? nullptr : found->second->value;
  }

  // Holds `value` (not null), which takes `bytes`, in place of what `key` had. Drops others if need
  // be. False: it alone is beyond the bound; then `key` has nothing any more.
  bool Put(absl::string_view key, ValuePtr value, size_t bytes) {
    return Exchange(key, /*condition=*/nullptr, std::move(value), bytes);
  }

  // The same, only if what `key` has is `expected`. False: it is not, or as in Put().
  bool Replace(absl::string_view key, const Value* expected, ValuePtr value, size_t bytes) {
    const Condition condition = [expected](const Value* held) { return held == expected; };
    return Exchange(key, &condition, std::move(value), bytes);
  }

  // Drops what `key` has; where `expected` is not null, only if it is that. False: it was not.
  bool Erase(absl::string_view key, const Value* expected = nullptr) {
    const size_t hash = Hash(key);
    Shard& shard = ShardOf(hash);
    Garbage garbage;  // Freed after the lock.
    MutexLock lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found == shard.by_key.end()) return false;
    if (expected != nullptr && found->second->value.get() != expected) return false;
    Remove(shard, found->second, &garbage);
    return true;
  }

  // How often each key was found since the last call, in no order, without those never found. The
  // uses of entries that went meanwhile are lost.
  std::vector<std::pair<std::string, int64_t>> TakeUses() {
    for (Stripe& stripe : stripes_) {
      MutexLock lock(stripe.mutex);
      if (stripe.copies == nullptr) continue;
      for (Copy& copy : *stripe.copies) copy.GiveUses();
    }
    std::vector<std::pair<std::string, int64_t>> uses;
    for (Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      for (Node& node : shard.nodes) {
        const int64_t count = node.uses.exchange(0, std::memory_order_relaxed);
        if (count > 0) uses.emplace_back(node.key, count);
      }
    }
    return uses;
  }

  // What is held, in no order.
  std::vector<std::string> Keys() const {
    std::vector<std::string> keys;
    for (const Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      for (const Node& node : shard.nodes) keys.push_back(node.key);
    }
    return keys;
  }

  // How many of the keys `counts` is true for, which is called under a lock.
  int64_t CountKeys(bool (*counts)(absl::string_view key)) const {
    int64_t count = 0;
    for (const Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      for (const Node& node : shard.nodes) count += counts(node.key) ? 1 : 0;
    }
    return count;
  }

  // Calls `visit` for everything that is held, in no order and without a lock.
  void ForEach(
      const std::function<void(const std::string& key, const ValuePtr& value)>& visit) const {
    for (const Shard& shard : shards_) {
      std::vector<std::pair<std::string, ValuePtr>> entries;
      {
        MutexLock lock(shard.mutex);
        entries.reserve(shard.nodes.size());
        for (const Node& node : shard.nodes) entries.emplace_back(node.key, node.value);
      }
      for (const auto& [key, value] : entries) visit(key, value);
    }
  }

  BoundedCacheStats Stats() const {
    BoundedCacheStats stats;
    for (const Stripe& stripe : stripes_) {
      MutexLock lock(stripe.mutex);
      stats.hits += stripe.hits;
    }
    for (const Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      stats.entries += static_cast<int64_t>(shard.nodes.size());
      stats.hits += shard.hits;
      stats.misses += shard.misses;
      stats.evictions += shard.evictions;
    }
    stats.bytes = bytes_.load(std::memory_order_relaxed);
    return stats;
  }

 private:
  // At most 64: Node::stripes has a bit for each.
  static constexpr size_t kStripes = 64;
  static constexpr size_t kShards = 32;

  // Copies in a stripe: sets by hash, each of some ways.
  static constexpr size_t kSets = 64;
  static constexpr size_t kWays = 4;

  // How many times a copy may be passed over in favour of others before it gives way.
  static constexpr int kMaxCredit = 8;

  // Values to be freed after the locks.
  using Garbage = std::vector<ValuePtr>;
  using Condition = std::function<bool(const Value*)>;

  // One entry. What is neither constant nor atomic is guarded by its shard's lock.
  struct Node {
    Node(absl::string_view key, size_t hash) : key(key), hash(hash) {}
    const std::string key;
    const size_t hash;
    ValuePtr value;
    size_t bytes = 0;
    uint64_t stripes = 0;           // Those that may have a copy.
    std::atomic<bool> used{false};  // Since the last look of who evicts.
    std::atomic<int64_t> uses{0};   // Without those that its copies still count.
  };
  using Nodes = std::list<Node>;

  struct alignas(64) Shard {
    mutable Mutex mutex;
    Nodes nodes ABSL_GUARDED_BY(mutex);  // The front is looked at first by who evicts.
    absl::flat_hash_map<absl::string_view, typename Nodes::iterator> by_key ABSL_GUARDED_BY(mutex);
    int64_t hits ABSL_GUARDED_BY(mutex) = 0;
    int64_t misses ABSL_GUARDED_BY(mutex) = 0;
    int64_t evictions ABSL_GUARDED_BY(mutex) = 0;
  };

  // A stripe's copy of an entry. The entry is not freed before its copies are taken away.
  struct Copy {
    Node* node = nullptr;
    ValuePtr value;  // With a reference count of its own.
    int64_t uses = 0;
    int credit = 0;

    void GiveUses() {
      if (uses > 0) node->uses.fetch_add(uses, std::memory_order_relaxed);
      uses = 0;
    }
  };

  struct alignas(64) Stripe {
    mutable Mutex mutex;
    std::unique_ptr<std::array<Copy, kSets * kWays>> copies ABSL_GUARDED_BY(mutex);
    int64_t hits ABSL_GUARDED_BY(mutex) = 0;

    Copy* SetOf(size_t hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      return &(*copies)[hash % kSets * kWays];
    }

    Copy* Find(absl::string_view key, size_t hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      if (copies == nullptr) return nullptr;
      Copy* const set = SetOf(hash);
      for (Copy* copy = set; copy != set + kWays; ++copy) {
        if (copy->node != nullptr && copy->node->hash == hash && copy->node->key == key) {
          return copy;
        }
      }
      return nullptr;
    }

    // Takes a copy of `node`, unless all others in its set have credit left. Returns whether it
    // did.
    bool Insert(Node* node, Garbage* garbage) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      if (copies == nullptr) copies = std::make_unique<std::array<Copy, kSets * kWays>>();
      Copy* const set = SetOf(node->hash);
      Copy* place = nullptr;
      for (Copy* copy = set; copy != set + kWays; ++copy) {
        if (copy->node == node) return true;  // By another thread that shares the stripe.
        if (copy->node == nullptr || copy->credit == 0) {
          place = copy;
        } else {
          --copy->credit;
        }
      }
      if (place == nullptr) return false;
      if (place->node != nullptr) Clear(place, garbage);
      place->node = node;
      const auto owner = std::make_shared<const ValuePtr>(node->value);
      place->value = ValuePtr(owner, owner->get());
      place->credit = 1;
      return true;
    }

    void Erase(const Node* node, Garbage* garbage) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      Copy* const set = SetOf(node->hash);
      for (Copy* copy = set; copy != set + kWays; ++copy) {
        if (copy->node == node) Clear(copy, garbage);
      }
    }

    void Clear(Copy* copy, Garbage* garbage) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      copy->GiveUses();
      garbage->push_back(std::move(copy->value));
      *copy = Copy();
    }
  };

  static size_t Hash(absl::string_view key) { return absl::Hash<absl::string_view>()(key); }
  static size_t ShardNumber(size_t hash) { return (hash >> 16) % kShards; }
  Shard& ShardOf(size_t hash) { return shards_[ShardNumber(hash)]; }
  const Shard& ShardOf(size_t hash) const { return shards_[ShardNumber(hash)]; }

  // Writes only what is not there yet: the line stays shared by all threads.
  static void MarkUsed(Node* node) {
    if (!node->used.load(std::memory_order_relaxed)) {
      node->used.store(true, std::memory_order_relaxed);
    }
  }

  ValuePtr FindInShard(absl::string_view key, size_t hash, size_t stripe_number) {
    Shard& shard = ShardOf(hash);
    Garbage garbage;
    MutexLock lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found == shard.by_key.end()) {
      ++shard.misses;
      return nullptr;
    }
    ++shard.hits;
    Node& node = *found->second;
    node.uses.fetch_add(1, std::memory_order_relaxed);
    // What is found once only is not worth a copy.
    if (node.used.load(std::memory_order_relaxed)) {
      Stripe& stripe = stripes_[stripe_number];
      // Within the shard's lock, so that nobody replaces or drops the entry meanwhile.
      MutexLock stripe_lock(stripe.mutex);
      if (stripe.Insert(&node, &garbage)) node.stripes |= uint64_t{1} << stripe_number;
    }
    MarkUsed(&node);
    return node.value;
  }

  // Put() and Replace(). `condition` (null: none) is asked about what `key` has.
  bool Exchange(absl::string_view key, const Condition* condition, ValuePtr value, size_t bytes) {
    const size_t hash = Hash(key);
    const size_t charge = bytes + key.size() + kOverheadBytes;
    const bool fits = charge <= max_bytes_;
    Garbage garbage;
    {
      Shard& shard = ShardOf(hash);
      MutexLock lock(shard.mutex);
      auto found = shard.by_key.find(key);
      const bool held = found != shard.by_key.end();
      if (condition != nullptr && !(*condition)(held ? found->second->value.get() : nullptr)) {
        return false;
      }
      if (!fits) {
        if (held) Remove(shard, found->second, &garbage);
        return false;
      }
      if (!held) {
        shard.nodes.emplace_back(key, hash);
        const auto node = std::prev(shard.nodes.end());
        found = shard.by_key.emplace(node->key, node).first;
      }
      Node& node = *found->second;
      TakeCopies(&node, &garbage);
      garbage.push_back(std::move(node.value));
      node.value = std::move(value);
      bytes_.fetch_add(charge - node.bytes, std::memory_order_relaxed);  // May wrap around: fine.
      node.bytes = charge;
    }
    EvictBut(key, &garbage);
    return true;
  }

  // Takes an entry's copies out of all stripes.
  void TakeCopies(Node* node, Garbage* garbage) {
    for (size_t i = 0; node->stripes != 0; ++i, node->stripes >>= 1) {
      if ((node->stripes & 1) == 0) continue;
      MutexLock lock(stripes_[i].mutex);
      stripes_[i].Erase(node, garbage);
    }
  }

  void Remove(Shard& shard, typename Nodes::iterator node, Garbage* garbage)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex) {
    TakeCopies(&*node, garbage);
    garbage->push_back(std::move(node->value));
    bytes_.fetch_sub(node->bytes, std::memory_order_relaxed);
    shard.by_key.erase(node->key);
    shard.nodes.erase(node);
  }

  // Drops entries, `key` excepted, until the bound holds.
  void EvictBut(absl::string_view key, Garbage* garbage) {
    while (bytes_.load(std::memory_order_relaxed) > max_bytes_) {
      Shard& shard = shards_[next_shard_.fetch_add(1, std::memory_order_relaxed) % kShards];
      MutexLock lock(shard.mutex);
      EvictOne(shard, key, garbage);  // If not, the marks are taken away for the next round.
    }
  }

  // Drops the first entry, `but` excepted, that was not used since the last look, if there is one.
  void EvictOne(Shard& shard, absl::string_view but, Garbage* garbage)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex) {
    for (size_t i = 0; i < shard.nodes.size(); ++i) {
      const auto node = shard.nodes.begin();
      if (node->key != but && !node->used.load(std::memory_order_relaxed)) {
        Remove(shard, node, garbage);
        ++shard.evictions;
        return;
      }
      node->used.store(false, std::memory_order_relaxed);
      shard.nodes.splice(shard.nodes.end(), shard.nodes, node);
    }
  }

  const size_t max_bytes_;
  std::atomic<size_t> bytes_{0};
  std::atomic<size_t> next_shard_{0};
  std::array<Shard, kShards> shards_;
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_BOUNDED_CACHE_H_
