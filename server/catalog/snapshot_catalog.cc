#include "server/catalog/snapshot_catalog.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "server/catalog/icp_title.h"
#include "server/catalog/not_found.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

// How many names are compared with an unknown one: bounds the time that it costs.
constexpr size_t kMaxSimilarNames = 500;

int CountErrors(const std::vector<v1::Issue>& issues) {
  return static_cast<int>(std::count_if(issues.begin(), issues.end(), [](const v1::Issue& issue) {
    return issue.severity() == v1::ISSUE_SEVERITY_ERROR;
  }));
}

// Those of `issues` that are not in `before`.
std::vector<v1::Issue> NewIssues(const std::vector<v1::Issue>& issues,
                                 const std::vector<v1::Issue>& before) {
  std::set<absl::string_view> known;
  for (const v1::Issue& issue : before) known.insert(issue.rendered());
  std::vector<v1::Issue> result;
  for (const v1::Issue& issue : issues) {
    if (known.count(issue.rendered()) == 0) result.push_back(issue);
  }
  return result;
}

absl::Status StrictError(const std::vector<v1::Issue>& issues) {
  std::vector<absl::string_view> lines;
  for (const v1::Issue& issue : issues) {
    if (issue.severity() == v1::ISSUE_SEVERITY_ERROR) lines.push_back(issue.rendered());
  }
  return absl::FailedPreconditionError(absl::StrCat("the ICP definitions have ", lines.size(),
                                                    lines.size() == 1 ? " error:\n" : " errors:\n",
                                                    absl::StrJoin(lines, "\n")));
}

absl::Duration AgeSince(absl::Time time) {
  // A clock that was set back makes nothing younger than new.
  return std::max(absl::Now() - time, absl::ZeroDuration());
}

absl::Status NumbersError() {
  return absl::FailedPreconditionError(
      "this server reads its ICPs from files, which do not number revisions; name the revision by "
      "its 32 hexadecimal digits, or none for the current one");
}

absl::Status NotFreshError() {
  return absl::UnavailableError(
      "the ICPs could not be read anew, as max_staleness demands; try again after a pause, or "
      "leave max_staleness out to be answered with those read last");
}

v1::IcpSummary Summarize(const CatalogEntry& entry) {
  v1::IcpSummary summary;
  summary.set_name(entry.icp->name());
  summary.set_revision(entry.icp->revision());
  summary.set_title(IcpTitle(*entry.icp));
  SetTime(entry.load_time, summary.mutable_load_time());
  return summary;
}

}  // namespace

// What calls are answered from. Immutable.
struct SnapshotCatalog::View {
  absl::flat_hash_map<std::string, CatalogEntryPtr> current;  // By name.
  absl::flat_hash_map<std::string, CatalogEntryPtr> retired;  // By RetiredKey().
  std::vector<CatalogEntryPtr> by_name;                       // The current ones, ascending.
  absl::flat_hash_set<std::string> broken;                    // Names without a good definition.

  // Of the current ones that are not what the source says now: when they were known to be last.
  absl::flat_hash_map<std::string, absl::Time> stale;

  static std::string RetiredKey(absl::string_view name, absl::string_view revision) {
    return absl::StrCat(name, "@", revision);
  }

  // The current entries whose names start with `prefix` and come after `after`, the first `limit`
  // of them.
  std::vector<CatalogEntryPtr> WithPrefix(absl::string_view prefix, absl::string_view after,
                                          size_t limit) const {
    const auto first = std::partition_point(
        by_name.begin(), by_name.end(), [prefix, after](const CatalogEntryPtr& entry) {
          return entry->icp->name() < prefix || entry->icp->name() <= after;
        });
    std::vector<CatalogEntryPtr> entries;
    for (auto it = first; it != by_name.end() && entries.size() < limit; ++it) {
      if (!absl::StartsWith((*it)->icp->name(), prefix)) break;
      entries.push_back(*it);
    }
    return entries;
  }

