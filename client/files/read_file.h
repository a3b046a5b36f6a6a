#ifndef BANTAM_CLIENT_FILES_READ_FILE_H_
#define BANTAM_CLIENT_FILES_READ_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace bantam {

// The content of a file. NOT_FOUND: there is none. INVALID_ARGUMENT: it is a folder, or cannot be
// read. Messages start with `path` and say why.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace bantam

#endif  // BANTAM_CLIENT_FILES_READ_FILE_H_
