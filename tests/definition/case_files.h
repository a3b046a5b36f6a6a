// The folders of tests/testdata/definition/.
#ifndef BANTAM_TESTS_DEFINITION_CASE_FILES_H_
#define BANTAM_TESTS_DEFINITION_CASE_FILES_H_

#include <string>
#include <vector>

#include "bantam/v1/icp_catalog_service.pb.h"
#include "gtest/gtest.h"

namespace bantam {

// Names of the YAML files in tests/testdata/definition/`folder`, sorted.
std::vector<std::string> ListYamlFiles(const std::string& folder);

// The path of a file there.
std::string CasePath(const std::string& folder, const std::string& file);

// The whole content of a file; a failure of the test if it cannot be read.
std::string ReadFile(const std::string& path);

// What a person sees of `issues`: their rendered form, one after the other.
std::string RenderedText(const std::vector<v1::Issue>& issues);

// Expects the file at `path` to hold `text`. With BANTAM_UPDATE_GOLDEN=1 in the environment the
// file is written instead, for review.
void ExpectGolden(const std::string& path, const std::string& text);

// A file's name as part of a test's name.
std::string TestName(const ::testing::TestParamInfo<std::string>& info);

}  // namespace bantam

#endif  // BANTAM_TESTS_DEFINITION_CASE_FILES_H_
