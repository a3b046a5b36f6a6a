#include "server/engine/wire_writer.h"

#include <algorithm>

namespace bantam {

void ByteBuffer::Grow(size_t size) {
  const size_t used = this->size();
  const size_t capacity = std::max(2 * static_cast<size_t>(limit_ - begin_), used + size);
  std::unique_ptr<char[]> larger(new char[capacity]);
  std::memcpy(larger.get(), begin_, used);
  large_ = std::move(larger);
  begin_ = large_.get();
  end_ = begin_ + used;
  limit_ = begin_ + capacity;
}

char* WireFields::PutLongLength(char* start, size_t length) {
  size_t more = 0;  // Bytes beyond the one that was left.
  for (size_t rest = length >> 7; rest > 0; rest >>= 7) ++more;
  std::memmove(start + more, start, length);
  WireFields(start - 1).PutVarint(length);
  return start + more + length;
}

}  // namespace bantam
