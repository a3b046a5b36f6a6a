// The engine against the reference evaluator, two independent readings of product.md, on random
// ICPs, leads and instants.
//
// BANTAM_SEED=… repeats a run, BANTAM_TRIPLES=… sets how many (ICP, lead, time) triples all cases
// together try (default: 100,000).
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "server/engine/compiled_icp.h"
#include "server/engine/validate.h"
#include "tests/reference/differences.h"
#include "tests/reference/random_input.h"
#include "tests/reference/reference_evaluator.h"
#include "tests/reference/seed.h"

namespace bantam {
namespace {

using reference::Dice;
using reference::Input;
using reference::Nanos;

constexpr int kShards = 4;
constexpr int kLeadsPerIcp = 10;
constexpr int kTimesPerLead = 2;
constexpr int kFailuresShown = 5;

// The system's zones.
class TestZones : public TimeZones {
 public:
  std::optional<absl::TimeZone> Find(absl::string_view name) const override {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(std::string(name), &zone)) return std::nullopt;
    return zone;
  }
  std::string version() const override { return "test"; }
};

using CompiledIcps = std::vector<std::shared_ptr<const CompiledIcp>>;

// What is asked of both.
struct Ask {
  v1::BulkOperation operation = v1::BULK_OPERATION_ADVANCE;
  Nanos now = 0;
  bool far = false;
  bool overridden = false;
  bool with_actions = false;
  v1::StageOverride override_by;

