#include "server/store/postgres_schema.h"

#include <libpq-fe.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/store/postgres_url.h"

namespace bantam {
namespace {

// What all migrations of one database wait for each other at; any number that nobody else uses.
constexpr char kLock[] = "SELECT pg_advisory_xact_lock(7021866429)";

constexpr char kVersion[] = "SELECT version, oldest_program FROM bantam.schema_version";

constexpr char kVersionTable[] = R"sql(
CREATE TABLE bantam.schema_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version integer NOT NULL,
  oldest_program integer NOT NULL,  -- Programs made for this version and later ones can work here.
  change_time timestamptz NOT NULL DEFAULT now()
);
INSERT INTO bantam.schema_version (version, oldest_program) VALUES (0, 0);
)sql";

int Newest(const std::vector<PostgresMigration>& migrations) {
  return migrations.empty() ? 0 : migrations.back().version;
}

// A connection that blocks.
class CommandConnection {
 public:
  explicit CommandConnection(const PostgresUrl& url) : url_(url) {
    const PostgresUrl::Parameters parameters = url.ForCommand();
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : parameters) {
      keywords.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 0));
  }

  absl::Status status() const {
    if (PQstatus(connection_.get()) == CONNECTION_OK) {
      PQsetNoticeReceiver(
          connection_.get(), [](void*, const PGresult*) {}, nullptr);
      return absl::OkStatus();
    }
    return absl::UnavailableError(
        absl::StrCat(url_.description(), ": cannot be reached: ",
                     OneLine(PQerrorMessage(connection_.get()), PQpass(connection_.get()))));
  }

  absl::StatusOr<PostgresResult> Run(const std::string& sql) {
    PostgresResult result(PQexec(connection_.get(), sql.c_str()));
    if (PQstatus(connection_.get()) != CONNECTION_OK) return status();
    const absl::Status status = result.status(url_.description());
    if (!status.ok()) return status;
    return result;
  }

  // The first row's first column.
  absl::StatusOr<std::string> Ask(const std::string& sql) {
    const absl::StatusOr<PostgresResult> result = Run(sql);
    if (!result.ok()) return result.status();
    return result->rows() == 0 ? "" : std::string(result->Text(0, 0));
  }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  const PostgresUrl& url_;
  std::unique_ptr<PGconn, Finish> connection_;
};

class Migration {
 public:
  Migration(const PostgresUrl& url, const std::vector<PostgresMigration>& migrations,
            const PrintLine& print)
      : url_(url), migrations_(migrations), print_(print), connection_(url) {}

  absl::Status Run() {
    absl::Status status = connection_.status();
    if (status.ok()) status = CheckDatabase();
    // A migration beside this one may take long, but not for ever.
    if (status.ok()) status = Do("SET lock_timeout = '60s'");
    if (status.ok()) status = Do("BEGIN");
    if (status.ok()) status = Do(kLock);
    if (status.ok()) status = Prepare();
    if (status.ok()) status = Advance();
    if (status.ok()) status = Do("COMMIT");
    if (!status.ok()) return status;
    for (const std::string& line : done_) print_(line);
    return absl::OkStatus();
  }

 private:
  absl::Status Do(const std::string& sql) { return connection_.Run(sql).status(); }

