#ifndef BANTAM_CLIENT_CASES_COMPARE_H_
#define BANTAM_CLIENT_CASES_COMPARE_H_

#include <string>
#include <vector>

#include "client/cases/cases.h"
#include "google/protobuf/message.h"
#include "server/definition/yaml.h"

namespace bantam {

// Appends what differs between `want` and `got` (of the same type), looking only at fields that
// were written under `path` (such as "want"): a field written as null must be absent (or zero where
// the type cannot tell), and a written list must have the same length.
void Compare(const google::protobuf::Message& want, const google::protobuf::Message& got,
             const std::string& path, const SourceMap& written,
             std::vector<Difference>* differences);

}  // namespace bantam

#endif  // BANTAM_CLIENT_CASES_COMPARE_H_