  // What the reference knows nothing of, since it changes no fact: the language of the texts, and
  // what is left out.
  std::string language_code;
  bool omit_trace = false;
  bool omit_gaps = false;
};

Ask RandomAsk(const v1::Icp& icp, bool several, Dice* dice) {
  Ask ask;
  const int kind = dice->Roll(10);
  if (kind < 2) ask.operation = v1::BULK_OPERATION_SCORE;
  if (several || (kind >= 2 && kind < 4)) ask.operation = v1::BULK_OPERATION_QUALIFY;
  ask.now = reference::RandomNow(dice);
  ask.far = dice->Chance(50);
  ask.overridden = dice->Chance(5);
  ask.with_actions = icp.has_business_hours();
  ask.override_by.set_stage(dice->Pick(reference::AllStages(icp)));
  ask.override_by.set_actor("somebody");
  ask.override_by.set_reason("because");
  ask.language_code = dice->Pick({"", "en", "de", "ro", "de-AT", "fr", "xx"});
  ask.omit_trace = dice->Chance(20);
  ask.omit_gaps = dice->Chance(20);
  return ask;
}

// The built-in playbook is the engine's: where an ICP has none, `icps` tell its rules.
v1::Evaluation AskReference(const Ask& ask, const Input& input, const CompiledIcps& icps) {
  reference::Question question;
  question.operation = ask.operation;
  question.now = reference::ToTimestamp(ask.now);
  question.as_far_as_possible = ask.far;
  question.override_by = ask.overridden ? &ask.override_by : nullptr;
  question.with_actions = ask.with_actions;
  std::vector<v1::Icp> with_playbooks = input.icps;
  for (size_t i = 0; i < icps.size(); ++i) {
    if (ask.with_actions) {
      *with_playbooks[i].mutable_playbook() = icps[i]->definition().playbook();
    }
  }
  v1::Evaluation answer = reference::EvaluateBest(with_playbooks, input.lead, question);
  if (ask.omit_trace && answer.has_score()) answer.mutable_score()->clear_trace();
  if (ask.omit_gaps && answer.has_qualification()) {
    answer.mutable_qualification()->clear_criteria();
    answer.mutable_qualification()->clear_gaps();
  }
  return answer;
}

EvaluateOptions OptionsFor(const Ask& ask) {
  EvaluateOptions options;
  options.operation = ask.operation == v1::BULK_OPERATION_SCORE     ? Operation::kScore
                      : ask.operation == v1::BULK_OPERATION_QUALIFY ? Operation::kQualify
                                                                    : Operation::kAdvance;
  const google::protobuf::Timestamp now = reference::ToTimestamp(ask.now);
  options.now = absl::FromUnixSeconds(now.seconds()) + absl::Nanoseconds(now.nanos());
  options.as_far_as_possible = ask.far;
  options.override_by = ask.overridden ? &ask.override_by : nullptr;
  options.omit_actions = !ask.with_actions;
  options.language_code = ask.language_code;
  options.omit_trace = ask.omit_trace;
  options.omit_gaps = ask.omit_gaps;
  return options;
}

v1::Evaluation AskEngine(const Ask& ask, const CompiledIcps& icps, const v1::Lead& lead) {
  v1::Evaluation answer;
  std::string bytes;
  if (icps.size() == 1) {
    icps[0]->Evaluate(lead, OptionsFor(ask), &bytes);
  } else {
    EvaluateBest(icps, lead, OptionsFor(ask), &bytes);
  }
  // The engine writes the bytes itself: they must be those that the message would have.
  EXPECT_TRUE(answer.ParseFromString(bytes));
  EXPECT_EQ(answer.SerializeAsString(), bytes);
  return answer;
}

// Compiles all of `icps`; `errors` is what speaks against it.
CompiledIcps CompileAll(const std::vector<v1::Icp>& icps, std::string* errors) {
  CompiledIcps compiled;
  for (const v1::Icp& icp : icps) {
    const CompileResult result = Compile(icp, TestZones());
    for (const Issue& issue : result.issues) {
      if (issue.severity == Issue::Severity::kError) {
        *errors += issue.field + ": " + issue.message + "\n";
      }
    }
    compiled.push_back(result.icp);
  }
  return compiled;
}

// Everything that the engine's validation says about the request.
std::string Invalid(const Ask& ask, const CompiledIcps& icps, const v1::Lead& lead) {
  std::vector<Violation> violations =
      ValidateLead(lead, "lead", LeadBounds(), OptionsFor(ask).operation);
  const v1::StageOverride* override_by = ask.overridden ? &ask.override_by : nullptr;
  for (const Violation& violation : ValidateForIcps(icps, lead, "lead", override_by, "override")) {
    violations.push_back(violation);
  }
  std::string text;
  for (const Violation& violation : violations) {
    text += violation.field + ": " + violation.description + "\n";
  }
  return text;
}

std::string TextOf(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

bool Differs(const Ask& ask, const Input& input) {
  std::string errors;
  const CompiledIcps icps = CompileAll(input.icps, &errors);
  if (!errors.empty() || !Invalid(ask, icps, input.lead).empty()) return false;
  return !reference::Differences(AskReference(ask, input, icps), AskEngine(ask, icps, input.lead))
              .empty();
}

// A small case that still differs, and both answers.
std::string Explain(const Ask& ask, const Input& input) {
  const Input small =
      reference::Minimize(input, [&](const Input& candidate) { return Differs(ask, candidate); });
  std::string errors;
  const CompiledIcps icps = CompileAll(small.icps, &errors);
  const v1::Evaluation want = AskReference(ask, small, icps);
  const v1::Evaluation got = AskEngine(ask, icps, small.lead);
  std::string text = "differences (reference -> engine):\n";
  for (const std::string& line : reference::Differences(want, got)) text += "  " + line + "\n";
  text += "operation: " + v1::BulkOperation_Name(ask.operation) +
          "\nnow: " + reference::Rfc3339(ask.now) + (ask.far ? "\nas far as possible" : "") +
          (ask.with_actions ? "\nwith actions" : "") + "\nlanguage: " + ask.language_code +
          (ask.omit_trace ? "\nwithout the trace" : "") + (ask.omit_gaps ? "\nwithout gaps" : "");
  if (ask.overridden) text += "\noverride: " + ask.override_by.stage();
  for (const v1::Icp& icp : small.icps) text += "\n--- ICP\n" + TextOf(icp);
  text += "--- lead\n" + TextOf(small.lead) + "--- reference\n" + TextOf(want) + "--- engine\n" +
          TextOf(got);
  return text;
}

class DifferentialTest : public ::testing::TestWithParam<int> {
 protected:
  // One or, now and then, several ICPs.
  static std::vector<v1::Icp> RandomIcps(Dice* dice) {
    std::vector<v1::Icp> icps = {reference::RandomIcp("a", dice)};
    if (dice->Chance(20)) reference::AddRandomPlaybook(dice, &icps[0]);
    if (!dice->Chance(15)) return icps;
    icps.push_back(reference::RandomIcp("b", dice));
    icps.push_back(reference::RandomIcp("c", dice));
    for (v1::Icp& icp : icps) icp.clear_playbook();
    return icps;
  }

  // Compares one triple; whether the answers agree.
  static bool Agrees(const Ask& ask, const Input& input, const CompiledIcps& icps) {
    const std::string invalid = Invalid(ask, icps, input.lead);
    if (!invalid.empty()) {
      ADD_FAILURE() << "invalid request:\n" << invalid << TextOf(input.lead);
      return false;
    }
    const v1::Evaluation want = AskReference(ask, input, icps);
    if (reference::Differences(want, AskEngine(ask, icps, input.lead)).empty()) return true;
    ADD_FAILURE() << Explain(ask, input);
    return false;
  }
};

TEST_P(DifferentialTest, EngineAgreesWithReference) {
  const uint64_t seed = reference::Seed();
  const uint64_t triples = reference::NumberFromEnvironment("BANTAM_TRIPLES", 100000) / kShards;
  std::cout << "figure: " << triples << " random triples for shard " << GetParam()
            << " of the reference evaluator, BANTAM_SEED=" << seed << "\n";
  RecordProperty("seed", std::to_string(seed));
  Dice dice(seed * kShards + GetParam());
  int failures = 0;
  for (uint64_t done = 0; done < triples;) {
    Input input;
    input.icps = RandomIcps(&dice);
    std::string errors;
    const CompiledIcps icps = CompileAll(input.icps, &errors);
    ASSERT_EQ(errors, "") << "BANTAM_SEED=" << seed << "\n" << TextOf(input.icps[0]);
    for (int i = 0; i < kLeadsPerIcp; ++i) {
      input.lead = reference::RandomLead(input.icps[0], &dice);
      for (int j = 0; j < kTimesPerLead; ++j, ++done) {
        const Ask ask = RandomAsk(input.icps[0], icps.size() > 1, &dice);
        if (!Agrees(ask, input, icps)) ++failures;
        ASSERT_LT(failures, kFailuresShown) << "BANTAM_SEED=" << seed << "; stopping";
      }
    }
  }
  EXPECT_EQ(failures, 0) << "BANTAM_SEED=" << seed;
}

INSTANTIATE_TEST_SUITE_P(Shards, DifferentialTest, ::testing::Range(0, kShards));

}  // namespace
}  // namespace bantam
