// What libyaml found wrong, in words that help.
#ifndef BANTAM_SERVER_DEFINITION_SYNTAX_ERROR_H_
#define BANTAM_SERVER_DEFINITION_SYNTAX_ERROR_H_

#include <yaml.h>

#include <string>

#include "absl/strings/string_view.h"
#include "server/definition/yaml.h"

namespace bantam {

// A mistake in the syntax of a text.
struct SyntaxError {
  SourcePosition position;
  std::string message;
};

// The error that made `parser` stop reading `text`.
SyntaxError DescribeSyntaxError(const yaml_parser_t& parser, absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_SYNTAX_ERROR_H_
