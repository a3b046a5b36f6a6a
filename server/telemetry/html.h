// HTML that cannot be confused with plain text: what comes from elsewhere gets in by Text() only,
// which escapes it.
#ifndef BANTAM_SERVER_TELEMETRY_HTML_H_
#define BANTAM_SERVER_TELEMETRY_HTML_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace bantam {

// A piece of HTML.
class Html {
 public:
  Html() = default;

  // Markup that stands in the source: `Html("<hr>")`.
  template <size_t n>
  explicit Html(const char (&markup)[n]) : markup_(markup, n - 1) {}

  const std::string& markup() const { return markup_; }

  Html& operator+=(const Html& other) {
    markup_ += other.markup_;
    return *this;
  }
  friend Html operator+(Html a, const Html& b) { return a += b; }

 private:
  friend Html Text(absl::string_view text);
  std::string markup_;
};

// Any text, escaped, for use between tags and in quoted attributes.
Html Text(absl::string_view text);

// A table, which scrolls within its own frame where it is too wide.
class HtmlTable {
 public:
  // A column that is `is_number` is aligned to the right.
  struct Column {
    const char* title;
    bool is_number = false;
  };

  explicit HtmlTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void AddRow(const std::vector<Html>& cells);

  Html Build() const;

 private:
  const std::vector<Column> columns_;
  Html rows_;
};

// Names and values, one below the other.
Html Facts(const std::vector<std::pair<const char*, Html>>& facts);

// A section with this heading.
Html Section(const char* title, const Html& content);

// A bar of which this share, in [0, 1], is filled.
Html Bar(double share);

// For people: "1,234,567"; "12.3 MiB"; "3 d 4 h"; "1.2 ms"; "2026-01-31 09:00:00 UTC".
Html Count(int64_t count);
Html Bytes(int64_t bytes);
Html Percent(double share);
Html LongDuration(absl::Duration duration);
Html ShortDuration(absl::Duration duration);
Html Moment(absl::Time time);

// How long before `now` that was, "3 d 4 h ago"; "never" for InfinitePast().
Html Ago(absl::Time time, absl::Time now);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_HTML_H_
