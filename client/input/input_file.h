#ifndef BANTAM_CLIENT_INPUT_INPUT_FILE_H_
#define BANTAM_CLIENT_INPUT_INPUT_FILE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/input/lead_reader.h"
#include "client/input/text_source.h"

namespace bantam {

// A file that was opened, and what is known of it before its leads are read.
struct InputFile {
  std::string name;  // For messages.
  std::string head;  // The beginning of its text, to tell the format by; 1 MiB, or all there is.
  std::unique_ptr<TextSource> rest;  // What follows.
  std::vector<std::string> notes;
};

// `status` with the file's name in front.
absl::Status InFile(absl::string_view file, const absl::Status& status);

// The first line that is not blank.
absl::string_view FirstLine(absl::string_view text);

// Whether the first line could be the header of a table, and is no YAML or JSON.
bool LooksLikeTable(absl::string_view text);

// The readers of each format. Errors: as OpenLeads(). `separator` 0: it is detected; one that the
// table's first line names ("sep=;") goes before it, unless `options` name one.
absl::StatusOr<std::unique_ptr<LeadReader>> ReadDocument(InputFile file);
std::unique_ptr<LeadReader> ReadNdjson(InputFile file);
absl::StatusOr<std::unique_ptr<LeadReader>> ReadTable(InputFile file, char separator,
                                                      const InputOptions& options);

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_INPUT_FILE_H_
