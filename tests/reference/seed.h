// What the environment says about random tests.
#ifndef BANTAM_TESTS_REFERENCE_SEED_H_
#define BANTAM_TESTS_REFERENCE_SEED_H_

#include <cstdint>
#include <cstdlib>
#include <random>

#include "absl/strings/numbers.h"

namespace bantam {
namespace reference {

// The number in the environment variable `name`, else `fallback`.
inline uint64_t NumberFromEnvironment(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

// BANTAM_SEED, else a new one; tests print it.
inline uint64_t Seed() { return NumberFromEnvironment("BANTAM_SEED", std::random_device()()); }

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_SEED_H_
