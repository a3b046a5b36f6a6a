// What is sent to a PostgreSQL, and what comes back.
#ifndef BANTAM_SERVER_STORE_POSTGRES_QUERY_H_
#define BANTAM_SERVER_STORE_POSTGRES_QUERY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct pg_result;  // libpq's PGresult.

namespace bantam {

// Whether PostgreSQL can store `text`: UTF-8 without NUL bytes.
bool IsStorable(absl::string_view text);

// One value of a query.
struct PostgresValue {
  static PostgresValue Text(absl::string_view text);
  static PostgresValue Null();  // A text that is not there.
  static PostgresValue Integer(int64_t value);
  static PostgresValue Texts(const std::vector<std::string>& texts);

  unsigned type = 0;  // PostgreSQL's number of it.
  bool is_null = false;
  std::string bytes;  // In PostgreSQL's binary form, which no character can break out of.
};

// One statement, with its values for $1, $2, …
struct PostgresQuery {
  const char* sql = "";
  std::vector<PostgresValue> values;
};

// What a statement returned.
class PostgresResult {
 public:
  // Takes over `result`.
  explicit PostgresResult(pg_result* result);

  int rows() const;
  bool IsNull(int row, int column) const;

  // "" or 0 for NULL.
  absl::string_view Text(int row, int column) const;
  int64_t Integer(int row, int column) const;
  bool Boolean(int row, int column) const { return Text(row, column) == "t"; }

  // From an integer column: microseconds since 1970.
  absl::Time Time(int row, int column) const;

  // The error's SQLSTATE, such as "42P01"; empty: it is no error.
  absl::string_view sqlstate() const;

  // OK, or what the error means for whoever asked, as RevisionStore says; `server` is what the
  // message calls the server. What callers sent is not repeated.
  absl::Status status(absl::string_view server) const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

// The SQLSTATE of what a role may not do.
inline constexpr absl::string_view kNoRight = "42501";

// SQLSTATEs of bantam.save().
inline constexpr absl::string_view kOtherNumber = "BA001";
inline constexpr absl::string_view kNothingToDelete = "BA002";

// `text` as one line, with every occurrence of `secret` (empty: none) blotted out.
std::string OneLine(absl::string_view text, absl::string_view secret);

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_POSTGRES_QUERY_H_
