#include "client/input/line_source.h"

namespace bantam {

bool LineSource::Next(absl::string_view* line) {
  bool is_too_long = false;
  for (size_t searched = position_;;) {
    size_t end = FindEnd(searched);
    if (end == std::string::npos && rest_ == nullptr) end = buffer_.size();
    if (end != std::string::npos) {
      *line = absl::string_view(buffer_).substr(position_, end - position_);
      is_too_long = is_too_long || line->size() > kMaxRecordBytes;
      const bool found = !line->empty() || is_too_long;
      if (is_too_long) *line = "";
      position_ = end;
      return found;
    }
    // A CR at the end may be half of a CR LF.
    const bool ends_in_cr =
        ends_ == LineEnds::kAny && position_ < buffer_.size() && buffer_.back() == '\r';
    size_t kept = buffer_.size() - position_;
    if (kept > kMaxRecordBytes) {
      is_too_long = true;
      kept = ends_in_cr ? 1 : 0;
      position_ = buffer_.size() - kept;
    }
    searched = kept - (ends_in_cr ? 1 : 0);
    Refill();
  }
}

size_t LineSource::FindEnd(size_t from) const {
  if (ends_ == LineEnds::kLf) {
    const size_t lf = buffer_.find('\n', from);
    return lf == std::string::npos ? lf : lf + 1;
  }
  const size_t end = buffer_.find_first_of("\r\n", from);
  if (end == std::string::npos) return end;
  if (buffer_[end] == '\n') return end + 1;
  if (end + 1 == buffer_.size()) return rest_ == nullptr ? end + 1 : std::string::npos;
  return end + (buffer_[end + 1] == '\n' ? 2 : 1);
}

void LineSource::Refill() {
  buffer_.erase(0, position_);
  position_ = 0;
  const absl::StatusOr<absl::string_view> piece = rest_->Next();
  if (piece.ok()) buffer_.append(piece->data(), piece->size());
  if (!piece.ok()) status_ = piece.status();
  if (!piece.ok() || piece->empty()) rest_.reset();
}

}  // namespace bantam
