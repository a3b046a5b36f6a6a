#include "client/files/stdio_buffer.h"

#include <cerrno>

namespace bantam {

bool StdioBuffer::Check(bool good) {
  if (!good && error_ == 0) error_ = errno;
  return good;
}

StdioBuffer::int_type StdioBuffer::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  return Check(std::fputc(c, file_) != EOF) ? c : traits_type::eof();
}

std::streamsize StdioBuffer::xsputn(const char* text, std::streamsize size) {
  const size_t wanted = static_cast<size_t>(size);
  const size_t written = std::fwrite(text, 1, wanted, file_);
  Check(written == wanted);
  return static_cast<std::streamsize>(written);
}

int StdioBuffer::sync() { return Check(std::fflush(file_) == 0) ? 0 : -1; }

}  // namespace bantam
