#ifndef BANTAM_TESTS_FUZZ_REQUIRE_H_
#define BANTAM_TESTS_FUZZ_REQUIRE_H_

#include <cstdio>
#include <cstdlib>
#include <string>

namespace bantam {

// Ends the process, which the fuzzer takes for a finding, unless `holds`.
inline void Require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what.c_str());
  std::abort();
}

}  // namespace bantam

#endif  // BANTAM_TESTS_FUZZ_REQUIRE_H_
