// Files of leads in any format → leads, one by one.
#ifndef BANTAM_CLIENT_INPUT_LEAD_READER_H_
#define BANTAM_CLIENT_INPUT_LEAD_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
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
  std::string encoding;   // As FindEncoding(); the mapping's serves where it is empty.
  std::string separator;  // One character or "tab". Empty: as a first line "sep=;" says, else the
                          // mapping, else detected.
  const LoadedMapping* mapping = nullptr;  // Not owned. Null: headers are attribute paths.
  absl::TimeZone time_zone;                // Of times that name none. Default: UTC.
};

// One lead of a file, good or bad, and where it stands.
struct InputLead {
  v1::Lead lead;  // What could be read of it.
  std::string file;
  int line = 0;       // In which it starts, from 1.
  int64_t index = 0;  // Its place among all leads, from 0; LeadQueue sets it.

  // Not empty: it cannot be read. What was wrong and what was expected; of tables never the value.
  std::string error;
};

// Reads one file. Not thread-safe.
class LeadReader {
 public:
  virtual ~LeadReader() = default;

  // The next lead; false: there is none. A row or line that gives no lead is one with an error.
  virtual bool Next(InputLead* lead) = 0;

  // Passes over the next lead, with less work than Next() has; false: there is none.
  virtual bool Skip() = 0;

  // Once there is no further lead: whether the file was read to its end; the message starts with
  // its name.
  virtual absl::Status status() const { return absl::OkStatus(); }

  // Leads that will be given in all, or a few more, as lines are counted; for progress.
  virtual int64_t ExpectedCount() const = 0;

  // Remarks for people about the file as a whole, such as a guessed encoding. One line each.
  virtual const std::vector<std::string>& notes() const = 0;
};

// Opens `path` ("-": standard input). NOT_FOUND: no such file. INVALID_ARGUMENT: the file as a
// whole cannot be used (empty, another format, no such column …); the message starts with the
// file's name, says what to do, and may have several lines.
//
// Of NDJSON and of tables no more than kMaxRecordBytes is held in memory at a time, twice, unless
// the file can be read only once (ByteSource). YAML and JSON are held as a whole, 16 MiB at most.
absl::StatusOr<std::unique_ptr<LeadReader>> OpenLeads(const std::string& path,
                                                      const InputOptions& options);

// The same for bytes at hand. `file` is the name that messages carry.
absl::StatusOr<std::unique_ptr<LeadReader>> ReadLeads(std::string bytes, const std::string& file,
                                                      const InputOptions& options);

// The content of a file ("-": standard input). NOT_FOUND, INVALID_ARGUMENT: as above.
absl::StatusOr<std::string> ReadInput(const std::string& path);

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_LEAD_READER_H_
