#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

// Length of the name at the front of `path`, without a dot before it.
size_t NameLength(absl::string_view path) {
  const size_t end = path.find_first_of(".[");
  return end == absl::string_view::npos ? path.size() : end;
}

// Whether a segment may end before `rest`.
bool AtSegmentEnd(absl::string_view rest) {
  return rest.empty() || rest.front() == '.' || rest.front() == '[';
}

}  // namespace

void SourceMap::Add(absl::string_view path, SourcePosition position) {
  if (path.empty()) {
    document_.position = position;
    empty_ = false;
    return;
  }
  int entry = kDocument;
  while (!path.empty()) {
    if (path.front() == '.') path.remove_prefix(1);
    size_t length = NameLength(path);
    if (length == 0 && !path.empty()) {
      length = path.find(']');
      while (length < path.size() && !AtSegmentEnd(path.substr(length + 1))) {
        length = path.find(']', length + 1);
      }
      length = length == absl::string_view::npos ? path.size() : length + 1;
    }
    const absl::string_view segment = path.substr(0, length);
    path.remove_prefix(length);
    const auto found = children_.find({entry, std::string(segment)});
    entry = found != children_.end() && !path.empty() ? found->second.id
                                                      : AddChild(entry, segment, position);
  }
}

int SourceMap::AddChild(int parent, absl::string_view segment, SourcePosition position) {
  empty_ = false;
  Entry& entry = children_[{parent, std::string(segment)}];
  if (entry.id == kDocument) entry.id = ++last_id_;
  entry.position = position;
  return entry.id;
}

const SourceMap::Entry* SourceMap::LookInBrackets(int parent, absl::string_view path,
                                                  size_t* length) const {
  // A map key may itself hold brackets and dots: the shortest one that was written counts.
  for (size_t end = path.find(']'); end < path.size(); end = path.find(']', end + 1)) {
    *length = end + 1;
    if (!AtSegmentEnd(path.substr(*length))) continue;
    const auto found = children_.find({parent, std::string(path.substr(0, *length))});
    if (found != children_.end()) return &found->second;
  }
  // Below the only field of a message?
  const auto only = children_.lower_bound({parent, ""});
  if (only == children_.end() || only->first.first != parent || only->first.second[0] == '[') {
    return nullptr;
  }
  const auto next = std::next(only);
  if (next != children_.end() && next->first.first == parent) return nullptr;
  return LookInBrackets(only->second.id, path, length);
}

const SourceMap::Entry* SourceMap::Look(absl::string_view path, bool* exact) const {
  *exact = false;
  if (empty_) return nullptr;
  const Entry* entry = &document_;
  while (!path.empty()) {
    if (path.front() == '.') path.remove_prefix(1);
    const Entry* next = nullptr;
    size_t length = NameLength(path);
    if (length == 0) {
      next = LookInBrackets(entry->id, path, &length);
    } else if (const auto found = children_.find({entry->id, std::string(path.substr(0, length))});
               found != children_.end()) {
      next = &found->second;
    }
    if (next == nullptr) return entry;
    entry = next;
    path.remove_prefix(length);
  }
  *exact = true;
  return entry;
}

SourcePosition SourceMap::Find(absl::string_view path) const {
  bool exact;
  const Entry* entry = Look(path, &exact);
  return entry == nullptr ? SourcePosition{} : entry->position;
}

bool SourceMap::Contains(absl::string_view path) const {
  bool exact;
  Look(path, &exact);
  return exact;
}

void SourceMap::Clear() { *this = SourceMap(); }

}  // namespace bantam
