#ifndef BANTAM_CLIENT_FILES_STDIO_BUFFER_H_
#define BANTAM_CLIENT_FILES_STDIO_BUFFER_H_

#include <cstdio>
#include <streambuf>

namespace bantam {

// A stream's buffer that writes to a FILE of the C library and remembers why it could not: the
// stream itself only knows that. Not thread-safe.
class StdioBuffer : public std::streambuf {
 public:
  // `file` must outlive the buffer.
  explicit StdioBuffer(std::FILE* file) : file_(file) {}

  // The errno of the first write that failed; 0: all went well so far.
  int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

 private:
  // Remembers errno unless `good`, which it returns.
  bool Check(bool good);

  std::FILE* const file_;
  int error_ = 0;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_FILES_STDIO_BUFFER_H_
