#include "server/engine/wire_writer.h"

#include <algorithm>

namespace bantam {

char* PutLongBytes(absl::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

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

char* WireFields::PutOtherLength(char* start, size_t length, size_t left) {
  char* const place = start - left;
  size_t size = 1;
  while (length >> (7 * size) != 0) ++size;
  std::memmove(place + size, start, length);
  WireFields(place).PutVarint(length);
  return place + size + length;
}

}  // namespace bantam
