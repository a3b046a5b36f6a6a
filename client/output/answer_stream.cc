#include "client/output/answer_stream.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

absl::Status CannotWrite(const std::string& file) {
  return absl::InvalidArgumentError(
      absl::StrCat("--to: cannot write ", file, ": ", std::strerror(errno)));
}

}  // namespace

AnswerStream::~AnswerStream() {
  if (!part_.is_open()) return;
  part_.close();
  std::remove(PartFile().c_str());
}

absl::Status AnswerStream::Open(const std::string& file) {
  if (file.empty()) return absl::OkStatus();
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return absl::InvalidArgumentError(absl::StrCat("--to: ", file, " is there and is not a file"));
  }
  file_ = file;
  part_.open(PartFile(), std::ios::binary | std::ios::trunc);
  return part_ ? absl::OkStatus() : CannotWrite(PartFile());
}

std::ostream& AnswerStream::stream() {
  if (file_.empty()) return std::cout;
  return part_;
}

absl::Status AnswerStream::Finish() {
  if (file_.empty()) {
    std::cout << std::flush;
    return absl::OkStatus();
  }
  if (!part_.flush()) return CannotWrite(PartFile());
  if (std::rename(PartFile().c_str(), file_.c_str()) != 0) return CannotWrite(file_);
  part_.close();
  return absl::OkStatus();
}

}  // namespace bantam