  absl::StatusOr<CatalogEntryPtr> Find(absl::string_view name, absl::string_view revision) const {
    const auto found = current.find(name);
    const bool known = found != current.end();
    if (known && (revision.empty() || found->second->icp->revision() == revision)) {
      return found->second;
    }
    if (!revision.empty()) {
      const auto old = retired.find(RetiredKey(name, revision));
      if (old != retired.end()) return old->second;
    }
    if (known) return UnknownRevision(*found->second->icp, revision);
    if (broken.contains(name)) return BrokenIcp(name);
    std::vector<std::string> names;
    if (IsIcpName(name)) {
      for (const CatalogEntryPtr& entry : WithPrefix(IcpNamePrefix(name), "", kMaxSimilarNames)) {
        names.push_back(entry->icp->name());
      }
    }
    return UnknownIcp(name, names);
  }

  // When the current entry `name` was known to be current last.
  absl::Time KnownTime(absl::string_view name, absl::Time read_time) const {
    if (stale.empty()) return read_time;  // Nearly always.
    const auto found = stale.find(name);
    return found == stale.end() ? read_time : found->second;
  }
};

absl::StatusOr<std::unique_ptr<SnapshotCatalog>> SnapshotCatalog::Open(
    std::unique_ptr<IcpSource> source, LoadFunction load, const SnapshotCatalogOptions& options,
    OnReload on_reload) {
  std::unique_ptr<SnapshotCatalog> catalog(
      new SnapshotCatalog(std::move(source), std::move(load), options, std::move(on_reload)));
  // Watching begins first, so that no change falls between the two.
  catalog->source_->Watch([catalog = catalog.get()] {
    MutexLock lock(catalog->mutex_);
    catalog->change_pending_ = true;
    catalog->wake_.notify_one();
  });
  if (absl::Status status = catalog->Reload(); !status.ok()) return status;
  if (options.strict && CountErrors(catalog->last_issues_) > 0) {
    return StrictError(catalog->last_issues_);
  }
  catalog->thread_ = std::thread(&SnapshotCatalog::Run, catalog.get());
  return catalog;
}

SnapshotCatalog::SnapshotCatalog(std::unique_ptr<IcpSource> source, LoadFunction load,
                                 const SnapshotCatalogOptions& options, OnReload on_reload)
    : options_(options),
      on_reload_(std::move(on_reload)),
      source_(std::move(source)),
      definitions_(std::move(load)),
      retired_(options.max_retired_per_icp, options.max_retired_bytes),
      state_{std::make_shared<const View>(), absl::InfinitePast()} {}

SnapshotCatalog::~SnapshotCatalog() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  FailWaiters();
  source_.reset();  // Before the members that its callback touches.
}

void SnapshotCatalog::Run() {
  while (true) {
    std::vector<Waiter> waiters;
    {
      MutexLock lock(mutex_);
      while (!change_pending_ && waiters_.empty() && !stopping_) wake_.wait(mutex_);
      if (stopping_) return;
      change_pending_ = false;
      waiters.swap(waiters_);
    }
    const bool was_read = Reload().ok();  // An error has been reported.
    for (Waiter& waiter : waiters) waiter(was_read ? absl::OkStatus() : NotFreshError());
  }
}

void SnapshotCatalog::FailWaiters() {
  std::vector<Waiter> waiters;
  {
    MutexLock lock(mutex_);
    waiters.swap(waiters_);
  }
  for (Waiter& waiter : waiters) waiter(absl::UnavailableError("the server is ending"));
}

absl::Status SnapshotCatalog::Reload() {
  const absl::Time read_time = absl::Now();
  absl::StatusOr<IcpSnapshot> snapshot = source_->Read();
  const absl::Time now = absl::Now();
  if (!snapshot.ok()) {
    if (loaded_) ReportSourceError(snapshot.status(), now);
    return snapshot.status();
  }
  TakeOver(*std::move(snapshot), read_time, now);
  return absl::OkStatus();
}

