#ifndef BANTAM_SERVER_STORE_FILE_DESCRIPTOR_H_
#define BANTAM_SERVER_STORE_FILE_DESCRIPTOR_H_

#include <unistd.h>

namespace bantam {

// Owns a file descriptor and closes it at the end.
class FileDescriptor {
 public:
  // Takes over what open() and its like returned; negative: there is none.
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() {
    if (valid()) close(descriptor_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  bool valid() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_FILE_DESCRIPTOR_H_
