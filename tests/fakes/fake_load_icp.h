#ifndef BANTAM_TESTS_FAKES_FAKE_LOAD_ICP_H_
#define BANTAM_TESTS_FAKES_FAKE_LOAD_ICP_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/definition/load_icp.h"

namespace bantam {

// Stands in for LoadIcp() where a test is not about the language of definitions. Understands lines
// of these forms; any other line is an error at that line:
//
//   name: tenants/acme/icps/software   must be there
//   title: anything                    changes the revision
//   warning: text                      gives this warning
//   error: text                        gives this error
//   # anything                         changes nothing
LoadedIcp FakeLoadIcp(absl::string_view yaml, absl::string_view file);

// A good definition that FakeLoadIcp() and LoadIcp() both understand: FakeIcp("acme", "software",
// "Software 1").
std::string FakeIcp(absl::string_view tenant, absl::string_view icp, absl::string_view title);

}  // namespace bantam

#endif  // BANTAM_TESTS_FAKES_FAKE_LOAD_ICP_H_
