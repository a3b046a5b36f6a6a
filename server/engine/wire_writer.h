#ifndef BANTAM_SERVER_ENGINE_WIRE_WRITER_H_
#define BANTAM_SERVER_ENGINE_WIRE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace bantam {

// Bytes that grow at their end. Usual answers need no heap.
class ByteBuffer {
 public:
  ByteBuffer() : begin_(small_), end_(small_), limit_(small_ + sizeof(small_)) {}
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;

  // Room for `size` more bytes at end(), to be taken by Advance().
  char* Reserve(size_t size) {
    if (static_cast<size_t>(limit_ - end_) < size) Grow(size);
    return end_;
  }
  void Advance(size_t size) { end_ += size; }

  // The same: all up to `end` is taken.
  void AdvanceTo(char* end) { end_ = end; }

  // Takes back all beyond the first `size` bytes.
  void Truncate(size_t size) { end_ = begin_ + size; }

  void Append(absl::string_view text) {
    if (text.empty()) return;
    std::memcpy(Reserve(text.size()), text.data(), text.size());
    Advance(text.size());
  }
  void Append(char c) {
    *Reserve(1) = c;
    Advance(1);
  }

  size_t size() const { return end_ - begin_; }
  char* data() { return begin_; }
  absl::string_view view() const { return absl::string_view(begin_, size()); }

 private:
  void Grow(size_t size);

  char* begin_;
  char* end_;
  char* limit_;
  std::unique_ptr<char[]> large_;  // Null: the bytes are in `small_`.
  char small_[16 * 1024];
};

// Writes protobuf messages straight in their serialised form: an answer would otherwise be built up
// from hundreds of small objects only to be written out and thrown away.
//
// The bytes are those of the generated code's own serialisation if fields are written in the order
// of their numbers. As there, fields without presence that are zero or empty are left out.
class WireWriter {
 public:
  ByteBuffer& bytes() { return bytes_; }

  void Text(int field, absl::string_view text) {
    if (!text.empty()) TextElement(field, text);
  }

  // An element of a repeated field; it may be empty.
  void TextElement(int field, absl::string_view text) {
    char* end = bytes_.Reserve(2 * kLongestVarint + text.size());
    end = PutVarint(text.size(), PutTag(field, kLengthDelimited, end));
    if (!text.empty()) std::memcpy(end, text.data(), text.size());
    bytes_.AdvanceTo(end + text.size());
  }

  // A text that `append` appends to the ByteBuffer it is given.
  template <typename Append>
  void WrittenText(int field, Append append) {
    const size_t start = Begin(field);
    append(&bytes_);
    if (!End(start)) Remove(start);
  }

  // An element of a repeated field.
  template <typename Append>
  void WrittenTextElement(int field, Append append) {
    const size_t start = Begin(field);
    append(&bytes_);
    End(start);
  }

  // int32, int64 and enums.
  void Integer(int field, int64_t value) {
    if (value == 0) return;
    char* const start = bytes_.Reserve(2 * kLongestVarint);
    bytes_.AdvanceTo(PutVarint(static_cast<uint64_t>(value), PutTag(field, kVarint, start)));
  }

  void Flag(int field, bool value) { Integer(field, value ? 1 : 0); }

  void Number(int field, double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    if (bits != 0) PresentNumber(field, value);
  }

  // A number with presence.
  void PresentNumber(int field, double value) {
    char* const end = PutTag(field, kFixed64, bytes_.Reserve(kLongestVarint + sizeof(value)));
    std::memcpy(end, &value, sizeof(value));  // Lowest byte first.
    bytes_.AdvanceTo(end + sizeof(value));
  }

  // Submessages of the well-known types.
  void Time(int field, absl::Time time);
  void Duration(int field, int64_t seconds, int32_t nanos);

  // A submessage, whose fields `write` writes.
  template <typename Write>
  void Message(int field, Write write) {
    const size_t start = Begin(field);
    write();
    End(start);
  }

 private:
  static constexpr int kVarint = 0;
  static constexpr int kFixed64 = 1;
  static constexpr int kLengthDelimited = 2;
  static constexpr size_t kLongestVarint = 10;

  // Both write to `out`, where there is room, and return the end of what they wrote.
  static char* PutTag(int field, int type, char* out) {
    return PutVarint(static_cast<uint64_t>(field) << 3 | type, out);
  }
  static char* PutVarint(uint64_t value, char* out) {
    for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
    *out++ = static_cast<char>(value);
    return out;
  }

  // Begins what has a length, with room for the length of most: returns its place.
  size_t Begin(int field) {
    char* const end = PutTag(field, kLengthDelimited, bytes_.Reserve(kLongestVarint + 1));
    *end = '\0';
    bytes_.AdvanceTo(end + 1);
    return bytes_.size();
  }

  // Fills in the length of what began at `start`; whether that is above 0.
  bool End(size_t start) {
    const size_t length = bytes_.size() - start;
    if (length >= 0x80) {
      PutLongLength(start, length);
    } else {
      bytes_.data()[start - 1] = static_cast<char>(length);
    }
    return length > 0;
  }

  void PutLongLength(size_t start, size_t length);

  // Takes back what Begin() wrote for a text that turned out empty: a tag of one byte, as all
  // fields with a number below 16 have, and the length.
  void Remove(size_t start) { bytes_.Truncate(start - 2); }

  ByteBuffer bytes_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_WIRE_WRITER_H_
