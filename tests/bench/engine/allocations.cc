#include "tests/bench/engine/allocations.h"

#include <atomic>
#include <cstddef>

namespace {
std::atomic<uint64_t> count{0};
void CountOne() { count.fetch_add(1, std::memory_order_relaxed); }
}  // namespace

// The program's own malloc stands before the C library's, which does the work under other names.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t number, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* block);

void* malloc(size_t size) {
  CountOne();
  return __libc_malloc(size);
}
void* calloc(size_t number, size_t size) {
  CountOne();
  return __libc_calloc(number, size);
}
void* realloc(void* block, size_t size) {
  CountOne();
  return __libc_realloc(block, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  CountOne();
  return __libc_memalign(alignment, size);
}
void free(void* block) { __libc_free(block); }
}

namespace bantam {
namespace bench {

uint64_t AllocationCount() { return count.load(std::memory_order_relaxed); }

}  // namespace bench
}  // namespace bantam
