#include "client/files/part_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

absl::Status CannotWrite(const std::string& file, int error) {
  return absl::InvalidArgumentError(
      absl::StrCat(file, ": cannot be written: ", std::strerror(error)));
}

// Where `file` leads, if it is a link to something.
std::string WithoutLinks(const std::string& file) {
  std::error_code error;
  if (!fs::is_symlink(file, error) || !fs::exists(file, error)) return file;
  return fs::canonical(file, error).string();
}

}  // namespace

std::string PartNameOf(const std::string& file) { return WithoutLinks(file) + ".part"; }

PartFile::~PartFile() {
  if (part_ == nullptr) return;
  part_.reset();
  std::remove(part_name_.c_str());
}

absl::Status PartFile::Open(const std::string& file) {
  std::error_code error;
  const fs::file_status there = fs::status(file, error);
  if (fs::exists(there) && !fs::is_regular_file(there)) {
    return absl::InvalidArgumentError(absl::StrCat(file, " is there and is not a file"));
  }
  asked_for_ = file;
  file_ = WithoutLinks(file);
  part_name_ = PartNameOf(file);
  part_.reset(std::fopen(part_name_.c_str(), "wb"));
  if (part_ == nullptr) return CannotWrite(asked_for_, errno);
  // Where that is not allowed, the file is still better whole than not at all.
  if (fs::exists(there)) fs::permissions(part_name_, there.permissions(), error);
  buffer_.emplace(part_.get());
  stream_.rdbuf(&*buffer_);
  return absl::OkStatus();
}

absl::Status PartFile::Finish() {
  stream_.flush();
  if (buffer_->error() != 0) return CannotWrite(asked_for_, buffer_->error());
  if (std::rename(part_name_.c_str(), file_.c_str()) != 0) return CannotWrite(asked_for_, errno);
  part_.reset();
  return absl::OkStatus();
}

absl::Status WriteWholeFile(const std::string& file, absl::string_view text) {
  PartFile part;
  if (absl::Status opened = part.Open(file); !opened.ok()) return opened;
  part.stream() << text;
  return part.Finish();
}

}  // namespace bantam
