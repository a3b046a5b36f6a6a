#include "server/store/postgres_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/catalog/etag.h"
#include "server/store/postgres_schema.h"

namespace bantam {
namespace {

// How often a change is tried whose ICP others change at the same time.
constexpr int kMaxAttempts = 4;

// Numbers that bantam.save() may expect, beside that of a record.
constexpr int64_t kAnyNumber = -1;
constexpr int64_t kNotThere = 0;

// A name for a query: nothing is stored under the empty one.
PostgresValue Name(absl::string_view name) {
  return PostgresValue::Text(IsStorable(name) ? name : "");
}

// What keeps a change from being stored at all.
absl::Status CheckChange(const RevisionChange& change) {
  const std::pair<const char*, const std::string*> texts[] = {
      {"name", &change.name},   {"yaml", &change.yaml},     {"revision", &change.revision},
      {"title", &change.title}, {"author", &change.author}, {"comment", &change.comment}};
  for (const auto& [field, text] : texts) {
    if (IsStorable(*text)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the ", field, " of the ICP must be UTF-8 without NUL bytes"));
  }
  return absl::OkStatus();
}

}  // namespace

struct PostgresStore::Applying {
  RevisionChange change;
  absl::Time deadline;
  Done<AppliedChange> done;
  int attempts = 0;
};

absl::StatusOr<std::unique_ptr<PostgresStore>> PostgresStore::Open(
    const std::string& url, EventLoop* loop, const PostgresPoolOptions& options) {
  absl::StatusOr<PostgresUrl> parsed = PostgresUrl::Parse(url);
  if (!parsed.ok()) return parsed.status();
  return std::unique_ptr<PostgresStore>(new PostgresStore(loop, *std::move(parsed), options));
}

PostgresStore::PostgresStore(EventLoop* loop, PostgresUrl url, const PostgresPoolOptions& options)
    : loop_(loop) {
  PostgresPool::Check check;
  check.query = PostgresVersionQuery();
  check.judge = [server = url.description()](const PostgresResult& result) {
    return CheckPostgresVersion(result, server);
  };
  pool_ = std::make_unique<PostgresPool>(loop, std::move(url), std::move(check), options);
}

PostgresStore::~PostgresStore() {
  loop_->RunAndWait([this] { pool_.reset(); });
}

void PostgresStore::Send(PostgresRequest request) {
  loop_->Post([this, request = std::move(request)]() mutable { pool_->Send(std::move(request)); });
}

template <typename Result>
void PostgresStore::Read(PostgresQuery query, PostgresPriority priority, absl::Time deadline,
                         absl::AnyInvocable<Result(const PostgresResult&)> decode,
                         Done<Result> done) {
  PostgresRequest request;
  request.query = std::move(query);
  request.priority = priority;
  request.is_repeatable = true;
  request.deadline = deadline;
  request.done = [this, decode = std::move(decode),
                  done = std::move(done)](absl::StatusOr<PostgresResult> result) mutable {
    absl::Status status = result.status();
    if (status.ok()) status = result->status(pool_->url().description());
    if (!status.ok()) return done(std::move(status));
    done(decode(*result));
  };
  Send(std::move(request));
}

void PostgresStore::ReadCurrent(absl::string_view name, int64_t known_number, absl::Time deadline,
                                Done<CurrentRead> done) {
  Read<CurrentRead>(
      {kReadCurrent, {Name(name), PostgresValue::Integer(known_number)}},
      known_number > 0 ? PostgresPriority::kReload : PostgresPriority::kLoad, deadline,
      [name = std::string(name)](const PostgresResult& result) {
        return DecodeCurrentRead(result, name);
      },
      std::move(done));
}

void PostgresStore::ReadRevision(absl::string_view name, absl::string_view revision, int64_t number,
                                 absl::Time deadline, Done<absl::optional<RevisionRecord>> done) {
  PostgresQuery query = {kReadByNumber, {Name(name), PostgresValue::Integer(number)}};
  // One that cannot be stored is read as the empty one, which no ICP's text has.
  if (!revision.empty()) query = {kReadByRevision, {Name(name), Name(revision)}};
  Read<absl::optional<RevisionRecord>>(std::move(query), PostgresPriority::kLoad, deadline,
                                       DecodeRecord, std::move(done));
}

void PostgresStore::ReadBefore(absl::string_view name, int64_t number, absl::Time deadline,
                               Done<absl::optional<RevisionRecord>> done) {
  Read<absl::optional<RevisionRecord>>({kReadBefore, {Name(name), PostgresValue::Integer(number)}},
                                       PostgresPriority::kLoad, deadline, DecodeRecord,
                                       std::move(done));
}

void PostgresStore::ReadPointers(const std::vector<std::string>& names, absl::Time deadline,
                                 Done<std::vector<CurrentRevision>> done) {
  std::vector<std::string> storable = names;
  for (std::string& name : storable) {
    if (!IsStorable(name)) name.clear();
  }
  Read<std::vector<CurrentRevision>>(
      {kReadPointers, {PostgresValue::Texts(storable)}}, PostgresPriority::kFirst, deadline,
      [names](const PostgresResult& result) { return DecodePointers(result, names); },
      std::move(done));
}

void PostgresStore::ReadTenant(absl::string_view tenant, absl::Time deadline,
                               Done<TenantNames> done) {
  Read<TenantNames>(
      {kReadTenant, {Name(tenant)}}, PostgresPriority::kLoad, deadline,
      [tenant = std::string(tenant)](const PostgresResult& result) {
        return DecodeTenant(result, tenant);
      },
      std::move(done));
}

void PostgresStore::ReadChanges(int64_t after, absl::Time deadline, Done<StoreChanges> done) {
  if (after < 0) {
    return Read<StoreChanges>({kReadSequence, {}}, PostgresPriority::kFirst, deadline,
                              DecodeSequence, std::move(done));
  }
  Read<StoreChanges>(
      {kReadChanges, {PostgresValue::Integer(after), PostgresValue::Integer(kMaxChanges + 1)}},
      PostgresPriority::kFirst, deadline, DecodeChanges, std::move(done));
}

void PostgresStore::ListCurrent(absl::string_view parent, absl::string_view after, int limit,
                                absl::Time deadline, Done<std::vector<RevisionRecord>> done) {
  const PostgresValue count = PostgresValue::Integer(std::max(limit, 0));
  PostgresQuery query = {kListAll, {Name(after), count}};
  if (parent != "tenants/-") query = {kListTenant, {Name(parent), Name(after), count}};
  Read<std::vector<RevisionRecord>>(std::move(query), PostgresPriority::kLoad, deadline,
                                    DecodeRecords, std::move(done));
}

void PostgresStore::ListRevisions(absl::string_view name, int64_t before, int limit,
                                  absl::Time deadline, Done<std::vector<RevisionRecord>> done) {
  if (before == 0) before = std::numeric_limits<int64_t>::max();
  Read<std::vector<RevisionRecord>>(
      {kListRevisions,
       {Name(name), PostgresValue::Integer(before), PostgresValue::Integer(std::max(limit, 0))}},
      PostgresPriority::kLoad, deadline, DecodeRecords, std::move(done));
}

void PostgresStore::Apply(RevisionChange change, absl::Time deadline, Done<AppliedChange> done) {
  const absl::Status status = CheckChange(change);
  if (!status.ok()) return done(status);
  auto applying = std::make_shared<Applying>();
  applying->change = std::move(change);
  applying->deadline = deadline;
  applying->done = std::move(done);
  // Without a certain etag, saving tells at once whether it may be.
  if (applying->change.etag == "*") return Save(std::move(applying), kAnyNumber);
  if (applying->change.etag.empty()) return Save(std::move(applying), kNotThere);
  LookAndSave(std::move(applying));
}

void PostgresStore::LookAndSave(ApplyingPtr applying) {
  PostgresQuery query = {kReadNewest, {Name(applying->change.name)}};
  Read<NewestRead>(std::move(query), PostgresPriority::kFirst, applying->deadline, DecodeNewest,
                   [this, applying](absl::StatusOr<NewestRead> newest) {
                     OnLooked(applying, std::move(newest));
                   });
}

void PostgresStore::OnLooked(ApplyingPtr applying, absl::StatusOr<NewestRead> newest) {
  if (!newest.ok()) return applying->done(newest.status());
  const RevisionChange& change = applying->change;
  const RevisionRecord* const record = newest->first ? &*newest->first : nullptr;
  if (IsUnchanged(change, record)) {
    AppliedChange applied;
    applied.record = *record;
    applied.sequence = newest->second;
    applied.unchanged = true;
    return applying->done(std::move(applied));
  }
  const absl::Status status = CheckEtag(change.name, change.etag, change.yaml.empty(), record);
  if (!status.ok()) return applying->done(status);
  int64_t expected_number = record == nullptr ? kNotThere : record->number;
  if (change.etag == "*") expected_number = kAnyNumber;
  Save(std::move(applying), expected_number);
}

void PostgresStore::Save(ApplyingPtr applying, int64_t expected_number) {
  const RevisionChange& change = applying->change;
  const bool is_deletion = change.yaml.empty();
  const auto text = [is_deletion](const std::string& value) {
    return is_deletion ? PostgresValue::Null() : PostgresValue::Text(value);
  };
  PostgresRequest request;
  request.query = {kSave,
                   {PostgresValue::Text(change.name), text(change.yaml), text(change.revision),
                    text(change.title), PostgresValue::Text(change.author),
                    PostgresValue::Text(change.comment), PostgresValue::Integer(expected_number)}};
  request.priority = PostgresPriority::kFirst;
  request.deadline = applying->deadline;
  request.done = [this, applying](absl::StatusOr<PostgresResult> result) {
    OnSaved(applying, std::move(result));
  };
  Send(std::move(request));
}

void PostgresStore::OnSaved(ApplyingPtr applying, absl::StatusOr<PostgresResult> result) {
  // Another change came in between. What is current now decides.
  const bool is_outdated =
      result.ok() && (result->sqlstate() == kOtherNumber || result->sqlstate() == kNothingToDelete);
  if (is_outdated && ++applying->attempts < kMaxAttempts) return LookAndSave(std::move(applying));
  if (is_outdated) {
    return applying->done(absl::AbortedError(
        absl::StrCat("ICP '", applying->change.name,
                     "' is being changed by others at this moment; read it again, make the change "
                     "to what it says now, and send its etag")));
  }
  absl::Status status = result.status();
  if (status.ok()) status = result->status(pool_->url().description());
  if (absl::IsUnavailable(status)) {
    status = absl::UnavailableError(absl::StrCat(
        status.message(), "; the change may have been made or not, and repeating it is safe"));
  }
  // Else than for reads, this is how a role is set up that may read only.
  if (result.ok() && result->sqlstate() == kNoRight) {
    status = absl::PermissionDeniedError(status.message());
  }
  if (!status.ok()) return applying->done(status);
  AppliedChange applied = DecodeSaved(*result);
  applied.record.yaml = std::move(applying->change.yaml);
  applying->done(std::move(applied));
}

}  // namespace bantam