  absl::Status CheckDatabase() {
    const absl::StatusOr<std::string> encoding = connection_.Ask("SHOW server_encoding");
    if (!encoding.ok()) return encoding.status();
    if (*encoding == "UTF8") return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(url_.description(), ": the database has the encoding ", *encoding,
                     "; expected UTF8 (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0)"));
  }

  // Makes the schema and the table of its version, where they are not there.
  absl::Status Prepare() {
    const absl::StatusOr<std::string> table = connection_.Ask(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'bantam' AND c.relname = 'schema_version'");
    if (!table.ok()) return table.status();
    if (!table->empty()) return absl::OkStatus();
    const absl::StatusOr<std::string> schema =
        connection_.Ask("SELECT 1 FROM pg_namespace WHERE nspname = 'bantam'");
    if (!schema.ok()) return schema.status();
    const absl::StatusOr<std::string> content = connection_.Ask(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname = 'bantam' LIMIT 1");
    if (!content.ok()) return content.status();
    if (!content->empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat(url_.description(),
                       ": the schema \"bantam\" is in use by something else; expected "
                       "none, or an empty one; use another database"));
    }
    if (schema->empty()) {
      const absl::Status status = Do("CREATE SCHEMA bantam");
      if (!status.ok()) return status;
      done_.push_back("made the schema \"bantam\"");
    }
    return Do(kVersionTable);
  }

  // Takes the steps that are missing.
  absl::Status Advance() {
    const absl::StatusOr<PostgresResult> found = connection_.Run(kVersion);
    if (!found.ok()) return found.status();
    const int64_t version = found->Integer(0, 0);
    for (const PostgresMigration& migration : migrations_) {
      if (migration.version <= version) continue;
      absl::Status status = Do(migration.sql);
      if (status.ok()) {
        status = Do(absl::StrCat("UPDATE bantam.schema_version SET version = ", migration.version,
                                 ", oldest_program = ", migration.oldest_program,
                                 ", change_time = now()"));
      }
      if (!status.ok()) {
        return absl::Status(status.code(),
                            absl::StrCat(status.message(), ", at step ", migration.version, " (",
                                         migration.summary, "); nothing was changed"));
      }
      done_.push_back(absl::StrCat("version ", migration.version, ": ", migration.summary));
    }
    if (Newest(migrations_) > version) return absl::OkStatus();
    done_.push_back(absl::StrCat("nothing to do: the database has version ", version));
    return absl::OkStatus();
  }

  const PostgresUrl& url_;
  const std::vector<PostgresMigration>& migrations_;
  const PrintLine& print_;
  CommandConnection connection_;
  std::vector<std::string> done_;
};

}  // namespace

absl::Status MigratePostgres(const std::string& url, const PrintLine& print) {
  return MigratePostgres(url, PostgresMigrations(), print);
}

absl::Status MigratePostgres(const std::string& url,
                             const std::vector<PostgresMigration>& migrations,
                             const PrintLine& print) {
  const absl::StatusOr<PostgresUrl> parsed = PostgresUrl::Parse(url);
  if (!parsed.ok()) return parsed.status();
  return Migration(*parsed, migrations, print).Run();
}

PostgresQuery PostgresVersionQuery() { return {kVersion, {}}; }

absl::Status CheckPostgresVersion(const PostgresResult& result, absl::string_view server) {
  constexpr char kWhatToRun[] =
      "; run: bantamd migrate --icp_source=URL, as a role that may create schemas";
  // No such schema or table.
  if (result.sqlstate() == "42P01" || result.sqlstate() == "3F000") {
    return absl::FailedPreconditionError(
        absl::StrCat(server, ": the database is not set up", kWhatToRun));
  }
  if (result.sqlstate() == kNoRight) {
    return absl::FailedPreconditionError(
        absl::StrCat(server,
                     ": this role may not read the schema \"bantam\"; grant it what "
                     "server/store/README.md says"));
  }
  const absl::Status status = result.status(server);
  if (!status.ok()) return status;
  const int64_t version = result.rows() == 0 ? 0 : result.Integer(0, 0);
  const int64_t oldest_program = result.rows() == 0 ? 0 : result.Integer(0, 1);
  const int wanted = Newest(PostgresMigrations());
  if (version < wanted) {
    return absl::FailedPreconditionError(absl::StrCat(server, ": the database has version ",
                                                      version, " of the schema, expected ", wanted,
                                                      kWhatToRun));
  }
  if (oldest_program > wanted) {
    return absl::FailedPreconditionError(
        absl::StrCat(server, ": the database has version ", version,
                     " of the schema, which this program, made for ", wanted,
                     ", does not know; run a newer bantamd"));
  }
  return absl::OkStatus();
}

}  // namespace bantam
