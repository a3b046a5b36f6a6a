#include "server/catalog/definition_set.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// An issue about a document as a whole, or (with an empty `file`) about the source.
v1::Issue DocumentIssue(absl::string_view file, absl::string_view field,
                        absl::string_view message) {
  v1::Issue issue;
  issue.set_severity(v1::ISSUE_SEVERITY_ERROR);
  issue.set_file(std::string(file));
  issue.set_field(std::string(field));
  issue.set_message(std::string(message));
  issue.set_rendered(file.empty() ? absl::StrCat("error: ", message)
                                  : absl::StrCat(file, ": error: ", message));
  return issue;
}

// "'a.yaml'", "'a.yaml' and 1 more".
std::string Others(const std::vector<std::string>& ids, absl::string_view without) {
  const std::string& first = ids.front() == without ? ids[1] : ids.front();
  if (ids.size() == 2) return absl::StrCat("'", first, "'");
  return absl::StrCat("'", first, "' and ", ids.size() - 2, " more");
}

CatalogEntryPtr MakeEntry(LoadedIcp loaded, std::string yaml, absl::Time now) {
  auto entry = std::make_shared<CatalogEntry>();
  entry->icp = std::move(loaded.icp);
  entry->yaml = std::move(yaml);
  entry->warnings = std::move(loaded.issues);
  entry->load_time = now;
  return entry;
}

}  // namespace

DefinitionSet::DefinitionSet(LoadFunction load) : load_(std::move(load)) {}

DefinitionChanges DefinitionSet::Update(IcpSnapshot snapshot, absl::Time now) {
  issues_.clear();
  for (const std::string& gap : snapshot.gaps) issues_.push_back(DocumentIssue("", "", gap));
  RefreshAll(std::move(snapshot), now);
  for (const auto& [id, document] : documents_) {
    issues_.insert(issues_.end(), document.issues.begin(), document.issues.end());
  }
  std::map<std::string, Held> next = Resolve();
  std::stable_sort(issues_.begin(), issues_.end(), [](const v1::Issue& a, const v1::Issue& b) {
    return std::forward_as_tuple(a.file(), a.line(), a.column()) <
           std::forward_as_tuple(b.file(), b.line(), b.column());
  });

  DefinitionChanges changes;
  for (const auto& [name, held] : next) {
    const auto before = current_.find(name);
    if (before == current_.end()) {
      changes.added.push_back(name);
    } else if (before->second.entry->icp->revision() != held.entry->icp->revision()) {
      changes.changed.push_back(name);
      changes.retired.push_back(before->second.entry);
    } else if (before->second.entry != held.entry) {
      changes.rewritten = true;
    }
  }
  for (const auto& [name, held] : current_) {
    if (next.count(name) > 0) continue;
    changes.removed.push_back(name);
    changes.retired.push_back(held.entry);
  }
  current_ = std::move(next);
  return changes;
}

void DefinitionSet::RefreshAll(IcpSnapshot snapshot, absl::Time now) {
  Documents next;
  for (IcpDocument& read : snapshot.documents) {
    std::string id = read.id;
    const auto last = documents_.find(id);
    Document document =
        Refresh(std::move(read), last == documents_.end() ? nullptr : &last->second, now);
    next.emplace(std::move(id), std::move(document));
  }
  // Where the source could not see everything, what it did not see is still there.
  if (!snapshot.gaps.empty()) next.merge(documents_);
  documents_ = std::move(next);
}

DefinitionSet::Document DefinitionSet::Refresh(IcpDocument read, Document* last,
                                               absl::Time now) const {
  if (last != nullptr && last->error == read.error) {
    const std::string& text = last->entry != nullptr ? last->entry->yaml : last->bad_yaml;
    if (text == read.yaml) return std::move(*last);
  }
  Document document;
  if (last != nullptr) document.name = std::move(last->name);
  document.error = std::move(read.error);
  if (!document.error.empty()) {
    document.issues.push_back(DocumentIssue(read.id, "", document.error));
    return document;
  }
  LoadedIcp loaded = load_(read.yaml, read.id);
  if (!loaded.name.empty()) document.name = loaded.name;
  document.issues = loaded.issues;
  if (loaded.icp != nullptr) {
    document.entry = MakeEntry(std::move(loaded), std::move(read.yaml), now);
  } else {
    document.bad_yaml = std::move(read.yaml);
  }
  return document;
}

std::map<std::string, DefinitionSet::Held> DefinitionSet::Resolve() {
  std::map<std::string, std::vector<std::string>> claims;
  for (const auto& [id, document] : documents_) {
    if (!document.name.empty()) claims[document.name].push_back(id);
  }
  std::map<std::string, Held> next;
  for (const auto& [name, ids] : claims) {
    const CatalogEntryPtr& entry = documents_.at(ids.front()).entry;
    if (ids.size() == 1 && entry != nullptr) {
      next[name] = {entry, ids.front()};
      continue;
    }
    if (const auto held = current_.find(name); held != current_.end()) next.insert(*held);
    if (ids.size() == 1) continue;
    for (const std::string& id : ids) {
      issues_.push_back(DocumentIssue(
          id, "name",
          absl::StrCat("name '", name, "' is also that of ", Others(ids, id),
                       "; until one of them is renamed or deleted, none is taken over")));
    }
  }
  for (const auto& held : current_) {
    const auto document = documents_.find(held.second.document);
    if (document != documents_.end() && document->second.entry == nullptr) next.insert(held);
  }
  return next;
}

std::vector<std::string> DefinitionSet::BrokenNames() const {
  std::vector<std::string> names;
  for (const auto& [id, document] : documents_) {
    if (!document.name.empty() && current_.count(document.name) == 0) {
      names.push_back(document.name);
    }
  }
  return names;
}

int DefinitionSet::NamelessBad() const {
  return static_cast<int>(
      std::count_if(documents_.begin(), documents_.end(), [](const auto& document) {
        return document.second.entry == nullptr && document.second.name.empty();
      }));
}

std::vector<std::string> DefinitionSet::StaleNames() const {
  std::vector<std::string> names;
  for (const auto& [name, held] : current_) {
    const auto document = documents_.find(held.document);
    if (document == documents_.end() || document->second.entry != held.entry) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace bantam
