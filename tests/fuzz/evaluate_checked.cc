#include "tests/fuzz/evaluate_checked.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "server/definition/load_icp.h"
#include "server/definition/yaml.h"
#include "server/zones/system_time_zones.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Require(file.is_open(), absl::StrCat(path.string(), " can be read"));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::filesystem::path Source(const std::string& path) {
  return std::filesystem::path(BANTAM_SOURCE_DIR) / path;
}

void CheckAnswer(const v1::Evaluation& answer, const EvaluationSummary& summary,
                 const std::string& bytes) {
  Require(answer.SerializeAsString() == bytes, "both overloads of Evaluate() give the same answer");
  Require(answer.has_score() == summary.has_score, "the summary tells whether there is a score");
  if (!answer.has_score()) return;
  const v1::Score& score = answer.score();
  Require(score.total() == summary.total, "the summary tells the total");
  Require(0 <= score.range_min() && score.range_min() <= score.total() &&
              score.total() <= score.range_max() && score.range_max() <= 100,
          "0 <= range_min <= total <= range_max <= 100");
  Require(0 <= score.completeness() && score.completeness() <= 1, "0 <= completeness <= 1");
}

}  // namespace

const TimeZones& FuzzTimeZones() {
  static const auto* const zones = new SystemTimeZones();
  return *zones;
}

const Icps& SampleIcps() {
  static const auto* const icps = [] {
    auto* const loaded = new Icps();
    for (const char* const path :
         {"client/samples/icps/b2b_software.yaml", "client/samples/icps/consumer.yaml",
          "client/samples/icps/fortune_5000.yaml", "tests/testdata/worked_example/icp.yaml"}) {
      loaded->push_back(LoadIcp(ReadFile(Source(path)), path, FuzzTimeZones()).icp);
      Require(loaded->back() != nullptr, absl::StrCat(path, " is good"));
    }
    return loaded;
  }();
  return *icps;
}

const std::vector<v1::Lead>& SampleLeads() {
  static const auto* const leads = [] {
    auto* const loaded = new std::vector<v1::Lead>(2);
    const std::string text = ReadFile(Source("tests/testdata/worked_example/lead.yaml"));
    Require(ParseYaml(text, "lead.yaml", &(*loaded)[0], nullptr).empty(), "lead.yaml is good");
    (*loaded)[1].set_id("empty");
    return loaded;
  }();
  return *leads;
}

void EvaluateChecked(const CompiledIcp& icp, const v1::Lead& lead, const EvaluateOptions& options) {
  const auto has = [&](const std::string& stage) { return stage.empty() || icp.HasStage(stage); };
  if (!has(lead.stage())) return;
  if (options.override_by != nullptr && !has(options.override_by->stage())) return;
  v1::Evaluation answer;
  icp.Evaluate(lead, options, &answer);
  std::string bytes;
  const EvaluationSummary summary = icp.Evaluate(lead, options, &bytes);
  CheckAnswer(answer, summary, bytes);
}

void EvaluateBestChecked(const Icps& icps, const v1::Lead& lead, const EvaluateOptions& options) {
  if (!ValidateForIcps(icps, lead, "lead", options.override_by, "override").empty()) return;
  v1::Evaluation answer;
  EvaluateBest(icps, lead, options, &answer);
  std::string bytes;
  const EvaluationSummary summary = EvaluateBest(icps, lead, options, &bytes);
  CheckAnswer(answer, summary, bytes);
}

}  // namespace bantam
