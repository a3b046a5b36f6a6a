// The worked example of tests/testdata, as a bantamd is asked about it.
#ifndef BANTAM_TESTS_INTEGRATION_WORKED_EXAMPLE_H_
#define BANTAM_TESTS_INTEGRATION_WORKED_EXAMPLE_H_

#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "tests/integration/server_process.h"

namespace bantam {

inline constexpr char kWorkedExampleIcp[] = "tenants/example/icps/worked-example";

// Puts its ICP into the folder.
void CopyWorkedExampleIcp(const TemporaryFolder& icps);

v1::Lead WorkedExampleLead();

// That ICP, at the time of the example.
v1::EvaluationSettings WorkedExampleSettings();

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_WORKED_EXAMPLE_H_
