#include "server/access/reloaded_files.h"

#include <cerrno>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "server/catalog/steady_time.h"
#include "server/store/directory_walk.h"

namespace bantam {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  // Bit by bit, so that a small file takes little memory.
  char part[4096];
  while (file.good() && text.size() <= max_bytes) {
    file.read(part, sizeof(part));
    text.append(part, static_cast<size_t>(file.gcount()));
  }
  if (!file.eof() && file.fail()) {
    const int error = errno;
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": cannot be read: ", error == 0 ? "it is no file" : ErrorText(error)));
  }
  if (text.size() > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is too large; at most ", max_bytes, " bytes are allowed"));
  }
  return text;
}

}  // namespace

ReloadedFiles::ReloadedFiles(ReloadOptions options, Load load, OnReload on_event)
    : options_(std::move(options)), load_(std::move(load)), on_event_(std::move(on_event)) {}

absl::StatusOr<std::vector<std::string>> ReloadedFiles::Read() const {
  std::vector<std::string> texts;
  std::vector<absl::string_view> errors;
  std::vector<absl::Status> statuses;
  for (const std::string& path : options_.paths) {
    absl::StatusOr<std::string> text = ReadFile(path, options_.max_bytes);
    if (text.ok()) {
      texts.push_back(*std::move(text));
    } else {
      statuses.push_back(text.status());
    }
  }
  if (statuses.empty()) return texts;
  for (const absl::Status& status : statuses) errors.push_back(status.message());
  return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
}

absl::Status ReloadedFiles::Open() {
  absl::StatusOr<std::vector<std::string>> texts = Read();
  if (!texts.ok()) return texts.status();
  const absl::Status status = load_(*texts);
  if (!status.ok()) return status;
  good_texts_ = *std::move(texts);
  OnGood();
  return absl::OkStatus();
}

void ReloadedFiles::Watch(FileWatcher* watcher) {
  for (const std::string& path : options_.paths) {
    watches_.push_back(watcher->Watch(path, [this] { Look(); }));
  }
}

void ReloadedFiles::Look() {
  absl::StatusOr<std::vector<std::string>> texts = Read();
  if (texts.ok() && *texts == good_texts_) {
    if (bad_since_ == absl::InfiniteFuture()) return;
    const bool failed = Stats().failed;
    OnGood();
    if (failed) Tell(ReloadEvent::Kind::kLoaded, "the content in use is back");
    return;
  }
  const absl::Status status = texts.ok() ? load_(*texts) : texts.status();
  if (!status.ok()) {
    OnBad(std::string(status.message()));
    return;
  }
  good_texts_ = *std::move(texts);
  OnGood();
  Tell(ReloadEvent::Kind::kLoaded, "new content is in use");
}

void ReloadedFiles::OnBad(const std::string& error) {
  const absl::Time now = SteadyNow();
  if (bad_since_ == absl::InfiniteFuture()) bad_since_ = now;
  if (now - bad_since_ < options_.settle_time) return;
  {
    MutexLock lock(mutex_);
    if (stats_.failed && stats_.last_error == error) return;
    stats_.failed = true;
    ++stats_.failures;
    stats_.last_error = error;
  }
  Tell(ReloadEvent::Kind::kFailed, error);
}

void ReloadedFiles::OnGood() {
  bad_since_ = absl::InfiniteFuture();
  MutexLock lock(mutex_);
  stats_.last_success = absl::Now();
  stats_.failed = false;
  stats_.last_error.clear();
}

void ReloadedFiles::Tell(ReloadEvent::Kind kind, std::string message) const {
  if (on_event_ == nullptr) return;
  ReloadEvent event;
  event.kind = kind;
  event.files = options_.name;
  event.message = std::move(message);
  on_event_(event);
}

ReloadStats ReloadedFiles::Stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

}  // namespace bantam
