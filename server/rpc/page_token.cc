#include "server/rpc/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/engine/validate.h"

namespace bantam {

std::string MakePageToken(absl::string_view parent, absl::string_view last_name) {
  return absl::WebSafeBase64Escape(absl::StrCat(parent, "\n", last_name));
}

absl::StatusOr<std::string> ReadPageToken(absl::string_view token, absl::string_view parent) {
  if (token.empty()) return std::string();
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text)) text.clear();
  absl::string_view last_name = text;
  if (!absl::ConsumePrefix(&last_name, absl::StrCat(parent, "\n")) || !IsIcpName(last_name)) {
    return absl::InvalidArgumentError(
        "must be the next_page_token of an answer for the same parent");
  }
  return std::string(last_name);
}

}  // namespace bantam
