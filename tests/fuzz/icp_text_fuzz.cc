// Any text as an ICP: it is compiled or its errors are told; what is compiled evaluates, and
// written with its defaults it is the same ICP again.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/definition/load_icp.h"
#include "server/definition/yaml.h"
#include "tests/fuzz/evaluate_checked.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

void EvaluateAll(const CompiledIcp& icp) {
  for (const v1::Lead& lead : SampleLeads()) {
    EvaluateOptions options;
    options.operation = Operation::kAdvance;
    options.as_far_as_possible = true;
    options.now = absl::FromUnixSeconds(1769817600);  // 2026-01-31
    EvaluateChecked(icp, lead, options);
    options.language_code = "de";
    EvaluateChecked(icp, lead, options);
  }
}

void FuzzIcpText(absl::string_view text) {
  const LoadedIcp loaded = LoadIcp(text, "icp.yaml", FuzzTimeZones());
  const bool has_error = std::any_of(
      loaded.issues.begin(), loaded.issues.end(),
      [](const v1::Issue& issue) { return issue.severity() == v1::ISSUE_SEVERITY_ERROR; });
  Require(has_error == (loaded.icp == nullptr), "there is an ICP unless there are errors");
  for (const v1::Issue& issue : loaded.issues) {
    Require(!issue.message().empty() && !issue.rendered().empty(), "every issue says something");
  }
  if (loaded.icp == nullptr) return;
  EvaluateAll(*loaded.icp);
  const std::string written = FormatYaml(loaded.icp->definition());
  if (written.size() > kMaxIcpBytes) return;
  const LoadedIcp again = LoadIcp(written, "written.yaml", FuzzTimeZones());
  Require(again.icp != nullptr,
          absl::StrCat("what is written is good:\n",
                       again.issues.empty() ? "" : again.issues[0].rendered()));
  Require(again.icp->revision() == loaded.icp->revision(), "what is written is the same ICP");
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bantam::FuzzIcpText({reinterpret_cast<const char*>(data), size});
  return 0;
}
