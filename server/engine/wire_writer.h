#ifndef BANTAM_SERVER_ENGINE_WIRE_WRITER_H_
#define BANTAM_SERVER_ENGINE_WIRE_WRITER_H_

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/engine/instant.h"

namespace bantam {

// PutBytes() for more than 32 bytes, for which calling the library pays.
char* PutLongBytes(absl::string_view text, char* out);

// Copies `text` to `out`, where there is room for it; returns the end of the copy. Of short texts,
// as most are, it copies the first and the last bytes, which overlap.
inline char* PutBytes(absl::string_view text, char* out) {
  const size_t size = text.size();
  const char* const from = text.data();
  char* const end = out + size;
  const auto copy_ends = [&](auto first) {
    auto last = first;
    std::memcpy(&first, from, sizeof(first));
    std::memcpy(&last, from + size - sizeof(last), sizeof(last));
    std::memcpy(out, &first, sizeof(first));
    std::memcpy(end - sizeof(last), &last, sizeof(last));
  };
  struct Block {
    uint64_t words[2];
  };
  if (size > 2 * sizeof(Block)) return PutLongBytes(text, out);
  if (size >= sizeof(Block)) {
    copy_ends(Block());
  } else if (size >= sizeof(uint64_t)) {
    copy_ends(uint64_t());
  } else if (size >= sizeof(uint32_t)) {
    copy_ends(uint32_t());
  } else if (size > 0) {
    out[0] = from[0];
    out[size / 2] = from[size / 2];
    end[-1] = from[size - 1];
  }
  return end;
}

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
  void Advance(size_t size) { AdvanceTo(end_ + size); }

  // The same: all up to `end` is taken.
  void AdvanceTo(char* end) {
    assert(end <= limit_);
    end_ = end;
  }

  // Takes back all beyond the first `size` bytes.
  void Truncate(size_t size) { end_ = begin_ + size; }

  void Append(absl::string_view text) { AdvanceTo(PutBytes(text, Reserve(text.size()))); }
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

// Writes fields of a message one after another, where there is room for them: it does not look. It
// is only a position, which stays in a register, and the tags are constants.
//
// The bytes are those of the generated code's own serialisation if fields are written in the order
// of their numbers. As there, fields without presence that are zero or empty are left out.
class WireFields {
 public:
  // What a field takes at most, beside the bytes of a text or of a submessage's fields: a tag of a
  // number below 2048 and the longest varint.
  static constexpr size_t kLongestField = 2 + 10;

  // What a Timestamp or a Duration takes at most.
  static constexpr size_t kLongestTime = 3 * kLongestField;

  explicit WireFields(char* end) : end_(end) {}

  // The end of what was written.
  char* end() const { return end_; }

  void Text(int field, absl::string_view text) {
    if (!text.empty()) TextElement(field, text);
  }

  // An element of a repeated field; it may be empty.
  void TextElement(int field, absl::string_view text) {
    PutTag(field, kLengthDelimited);
    PutVarint(text.size());
    end_ = PutBytes(text, end_);
  }

  // A text that `write` writes to the place it is given, where there is room; it returns the end.
  // The field's number must be below 16.
  template <typename Write>
  void WrittenText(int field, Write write) {
    PutTag(field, kLengthDelimited);
    char* const start = ++end_;
    end_ = write(start);
    if (end_ == start) {
      end_ = start - 2;
    } else {
      PutLength(start);
    }
  }

  // int32, int64 and enums.
  void Integer(int field, int64_t value) {
    if (value == 0) return;
    PutTag(field, kVarint);
    PutVarint(static_cast<uint64_t>(value));
  }

  void Flag(int field, bool value) {
    if (!value) return;
    PutTag(field, kVarint);
    *end_++ = 1;
  }

  void Number(int field, double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    if (bits != 0) PresentNumber(field, value);
  }

  // A number with presence.
  void PresentNumber(int field, double value) {
    PutTag(field, kFixed64);
    std::memcpy(end_, &value, sizeof(value));  // Lowest byte first.
    end_ += sizeof(value);
  }

  // A Timestamp or a Duration.
  void Time(int field, int64_t seconds, int32_t nanos) {
    PutTag(field, kLengthDelimited);
    char* const start = ++end_;
    Integer(1, seconds);
    Integer(2, nanos);
    start[-1] = static_cast<char>(end_ - start);
  }

  void Time(int field, Instant time) {
    const int64_t second = time.Second();
    Time(field, second, static_cast<int32_t>(time.nanos() - second * kNanosPerSecond));
  }

  // The instant `later` than `time`. Reckoned in seconds, since it may lie beyond those that an
  // Instant can be.
  void Time(int field, Instant time, TimeSpan later) {
    const int64_t start = time.Second();
    const uint64_t later_seconds = later.nanos() / kNanosPerSecond;
    int64_t second = start + static_cast<int64_t>(later_seconds);
    int64_t nanos = time.nanos() - start * kNanosPerSecond +
                    static_cast<int64_t>(later.nanos() - later_seconds * kNanosPerSecond);
    if (nanos >= kNanosPerSecond) {
      ++second;
      nanos -= kNanosPerSecond;
    }
    Time(field, second, static_cast<int32_t>(nanos));
  }

