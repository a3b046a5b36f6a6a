#include "tests/integration/stores/fault_load.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

// Between two saves of an ICP: its readers have time to be outdated, and to notice.
constexpr absl::Duration kBetweenSaves = absl::Milliseconds(20);

// Between two looks at whether the loaded replica is ready.
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(20);

// Less than the cold ICPs take, so that one which comes round again is not held any more; but so
// much that it takes seconds to fill, in which even on a busy machine the warm ones are used.
constexpr char kSmallCache[] = "--cache_mib=64";

// A warm call that takes so long has waited for a store that is stopped, which takes 5 s.
constexpr absl::Duration kStall = absl::Seconds(4);

std::vector<std::string> AllNames(int warm, int cold) {
  std::vector<std::string> names;
  for (int i = 0; i < warm; ++i) names.push_back(FaultLoad::WarmName(i));
  for (int i = 0; i < cold; ++i) names.push_back(FaultLoad::ColdName(i));
  return names;
}

// With these flags as well; and on a slow machine no load is to fail that the fault lets be.
std::vector<std::string> FlagsFor(const FaultLoadOptions& options,
                                  std::vector<std::string> flags = {}) {
  flags.insert(flags.end(), options.flags.begin(), options.flags.end());
  if (!options.cold_calls_may_fail) flags.push_back("--load_timeout_ms=30000");
  return flags;
}

}  // namespace

FaultLoad::FaultLoad(Cluster* cluster, const FaultLoadOptions& options)
    : cluster_(cluster),
      options_(options),
      versions_(AllNames(kWarmIcps, kColdIcps)),
      editing_(cluster->NewServingReplica(FlagsFor(options))),
      loaded_(cluster->NewServingReplica(FlagsFor(options, {kSmallCache}))) {
  SaveEverything();
  misses_before_ = Misses();
  warm_ = Start(true);
  cold_ = Start(false);
  editor_ = std::thread([this] { Edit(); });
  readiness_ = std::thread([this] { WatchReadiness(); });
  EXPECT_TRUE(WaitUntil([this] {
    return warm_->ok_so_far() >= 1000 && cold_->ok_so_far() >= 100 && saves_ >= 10;
  })) << warm_->ok_so_far()
      << " warm and " << cold_->ok_so_far() << " cold calls, " << saves_ << " saves; "
      << loaded_->LogEnd();
}

FaultLoad::~FaultLoad() {
  stopping_ = true;
  for (std::thread* const thread : {&editor_, &readiness_}) {
    if (thread->joinable()) thread->join();
  }
}

void FaultLoad::SaveEverything() {
  for (const std::string& name : AllNames(kWarmIcps, kColdIcps)) versions_.Next(name);
  for (const char* const word : {"warm", "cold"}) {
    const std::string name = absl::StrCat("tenants/load/icps/", word, "-*");
    cluster_->WriteManyStraight(name, VersionedIcp(name, 1), *word == 'w' ? kWarmIcps : kColdIcps);
  }
  for (const std::string& name : AllNames(kWarmIcps, kColdIcps)) versions_.Acknowledge(name, 1);
}

// As a careful editor does: from a state that was read, so that a save which was given up cannot be
// made after a later one.
grpc::Status FaultLoad::SaveNext(const std::string& name, std::string* etag) {
  if (etag->empty()) {
    v1::GetIcpRequest request;
    request.set_name(name);
    request.mutable_max_staleness();
    v1::GetIcpResponse response;
    const grpc::Status status = editing_->Get(request, &response);
    if (!status.ok()) return status;
    *etag = response.icp().etag();
  }
  const int version = versions_.Next(name);
  v1::SaveIcpResponse response;
  const grpc::Status status = editing_->Save(VersionedIcp(name, version), *etag, &response);
  if (status.ok()) versions_.Acknowledge(name, version);
  *etag = response.icp().etag();
  return status;
}

void FaultLoad::Edit() {
  std::string etags[kWarmIcps];
  // After a save that may have been made or not, another state can be current than the one known.
  bool in_doubt[kWarmIcps] = {};
  for (int i = 0; !stopping_; i = (i + 1) % kWarmIcps) {
    if (i == frozen_) continue;
    const grpc::Status status = SaveNext(WarmName(i), &etags[i]);
    const bool may_fail = options_.saves_may_fail &&
                          (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                           (status.error_code() == grpc::StatusCode::ABORTED && in_doubt[i]));
    if (!status.ok() && !may_fail) {
      Complain(absl::StrCat("a save failed: ", status.error_code(), " ", status.error_message()));
    }
    in_doubt[i] = !status.ok();
    ++(status.ok() ? saves_ : failed_saves_);
    absl::SleepFor(kBetweenSaves);
  }
}

std::unique_ptr<Load> FaultLoad::Start(bool warm) {
  LoadOptions options;
  options.target = loaded_->target();
  options.connections = warm ? 4 : 1;
  options.threads = 1;
  options.in_flight = warm ? kWarmInFlight : 20;
  options.check_every = 0;
  options.deadline = absl::Minutes(1);
  options.on_end = [this, warm](const LoadOutcome& outcome) { OnEnd(warm, outcome); };
  std::vector<LoadRequest> requests;
  for (int i = 0; i < (warm ? kWarmIcps : kColdIcps); ++i) {
    requests.push_back({"/bantam.v1.QualificationService/Score",
                        VersionRequest(warm ? WarmName(i) : ColdName(i)).SerializeAsString(), ""});
  }
  return StartUnaryLoad(options, std::move(requests));
}

