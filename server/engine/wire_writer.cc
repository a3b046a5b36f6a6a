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

void WireWriter::Time(int field, absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);  // Rounds down.
  const absl::Time whole = absl::FromUnixSeconds(seconds);
  const int64_t nanos = time == whole ? 0 : absl::ToInt64Nanoseconds(time - whole);
  Duration(field, seconds, static_cast<int32_t>(nanos));
}

void WireWriter::Duration(int field, int64_t seconds, int32_t nanos) {
  const size_t start = Begin(field);
  Integer(1, seconds);
  Integer(2, nanos);
  End(start);
}

void WireWriter::PutLongLength(size_t start, size_t length) {
  char varint[kLongestVarint];
  size_t size = 0;
  for (size_t rest = length; rest > 0; rest >>= 7) {
    varint[size++] = static_cast<char>(rest >= 0x80 ? rest | 0x80 : rest);
  }
  bytes_.Reserve(size - 1);
  char* const place = bytes_.data() + start;
  std::memmove(place + size - 1, place, length);
  std::memcpy(place - 1, varint, size);
  bytes_.Advance(size - 1);
}

}  // namespace bantam
