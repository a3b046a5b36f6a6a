#include "server/store/redis_url.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bantam {
namespace {

constexpr absl::string_view kForm = "redis://[[user]:password@]host[:port][/database]";

// Decodes %XX. False: a percent sign without two hexadecimal digits.
bool PercentDecode(absl::string_view text, std::string* decoded) {
  decoded->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded->push_back(text[i]);
      continue;
    }
    uint32_t byte = 0;
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) ||
        !absl::ascii_isxdigit(text[i + 2]) || !absl::SimpleHexAtoi(text.substr(i + 1, 2), &byte)) {
      return false;
    }
    decoded->push_back(static_cast<char>(byte));
    i += 2;
  }
  return true;
}

bool ParseNumber(absl::string_view text, int lowest, int highest, int* number) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return absl::SimpleAtoi(text, number) && *number >= lowest && *number <= highest;
}

bool IsHostName(absl::string_view host) {
  for (const char c : host) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '.' && c != '_') return false;
  }
  return !host.empty();
}

bool IsIpv6(absl::string_view host) {
  // The part after a percent sign names a network interface.
  for (const char c : host.substr(0, host.find('%'))) {
    if (!absl::ascii_isxdigit(c) && c != ':' && c != '.') return false;
  }
  return absl::StrContains(host, ':');
}

// `[user]:password`
void ParseCredentials(absl::string_view text, RedisUrl* url, std::vector<std::string>* problems) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos || colon + 1 == text.size()) {
    problems->push_back("before the @ there is no password; write :password@ or user:password@");
    return;
  }
  if (!PercentDecode(text.substr(0, colon), &url->user) ||
      !PercentDecode(text.substr(colon + 1), &url->password)) {
    problems->push_back(
        "in the user or the password a % is not followed by two hexadecimal digits; write %25 for "
        "a % itself");
  }
}

// `host[:port]`
void ParseHost(absl::string_view text, RedisUrl* url, std::vector<std::string>* problems) {
  absl::string_view host = text;
  absl::string_view port;
  bool has_port = false;
  if (absl::StartsWith(text, "[")) {
    const size_t end = text.find(']');
    host = text.substr(1, end == absl::string_view::npos ? end : end - 1);
    absl::string_view rest = end == absl::string_view::npos ? "" : text.substr(end + 1);
    has_port = absl::StartsWith(rest, ":");
    if (has_port) port = rest.substr(1);
    if (end == absl::string_view::npos || !IsIpv6(host) || (!rest.empty() && !has_port)) {
      problems->push_back("what stands in [] is not an IPv6 address, or a ] is missing");
    }
  } else {
    const size_t colon = text.rfind(':');
    has_port = colon != absl::string_view::npos;
    if (has_port) {
      host = text.substr(0, colon);
      port = text.substr(colon + 1);
    }
    if (!IsHostName(host)) {
      problems->push_back(
          "the host is missing or is not a name or an address; an IPv6 address stands in []");
    }
  }
  url->host = std::string(host);
  if (has_port && !ParseNumber(port, 1, 65535, &url->port)) {
    problems->push_back("the port is not a number from 1 to 65535");
  }
}

}  // namespace

std::string RedisUrl::Address() const {
  if (absl::StrContains(host, ':')) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<RedisUrl> ParseRedisUrl(absl::string_view text) {
  RedisUrl url;
  std::vector<std::string> problems;
  if (absl::StartsWith(text, "redis://")) {
    text.remove_prefix(8);
  } else if (absl::StartsWith(text, "rediss://")) {
    text.remove_prefix(9);
    url.tls = true;
  } else {
    return absl::InvalidArgumentError(absl::StrCat(
        "the URL of Redis does not begin with redis:// or rediss://; expected ", kForm));
  }
  if (text.find_first_of("?#") != absl::string_view::npos) {
    problems.push_back(
        "it has a ? or #, after which nothing is known; write %3F or %23 in a password");
    text = text.substr(0, text.find_first_of("?#"));
  }
  // A password may hold a / or @ that was not encoded; the last @ is the one that counts.
  const size_t at = text.rfind('@');
  if (at != absl::string_view::npos) {
    ParseCredentials(text.substr(0, at), &url, &problems);
    text.remove_prefix(at + 1);
  }
  const size_t slash = text.find('/');
  ParseHost(text.substr(0, slash), &url, &problems);
  const absl::string_view database = slash == absl::string_view::npos ? "" : text.substr(slash + 1);
  if (!database.empty() && !ParseNumber(database, 0, 1000000, &url.database)) {
    problems.push_back("the database is not a number from 0 to 1000000");
  }
  if (problems.empty()) return url;
  return absl::InvalidArgumentError(absl::StrCat(
      "the URL of Redis is wrong: ", absl::StrJoin(problems, "; "), "; expected ", kForm));
}

}  // namespace bantam
