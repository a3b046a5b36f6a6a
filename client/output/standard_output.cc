#include "client/output/standard_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// Opened the wrong way round, so that reading and writing fail as they would have.
std::FILE* WithDescriptorsTaken(std::FILE* file) {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest that is free is this one.
    if (open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) break;
  }
  return file;
}

}  // namespace

StandardOutput::StandardOutput()
    : buffer_(WithDescriptorsTaken(stdout)), before_(std::cout.rdbuf(&buffer_)) {}

StandardOutput::~StandardOutput() { std::cout.rdbuf(before_); }

absl::Status StandardOutput::Finish() {
  std::cout << std::flush;
  if (buffer_.error() == 0 || buffer_.error() == EPIPE) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("standard output cannot be written: ", std::strerror(buffer_.error())));
}

}  // namespace bantam
