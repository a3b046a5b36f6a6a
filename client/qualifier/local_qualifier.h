#ifndef BANTAM_CLIENT_QUALIFIER_LOCAL_QUALIFIER_H_
#define BANTAM_CLIENT_QUALIFIER_LOCAL_QUALIFIER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/qualifier.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/time_zones.h"

namespace bantam {

// The ICPs of some files, compiled.
struct IcpSet {
  std::map<std::string, std::shared_ptr<const CompiledIcp>> icps;  // By name.
  std::map<std::string, std::vector<std::string>> warnings;        // Rendered, by name.
};

// Reads and compiles the ICPs in `files`, and every *.yaml and *.yml below `folder` (empty: none;
// its case and lead folders are no place for ICPs). NOT_FOUND: no such folder, or it holds no ICP.
// INVALID_ARGUMENT: files and folders that cannot be read, definitions with errors, two of one
// name; the message holds all, rendered.
absl::StatusOr<IcpSet> LoadIcps(const std::string& folder, const std::vector<std::string>& files,
                                const TimeZones& zones);

// The engine in this process: no server, no network.
class LocalQualifier : public Qualifier {
 public:
  // `clock` serves questions without an evaluation time; it is read once for each call.
  LocalQualifier(IcpSet icps, std::function<absl::Time()> clock);

  absl::StatusOr<v1::Evaluation> Ask(const v1::Lead& lead, const Question& question) override;
  absl::Status AskMany(const Question& question, NextLead next, TakeResult take) override;
  absl::optional<absl::Duration> data_age() const override { return absl::nullopt; }

 private:
  // What a question comes to.
  struct Plan {
    std::vector<std::shared_ptr<const CompiledIcp>> icps;
    EvaluateOptions options;
  };

  absl::StatusOr<Plan> Prepare(const Question& question) const;
  absl::StatusOr<std::shared_ptr<const CompiledIcp>> Find(const v1::IcpReference& reference) const;

  const IcpSet icps_;
  const std::function<absl::Time()> clock_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_LOCAL_QUALIFIER_H_
