#include "tests/fakes/directory_revision_store.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

// The directory's texts, by name.
std::map<std::string, std::string> ReadTexts(const std::string& directory) {
  std::map<std::string, std::string> texts;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const fs::path name = entry.path().lexically_relative(directory).replace_extension();
    if (file.is_open()) texts[name.string()] = text.str();
  }
  return texts;
}

// For changes that nobody waits for: they have been made when this returns.
void ApplyNow(const RevisionChange& change, RevisionStore* store) {
  store->Apply(change, absl::InfiniteFuture(), [](const absl::StatusOr<AppliedChange>&) {});
}

}  // namespace

RevisionChange ChangeTo(absl::string_view name, absl::string_view yaml, const LoadFunction& load) {
  RevisionChange change;
  change.name = std::string(name);
  change.yaml = std::string(yaml);
  change.etag = "*";
  if (yaml.empty()) return change;
  const LoadedIcp loaded = load(yaml, "icp.yaml");
  change.revision = loaded.icp != nullptr
                        ? std::string(loaded.icp->revision())
                        : absl::StrCat("bad-", std::hash<std::string>()(change.yaml));
  change.title = change.name.substr(change.name.rfind('/') + 1);
  return change;
}

DirectoryRevisionStore::DirectoryRevisionStore(std::string directory, LoadFunction load)
    : directory_(std::move(directory)), load_(std::move(load)) {}

RevisionStore& DirectoryRevisionStore::Looked() {
  const MutexLock lock(mutex_);
  std::map<std::string, std::string> texts = ReadTexts(directory_);
  for (const auto& [name, text] : texts) {
    const auto known = texts_.find(name);
    if (known != texts_.end() && known->second == text) continue;
    ApplyNow(ChangeTo(name, text, load_), &store_);
  }
  for (const auto& [name, text] : texts_) {
    if (texts.count(name) == 0) ApplyNow(ChangeTo(name, "", load_), &store_);
  }
  texts_ = std::move(texts);
  return store_;
}

void DirectoryRevisionStore::ReadCurrent(absl::string_view name, int64_t known_number,
                                         absl::Time deadline, Done<CurrentRead> done) {
  Looked().ReadCurrent(name, known_number, deadline, std::move(done));
}

void DirectoryRevisionStore::ReadRevision(absl::string_view name, absl::string_view revision,
                                          int64_t number, absl::Time deadline,
                                          Done<absl::optional<RevisionRecord>> done) {
  Looked().ReadRevision(name, revision, number, deadline, std::move(done));
}

void DirectoryRevisionStore::ReadBefore(absl::string_view name, int64_t number, absl::Time deadline,
                                        Done<absl::optional<RevisionRecord>> done) {
  Looked().ReadBefore(name, number, deadline, std::move(done));
}

void DirectoryRevisionStore::ReadPointers(const std::vector<std::string>& names,
                                          absl::Time deadline,
                                          Done<std::vector<CurrentRevision>> done) {
  Looked().ReadPointers(names, deadline, std::move(done));
}

void DirectoryRevisionStore::ReadTenant(absl::string_view tenant, absl::Time deadline,
                                        Done<TenantNames> done) {
  Looked().ReadTenant(tenant, deadline, std::move(done));
}

void DirectoryRevisionStore::ReadChanges(int64_t after, absl::Time deadline,
                                         Done<StoreChanges> done) {
  Looked().ReadChanges(after, deadline, std::move(done));
}

void DirectoryRevisionStore::ListCurrent(absl::string_view parent, absl::string_view after,
                                         int limit, absl::Time deadline,
                                         Done<std::vector<RevisionRecord>> done) {
  Looked().ListCurrent(parent, after, limit, deadline, std::move(done));
}

void DirectoryRevisionStore::ListRevisions(absl::string_view name, int64_t before, int limit,
                                           absl::Time deadline,
                                           Done<std::vector<RevisionRecord>> done) {
  Looked().ListRevisions(name, before, limit, deadline, std::move(done));
}

void DirectoryRevisionStore::Apply(RevisionChange change, absl::Time deadline,
                                   Done<AppliedChange> done) {
  Looked().Apply(std::move(change), deadline, std::move(done));
}

}  // namespace bantam
