#include "server/catalog/single_flight.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "server/catalog/steady_time.h"

namespace bantam {
namespace {

absl::Status TooManyWait() {
  return absl::ResourceExhaustedError(
      "too many calls wait for ICPs to be loaded; try again after a pause that grows with each "
      "attempt");
}

absl::Status TurnNeverCame() {
  return absl::UnavailableError(
      "the ICP could not be loaded in time, because too many others were; try again after a pause");
}

absl::Status Ending() { return absl::UnavailableError("the server is ending"); }

}  // namespace

SingleFlight::SingleFlight(const Options& options, Start start)
    : options_(options), start_(std::move(start)) {}

SingleFlight::FlightPtr SingleFlight::Find(absl::string_view key) const {
  const auto found = flights_.find(key);
  return found == flights_.end() ? nullptr : found->second;
}

SingleFlight::FlightPtr SingleFlight::Make(absl::string_view key) {
  return std::make_shared<Flight>(key);
}

void SingleFlight::Queue(const FlightPtr& flight, std::deque<FlightPtr>* queue) {
  flight->deadline_ = SteadyNow() + options_.timeout;
  queue->push_back(flight);
}

SingleFlight::FlightPtr SingleFlight::FlightFor(absl::string_view key, const Demand& demand) {
  FlightPtr flight = Find(key);
  if (flight == nullptr) {
    flight = Make(key);
    flights_.emplace(flight->key, flight);
    Queue(flight, &queue_);
  } else if (flight->closed_ || (demand.newest ? flight->known_time_ <= demand.known_since
                                               : flight->known_time_ < demand.known_since)) {
    if (flight->next_ == nullptr) flight->next_ = Make(key);
    flight = flight->next_;
  } else if (!flight->running_ && flight->waiters_.empty()) {
    Queue(flight, &queue_);  // It leaves the background; there it is passed over.
  }
  flight->demand_.known_since = std::max(flight->demand_.known_since, demand.known_since);
  flight->demand_.newest = flight->demand_.newest || demand.newest;
  return flight;
}

void SingleFlight::Join(absl::string_view key, const Demand& demand, Done done) {
  Work work;
  absl::Status refusal;
  {
    MutexLock lock(mutex_);
    if (stopping_) {
      refusal = Ending();
    } else if (waiting_ >= options_.max_waiting) {
      ++refused_;
      refusal = TooManyWait();
    } else {
      FlightFor(key, demand)->waiters_.push_back(std::move(done));
      ++waiting_;
      work = NextWork();
    }
  }
  if (!refusal.ok()) return done(refusal);
  Do(std::move(work));
}

void SingleFlight::Refresh(absl::string_view key, bool newest) {
  Work work;
  {
    MutexLock lock(mutex_);
    if (stopping_) return;
    const FlightPtr flight = Find(key);
    if (flight != nullptr) {
      // One that has asked neither the cache nor the store for good can still be made to ask the
      // store; else there must be another one.
      if (flight->known_time_ == absl::InfiniteFuture()) {
        flight->demand_.newest = flight->demand_.newest || newest;
      } else if (newest) {
        flight->doubted_ = true;
      }
      return;
    }
    const FlightPtr made = Make(key);
    made->demand_.newest = newest;
    flights_.emplace(made->key, made);
    Queue(made, &background_queue_);
    work = NextWork();
  }
  Do(std::move(work));
}

void SingleFlight::Doubt(absl::string_view key) {
  MutexLock lock(mutex_);
  const FlightPtr flight = Find(key);
  if (flight != nullptr && flight->running_) flight->doubted_ = true;
}

bool SingleFlight::Accepts(const FlightPtr& flight, absl::Time known_time) {
  MutexLock lock(mutex_);
  if (flight->demand_.newest || known_time < flight->demand_.known_since) return false;
  flight->known_time_ = known_time;
  return true;
}

absl::Time SingleFlight::BeginStoreRead(const FlightPtr& flight) {
  MutexLock lock(mutex_);
  flight->known_time_ = SteadyNow();
  flight->closed_ = false;
  return flight->known_time_;
}

void SingleFlight::Close(const FlightPtr& flight) {
  MutexLock lock(mutex_);
  flight->closed_ = true;
}

SingleFlight::Landing SingleFlight::Finish(const FlightPtr& flight,
                                           const absl::StatusOr<HeldEntryPtr>& result,
                                           absl::FunctionRef<void()> landed) {
  Work work;
  Waiters waiters;
  Landing landing;
  {
    MutexLock lock(mutex_);
    waiters.swap(flight->waiters_);
    waiting_ -= static_cast<int64_t>(waiters.size());
    landing.doubted = flight->doubted_;
    landing.in_background = waiters.empty();
    --running_;
    const auto found = flights_.find(flight->key);
    if (const FlightPtr next = std::move(flight->next_); next != nullptr) {
      found->second = next;
      Queue(next, &queue_);
    } else {
      flights_.erase(found);
    }
    work = NextWork();
    if (running_ == 0) idle_.notify_all();
  }
  landed();
  Do(std::move(work));
  for (Done& done : waiters) done(result);
  return landing;
}

SingleFlight::Work SingleFlight::NextWork() {
  Work work;
  const absl::Time now = SteadyNow();
  // The background leaves half of the places free.
  const std::pair<std::deque<FlightPtr>*, int> queues[] = {
      {&queue_, options_.max_running}, {&background_queue_, std::max(options_.max_running / 2, 1)}};
  for (const auto& [queue, max_running] : queues) {
    while (!queue->empty() && (running_ < max_running || stopping_)) {
      const FlightPtr flight = std::move(queue->front());
      queue->pop_front();
      if (flight->running_) continue;  // It came to the front of the other queue before.
      if (stopping_ || (!flight->waiters_.empty() && now >= flight->deadline_)) {
        std::move(flight->waiters_.begin(), flight->waiters_.end(),
                  std::back_inserter(work.expired));
        flights_.erase(flight->key);
        flight->running_ = true;
        continue;
      }
      flight->running_ = true;
      flight->deadline_ = now + options_.timeout;
      ++running_;
      work.start.push_back(flight);
    }
  }
  waiting_ -= static_cast<int64_t>(work.expired.size());
  work.stopping = stopping_;
  return work;
}

void SingleFlight::Do(Work work) {
  for (const FlightPtr& flight : work.start) start_(flight);
  const absl::StatusOr<HeldEntryPtr> error = work.stopping ? Ending() : TurnNeverCame();
  for (Done& done : work.expired) done(error);
}

void SingleFlight::Stop() {
  Work work;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    work = NextWork();
  }
  Do(std::move(work));
  MutexLock lock(mutex_);
  while (running_ > 0) idle_.wait(mutex_);
}

SingleFlight::Stats SingleFlight::GetStats() const {
  MutexLock lock(mutex_);
  Stats stats;
  stats.running = running_;
  stats.waiting = waiting_;
  stats.refused = refused_;
  return stats;
}

}  // namespace bantam
