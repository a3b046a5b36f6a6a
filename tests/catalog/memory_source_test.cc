#include "tests/fakes/memory_source.h"

#include <memory>

#include "absl/status/status.h"
#include "tests/catalog/icp_source_contract.h"

namespace bantam {
namespace {

class MemoryBench : public IcpSourceBench {
 public:
  std::unique_ptr<IcpSource> Open() override { return std::make_unique<MemorySource>(documents_); }
  void Put(absl::string_view id, absl::string_view yaml) override { documents_->Put(id, yaml); }
  void Delete(absl::string_view id) override { documents_->Delete(id); }
  void MakeUnreadable(absl::string_view id) override {
    documents_->PutUnreadable(id, "cannot be read: a fault");
  }
  void TakeAway() override { documents_->SetFailure(absl::UnavailableError("a fault")); }
  void GiveBack() override { documents_->SetFailure(absl::OkStatus()); }

 private:
  const std::shared_ptr<MemoryDocuments> documents_ = std::make_shared<MemoryDocuments>();
};

INSTANTIATE_TEST_SUITE_P(Memory, IcpSourceContract,
                         ::testing::Values([] { return std::make_unique<MemoryBench>(); }));

}  // namespace
}  // namespace bantam