void SnapshotCatalog::ReportSourceError(const absl::Status& error, absl::Time now) {
  ReloadReport report;
  {
    MutexLock lock(mutex_);
    if (stats_.source == error) return;  // Still the same.
    stats_.source = error;
    report.icps = stats_.icps;
  }
  report.time = now;
  report.source = error;
  report.stale = definitions_.StaleNames();
  report.errors = CountErrors(last_issues_);
  report.warnings = static_cast<int>(last_issues_.size()) - report.errors;
  Publish(std::move(report));
}

void SnapshotCatalog::TakeOver(IcpSnapshot snapshot, absl::Time read_time, absl::Time now) {
  DefinitionChanges changes = definitions_.Update(std::move(snapshot), now);
  for (CatalogEntryPtr& entry : changes.retired) retired_.Add(std::move(entry));
  for (const std::vector<std::string>* names : {&changes.added, &changes.changed}) {
    for (const std::string& name : *names) {
      retired_.Remove(name, definitions_.current().at(name).entry->icp->revision());
    }
  }

  ReloadReport report;
  report.time = now;
  report.new_issues = NewIssues(definitions_.issues(), last_issues_);
  report.stale = definitions_.StaleNames();
  report.icps = static_cast<int>(definitions_.current().size());
  report.errors = CountErrors(definitions_.issues());
  report.warnings = static_cast<int>(definitions_.issues().size()) - report.errors;
  const bool first = !loaded_;
  bool news = first || !changes.added.empty() || !changes.changed.empty() ||
              !changes.removed.empty() || changes.rewritten || !report.new_issues.empty() ||
              definitions_.issues().size() != last_issues_.size();
  last_issues_ = definitions_.issues();
  loaded_ = true;
  report.added = std::move(changes.added);
  report.changed = std::move(changes.changed);
  report.removed = std::move(changes.removed);

  std::shared_ptr<const View> view = news ? MakeView() : nullptr;
  {
    MutexLock lock(mutex_);
    stats_.last_read_time = read_time;
    if (!stats_.source.ok()) news = true;  // It can be read again.
    stats_.source = absl::OkStatus();
    if (view != nullptr) {
      stats_.icps = report.icps;
      stats_.stale_icps = static_cast<int>(report.stale.size());
      stats_.broken_icps = static_cast<int>(view->broken.size());
      stats_.nameless_documents = definitions_.NamelessBad();
      stats_.retired_revisions = static_cast<int>(retired_.entries().size());
      stats_.retired_bytes = retired_.bytes();
      stats_.issues = last_issues_;
    }
  }
  {
    MutexLock lock(state_mutex_);
    state_.read_time = read_time;
    if (view != nullptr) state_.view.swap(view);
  }  // The old view is freed after the lock.
  const bool refused = first && options_.strict && report.errors > 0;
  if (news && !refused) Publish(std::move(report));
}

void SnapshotCatalog::Publish(ReloadReport report) {
  {
    MutexLock lock(mutex_);
    ++(report.ok() ? stats_.reload_successes : stats_.reload_failures);
    if (report.ok()) stats_.last_success_time = report.time;
  }
  if (on_reload_) on_reload_(report);
}

std::shared_ptr<const SnapshotCatalog::View> SnapshotCatalog::MakeView() const {
  auto view = std::make_shared<View>();
  for (const auto& [name, held] : definitions_.current()) {
    view->current.emplace(name, held.entry);
    view->by_name.push_back(held.entry);
  }
  for (const CatalogEntryPtr& entry : retired_.entries()) {
    view->retired.emplace(View::RetiredKey(entry->icp->name(), entry->icp->revision()), entry);
  }
  for (std::string& name : definitions_.BrokenNames()) view->broken.insert(std::move(name));
  const State before = CurrentState();
  for (const std::string& name : definitions_.StaleNames()) {
    view->stale.emplace(name, before.view->KnownTime(name, before.read_time));
  }
  return view;
}

