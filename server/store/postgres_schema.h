// The tables of a PostgresStore: how they come to be, and whether they are as this program needs.
#ifndef BANTAM_SERVER_STORE_POSTGRES_SCHEMA_H_
#define BANTAM_SERVER_STORE_POSTGRES_SCHEMA_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/store/postgres_query.h"

namespace bantam {

// One step from a version of the schema to the next.
struct PostgresMigration {
  int version;          // That it leads to. From 1, without gaps.
  int oldest_program;   // Programs made for this version and later ones can work with it.
  const char* summary;  // What it does, one line.
  const char* sql;      // Statements, without values.
};

// All steps, in their order. What has been released is never changed, only added to.
const std::vector<PostgresMigration>& PostgresMigrations();

// Brings the database at `url` to the newest version, in one transaction, whichever it has (none
// as well); does nothing if it has that or a later one. Several at one time wait for each other.
// Blocks, perhaps for minutes: it is for a command, not for a server. The role needs the right to
// create a schema in the database, or an empty schema "bantam" of its own; no superuser.
//
// `print` is told line by line what was done. Errors (one line, no credentials): INVALID_ARGUMENT:
// `url`; UNAVAILABLE: the database cannot be reached; FAILED_PRECONDITION: it is not fit (its
// encoding, rights, a schema "bantam" of someone else); RESOURCE_EXHAUSTED: no memory.
using PrintLine = std::function<void(absl::string_view line)>;
absl::Status MigratePostgres(const std::string& url, const PrintLine& print);

// The same with other steps, for tests of the migration itself.
absl::Status MigratePostgres(const std::string& url,
                             const std::vector<PostgresMigration>& migrations,
                             const PrintLine& print);

// Asks which version a database has.
PostgresQuery PostgresVersionQuery();

// Whether this program can work with a database that answers `result` to that; `server` is what the
// message calls it. FAILED_PRECONDITION, with what to run: it is not set up, too old or too new.
absl::Status CheckPostgresVersion(const PostgresResult& result, absl::string_view server);

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_POSTGRES_SCHEMA_H_
