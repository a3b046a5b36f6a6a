// How texts of leads and ICPs are compared.
#ifndef BANTAM_SERVER_ENGINE_TEXT_H_
#define BANTAM_SERVER_ENGINE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bantam {

// `text` without white space (ASCII and Unicode's White_Space) at its ends.
absl::string_view Trim(absl::string_view text);

// The trimmed text in Unicode full case folding ("Straße" and "STRASSE" are equal). `text` must
// be UTF-8; malformed bytes fold to U+FFFD.
std::string Fold(absl::string_view text);

// The same into `*buffer`, whose memory is reused; returns a view of it.
absl::string_view FoldInto(absl::string_view text, std::string* buffer);

// A role's text as rules name it: folded, with runs of spaces, hyphens and underscores as one
// underscore ("Decision-Maker" → "decision_maker").
std::string NormalizeRole(absl::string_view role);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_TEXT_H_
