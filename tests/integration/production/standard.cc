#include "tests/integration/production/standard.h"

#include <fstream>
#include <sstream>

#include "gtest/gtest.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

std::string ReadStandard(const std::string& name) {
  std::ifstream file(BANTAM_TESTDATA_DIR "/bench/" + name);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string StandardIcpText() { return ReadStandard("standard_icp.yaml"); }

v1::Lead StandardLead() {
  v1::Lead lead;
  SourceMap positions;
  EXPECT_TRUE(ParseYaml(ReadStandard("standard_lead.yaml"), "standard_lead.yaml", &lead, &positions)
                  .empty());
  return lead;
}

}  // namespace bantam
