#include "client/input/text_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace bantam {
namespace {

constexpr absl::string_view kMark = "\xEF\xBB\xBF";

}  // namespace

absl::StatusOr<std::unique_ptr<TextSource>> TextSource::Open(std::unique_ptr<ByteSource> bytes,
                                                             absl::string_view encoding) {
  absl::StatusOr<FoundEncoding> found = FindEncoding(encoding, bytes.get());
  if (!found.ok()) return found.status();
  std::unique_ptr<TextSource> text(new TextSource(std::move(bytes), *std::move(found)));
  absl::Status status = text->Rewind();
  if (status.ok()) status = text->LookThrough();
  if (status.ok()) status = text->Rewind();
  if (!status.ok()) return status;
  return text;
}

absl::Status TextSource::Rewind() {
  bytes_->Rewind();
  absl::StatusOr<std::unique_ptr<Decoder>> decoder = Decoder::Create(encoding_.name);
  if (!decoder.ok()) return decoder.status();
  decoder_ = *std::move(decoder);
  mark_left_ = encoding_.mark_length;
  begun_ = ended_ = false;
  return absl::OkStatus();
}

absl::Status TextSource::LookThrough() {
  char last = '\n';
  while (true) {
    const absl::StatusOr<absl::string_view> piece = Next();
    if (!piece.ok()) return piece.status();
    if (piece->empty()) break;
    is_blank_ = is_blank_ && absl::StripLeadingAsciiWhitespace(*piece).empty();
    for (const char c : *piece) {
      const bool ends_line = c == '\r' || (c == '\n' && last != '\r');
      line_count_ += ends_line ? 1 : 0;
      last = c;
    }
  }
  if (last != '\n' && last != '\r') ++line_count_;
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> TextSource::Next() {
  piece_.clear();
  while (piece_.empty() && !ended_) {
    absl::StatusOr<absl::string_view> bytes = bytes_->Next();
    if (!bytes.ok()) return bytes.status();
    ended_ = bytes->empty();
    const size_t mark = std::min(mark_left_, bytes->size());
    mark_left_ -= mark;
    bytes->remove_prefix(mark);
    const absl::Status status = decoder_->Decode(*bytes, ended_, &piece_);
    if (!status.ok()) return status;
    if (piece_.empty() || begun_) continue;
    begun_ = true;
    if (absl::StartsWith(piece_, kMark)) piece_.erase(0, kMark.size());
  }
  return absl::string_view(piece_);
}

}  // namespace bantam
