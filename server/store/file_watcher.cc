#include "server/store/file_watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/store/directory_walk.h"

namespace bantam {
namespace {

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                             IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::string_view BaseName(absl::string_view path) { return path.substr(path.rfind('/') + 1); }

// The steady clock; absl::Now() jumps when the system's clock is set.
absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

// Ends the watch that it was made for.
class FileWatcher::Registration : public FileWatch {
 public:
  Registration(FileWatcher* watcher, int64_t id) : watcher_(watcher), id_(id) {}
  ~Registration() override { watcher_->Remove(id_); }

 private:
  FileWatcher* const watcher_;
  const int64_t id_;
};

FileWatcher::FileWatcher(const FileWatcherOptions& options)
    : options_(options),
      inotify_(options.use_inotify ? inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      thread_(&FileWatcher::Run, this) {}

FileWatcher::~FileWatcher() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
}

void FileWatcher::Wake() {
  const uint64_t one = 1;
  // It can only fail if the counter is full, and then the thread is awake.
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
}

std::unique_ptr<FileWatch> FileWatcher::Watch(std::string path, std::function<void()> on_change) {
  auto entry = std::make_shared<Entry>();
  entry->path = WithoutTrailingSlashes(std::move(path));
  entry->on_change = std::move(on_change);
  int64_t id;
  {
    MutexLock lock(mutex_);
    id = next_id_++;
    entries_.emplace(id, std::move(entry));
  }
  Wake();
  return std::make_unique<Registration>(this, id);
}

void FileWatcher::Remove(int64_t id) {
  MutexLock lock(mutex_);
  entries_.erase(id);
  if (std::this_thread::get_id() == thread_.get_id()) return;
  while (telling_ == id) told_.wait(mutex_);
}

void FileWatcher::Run() {
  while (WaitForEvents()) {
    const absl::Duration now = SteadyNow();
    for (const auto& [id, entry] : Entries()) {
      if (Due(*entry) > now) continue;
      entry->first_event = entry->last_event = absl::InfiniteDuration();
      entry->next_poll = now + options_.poll_interval;
      // First the directories, so that what changes while the user reads is told again.
      FollowDirectories(entry.get());
      Tell(id);
    }
    ForgetUnused();
  }
}

FileWatcher::EntryMap FileWatcher::Entries() const {
  MutexLock lock(mutex_);
  return entries_;
}

int FileWatcher::MillisecondsToWait() const {
  absl::Duration due = absl::InfiniteDuration();
  for (const auto& [id, entry] : Entries()) due = std::min(due, Due(*entry));
  // Without a descriptor to be woken by (there are none left), look around now and then.
  if (!wake_.valid()) due = std::min(due, SteadyNow() + absl::Milliseconds(100));
  if (due == absl::InfiniteDuration()) return -1;
  const absl::Duration wait = absl::Ceil(due - SteadyNow(), absl::Milliseconds(1));
  const int64_t milliseconds = absl::ToInt64Milliseconds(wait);
  return static_cast<int>(std::max<int64_t>(0, std::min<int64_t>(milliseconds, INT_MAX)));
}

bool FileWatcher::WaitForEvents() {
  pollfd descriptors[] = {{wake_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}};
  poll(descriptors, 2, MillisecondsToWait());
  uint64_t count;
  [[maybe_unused]] const ssize_t got = read(wake_.get(), &count, sizeof(count));
  if (inotify_.valid()) ReadEvents();
  MutexLock lock(mutex_);
  return !stopping_;
}

void FileWatcher::ReadEvents() {
  alignas(inotify_event) char buffer[16384];
  const EntryMap entries = Entries();
  while (true) {
    const ssize_t size = read(inotify_.get(), buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    for (ssize_t at = 0; at < size;) {
      inotify_event event;
      std::memcpy(&event, buffer + at, sizeof(event));
      const char* name = buffer + at + sizeof(event);
      HandleEvent(event, event.len == 0 ? "" : name, entries);
      at += static_cast<ssize_t>(sizeof(event) + event.len);
    }
  }
}

void FileWatcher::HandleEvent(const inotify_event& event, absl::string_view name,
                              const EntryMap& entries) {
  const absl::Duration now = SteadyNow();
  const bool overflow = (event.mask & IN_Q_OVERFLOW) != 0;
  if ((event.mask & IN_IGNORED) != 0) watched_.erase(event.wd);
  for (const auto& [id, entry] : entries) {
    // In the directory above, only the watched name itself matters, and the "..data" that it may
    // lead through.
    const bool inside = entry->directories.count(event.wd) > 0;
    const bool above = entry->parent == event.wd &&
                       (name == BaseName(entry->path) || absl::StartsWith(name, ".."));
    if (!overflow && !inside && !above) continue;
    entry->first_event = std::min(entry->first_event, now);
    entry->last_event = now;
  }
}

absl::Duration FileWatcher::Due(const Entry& entry) const {
  return std::min({entry.next_poll, entry.last_event + options_.quiet_time,
                   entry.first_event + options_.max_delay});
}

void FileWatcher::Tell(int64_t id) {
  std::shared_ptr<Entry> entry;
  {
    MutexLock lock(mutex_);
    const auto it = entries_.find(id);
    if (it == entries_.end()) return;
    entry = it->second;
    telling_ = id;
  }
  entry->on_change();
  MutexLock lock(mutex_);
  telling_ = 0;
  told_.notify_all();
}

void FileWatcher::FollowDirectories(Entry* entry) {
  if (!inotify_.valid()) return;
  entry->directories.clear();
  // Directories for which the kernel has no watch left are polled.
  entry->parent = inotify_add_watch(inotify_.get(), ParentOf(entry->path).c_str(), kEvents);
  if (entry->parent >= 0) watched_.insert(entry->parent);
  const absl::StatusOr<DirectoryWalk> walk = WalkDirectory(entry->path);
  if (!walk.ok()) return;
  for (const std::string& directory : walk->directories) {
    const int number = inotify_add_watch(inotify_.get(), directory.c_str(), kEvents);
    if (number < 0) continue;
    watched_.insert(number);
    entry->directories.insert(number);
  }
}

void FileWatcher::ForgetUnused() {
  std::set<int> used;
  for (const auto& [id, entry] : Entries()) {
    used.insert(entry->parent);
    used.insert(entry->directories.begin(), entry->directories.end());
  }
  for (auto it = watched_.begin(); it != watched_.end();) {
    if (used.count(*it) > 0) {
      ++it;
      continue;
    }
    inotify_rm_watch(inotify_.get(), *it);
    it = watched_.erase(it);
  }
}

}  // namespace bantam
