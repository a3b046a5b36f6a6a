// Where answers are written: the standard output, or a file that appears when it is complete.
#ifndef BANTAM_CLIENT_OUTPUT_ANSWER_STREAM_H_
#define BANTAM_CLIENT_OUTPUT_ANSWER_STREAM_H_

#include <fstream>
#include <ostream>
#include <string>

#include "absl/status/status.h"

namespace bantam {

// A file is written beside its place, as FILE.part, and put there by Finish(), in one step and over
// a file that is there. Without Finish() the destructor removes what was written. Not thread-safe.
class AnswerStream {
 public:
  AnswerStream() = default;
  ~AnswerStream();
  AnswerStream(const AnswerStream&) = delete;
  AnswerStream& operator=(const AnswerStream&) = delete;

  // Once, before stream(). Empty: the standard output. INVALID_ARGUMENT: the file cannot be
  // written; the message says why.
  absl::Status Open(const std::string& file);

  std::ostream& stream();

  // Once, after the last answer. INVALID_ARGUMENT: not all could be written; the message says why.
  absl::Status Finish();

 private:
  std::string PartFile() const { return file_ + ".part"; }

  std::string file_;
  std::ofstream part_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_ANSWER_STREAM_H_
