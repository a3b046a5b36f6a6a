#include "tests/definition/case_files.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace bantam {

std::vector<std::string> ListYamlFiles(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(CasePath(folder, ""), error)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string CasePath(const std::string& folder, const std::string& file) {
  return std::string(BANTAM_TESTDATA_DIR) + "/definition/" + folder + "/" + file;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << "cannot read " << path;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string RenderedText(const std::vector<v1::Issue>& issues) {
  std::string text;
  for (const v1::Issue& issue : issues) text += issue.rendered() + "\n";
  return text;
}

void ExpectGolden(const std::string& path, const std::string& text) {
  const char* update = std::getenv("BANTAM_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(ReadFile(path), text) << "if this is right, BANTAM_UPDATE_GOLDEN=1 rewrites " << path;
}

std::string TestName(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(0, info.param.rfind('.'));
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

}  // namespace bantam
