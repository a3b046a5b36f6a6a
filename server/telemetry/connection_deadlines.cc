#include "server/telemetry/connection_deadlines.h"

#include <sys/socket.h>

#include <algorithm>

#include "server/catalog/steady_time.h"

namespace bantam {

ConnectionDeadlines::ConnectionDeadlines() {
  thread_ = std::thread(&ConnectionDeadlines::Run, this);
}

ConnectionDeadlines::~ConnectionDeadlines() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

ConnectionDeadlines::Entry* ConnectionDeadlines::Add(int socket, absl::Duration limit) {
  MutexLock lock(mutex_);
  entries_.push_back({socket, SteadyNow() + limit});
  changed_.notify_all();
  return &entries_.back();
}

void ConnectionDeadlines::Extend(Entry* entry, absl::Duration limit) {
  MutexLock lock(mutex_);
  if (entry->deadline == absl::InfiniteFuture()) return;
  entry->deadline = SteadyNow() + limit;
  changed_.notify_all();
}

void ConnectionDeadlines::Remove(Entry* entry) {
  MutexLock lock(mutex_);
  entries_.remove_if([entry](const Entry& other) { return &other == entry; });
}

void ConnectionDeadlines::Run() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    const absl::Time now = SteadyNow();
    const absl::Time next = ShutDown(now);
    if (next == absl::InfiniteFuture()) {
      changed_.wait(mutex_);
    } else {
      changed_.wait_for(mutex_, absl::ToChronoNanoseconds(next - now));
    }
  }
}

absl::Time ConnectionDeadlines::ShutDown(absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  for (Entry& entry : entries_) {
    if (entry.deadline <= now) {
      shutdown(entry.socket, SHUT_RDWR);
      entry.deadline = absl::InfiniteFuture();  // Once is enough.
    }
    next = std::min(next, entry.deadline);
  }
  return next;
}

}  // namespace bantam
