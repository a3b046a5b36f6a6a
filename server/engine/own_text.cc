#include "server/engine/own_text.h"

#include <algorithm>
#include <utility>

namespace bantam {

OwnText::OwnText(const v1::LocalizedText& text) {
  constexpr LanguageCode kEnglish("en");
  entries_.reserve(text.texts().size());
  for (const auto& [language, value] : text.texts()) {
    entries_.push_back({LanguageCode(language), static_cast<uint32_t>(value.size()), value.data()});
  }
  const auto first =
      std::min_element(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
        return std::make_pair(!(a.language == kEnglish), a.language) <
               std::make_pair(!(b.language == kEnglish), b.language);
      });
  if (first != entries_.end()) std::iter_swap(first, entries_.begin());
}

}  // namespace bantam
