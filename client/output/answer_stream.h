// Where answers are written: the standard output, or a file that appears when it is complete.
#ifndef BANTAM_CLIENT_OUTPUT_ANSWER_STREAM_H_
#define BANTAM_CLIENT_OUTPUT_ANSWER_STREAM_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "client/files/part_file.h"

namespace bantam {

// The standard output, or a PartFile. Not thread-safe.
class AnswerStream {
 public:
  // Once, before stream(). Empty: the standard output. INVALID_ARGUMENT: the file cannot be
  // written; the message says why.
  absl::Status Open(const std::string& file);

  std::ostream& stream();

  // Once, after the last answer. INVALID_ARGUMENT: not all could be written to the file; the
  // message says why. The standard output is StandardOutput's to check.
  absl::Status Finish();

 private:
  bool to_file_ = false;
  PartFile file_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_ANSWER_STREAM_H_
