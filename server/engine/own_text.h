#ifndef BANTAM_SERVER_ENGINE_OWN_TEXT_H_
#define BANTAM_SERVER_ENGINE_OWN_TEXT_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "bantam/v1/value.pb.h"

namespace bantam {

// A text of an ICP in the languages it has, ready to pick from. Refers to the definition, which
// must outlive it. Immutable; safe for concurrent use.
class OwnText {
 public:
  OwnText() = default;
  OwnText(const v1::LocalizedText& text);  // NOLINT: the same in another form.

  bool empty() const { return entries_.empty(); }

  // The text for `language`; else "en"; else the first in alphabetical order; empty if there is
  // none.
  absl::string_view Pick(absl::string_view language) const;

 private:
  struct Entry {
    absl::string_view language;
    absl::string_view text;
  };

  std::vector<Entry> entries_;  // The first is the one to fall back to.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_OWN_TEXT_H_
