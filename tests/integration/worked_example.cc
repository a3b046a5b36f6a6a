#include "tests/integration/worked_example.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"
#include "server/definition/yaml.h"

namespace bantam {

void CopyWorkedExampleIcp(const TemporaryFolder& icps) {
  std::filesystem::copy(BANTAM_TESTDATA_DIR "/worked_example/icp.yaml", icps.path());
}

v1::Lead WorkedExampleLead() {
  std::ifstream file(BANTAM_TESTDATA_DIR "/worked_example/lead.yaml");
  std::ostringstream text;
  text << file.rdbuf();
  v1::Lead lead;
  EXPECT_TRUE(ParseYaml(text.str(), "lead.yaml", &lead, nullptr).empty());
  return lead;
}

v1::EvaluationSettings WorkedExampleSettings() {
  v1::EvaluationSettings settings;
  settings.add_icps()->set_name(kWorkedExampleIcp);
  settings.mutable_evaluate_time()->set_seconds(1769817600);  // 2026-01-31T00:00Z
  return settings;
}

}  // namespace bantam
