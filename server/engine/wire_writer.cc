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

void WireWriter::TextElement(int field, absl::string_view text) {
  PutTag(field, kLengthDelimited);
  PutVarint(text.size());
  bytes_.Append(text);
}

void WireWriter::PresentNumber(int field, double value) {
  PutTag(field, kFixed64);
  std::memcpy(bytes_.Reserve(sizeof(value)), &value, sizeof(value));  // Lowest byte first.
  bytes_.Advance(sizeof(value));
}

void WireWriter::Time(int field, absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);  // Rounds down.
  const absl::Duration rest = time - absl::FromUnixSeconds(seconds);
  Duration(field, seconds, static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
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
