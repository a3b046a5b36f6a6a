#include "server/store/postgres_query.h"

#include <libpq-fe.h>
#include <unicode/utf8.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace bantam {
namespace {

// From PostgreSQL's pg_type.dat; they never change.
constexpr unsigned kInt8 = 20;
constexpr unsigned kText = 25;
constexpr unsigned kTextArray = 1009;

// The network's order of bytes.
template <typename Integer>
std::string BigEndian(Integer value) {
  std::string bytes(sizeof(value), '\0');
  for (size_t i = 0; i < sizeof(value); ++i) {
    bytes[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * (sizeof(value) - 1 - i)));
  }
  return bytes;
}

// What an error's class, the first two characters of its SQLSTATE, means.
absl::StatusCode CodeOf(absl::string_view sqlstate) {
  // A server that ends, starts or is overloaded; a lost connection; its disk; a statement that was
  // ended by a bound of time, a deadlock or a conflict; a standby that was the primary.
  for (const char* prefix : {"08", "53", "57", "58", "40", "55P03", "25006", "XX"}) {
    if (absl::StartsWith(sqlstate, prefix)) return absl::StatusCode::kUnavailable;
  }
  // What the schema should have, and rights.
  for (const char* prefix : {"42", "3F", "28", "3D"}) {
    if (absl::StartsWith(sqlstate, prefix)) return absl::StatusCode::kFailedPrecondition;
  }
  // Values and rules of the tables.
  for (const char* prefix : {"22", "23"}) {
    if (absl::StartsWith(sqlstate, prefix)) return absl::StatusCode::kInvalidArgument;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

bool IsStorable(absl::string_view text) {
  const int32_t size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    UChar32 character;
    U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), at, size, character);
    if (character <= 0) return false;
  }
  return true;
}

PostgresValue PostgresValue::Text(absl::string_view text) {
  return {kText, false, std::string(text)};
}

PostgresValue PostgresValue::Null() { return {kText, true, ""}; }

PostgresValue PostgresValue::Integer(int64_t value) { return {kInt8, false, BigEndian(value)}; }

PostgresValue PostgresValue::Texts(const std::vector<std::string>& texts) {
  constexpr int32_t kDimensions = 1, kHasNulls = 0, kFirstIndex = 1;
  std::string bytes =
      absl::StrCat(BigEndian(kDimensions), BigEndian(kHasNulls), BigEndian(kText),
                   BigEndian(static_cast<int32_t>(texts.size())), BigEndian(kFirstIndex));
  for (const std::string& text : texts) {
    absl::StrAppend(&bytes, BigEndian(static_cast<int32_t>(text.size())), text);
  }
  return {kTextArray, false, std::move(bytes)};
}

void PostgresResult::Clear::operator()(pg_result* result) const { PQclear(result); }

PostgresResult::PostgresResult(pg_result* result) : result_(result) {}

int PostgresResult::rows() const { return PQntuples(result_.get()); }

bool PostgresResult::IsNull(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

absl::string_view PostgresResult::Text(int row, int column) const {
  return absl::string_view(PQgetvalue(result_.get(), row, column),
                           static_cast<size_t>(PQgetlength(result_.get(), row, column)));
}

int64_t PostgresResult::Integer(int row, int column) const {
  int64_t value = 0;
  return absl::SimpleAtoi(Text(row, column), &value) ? value : 0;
}

absl::Time PostgresResult::Time(int row, int column) const {
  return absl::FromUnixMicros(Integer(row, column));
}

absl::string_view PostgresResult::sqlstate() const {
  const char* const sqlstate = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
  return sqlstate == nullptr ? "" : sqlstate;
}

absl::Status PostgresResult::status(absl::string_view server) const {
  switch (PQresultStatus(result_.get())) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      return absl::OkStatus();
    default:
      break;
  }
  // Details and hints may repeat values.
  const char* const message = PQresultErrorField(result_.get(), PG_DIAG_MESSAGE_PRIMARY);
  return absl::Status(
      CodeOf(sqlstate()),
      absl::StrCat(server, ": ", OneLine(message == nullptr ? "no answer" : message, ""),
                   sqlstate().empty() ? "" : " (SQLSTATE ", sqlstate(),
                   sqlstate().empty() ? "" : ")"));
}

std::string OneLine(absl::string_view text, absl::string_view secret) {
  std::string line(absl::StripAsciiWhitespace(text));
  if (!secret.empty()) line = absl::StrReplaceAll(line, {{secret, "***"}});
  return absl::StrReplaceAll(line, {{"\n\t", " "}, {"\n", "; "}, {"\t", " "}});
}

}  // namespace bantam
