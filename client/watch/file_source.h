#ifndef BANTAM_CLIENT_WATCH_FILE_SOURCE_H_
#define BANTAM_CLIENT_WATCH_FILE_SOURCE_H_

#include <string>

#include "client/watch/decision_source.h"

namespace bantam {

// Follows a file of lines that one server writes, also when it is emptied, or moved away and
// another one takes its name: the old one is read until something is in a newer one, and that one
// from its start. A file that comes and goes within 200 ms is not seen. "-": the standard input, to
// its end.
class FileSource : public DecisionSource {
 public:
  // `from_start`: with what is in the file already.
  FileSource(std::string path, bool from_start) : path_(std::move(path)), from_start_(from_start) {}

  // NOT_FOUND: the file cannot be opened; INVALID_ARGUMENT: it is a folder; UNAVAILABLE: it cannot
  // be read any more.
  absl::Status Follow(const TakeLine& take, const IsOver& is_over, const Note& note) override;

 private:
  class Reader;

  absl::Status FollowStandardInput(const TakeLine& take, const IsOver& is_over);
  absl::Status FollowFile(const TakeLine& take, const IsOver& is_over);

  const std::string path_;
  const bool from_start_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_WATCH_FILE_SOURCE_H_
