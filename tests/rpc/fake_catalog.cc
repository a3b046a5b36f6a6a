#include "tests/rpc/fake_catalog.h"

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

std::string Key(absl::string_view name, absl::string_view revision, int64_t number) {
  return absl::StrCat(name, "@", revision, number == 0 ? "" : absl::StrCat("#", number));
}

}  // namespace

CatalogEntryPtr FakeCatalog::Add(const std::string& name, double points, const std::string& stage) {
  v1::Icp icp;
  icp.set_name(name);
  v1::Criterion* criterion = icp.mutable_fit()->add_criteria();
  criterion->set_id("size");
  criterion->set_points(points);
  criterion->mutable_test()->set_attribute("company.employee_count");
  criterion->mutable_test()->mutable_range()->set_min(100);
  if (!stage.empty()) {
    v1::Funnel* const funnel = icp.mutable_funnel();
    for (const char* const id : {"lead", stage.c_str(), "sql", "customer"}) {
      funnel->add_stages()->set_id(id);
    }
    funnel->mutable_stages(1)->mutable_gate()->add_conditions()->set_fact(v1::GATE_FACT_INTEREST);
  }
  const SystemTimeZones zones;
  CompileResult compiled = Compile(icp, zones);
  auto entry = std::make_shared<CatalogEntry>();
  entry->icp = std::move(compiled.icp);
  entry->yaml = absl::StrCat("# As written.\nname: ", name, "\n");
  entry->load_time = absl::FromUnixSeconds(1769817600);
  absl::MutexLock lock(&mu_);
  entry->origin.number = ++numbers_[name];
  entry->origin.etag = absl::StrCat("etag-", entry->origin.number);
  entry->origin.author = "ada";
  entry->origin.comment = "because";
  entry->origin.create_time = absl::FromUnixSeconds(1769731200);
  current_[name] = entry;
  pinned_[Key(name, entry->icp->revision(), 0)] = entry;
  pinned_[Key(name, "", entry->origin.number)] = entry;
  return entry;
}

void FakeCatalog::AddUnseen(const std::string& name) {
  CatalogEntryPtr before;
  {
    absl::MutexLock lock(&mu_);
    before = current_.at(name);
  }
  const CatalogEntryPtr added = Add(name);
  absl::MutexLock lock(&mu_);
  current_[name] = before;
  unseen_[name] = added;
}

void FakeCatalog::OnNextGet(absl::AnyInvocable<void()> what) {
  absl::MutexLock lock(&mu_);
  on_next_get_ = std::move(what);
}

void FakeCatalog::FailWith(absl::Status status) {
  absl::MutexLock lock(&mu_);
  failure_ = std::move(status);
}

void FakeCatalog::Hold() {
  absl::MutexLock lock(&mu_);
  holds_ = true;
}

void FakeCatalog::Release() {
  std::vector<absl::AnyInvocable<void()>> held;
  {
    absl::MutexLock lock(&mu_);
    holds_ = false;
    held.swap(held_);
  }
  for (absl::AnyInvocable<void()>& answer : held) answer();
}

void FakeCatalog::WaitUntilHeld(size_t calls) {
  absl::MutexLock lock(&mu_);
  const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return held_.size() >= calls; };
  mu_.Await(absl::Condition(&enough));
}

void FakeCatalog::SetAge(absl::Duration age) {
  absl::MutexLock lock(&mu_);
  age_ = age;
}

absl::optional<absl::Duration> FakeCatalog::last_max_staleness() {
  absl::MutexLock lock(&mu_);
  return last_max_staleness_;
}

void FakeCatalog::Get(const IcpQuery& query, GetDone done) {
  absl::AnyInvocable<void()> on_get;
  {
    absl::MutexLock lock(&mu_);
    on_get = std::exchange(on_next_get_, nullptr);
    last_max_staleness_ = query.max_staleness;
    const auto unseen = unseen_.find(std::string(query.name));
    if (unseen != unseen_.end() && query.max_staleness == absl::ZeroDuration()) {
      current_[unseen->first] = unseen->second;
      unseen_.erase(unseen);
    }
  }
  if (on_get) on_get();
  AnswerOrHold([this, name = std::string(query.name),
                key = Key(query.name, query.revision, query.number),
                pinned = !query.revision.empty() || query.number != 0,
                done = std::move(done)]() mutable { done(Find(name, key, pinned)); });
}

void FakeCatalog::GetTenant(absl::string_view tenant, absl::optional<absl::Duration> max_staleness,
                            GetTenantDone done) {
  {
    absl::MutexLock lock(&mu_);
    last_max_staleness_ = max_staleness;
  }
  AnswerOrHold([this, tenant = std::string(tenant), done = std::move(done)]() mutable {
    done(FindAll(tenant));
  });
}

void FakeCatalog::List(absl::string_view parent, absl::string_view after, int limit,
                       ListDone done) {
  AnswerOrHold([this, parent = std::string(parent), after = std::string(after), limit,
                done = std::move(done)]() mutable {
    const absl::StatusOr<TenantAnswer> all = FindAll(parent);
    if (!all.ok()) return done(all.status());
    IcpPage page;
    for (const CatalogEntryPtr& entry : all->entries) {
      if (entry->icp->name() <= after) continue;
      page.more = page.icps.size() == static_cast<size_t>(limit);
      if (page.more) break;
      v1::IcpSummary& icp = page.icps.emplace_back();
      icp.set_name(entry->icp->name());
      icp.set_revision(entry->icp->revision());
      icp.set_title("a title");
      icp.set_number(entry->origin.number);
    }
    done(std::move(page));
  });
}

void FakeCatalog::AnswerOrHold(absl::AnyInvocable<void()> answer) {
  {
    absl::MutexLock lock(&mu_);
    if (holds_) {
      held_.push_back(std::move(answer));
      return;
    }
  }
  answer();
}

absl::StatusOr<IcpAnswer> FakeCatalog::Find(const std::string& name, const std::string& key,
                                            bool pinned) {
  absl::MutexLock lock(&mu_);
  if (!failure_.ok()) return failure_;
  const auto& entries = pinned ? pinned_ : current_;
  const auto found = entries.find(pinned ? key : name);
  if (found != entries.end()) {
    return IcpAnswer{found->second, pinned ? absl::ZeroDuration() : age_};
  }
  if (current_.count(name) == 0) return absl::NotFoundError(absl::StrCat("no ICP ", name));
  return absl::NotFoundError(
      absl::StrCat("no revision ", key.substr(name.size() + 1), " of ", name));
}

absl::StatusOr<TenantAnswer> FakeCatalog::FindAll(const std::string& parent) {
  absl::MutexLock lock(&mu_);
  if (!failure_.ok()) return failure_;
  TenantAnswer answer;
  answer.age = age_;
  for (const auto& [name, entry] : current_) {
    if (parent == "tenants/-" || absl::StartsWith(name, absl::StrCat(parent, "/"))) {
      answer.entries.push_back(entry);
    }
  }
  return answer;
}

}  // namespace bantam
