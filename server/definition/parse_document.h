// What ParseYaml() and LoadIcp() share: one document into one message.
#ifndef BANTAM_SERVER_DEFINITION_PARSE_DOCUMENT_H_
#define BANTAM_SERVER_DEFINITION_PARSE_DOCUMENT_H_

#include <cstddef>

#include "google/protobuf/message.h"
#include "server/definition/found_issues.h"
#include "server/definition/source_text.h"
#include "server/definition/yaml.h"

namespace bantam {

// Parses `source`, of at most `max_bytes`, into `message` and `positions` (may be null), which are
// cleared first. Returns whether the whole document was read, be it with mistakes in single fields:
// then what `message` lacks is lacking in the text, or an issue says so.
bool ParseDocument(const SourceText& source, size_t max_bytes, google::protobuf::Message* message,
                   SourceMap* positions, FoundIssues* issues);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_PARSE_DOCUMENT_H_
