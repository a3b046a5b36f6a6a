#include "server/rpc/arena_pool.h"

#include <utility>

namespace bantam {
namespace {

// Holds a request of some KiB and its answer with the trace.
constexpr size_t kFirstBlockBytes = 64 * 1024;

// Per pool: as many calls as are worked on at the same time by the threads of one lane, and some
// that wait for the catalog.
constexpr size_t kMaxFree = 16;

google::protobuf::ArenaOptions Options(char* first_block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = first_block;
  options.initial_block_size = kFirstBlockBytes;
  options.start_block_size = kFirstBlockBytes;
  options.max_block_size = 1024 * 1024;
  return options;
}

}  // namespace

ReusedArena::ReusedArena()
    : first_block_(new char[kFirstBlockBytes]), arena_(Options(first_block_.get())) {}

void ReusedArena::Reset() {
  arena_.Reset();
  text_.clear();
  if (text_.capacity() > kFirstBlockBytes) text_.shrink_to_fit();
}

std::unique_ptr<ReusedArena> ArenaPool::Take() {
  {
    absl::MutexLock lock(&mu_);
    if (!free_.empty()) {
      std::unique_ptr<ReusedArena> arena = std::move(free_.back());
      free_.pop_back();
      return arena;
    }
  }
  return std::make_unique<ReusedArena>();
}

void ArenaPool::Return(std::unique_ptr<ReusedArena> arena) {
  arena->Reset();
  absl::MutexLock lock(&mu_);
  if (free_.size() < kMaxFree) free_.push_back(std::move(arena));
}

}  // namespace bantam
