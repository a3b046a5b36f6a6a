// What every IcpSource must do, as tests to be run against each implementation:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, IcpSourceContract, ::testing::Values(MakeMemoryBench));
#ifndef BANTAM_TESTS_CATALOG_ICP_SOURCE_CONTRACT_H_
#define BANTAM_TESTS_CATALOG_ICP_SOURCE_CONTRACT_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/catalog/icp_source.h"
#include "server/catalog/mutex.h"

namespace bantam {

// One implementation with the means to change what it holds. Ids look like "a.yaml". It begins
// empty.
class IcpSourceBench {
 public:
  virtual ~IcpSourceBench() = default;

  // A source over what this holds. Destroyed before the bench.
  virtual std::unique_ptr<IcpSource> Open() = 0;

  virtual void Put(absl::string_view id, absl::string_view yaml) = 0;
  virtual void Delete(absl::string_view id) = 0;

  // Leaves the document there, but such that its text cannot be read.
  virtual void MakeUnreadable(absl::string_view id) = 0;

  // Makes the whole source unreadable; makes it as it was.
  virtual void TakeAway() = 0;
  virtual void GiveBack() = 0;
};

using MakeIcpSourceBench = std::function<std::unique_ptr<IcpSourceBench>()>;

// Counts calls of Watch()'s callback, and waits for what comes true in or after one.
class ChangeCounter {
 public:
  std::function<void()> Callback();

  // Evaluates `condition` now and after every call; false if it did not become true within 30 s.
  bool WaitUntil(const std::function<bool()>& condition);

  int count() const;

 private:
  mutable Mutex mutex_;
  std::condition_variable_any called_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

class IcpSourceContract : public ::testing::TestWithParam<MakeIcpSourceBench> {
 protected:
  IcpSourceContract() : bench_(GetParam()()), source_(bench_->Open()) {}

  // The snapshot; fails the test if it cannot be read.
  IcpSnapshot Read();

  // The text of the document `id`; "(none)" if there is no such document.
  std::string Text(absl::string_view id);

  ChangeCounter changes_;
  const std::unique_ptr<IcpSourceBench> bench_;
  std::unique_ptr<IcpSource> source_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CATALOG_ICP_SOURCE_CONTRACT_H_
