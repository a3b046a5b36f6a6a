#include "server/engine/own_text.h"

#include <algorithm>
#include <utility>

namespace bantam {

OwnText::OwnText(const v1::LocalizedText& text) {
  for (const auto& [language, value] : text.texts()) entries_.push_back({language, value});
  const auto first =
      std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        return std::make_pair(a.language != "en", a.language) <
               std::make_pair(b.language != "en", b.language);
      });
  if (first != entries_.end()) std::iter_swap(first, entries_.begin());
}

absl::string_view OwnText::Pick(absl::string_view language) const {
  for (const Entry& entry : entries_) {
    if (entry.language == language) return entry.text;
  }
  return entries_.empty() ? absl::string_view() : entries_.front().text;
}

}  // namespace bantam