void FaultLoad::OnEnd(bool warm, const LoadOutcome& outcome) {
  const int i = static_cast<int>(outcome.request);
  const std::string name = warm ? WarmName(i) : ColdName(i);
  if (warm) {
    slowness_.Add(outcome.end - outcome.begin);
    if (outcome.end - outcome.begin > kStall) ++stalled_;
  } else {
    const MutexLock lock(mutex_);
    slowest_cold_ = std::max(slowest_cold_, outcome.end - outcome.begin);
  }
  if (!outcome.status.ok()) {
    const std::string problem =
        absl::StrCat(name, ": ", outcome.status.error_code(), " ", outcome.status.error_message());
    if (!warm && options_.cold_calls_may_fail &&
        outcome.status.error_code() == grpc::StatusCode::UNAVAILABLE) {
      const MutexLock lock(mutex_);
      ++cold_failures_[outcome.status.error_message()];
    } else {
      Complain(problem);
    }
    return;
  }
  v1::ScoreResponse answer;
  if (!answer.ParseFromArray(outcome.answer.data(), static_cast<int>(outcome.answer.size()))) {
    Complain(name + ": not an answer");
    return;
  }
  const std::string problem =
      versions_.Check(name, answer, outcome.begin, options_.bound + slowness_.Allowance());
  if (!problem.empty()) Complain(problem);
  if (warm) CheckVersion(i, VersionOf(answer), outcome.begin);
}

void FaultLoad::CheckVersion(int warm, int version, absl::Time call_time) {
  const int before = seen_[warm].NewestBefore(call_time);
  if (version < before) {
    Complain(absl::StrCat(WarmName(warm), " went back from version ", before, " to ", version));
  }
  seen_[warm].See(version);
}

void FaultLoad::WatchReadiness() {
  while (!stopping_) {
    if (!loaded_->IsServing()) Complain("the loaded replica is not ready");
    const absl::Time before = absl::Now();
    absl::SleepFor(kBetweenLooks);
    machine_pause_ = std::max(machine_pause_, absl::Now() - before);
  }
}

void FaultLoad::Complain(const std::string& problem) {
  const MutexLock lock(mutex_);
  ++problems_;
  if (first_problems_.size() < 5) {
    first_problems_.push_back(
        absl::StrCat(absl::FormatTime(absl::Now(), absl::UTCTimeZone()), " ", problem));
  }
}

int FaultLoad::Freeze(int i) {
  frozen_ = i;
  // A save that is under way ends before two further ones have.
  const int64_t saves = saves_;
  EXPECT_TRUE(WaitUntil([&] { return saves_ >= saves + 2; }));
  return versions_.Acknowledged(WarmName(i));
}

void FaultLoad::Run(absl::Duration duration) {
  const int64_t before = warm_->ok_so_far();
  const absl::Time end = absl::Now() + duration;
  EXPECT_TRUE(WaitUntil([&] { return absl::Now() >= end && warm_->ok_so_far() > before + 1000; }))
      << "warm calls are not answered";
}

void FaultLoad::ExpectChangesShow() {
  int newest[kWarmIcps];
  for (int i = 0; i < kWarmIcps; ++i) newest[i] = versions_.Begun(WarmName(i)) + 1;
  for (int i = 0; i < kWarmIcps; ++i) {
    if (i == frozen_) continue;
    EXPECT_TRUE(WaitUntil([&] { return Seen(i) >= newest[i]; }))
        << WarmName(i) << " is seen by version " << Seen(i) << ", saved are "
        << versions_.Acknowledged(WarmName(i)) << "; " << loaded_->LogEnd();
  }
}

void FaultLoad::Finish() {
  stopping_ = true;
  editor_.join();
  readiness_.join();
  const LoadResult warm = warm_->Stop(), cold = cold_->Stop();
  const double misses = Misses() - misses_before_;
  const MutexLock lock(mutex_);
  std::cout << "figure: " << testing::UnitTest::GetInstance()->current_test_info()->name()
            << ": warm calls " << warm.calls << " (p99 "
            << absl::FormatDuration(warm.latencies.Quantile(0.99)) << "), cold " << cold.calls
            << " (misses " << misses << ", failed " << cold.calls - cold.ok << ", slowest "
            << absl::FormatDuration(slowest_cold_) << "), saves " << saves_ << " (failed "
            << failed_saves_ << ")\n";
  for (const auto& [message, count] : cold_failures_) {
    std::cout << "cold calls failed: " << count << " times: " << message << "\n";
  }
  std::string problems;
  for (const std::string& problem : first_problems_) absl::StrAppend(&problems, problem, "\n");
  EXPECT_EQ(problems_, 0) << problems << loaded_->LogEnd();
  // Half of those that are in flight at any time, unless the whole machine stood still.
  if (machine_pause_ < absl::Seconds(1)) {
    EXPECT_LT(stalled_, kWarmInFlight / 2) << "warm calls waited for what failed";
  }
  // That they are cold. In an outage what is held stays, and is asked for in its turn.
  EXPECT_GE(misses, cold.calls * (options_.cold_calls_may_fail ? 0.25 : 0.8));
  // A load's 3 s, after as many for its turn.
  EXPECT_LT(slowest_cold_, absl::Seconds(8) + slowness_.Allowance());
}

}  // namespace bantam
