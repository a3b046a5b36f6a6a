#ifndef BANTAM_CLIENT_INPUT_LINE_SOURCE_H_
#define BANTAM_CLIENT_INPUT_LINE_SOURCE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/input/text_source.h"

namespace bantam {

// The longest line of NDJSON, and the longest row of a table, in bytes. A longer one is a bad lead:
// so much memory a reader takes at most, twice.
inline constexpr size_t kMaxRecordBytes = size_t{16} << 20;

// What ends a line.
enum class LineEnds {
  kLf,   // LF.
  kAny,  // LF, CR LF or a lone CR.
};

// The lines of a text, read as they are asked for. Not thread-safe.
class LineSource {
 public:
  // `head`: the text's beginning, which was read already; `rest`: what follows; null: nothing.
  LineSource(std::string head, std::unique_ptr<TextSource> rest, LineEnds ends)
      : buffer_(std::move(head)), rest_(std::move(rest)), ends_(ends) {}

  // The next line with its end, valid until the next call; false: there is none. One of more than
  // kMaxRecordBytes is passed over, and gives an empty text.
  bool Next(absl::string_view* line);

  // Once there is no further line: whether the text was read to its end.
  const absl::Status& status() const { return status_; }

 private:
  // The length up to and with the first line end behind `from` in the buffer; npos: the rest of the
  // text must tell.
  size_t FindEnd(size_t from) const;
  void Refill();

  std::string buffer_;
  size_t position_ = 0;  // Of the next line in the buffer.
  std::unique_ptr<TextSource> rest_;
  const LineEnds ends_;
  absl::Status status_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_LINE_SOURCE_H_
