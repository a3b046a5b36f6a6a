#include "server/rpc/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

// What a token for `list` has after the list's name; empty: it is not one.
std::string Position(absl::string_view token, absl::string_view list) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text)) return "";
  absl::string_view position = text;
  return absl::ConsumePrefix(&position, absl::StrCat(list, "\n")) ? std::string(position) : "";
}

}  // namespace

std::string MakePageToken(absl::string_view parent, absl::string_view last_name) {
  return absl::WebSafeBase64Escape(absl::StrCat(parent, "\n", last_name));
}

absl::StatusOr<std::string> ReadPageToken(absl::string_view token, absl::string_view parent) {
  if (token.empty()) return std::string();
  std::string last_name = Position(token, parent);
  if (IsIcpName(last_name)) return last_name;
  return absl::InvalidArgumentError("must be the next_page_token of an answer for the same parent");
}

std::string MakeRevisionPageToken(absl::string_view name, int64_t last_number) {
  return absl::WebSafeBase64Escape(absl::StrCat(name, "\n", last_number));
}

absl::StatusOr<int64_t> ReadRevisionPageToken(absl::string_view token, absl::string_view name) {
  if (token.empty()) return 0;
  int64_t last_number = 0;
  if (absl::SimpleAtoi(Position(token, name), &last_number) && last_number > 0) return last_number;
  return absl::InvalidArgumentError("must be the next_page_token of an answer for the same name");
}

}  // namespace bantam
