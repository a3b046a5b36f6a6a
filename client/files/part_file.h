#ifndef BANTAM_CLIENT_FILES_PART_FILE_H_
#define BANTAM_CLIENT_FILES_PART_FILE_H_

#include <cstdio>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/files/stdio_buffer.h"

namespace bantam {

// What a PartFile for `file` is called until it is complete.
std::string PartNameOf(const std::string& file);

// A file that is whole whenever it is there: it is written beside its place, as FILE.part, and put
// there by Finish(), in one step and over a file that is there, whose permissions it takes. A link
// stays one: what it points to is replaced. Not thread-safe.
class PartFile {
 public:
  PartFile() = default;
  // Removes what was written, unless Finish() put it into its place.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  // Once, before stream(). INVALID_ARGUMENT: it cannot be written; the message names the file and
  // says why.
  absl::Status Open(const std::string& file);

  std::ostream& stream() { return stream_; }

  // Once, after all was written to stream(). INVALID_ARGUMENT: not all could be written, and what
  // stood in the file's place still does; the message names the file and says why.
  absl::Status Finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string asked_for_;  // For messages.
  std::string file_;       // The same, links followed.
  std::string part_name_;
  std::unique_ptr<std::FILE, Close> part_;  // Null: not open.
  std::optional<StdioBuffer> buffer_;
  std::ostream stream_{nullptr};
};

// Writes `text` to `file` in this way. Errors: as above.
absl::Status WriteWholeFile(const std::string& file, absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_CLIENT_FILES_PART_FILE_H_
