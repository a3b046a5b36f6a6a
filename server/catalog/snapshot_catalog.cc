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
#include "server/catalog/not_found.h"
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

}  // namespace

// What calls are answered from. Immutable.
struct SnapshotCatalog::View {
  absl::flat_hash_map<std::string, CatalogEntryPtr> current;  // By name.
  absl::flat_hash_map<std::string, CatalogEntryPtr> retired;  // By RetiredKey().
  std::vector<CatalogEntryPtr> by_name;                       // The current ones, ascending.
  absl::flat_hash_set<std::string> broken;                    // Names without a good definition.

  static std::string RetiredKey(absl::string_view name, absl::string_view revision) {
    return absl::StrCat(name, "@", revision);
  }

  // The current entries whose names start with `prefix`, the first `limit` of them.
  std::vector<CatalogEntryPtr> WithPrefix(absl::string_view prefix, size_t limit) const {
    const auto first = std::partition_point(
        by_name.begin(), by_name.end(),
        [prefix](const CatalogEntryPtr& entry) { return entry->icp->name() < prefix; });
    std::vector<CatalogEntryPtr> entries;
    for (auto it = first; it != by_name.end() && entries.size() < limit; ++it) {
      if (!absl::StartsWith((*it)->icp->name(), prefix)) break;
      entries.push_back(*it);
    }
    return entries;
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
      view_(std::make_shared<const View>()) {}

SnapshotCatalog::~SnapshotCatalog() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  source_.reset();  // Before the members that its callback touches.
}

void SnapshotCatalog::Run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      while (!change_pending_ && !stopping_) wake_.wait(mutex_);
      if (stopping_) return;
      change_pending_ = false;
    }
    Reload().IgnoreError();  // It has been reported.
  }
}

absl::Status SnapshotCatalog::Reload() {
  absl::StatusOr<IcpSnapshot> snapshot = source_->Read();
  const absl::Time now = absl::Now();
  if (!snapshot.ok()) {
    if (loaded_) ReportSourceError(snapshot.status(), now);
    return snapshot.status();
  }
  TakeOver(*std::move(snapshot), now);
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

void SnapshotCatalog::TakeOver(IcpSnapshot snapshot, absl::Time now) {
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
    stats_.last_read_time = now;
    if (!stats_.source.ok()) news = true;  // It can be read again.
    stats_.source = absl::OkStatus();
    if (view != nullptr) {
      stats_.icps = report.icps;
      stats_.stale_icps = static_cast<int>(report.stale.size());
      stats_.broken_icps = static_cast<int>(view->broken.size());
      stats_.retired_revisions = static_cast<int>(retired_.entries().size());
      stats_.retired_bytes = retired_.bytes();
      stats_.issues = last_issues_;
    }
  }
  if (view != nullptr) {
    MutexLock lock(view_mutex_);
    view_.swap(view);
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
  return view;
}

std::shared_ptr<const SnapshotCatalog::View> SnapshotCatalog::CurrentView() const {
  MutexLock lock(view_mutex_);
  return view_;
}

void SnapshotCatalog::Get(absl::string_view name, absl::string_view revision, Done done) {
  const std::shared_ptr<const View> view = CurrentView();
  const auto current = view->current.find(name);
  const bool known = current != view->current.end();
  if (known && (revision.empty() || current->second->icp->revision() == revision)) {
    return done(current->second);
  }
  if (!revision.empty()) {
    const auto retired = view->retired.find(View::RetiredKey(name, revision));
    if (retired != view->retired.end()) return done(retired->second);
  }
  if (known) return done(UnknownRevision(*current->second->icp, revision));
  if (view->broken.contains(name)) return done(BrokenIcp(name));
  std::vector<std::string> names;
  if (IsIcpName(name)) {
    for (const CatalogEntryPtr& entry : view->WithPrefix(IcpNamePrefix(name), kMaxSimilarNames)) {
      names.push_back(entry->icp->name());
    }
  }
  done(UnknownIcp(name, names));
}

void SnapshotCatalog::List(absl::string_view parent, ListDone done) {
  const std::shared_ptr<const View> view = CurrentView();
  if (parent == "tenants/-") return done(view->by_name);
  done(view->WithPrefix(absl::StrCat(parent, "/"), view->by_name.size()));
}

CatalogStats SnapshotCatalog::Stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

}  // namespace bantam
