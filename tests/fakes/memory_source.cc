#include "tests/fakes/memory_source.h"

#include <utility>

namespace bantam {

void MemoryDocuments::Put(absl::string_view id, absl::string_view yaml) {
  PutAll({{std::string(id), std::string(yaml)}});
}

void MemoryDocuments::PutAll(const std::map<std::string, std::string>& yaml_by_id) {
  MutexLock lock(mutex_);
  for (const auto& [id, yaml] : yaml_by_id) documents_[id] = {id, yaml, ""};
  Tell();
}

void MemoryDocuments::PutUnreadable(absl::string_view id, absl::string_view error) {
  MutexLock lock(mutex_);
  documents_[std::string(id)] = {std::string(id), "", std::string(error)};
  Tell();
}

void MemoryDocuments::Delete(absl::string_view id) {
  MutexLock lock(mutex_);
  documents_.erase(std::string(id));
  Tell();
}

void MemoryDocuments::SetGaps(std::vector<std::string> gaps) {
  MutexLock lock(mutex_);
  gaps_ = std::move(gaps);
  Tell();
}

void MemoryDocuments::SetFailure(absl::Status failure) {
  MutexLock lock(mutex_);
  failure_ = std::move(failure);
  Tell();
}

void MemoryDocuments::TellNothing() {
  MutexLock lock(mutex_);
  tells_ = false;
}

void MemoryDocuments::Tell() {
  if (tells_ && on_change_) on_change_();
}

MemorySource::MemorySource(std::shared_ptr<MemoryDocuments> documents)
    : documents_(std::move(documents)) {}

MemorySource::~MemorySource() {
  MutexLock lock(documents_->mutex_);
  documents_->on_change_ = nullptr;
}

absl::StatusOr<IcpSnapshot> MemorySource::Read() {
  MutexLock lock(documents_->mutex_);
  if (!documents_->failure_.ok()) {
    // A copy of its own: the threads share no status.
    return absl::Status(documents_->failure_.code(), documents_->failure_.message());
  }
  IcpSnapshot snapshot;
  for (const auto& [id, document] : documents_->documents_) snapshot.documents.push_back(document);
  snapshot.gaps = documents_->gaps_;
  return snapshot;
}

void MemorySource::Watch(std::function<void()> on_change) {
  MutexLock lock(documents_->mutex_);
  documents_->on_change_ = std::move(on_change);
}

}  // namespace bantam
