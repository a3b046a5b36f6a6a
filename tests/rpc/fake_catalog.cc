#include "tests/rpc/fake_catalog.h"

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/zones/system_time_zones.h"

namespace bantam {

CatalogEntryPtr FakeCatalog::Add(const std::string& name, double points) {
  v1::Icp icp;
  icp.set_name(name);
  v1::Criterion* criterion = icp.mutable_fit()->add_criteria();
  criterion->set_id("size");
  criterion->set_points(points);
  criterion->mutable_test()->set_attribute("company.employee_count");
  criterion->mutable_test()->mutable_range()->set_min(100);
  const SystemTimeZones zones;
  CompileResult compiled = Compile(icp, zones);
  auto entry = std::make_shared<CatalogEntry>();
  entry->icp = std::move(compiled.icp);
  entry->yaml = absl::StrCat("# As written.\nname: ", name, "\n");
  entry->load_time = absl::FromUnixSeconds(1769817600);
  absl::MutexLock lock(&mu_);
  current_[name] = entry;
  by_revision_[absl::StrCat(name, "@", entry->icp->revision())] = entry;
  return entry;
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

void FakeCatalog::Get(absl::string_view name, absl::string_view revision, Done done) {
  AnswerOrHold([this, name = std::string(name), revision = std::string(revision),
                done = std::move(done)]() mutable { done(Find(name, revision)); });
}

void FakeCatalog::List(absl::string_view parent, ListDone done) {
  AnswerOrHold([this, parent = std::string(parent), done = std::move(done)]() mutable {
    done(FindAll(parent));
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

absl::StatusOr<CatalogEntryPtr> FakeCatalog::Find(const std::string& name,
                                                  const std::string& revision) {
  absl::MutexLock lock(&mu_);
  if (!failure_.ok()) return failure_;
  const auto& entries = revision.empty() ? current_ : by_revision_;
  const auto found = entries.find(revision.empty() ? name : absl::StrCat(name, "@", revision));
  if (found != entries.end()) return found->second;
  if (current_.count(name) == 0) return absl::NotFoundError(absl::StrCat("no ICP ", name));
  return absl::NotFoundError(absl::StrCat("no revision ", revision, " of ", name));
}

absl::StatusOr<std::vector<CatalogEntryPtr>> FakeCatalog::FindAll(const std::string& parent) {
  absl::MutexLock lock(&mu_);
  if (!failure_.ok()) return failure_;
  std::vector<CatalogEntryPtr> entries;
  for (const auto& [name, entry] : current_) {
    if (parent == "tenants/-" || absl::StartsWith(name, absl::StrCat(parent, "/"))) {
      entries.push_back(entry);
    }
  }
  return entries;
}

}  // namespace bantam
