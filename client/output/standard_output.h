#ifndef BANTAM_CLIENT_OUTPUT_STANDARD_OUTPUT_H_
#define BANTAM_CLIENT_OUTPUT_STANDARD_OUTPUT_H_

#include <streambuf>

#include "absl/status/status.h"
#include "client/files/stdio_buffer.h"

namespace bantam {

// Watches over what std::cout writes, as long as it lives. One for the process, made before
// anything is opened: standard descriptors that are closed are taken, or the next file or
// connection would become one and get our output.
class StandardOutput {
 public:
  StandardOutput();
  ~StandardOutput();
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

  // Once, after the last output. INVALID_ARGUMENT: not all could be written; the message says why.
  // A reader that went away (`| head`) has all that it wanted: OK.
  absl::Status Finish();

 private:
  StdioBuffer buffer_;
  std::streambuf* const before_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_STANDARD_OUTPUT_H_
