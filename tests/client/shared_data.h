#ifndef BANTAM_TESTS_CLIENT_SHARED_DATA_H_
#define BANTAM_TESTS_CLIENT_SHARED_DATA_H_

#include <string>

namespace bantam {

// The path of a file of the shared data (BANTAM_SHARED_DATA, else ../shared/data beside the
// project), whether it exists or not.
std::string SharedData(const std::string& path);

bool FileExists(const std::string& path);

// Skips the test, by name, where the file is missing.
#define BANTAM_SKIP_WITHOUT(file)                              \
  if (!::bantam::FileExists(file)) {                           \
    GTEST_SKIP() << "the shared data is not here: " << (file); \
  }

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_SHARED_DATA_H_
