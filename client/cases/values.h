// Values of protobuf fields in YAML's notation, as cases show and write them.
#ifndef BANTAM_CLIENT_CASES_VALUES_H_
#define BANTAM_CLIENT_CASES_VALUES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace bantam {

// Whether the field's values are written as one scalar: numbers, texts, enums, times, durations.
bool IsScalarField(const google::protobuf::FieldDescriptor& field);

// The value of a scalar field of `message` as YAML on one line, such as `partial`, `12.5`, `90d`,
// `2026-01-31T00:00:00Z` or `"a: b"`. `index` picks the element of a repeated field, else -1.
// A singular field that is unset and can tell so gives `null`.
std::string FormatScalar(const google::protobuf::Message& message,
                         const google::protobuf::FieldDescriptor& field, int index);

// An enum value as YAML: in lower case, without the prefix that is the enum's name.
std::string EnumWord(const google::protobuf::EnumValueDescriptor& value);

// `text` as a YAML scalar on one line, quoted only where it must be.
std::string QuoteScalar(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_CLIENT_CASES_VALUES_H_
