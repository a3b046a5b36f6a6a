#include "tests/store/temp_directory.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ios>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

void WriteFile(const std::string& path, absl::string_view text, std::ios::openmode mode) {
  std::ofstream file(path, mode | std::ios::binary);
  file << text;
  file.close();
  EXPECT_TRUE(file.good()) << path;
}

}  // namespace

TempDirectory::TempDirectory() {
  std::string pattern = absl::StrCat(::testing::TempDir(), "/bantam_XXXXXX");
  const char* const made = mkdtemp(pattern.data());
  EXPECT_NE(made, nullptr);
  root_ = pattern;
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

std::string TempDirectory::Path(absl::string_view relative) const {
  return relative.empty() ? root_ : absl::StrCat(root_, "/", relative);
}

void TempDirectory::Write(absl::string_view path, absl::string_view text) const {
  fs::create_directories(fs::path(Path(path)).parent_path());
  WriteFile(Path(path), text, std::ios::trunc);
}

void TempDirectory::Append(absl::string_view path, absl::string_view text) const {
  WriteFile(Path(path), text, std::ios::app);
}

void TempDirectory::Replace(absl::string_view path, absl::string_view text) const {
  const std::string beside = absl::StrCat(path, "~");
  Write(beside, text);
  Rename(beside, path);
}

void TempDirectory::MakeDirectory(absl::string_view path) const {
  EXPECT_TRUE(fs::create_directories(Path(path))) << path;
}

void TempDirectory::Rename(absl::string_view from, absl::string_view to) const {
  EXPECT_EQ(std::rename(Path(from).c_str(), Path(to).c_str()), 0) << from << " to " << to;
}

void TempDirectory::Link(absl::string_view target, absl::string_view path) const {
  EXPECT_EQ(symlink(std::string(target).c_str(), Path(path).c_str()), 0) << path;
}

void TempDirectory::Delete(absl::string_view path) const {
  EXPECT_GT(fs::remove_all(Path(path)), 0) << path;
}

ConfigMapVolume::ConfigMapVolume(const TempDirectory* directory, absl::string_view mount)
    : directory_(directory), mount_(mount) {
  directory_->MakeDirectory(mount);
}

std::string ConfigMapVolume::In(absl::string_view path) const {
  return absl::StrCat(mount_, "/", path);
}

void ConfigMapVolume::Update(const std::map<std::string, std::string>& texts) {
  const std::string last = absl::StrCat("..2026_01_31_00_00_00.", updates_);
  const std::string next = absl::StrCat("..2026_01_31_00_00_00.", ++updates_);
  directory_->MakeDirectory(In(next));
  std::set<std::string> tops;
  for (const auto& [path, text] : texts) {
    directory_->Write(In(absl::StrCat(next, "/", path)), text);
    tops.insert(path.substr(0, path.find('/')));
  }
  directory_->Link(next, In("..data_tmp"));
  directory_->Rename(In("..data_tmp"), In("..data"));
  for (const std::string& top : tops) {
    if (std::find(visible_.begin(), visible_.end(), top) == visible_.end()) {
      directory_->Link(absl::StrCat("..data/", top), In(top));
    }
  }
  for (const std::string& top : visible_) {
    if (tops.count(top) == 0) directory_->Delete(In(top));
  }
  if (updates_ > 1) directory_->Delete(In(last));
  visible_.assign(tops.begin(), tops.end());
}

}  // namespace bantam
