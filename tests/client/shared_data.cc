#include "tests/client/shared_data.h"

#include <cstdlib>
#include <filesystem>

namespace bantam {

std::string SharedData(const std::string& path) {
  const char* folder = std::getenv("BANTAM_SHARED_DATA");
  return std::string(folder != nullptr ? folder : BANTAM_SOURCE_DIR "/../shared/data") + "/" + path;
}

bool FileExists(const std::string& path) { return std::filesystem::exists(path); }

}  // namespace bantam
