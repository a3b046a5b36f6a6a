// Counts the program's heap allocations.
#ifndef BANTAM_TESTS_BENCH_ENGINE_ALLOCATIONS_H_
#define BANTAM_TESTS_BENCH_ENGINE_ALLOCATIONS_H_

#include <cstdint>

namespace bantam {
namespace bench {

// Calls of malloc, calloc, realloc and aligned_alloc so far, operator new's among them, by all
// threads and all libraries of the program.
uint64_t AllocationCount();

}  // namespace bench
}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_ENGINE_ALLOCATIONS_H_
