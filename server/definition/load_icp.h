// The definition's front door:
//
//   YAML text --ParseYaml()--> Icp + SourceMap --Compile()--> CompiledIcp, or located issues
//
// Pure code: no I/O, clock, locks or logs.
#ifndef BANTAM_SERVER_DEFINITION_LOAD_ICP_H_
#define BANTAM_SERVER_DEFINITION_LOAD_ICP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/time_zones.h"

namespace bantam {

struct LoadedIcp {
  // Null if and only if an issue of severity ERROR is present.
  std::shared_ptr<const CompiledIcp> icp;

  // The `name` the document gives, valid or not; empty if it could not be read.
  std::string name;

  // Every problem found, in order of line and column, with `rendered` filled in.
  std::vector<v1::Issue> issues;
};

// Parses and compiles the ICP in `yaml`, of at most kMaxIcpBytes. `file` is the name issues carry.
//
// Mistakes in single fields do not keep the rest from being checked: all is reported in one run.
// What only follows from a mistake that is reported anyway (a test whose only key is misspelt "has
// no test") is left out; so is everything Compile() would say after a syntax error.
LoadedIcp LoadIcp(absl::string_view yaml, absl::string_view file, const TimeZones& zones);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_LOAD_ICP_H_
