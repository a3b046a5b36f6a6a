// Files of leads in any format → leads, one by one.
#ifndef BANTAM_CLIENT_INPUT_LEAD_READER_H_
#define BANTAM_CLIENT_INPUT_LEAD_READER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bantam/v1/lead.pb.h"
#include "client/input/lead_mapper.h"

namespace bantam {

// Formats of lead files.
enum class LeadFormat { kDetect, kYaml, kJson, kNdjson, kCsv, kTsv };

// How lead files are read.
struct InputOptions {
  LeadFormat format = LeadFormat::kDetect;
  std::string encoding;   // As DecodeText(); the mapping's serves where it is empty.
  std::string separator;  // One character or "tab"; the mapping's, else detected.
  const LoadedMapping* mapping = nullptr;  // Not owned. Null: headers are attribute paths.
  absl::TimeZone time_zone;                // Of times that name none. Default: UTC.
};

// One lead, and where it stands.
struct InputLead {
  v1::Lead lead;
  std::string file;
  int line = 0;  // In which it starts, from 1.
};

// A row or line that gives no lead.
struct BadRow {
  std::string file;
  int line = 0;
  std::string message;  // What was wrong and what was expected; never the value.
};

// Reads one file after another. Not thread-safe.
class LeadReader {
 public:
  virtual ~LeadReader() = default;

  // The next lead; false: there is none. Bad rows are collected and skipped.
  virtual bool Next(InputLead* lead) = 0;

  // Leads that will be given in all, where that is known cheaply, else -1; for progress.
  virtual int64_t ExpectedCount() const = 0;

  // Of the rows read so far.
  virtual const std::vector<BadRow>& bad_rows() const = 0;

  // Remarks for people about the file as a whole, such as a guessed encoding. One line each.
  virtual const std::vector<std::string>& notes() const = 0;
};

// Opens `path` ("-": standard input). NOT_FOUND: no such file. INVALID_ARGUMENT: the file as a
// whole cannot be used (empty, another format, no such column …); the message starts with the
// file's name, says what to do, and may have several lines.
absl::StatusOr<std::unique_ptr<LeadReader>> OpenLeads(const std::string& path,
                                                      const InputOptions& options);

// The same for bytes at hand. `file` is the name that messages carry.
absl::StatusOr<std::unique_ptr<LeadReader>> ReadLeads(std::string bytes, const std::string& file,
                                                      const InputOptions& options);

// The content of a file ("-": standard input). NOT_FOUND, INVALID_ARGUMENT: as above.
absl::StatusOr<std::string> ReadInput(const std::string& path);

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_LEAD_READER_H_
