#ifndef BANTAM_CLIENT_DIFF_FLOW_TEXT_H_
#define BANTAM_CLIENT_DIFF_FLOW_TEXT_H_

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace bantam {

// What FlowMessage() leaves out of the message itself, though not of those inside it.
struct FlowOptions {
  bool omit_texts = false;  // Texts for people, also of those inside it.
  std::string omit_field;   // A field by its name.
};

// `message` on one line, as YAML's authors would write it: `{points: 8, test: {attribute:
// company.country, in: [DE, AT]}}`, `10000 EUR`, `[a, b]`.
std::string FlowMessage(const google::protobuf::Message& message, const FlowOptions& options);

// A field's value in the same notation; `index` picks the element of a repeated field, else -1.
std::string FlowValue(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field, int index);

}  // namespace bantam

#endif  // BANTAM_CLIENT_DIFF_FLOW_TEXT_H_
