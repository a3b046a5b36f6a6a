#ifndef BANTAM_SERVER_TELEMETRY_FILE_DECISION_SINK_H_
#define BANTAM_SERVER_TELEMETRY_FILE_DECISION_SINK_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/store/file_descriptor.h"
#include "server/telemetry/decision_sink.h"

namespace bantam {

// Appends lines to a file, or to the standard output.
class FileDecisionSink final : public DecisionSink {
 public:
  // Opens the file `path`, or makes it (mode 0640, less what the process' umask takes away).
  static absl::StatusOr<std::unique_ptr<FileDecisionSink>> Open(const std::string& path);

  // The standard output.
  static std::unique_ptr<FileDecisionSink> StandardOutput();

  // What is written when the disk is full stays: the rest of a line that was begun comes first the
  // next time, or the line as a whole if the file is another one then.
  absl::Status Write(absl::Span<const absl::string_view> lines, absl::Duration limit,
                     size_t* written) override;

  // Opens the file anew if another one is at its name now, or none.
  absl::Status Refresh() override;

 private:
  FileDecisionSink(std::string path, std::unique_ptr<FileDescriptor> file, bool is_regular)
      : path_(std::move(path)), file_(std::move(file)), is_regular_(is_regular) {}

  // Whether the file that is open is still the one at its name.
  bool IsAtItsName() const;

  // Writes all of `bytes`, which are whole lines, or the rest of one and whole lines, unless the
  // limit is over. `*count`: how many bytes were written.
  absl::Status WriteBytes(absl::string_view bytes, absl::Time deadline, size_t* count);

  // Waits until something can be written.
  absl::Status AwaitReader(absl::Time deadline);

  const std::string path_;  // Empty: the standard output.
  std::unique_ptr<FileDescriptor> file_;
  bool is_regular_;

  // Whether the file ends within a line that another process began: its end comes first.
  bool owes_line_end_ = false;

  // How many bytes of the next line were written already.
  size_t begun_bytes_ = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_FILE_DECISION_SINK_H_
