#include "server/telemetry/html.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bantam {

Html Text(absl::string_view text) {
  Html html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html.markup_ += "&amp;";
        break;
      case '<':
        html.markup_ += "&lt;";
        break;
      case '>':
        html.markup_ += "&gt;";
        break;
      case '"':
        html.markup_ += "&quot;";
        break;
      case '\'':
        html.markup_ += "&#39;";
        break;
      default:
        html.markup_ += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return html;
}

void HtmlTable::AddRow(const std::vector<Html>& cells) {
  rows_ += Html("<tr>");
  for (size_t i = 0; i < cells.size(); ++i) {
    rows_ += columns_[i].is_number ? Html("<td class=\"number\">") : Html("<td>");
    rows_ += cells[i] + Html("</td>");
  }
  rows_ += Html("</tr>\n");
}

Html HtmlTable::Build() const {
  Html html("<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr>");
  for (const Column& column : columns_) {
    html +=
        column.is_number ? Html("<th scope=\"col\" class=\"number\">") : Html("<th scope=\"col\">");
    html += Text(column.title) + Html("</th>");
  }
  return html + Html("</tr></thead>\n<tbody>\n") + rows_ + Html("</tbody></table></div>\n");
}

Html Facts(const std::vector<std::pair<const char*, Html>>& facts) {
  Html html("<dl>\n");
  for (const auto& [name, value] : facts) {
    html += Html("<div><dt>") + Text(name) + Html("</dt><dd>") + value + Html("</dd></div>\n");
  }
  return html + Html("</dl>\n");
}

Html Section(const char* title, const Html& content) {
  return Html("<section>\n<h2>") + Text(title) + Html("</h2>\n") + content + Html("</section>\n");
}

Html Bar(double share) {
  return Html("<span class=\"bar\"><span style=\"width:") +
         Text(absl::StrFormat("%.1f%%", 100 * std::clamp(share, 0.0, 1.0))) +
         Html("\"></span></span>");
}

Html Count(int64_t count) {
  std::string digits = absl::StrCat(count);
  const int first = count < 0 ? 1 : 0;
  for (int i = static_cast<int>(digits.size()) - 3; i > first; i -= 3) digits.insert(i, ",");
  return Text(digits);
}

Html Bytes(int64_t bytes) {
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  return Text(absl::StrFormat("%.*f %s", unit == 0 ? 0 : 1, value, units[unit]));
}

Html Percent(double share) { return Text(absl::StrFormat("%.1f %%", 100 * share)); }

Html LongDuration(absl::Duration duration) {
  const int64_t seconds = std::max<int64_t>(absl::ToInt64Seconds(duration), 0);
  const int64_t minutes = seconds / 60;
  const int64_t hours = minutes / 60;
  const int64_t days = hours / 24;
  if (days > 0) return Text(absl::StrCat(days, " d ", hours % 24, " h"));
  if (hours > 0) return Text(absl::StrCat(hours, " h ", minutes % 60, " min"));
  if (minutes > 0) return Text(absl::StrCat(minutes, " min ", seconds % 60, " s"));
  return Text(absl::StrCat(seconds, " s"));
}

Html ShortDuration(absl::Duration duration) {
  const double ms = absl::ToDoubleMilliseconds(duration);
  if (ms < 1) return Text(absl::StrFormat("%.0f µs", 1000 * ms));
  if (ms < 10) return Text(absl::StrFormat("%.1f ms", ms));
  if (ms < 1000) return Text(absl::StrFormat("%.0f ms", ms));
  return Text(absl::StrFormat("%.1f s", ms / 1000));
}

Html Moment(absl::Time time) {
  return Text(absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone()));
}

Html Ago(absl::Time time, absl::Time now) {
  if (time == absl::InfinitePast()) return Html("never");
  return LongDuration(now - time) + Html(" ago");
}

}  // namespace bantam
