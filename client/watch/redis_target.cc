#include "client/watch/redis_target.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace bantam {
namespace {

// Decodes %XX. False: a percent sign without two hexadecimal digits.
bool PercentDecode(absl::string_view text, std::string* decoded) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded->push_back(text[i]);
      continue;
    }
    uint32_t byte = 0;
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2])) ||
        !absl::SimpleHexAtoi(text.substr(i + 1, 2), &byte)) {
      return false;
    }
    decoded->push_back(static_cast<char>(byte));
    i += 2;
  }
  return true;
}

bool IsNumber(absl::string_view text, int lowest, int highest) {
  int number = 0;
  return absl::SimpleAtoi(text, &number) && number >= lowest && number <= highest;
}

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the URL of Redis is wrong: ", what,
                   "; expected redis://[[user]:password@]host[:port][/database], or rediss:// for "
                   "TLS"));
}

}  // namespace

std::string RedisTarget::Address() const {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port)
                                      : absl::StrCat(host, ":", port);
}

absl::StatusOr<RedisTarget> ParseRedisTarget(absl::string_view url) {
  RedisTarget target;
  target.tls = absl::ConsumePrefix(&url, "rediss://");
  if (!target.tls && !absl::ConsumePrefix(&url, "redis://")) {
    return Wrong("it does not begin with redis:// or rediss://");
  }
  // A password may hold a / or @ that was not encoded; the last @ is the one that counts.
  const size_t at = url.rfind('@');
  if (at != absl::string_view::npos) {
    const absl::string_view login = url.substr(0, at);
    const size_t colon = login.find(':');
    if (colon == absl::string_view::npos) return Wrong("before the @ there is no password");
    if (!PercentDecode(login.substr(0, colon), &target.user) ||
        !PercentDecode(login.substr(colon + 1), &target.password)) {
      return Wrong("a % in the user or the password is not followed by two hexadecimal digits");
    }
    url.remove_prefix(at + 1);
  }
  const size_t slash = url.find('/');
  if (slash != absl::string_view::npos) {
    if (slash + 1 < url.size()) target.database = std::string(url.substr(slash + 1));
    if (!IsNumber(target.database, 0, 1000000)) return Wrong("the database is not a number");
    url = url.substr(0, slash);
  }
  // A colon within [] belongs to an IPv6 address.
  const size_t colon = url.rfind(':');
  if (colon != absl::string_view::npos && !absl::EndsWith(url, "]")) {
    target.port = std::string(url.substr(colon + 1));
    if (!IsNumber(target.port, 1, 65535)) return Wrong("the port is not a number from 1 to 65535");
    url = url.substr(0, colon);
  }
  if (absl::ConsumePrefix(&url, "[") && !absl::ConsumeSuffix(&url, "]")) {
    return Wrong("a ] is missing");
  }
  if (url.empty()) return Wrong("the host is missing");
  target.host = std::string(url);
  return target;
}

}  // namespace bantam