SnapshotCatalog::State SnapshotCatalog::CurrentState() const {
  MutexLock lock(state_mutex_);
  return state_;
}

void SnapshotCatalog::WhenFresh(absl::optional<absl::Duration> max_staleness, Waiter ready) {
  if (!max_staleness.has_value() || (*max_staleness > absl::ZeroDuration() &&
                                     AgeSince(CurrentState().read_time) <= *max_staleness)) {
    return ready(absl::OkStatus());
  }
  {
    MutexLock lock(mutex_);
    if (waiters_.size() < options_.max_waiting_calls) {
      waiters_.push_back(std::move(ready));
      wake_.notify_one();
      return;
    }
  }
  ready(absl::ResourceExhaustedError(
      "too many calls wait for the ICPs to be read anew; try again after a pause that grows with "
      "each attempt, or allow a greater max_staleness"));
}

absl::optional<absl::StatusOr<IcpAnswer>> SnapshotCatalog::Find(const IcpQuery& query) {
  if (query.number != 0) return NumbersError();
  const bool pinned = !query.revision.empty();
  if (!pinned && query.max_staleness.has_value()) return absl::nullopt;
  return Answer(query.name, query.revision);
}

void SnapshotCatalog::Get(const IcpQuery& query, GetDone done) {
  absl::optional<absl::StatusOr<IcpAnswer>> found = Find(query);
  if (found.has_value()) return done(*std::move(found));
  WhenFresh(query.max_staleness, [this, name = std::string(query.name),
                                  done = std::move(done)](absl::Status ready) mutable {
    if (!ready.ok()) return done(std::move(ready));
    done(Answer(name, ""));
  });
}

absl::StatusOr<IcpAnswer> SnapshotCatalog::Answer(absl::string_view name,
                                                  absl::string_view revision) const {
  const State state = CurrentState();
  absl::StatusOr<CatalogEntryPtr> entry = state.view->Find(name, revision);
  if (!entry.ok()) return entry.status();
  const bool pinned = !revision.empty();
  return IcpAnswer{*std::move(entry), pinned
                                          ? absl::ZeroDuration()
                                          : AgeSince(state.view->KnownTime(name, state.read_time))};
}

void SnapshotCatalog::GetTenant(absl::string_view tenant,
                                absl::optional<absl::Duration> max_staleness, GetTenantDone done) {
  WhenFresh(max_staleness, [this, tenant = std::string(tenant),
                            done = std::move(done)](absl::Status ready) mutable {
    if (!ready.ok()) return done(std::move(ready));
    const State state = CurrentState();
    TenantAnswer answer;
    answer.entries =
        state.view->WithPrefix(absl::StrCat(tenant, "/"), "", state.view->by_name.size());
    if (answer.entries.size() > options_.max_tenant_icps) {
      return done(TooManyIcps(tenant, answer.entries.size(), options_.max_tenant_icps));
    }
    absl::Time known_time = state.read_time;
    for (const CatalogEntryPtr& entry : answer.entries) {
      known_time = std::min(known_time, state.view->KnownTime(entry->icp->name(), known_time));
    }
    answer.age = AgeSince(known_time);
    done(std::move(answer));
  });
}

void SnapshotCatalog::List(absl::string_view parent, absl::string_view after, int limit,
                           ListDone done) {
  const State state = CurrentState();
  const std::string prefix = parent == "tenants/-" ? "" : absl::StrCat(parent, "/");
  // One more than wanted, to know whether there is more.
  const std::vector<CatalogEntryPtr> entries =
      state.view->WithPrefix(prefix, after, static_cast<size_t>(limit) + 1);
  IcpPage page;
  for (const CatalogEntryPtr& entry : entries) {
    if (page.icps.size() == static_cast<size_t>(limit)) {
      page.more = true;
      break;
    }
    page.icps.push_back(Summarize(*entry));
  }
  done(std::move(page));
}

CatalogStats SnapshotCatalog::Stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

}  // namespace bantam
