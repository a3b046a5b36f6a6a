#ifndef BANTAM_SERVER_TELEMETRY_JSON_TEXT_H_
#define BANTAM_SERVER_TELEMETRY_JSON_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bantam {

// Appends `text` to `json` as a string of JSON, with its quotation marks. Whatever the bytes are,
// it is one line of UTF-8 that a terminal only shows: control characters, those from U+0080 to
// U+009F included, are escaped, and bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(absl::string_view text, std::string* json);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_JSON_TEXT_H_