  // A submessage, whose fields `write` writes to this.
  template <typename Write>
  void Message(int field, Write write) {
    PutTag(field, kLengthDelimited);
    char* const start = ++end_;
    write();
    PutLength(start);
  }

 private:
  static constexpr int kVarint = 0;
  static constexpr int kFixed64 = 1;
  static constexpr int kLengthDelimited = 2;

  void PutTag(int field, int type) { PutVarint(static_cast<uint64_t>(field) << 3 | type); }

  void PutVarint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) *end_++ = static_cast<char>(value | 0x80);
    *end_++ = static_cast<char>(value);
  }

  // Fills in the length of what began at `start`, behind a byte that was left for it.
  void PutLength(char* start) {
    const size_t length = end_ - start;
    if (length < 0x80) {
      start[-1] = static_cast<char>(length);
    } else {
      end_ = PutOtherLength(start, length, 1);
    }
  }

  // The same behind two bytes.
  void PutLongLength(char* start) {
    const size_t length = end_ - start;
    if (length >= 0x80 && length < 0x4000) {
      start[-2] = static_cast<char>(length | 0x80);
      start[-1] = static_cast<char>(length >> 7);
    } else {
      end_ = PutOtherLength(start, length, 2);
    }
  }

  // The same for lengths that do not take the `left` bytes that were left: moves what has been
  // written; returns its end.
  static char* PutOtherLength(char* start, size_t length, size_t left);

  friend class WireWriter;

  char* end_;
};

// Writes protobuf messages straight in their serialised form: an answer would otherwise be built up
// from hundreds of small objects only to be written out and thrown away.
class WireWriter {
 public:
  ByteBuffer& bytes() { return bytes_; }

  // Fields that take `most` bytes at most, which `write` writes to the WireFields it is given. For
  // what is written often: there is one look for room instead of one for each field. That `most` is
  // enough, builds for debugging check, those of the sanitizers and of fuzzing among them.
  template <typename Write>
  void Fields(size_t most, Write write) {
    char* const room = bytes_.Reserve(most);
    WireFields fields(room);
    write(&fields);
    assert(fields.end() <= room + most);
    bytes_.AdvanceTo(fields.end());
  }

  // One field each, as WireFields has them.
  void Text(int field, absl::string_view text) {
    if (!text.empty()) TextElement(field, text);
  }
  void TextElement(int field, absl::string_view text) {
    Fields(kLongestField + text.size(),
           [&](WireFields* fields) { fields->TextElement(field, text); });
  }
  void Integer(int field, int64_t value) {
    Fields(kLongestField, [&](WireFields* fields) { fields->Integer(field, value); });
  }
  void Flag(int field, bool value) {
    Fields(kLongestField, [&](WireFields* fields) { fields->Flag(field, value); });
  }
  void Number(int field, double value) {
    Fields(kLongestField, [&](WireFields* fields) { fields->Number(field, value); });
  }
  void PresentNumber(int field, double value) {
    Fields(kLongestField, [&](WireFields* fields) { fields->PresentNumber(field, value); });
  }
  void Time(int field, absl::Time time) {
    const auto parts = absl::ToTimespec(time);  // Rounds down.
    Duration(field, parts.tv_sec, static_cast<int32_t>(parts.tv_nsec));
  }
  void Duration(int field, int64_t seconds, int32_t nanos) {
    Fields(WireFields::kLongestTime,
           [&](WireFields* fields) { fields->Time(field, seconds, nanos); });
  }

  // A text that `append` appends to the ByteBuffer it is given.
  template <typename Append>
  void WrittenText(int field, Append append) {
    const size_t start = Begin(field);
    append(&bytes_);
    if (bytes_.size() == start) {
      bytes_.Truncate(start - 2);  // A tag of one byte, as all below 16 have, and the length.
    } else {
      End(start);
    }
  }

  // An element of a repeated field.
  template <typename Append>
  void WrittenTextElement(int field, Append append) {
    const size_t start = Begin(field);
    append(&bytes_);
    End(start);
  }

  // A submessage, whose fields `write` writes.
  template <typename Write>
  void Message(int field, Write write) {
    const size_t start = Begin(field);
    write();
    End(start);
  }

  // The same for one of 128 bytes or more, as a rule: else what was written has to be moved.
  template <typename Write>
  void LongMessage(int field, Write write) {
    const size_t start = Begin(field, 2);
    write();
    WireFields fields(bytes_.Reserve(kLongestField));
    fields.PutLongLength(bytes_.data() + start);
    bytes_.AdvanceTo(fields.end());
  }

 private:
  static constexpr size_t kLongestField = WireFields::kLongestField;

  // Begins what has a length, for which it leaves `left` bytes: returns its place.
  size_t Begin(int field, size_t left = 1) {
    WireFields fields(bytes_.Reserve(kLongestField));
    fields.PutTag(field, WireFields::kLengthDelimited);
    bytes_.AdvanceTo(fields.end() + left);
    return bytes_.size();
  }

  // Fills in the length of what began at `start`.
  void End(size_t start) {
    WireFields fields(bytes_.Reserve(kLongestField));
    fields.PutLength(bytes_.data() + start);
    bytes_.AdvanceTo(fields.end());
  }

  ByteBuffer bytes_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_WIRE_WRITER_H_
