#include "tests/fakes/memory_revision_store.h"

#include <memory>

#include "absl/status/status.h"
#include "tests/catalog/revision_store_contract.h"

namespace bantam {
namespace {

class MemoryBench : public RevisionStoreBench {
 public:
  std::unique_ptr<RevisionStore> Open() override {
    return std::make_unique<MemoryRevisionStore>(revisions_);
  }
  void TakeAway() override { revisions_->SetFailure(absl::UnavailableError("a fault")); }
  void GiveBack() override { revisions_->SetFailure(absl::OkStatus()); }

 private:
  const std::shared_ptr<MemoryRevisions> revisions_ = std::make_shared<MemoryRevisions>();
};

INSTANTIATE_TEST_SUITE_P(Memory, RevisionStoreContract,
                         ::testing::Values([] { return std::make_unique<MemoryBench>(); }));

}  // namespace
}  // namespace bantam
