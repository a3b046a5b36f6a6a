#include "server/store/postgres_statements.h"

#include <utility>

namespace bantam {

// The columns of a record without its text, as ReadRecord() reads them.
#define BANTAM_RECORD_COLUMNS                         \
  "r.name, r.number, r.revision, r.title, r.author, " \
  "r.comment, (extract(epoch FROM r.create_time) * 1000000)::bigint"
static constexpr int kYamlColumn = 7;

const char kReadCurrent[] =
    "SELECT " BANTAM_RECORD_COLUMNS
    ", r.yaml, coalesce(i.sequence, c.sequence), coalesce(i.number, 0), coalesce(i.revision, '') "
    "FROM bantam.change_counter c "
    "LEFT JOIN bantam.icps i ON i.name = $1 "
    "LEFT JOIN bantam.revisions r ON r.name = $1 AND r.number = i.number AND i.number <> $2";

const char kReadByRevision[] =
    "SELECT " BANTAM_RECORD_COLUMNS
    ", r.yaml FROM bantam.revisions r "
    "WHERE r.name = $1 AND r.revision = $2 AND $2 <> '' ORDER BY r.number DESC LIMIT 1";

const char kReadByNumber[] = "SELECT " BANTAM_RECORD_COLUMNS
                             ", r.yaml FROM bantam.revisions r "
                             "WHERE r.name = $1 AND r.number = $2 AND r.revision <> ''";

const char kReadBefore[] =
    "SELECT " BANTAM_RECORD_COLUMNS
    ", r.yaml FROM (SELECT * FROM bantam.revisions WHERE name = $1 AND number < $2 "
    "ORDER BY number DESC LIMIT 1) r WHERE r.revision <> ''";

const char kReadNewest[] =
    "SELECT " BANTAM_RECORD_COLUMNS
    ", r.yaml, i.sequence FROM bantam.icps i "
    "JOIN bantam.revisions r ON r.name = $1 AND r.number = i.last_number WHERE i.name = $1";

// However many there are, each is looked up in the index.
const char kReadPointers[] =
    "SELECT coalesce(i.sequence, c.sequence), coalesce(i.number, 0), coalesce(i.revision, '') "
    "FROM bantam.change_counter c, unnest($1) WITH ORDINALITY AS asked (name, place) "
    "LEFT JOIN LATERAL (SELECT sequence, number, revision FROM bantam.icps "
    "WHERE name = asked.name LIMIT 1) i ON true ORDER BY asked.place";

const char kReadTenant[] =
    "SELECT coalesce(t.names_sequence, c.sequence), i.name "
    "FROM bantam.change_counter c LEFT JOIN bantam.tenants t ON t.name = $1 "
    "LEFT JOIN bantam.icps i ON i.tenant = $1 AND i.number <> 0 ORDER BY i.name";

const char kReadSequence[] = "SELECT sequence FROM bantam.change_counter";

// ICPs and tenants (these without a number) in one order, so that a page of them ends at one
// sequence. When nothing has changed, two look-ups in an index find nothing.
const char kReadChanges[] =
    "SELECT c.sequence, x.sequence, x.number, x.revision, x.name "
    "FROM bantam.change_counter c LEFT JOIN LATERAL ("
    " (SELECT sequence, name, number, revision FROM bantam.icps WHERE sequence > $1 "
    "  ORDER BY sequence LIMIT $2)"
    " UNION ALL "
    " (SELECT names_sequence, name, NULL, NULL FROM bantam.tenants WHERE names_sequence > $1 "
    "  ORDER BY names_sequence LIMIT $2)"
    " ORDER BY 1 LIMIT $2) x ON true ORDER BY x.sequence";

const char kListTenant[] =
    "SELECT " BANTAM_RECORD_COLUMNS
    " FROM bantam.icps i JOIN bantam.revisions r ON r.name = i.name AND r.number = i.number "
    "WHERE i.tenant = $1 AND i.number <> 0 AND i.name > $2 ORDER BY i.name LIMIT $3";

const char kListAll[] =
    "SELECT " BANTAM_RECORD_COLUMNS
    " FROM bantam.icps i JOIN bantam.revisions r ON r.name = i.name AND r.number = i.number "
    "WHERE i.number <> 0 AND i.name > $1 ORDER BY i.name LIMIT $2";

const char kListRevisions[] =
    "SELECT " BANTAM_RECORD_COLUMNS
    " FROM bantam.revisions r WHERE r.name = $1 AND r.number < $2 ORDER BY r.number DESC LIMIT $3";

const char kSave[] =
    "SELECT $1, r.number, r.revision, r.title, r.author, r.comment, "
    "(extract(epoch FROM r.create_time) * 1000000)::bigint, r.sequence, r.unchanged, "
    "r.names_changed FROM bantam.save($1, $2, $3, $4, $5, $6, $7) r";

#undef BANTAM_RECORD_COLUMNS

namespace {

RevisionRecord ReadRecord(const PostgresResult& result, int row) {
  RevisionRecord record;
  record.name = std::string(result.Text(row, 0));
  record.number = result.Integer(row, 1);
  record.revision = std::string(result.Text(row, 2));
  record.title = std::string(result.Text(row, 3));
  record.author = std::string(result.Text(row, 4));
  record.comment = std::string(result.Text(row, 5));
  record.create_time = result.Time(row, 6);
  return record;
}

RevisionRecord ReadRecordWithText(const PostgresResult& result, int row) {
  RevisionRecord record = ReadRecord(result, row);
  record.yaml = std::string(result.Text(row, kYamlColumn));
  return record;
}

// From three columns: sequence, number, revision.
CurrentRevision ReadPointer(const PostgresResult& result, int row, int column,
                            absl::string_view name) {
  CurrentRevision current;
  current.name = std::string(name);
  current.sequence = result.Integer(row, column);
  current.number = result.Integer(row, column + 1);
  current.revision = std::string(result.Text(row, column + 2));
  return current;
}

}  // namespace

CurrentRead DecodeCurrentRead(const PostgresResult& result, absl::string_view name) {
  CurrentRead read;
  read.current = ReadPointer(result, 0, kYamlColumn + 1, name);
  if (!result.IsNull(0, 1)) read.record = ReadRecordWithText(result, 0);
  return read;
}

absl::optional<RevisionRecord> DecodeRecord(const PostgresResult& result) {
  if (result.rows() == 0) return absl::nullopt;
  return ReadRecordWithText(result, 0);
}

NewestRead DecodeNewest(const PostgresResult& result) {
  return {DecodeRecord(result), result.rows() == 0 ? 0 : result.Integer(0, kYamlColumn + 1)};
}

std::vector<CurrentRevision> DecodePointers(const PostgresResult& result,
                                            const std::vector<std::string>& names) {
  std::vector<CurrentRevision> pointers;
  for (int row = 0; row < result.rows(); ++row) {
    pointers.push_back(ReadPointer(result, row, 0, names[static_cast<size_t>(row)]));
  }
  return pointers;
}

TenantNames DecodeTenant(const PostgresResult& result, absl::string_view tenant) {
  TenantNames names;
  names.tenant = std::string(tenant);
  names.sequence = result.Integer(0, 0);
  for (int row = 0; row < result.rows(); ++row) {
    if (!result.IsNull(row, 1)) names.names.emplace_back(result.Text(row, 1));
  }
  return names;
}

StoreChanges DecodeSequence(const PostgresResult& result) {
  StoreChanges changes;
  changes.sequence = result.Integer(0, 0);
  return changes;
}

StoreChanges DecodeChanges(const PostgresResult& result) {
  StoreChanges changes = DecodeSequence(result);
  int rows = result.IsNull(0, 1) ? 0 : result.rows();
  changes.more = rows > kMaxChanges;
  if (changes.more) {
    // What belongs to the last change may be cut off.
    changes.sequence = result.Integer(rows - 1, 1) - 1;
    while (result.Integer(rows - 1, 1) > changes.sequence) --rows;
  }
  for (int row = 0; row < rows; ++row) {
    const absl::string_view name = result.Text(row, 4);
    if (result.IsNull(row, 2)) {
      changes.tenants.push_back({std::string(name), result.Integer(row, 1)});
    } else {
      changes.icps.push_back(ReadPointer(result, row, 1, name));
    }
  }
  return changes;
}

std::vector<RevisionRecord> DecodeRecords(const PostgresResult& result) {
  std::vector<RevisionRecord> records;
  for (int row = 0; row < result.rows(); ++row) records.push_back(ReadRecord(result, row));
  return records;
}

AppliedChange DecodeSaved(const PostgresResult& result) {
  AppliedChange applied;
  applied.record = ReadRecord(result, 0);
  applied.sequence = result.Integer(0, 7);
  applied.unchanged = result.Boolean(0, 8);
  applied.names_changed = result.Boolean(0, 9);
  return applied;
}

}  // namespace bantam
