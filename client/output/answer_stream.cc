#include "client/output/answer_stream.h"

#include <iostream>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

absl::Status OfOption(const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("--to: ", status.message()));
}

}  // namespace

absl::Status AnswerStream::Open(const std::string& file) {
  to_file_ = !file.empty();
  return to_file_ ? OfOption(file_.Open(file)) : absl::OkStatus();
}

std::ostream& AnswerStream::stream() { return to_file_ ? file_.stream() : std::cout; }

absl::Status AnswerStream::Finish() {
  if (to_file_) return OfOption(file_.Finish());
  std::cout << std::flush;
  return absl::OkStatus();
}

}  // namespace bantam
