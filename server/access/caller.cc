#include "server/access/caller.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// Whether a name can be told apart from others by a person who reads a log.
bool IsPlain(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), absl::ascii_isgraph);
}

}  // namespace

Caller::Caller(const Credentials& credentials, absl::optional<Token> token)
    : certificate_end_(credentials.certificate_end), token_(std::move(token)) {
  if (token_.has_value()) identities_.push_back(absl::StrCat("token:", token_->name));
  for (const std::string& id : credentials.spiffe_ids) {
    if (IsPlain(id) && absl::StartsWith(id, "spiffe://")) identities_.push_back(id);
  }
  for (const std::string& name : credentials.dns_names) {
    if (IsPlain(name)) identities_.push_back(absl::StrCat("dns:", absl::AsciiStrToLower(name)));
  }
  name_ = identities_.empty() ? "anonymous" : identities_.front();
}

}  // namespace bantam
