#include "tests/bench/engine/workloads.h"

#include <google/protobuf/arena.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/definition/load_icp.h"
#include "server/definition/yaml.h"
#include "server/engine/appraisal.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/validate.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace bench {
namespace {

constexpr char kFolder[] = BANTAM_TESTDATA_DIR "/bench/";

[[noreturn]] void Fail(absl::string_view what) {
  std::cerr << what << "\n";
  std::exit(1);
}

std::string ReadFile(const std::string& name) {
  std::ifstream file(kFolder + name);
  if (!file) Fail(absl::StrCat("cannot read ", kFolder, name));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

template <typename Message>
Message Load(const std::string& name) {
  Message message;
  SourceMap written;
  for (const v1::Issue& issue : ParseYaml(ReadFile(name), name, &message, &written)) {
    if (issue.severity() == v1::ISSUE_SEVERITY_ERROR) Fail(issue.rendered());
  }
  return message;
}

// 2026-02-10T10:00:00Z.
absl::Time Now() { return absl::FromUnixSeconds(1770717600); }

// ICP, lead and options of one workload. Lives as long as the program.
struct Setting {
  v1::Icp icp = Load<v1::Icp>("standard_icp.yaml");
  v1::Lead lead = Load<v1::Lead>("standard_lead.yaml");
  EvaluateOptions options;
  std::vector<std::shared_ptr<const CompiledIcp>> compiled;

  Setting() {
    options.now = Now();
    options.language_code = "en";
  }

  void Compile() {
    const CompileResult result = bantam::Compile(icp, SystemTimeZones());
    if (result.icp == nullptr) {
      Fail(absl::StrCat(result.issues[0].field, ": ", result.issues[0].message));
    }
    compiled.push_back(result.icp);
    const std::vector<Violation> violations =
        ValidateLead(lead, "lead", LeadBounds(), options.operation);
    if (!violations.empty()) Fail(absl::StrCat(violations[0].field, violations[0].description));
  }
};

std::function<void()> Appraise(std::shared_ptr<Setting> setting) {
  setting->Compile();
  return [setting] {
    Appraisal(setting->compiled[0]->profile(), setting->lead, setting->options).Complete();
  };
}

// The first of the standard criteria, over and over.
std::function<void()> WithCriteria(int count) {
  auto setting = std::make_shared<Setting>();
  setting->options.operation = Operation::kScore;
  setting->lead.clear_events();
  const v1::FitProfile standard = setting->icp.fit();
  v1::FitProfile* const fit = setting->icp.mutable_fit();
  fit->clear_criteria();
  constexpr int kUsed = 10;
  for (int i = 0; i < count; ++i) {
    *fit->add_criteria() = standard.criteria(i % kUsed);
    fit->mutable_criteria(i)->set_id(absl::StrCat("criterion_", i));
  }
  return Appraise(std::move(setting));
}

// The standard events, over and over, each round a little earlier than the one before.
std::function<void()> WithEvents(int count) {
  auto setting = std::make_shared<Setting>();
  setting->options.operation = Operation::kScore;
  const v1::Lead standard = setting->lead;
  setting->lead.clear_events();
  const int rounds = (count + standard.events_size() - 1) / standard.events_size();
  for (int i = 0; i < count; ++i) {
    const int round = rounds - 1 - i / standard.events_size();
    v1::Event* const event = setting->lead.add_events();
    *event = standard.events(i % standard.events_size());
    event->set_id(absl::StrCat("evt-", 10000000 + i));
    event->mutable_time()->set_seconds(event->time().seconds() - int64_t{round} * 600);
    if (!event->message_id().empty()) event->set_message_id(absl::StrCat("msg-", 10000 + round));
  }
  return Appraise(std::move(setting));
}

// Into bytes whose memory is used again.
std::function<void()> IntoBytes(std::shared_ptr<Setting> setting) {
  auto bytes = std::make_shared<std::string>();
  return [setting, bytes] {
    bytes->clear();
    EvaluateBest(setting->compiled, setting->lead, setting->options, bytes.get());
  };
}

// An arena whose first block is kept.
struct ReusedArena {
  ReusedArena() : block(1 << 18) {
    google::protobuf::ArenaOptions options;
    options.initial_block = block.data();
    options.initial_block_size = block.size();
    arena = std::make_unique<google::protobuf::Arena>(options);
  }
  std::vector<char> block;
  std::unique_ptr<google::protobuf::Arena> arena;
};

std::function<void()> IntoMessage(std::shared_ptr<Setting> setting) {
  auto arena = std::make_shared<ReusedArena>();
  return [setting, arena] {
    auto* answer = google::protobuf::Arena::CreateMessage<v1::Evaluation>(arena->arena.get());
    EvaluateBest(setting->compiled, setting->lead, setting->options, answer);
    arena->arena->Reset();
  };
}

std::function<void()> Serialize(std::shared_ptr<Setting> setting) {
  auto answer = std::make_shared<v1::Evaluation>();
  EvaluateBest(setting->compiled, setting->lead, setting->options, answer.get());
  auto bytes = std::make_shared<std::string>();
  return [answer, bytes] { answer->SerializeToString(bytes.get()); };
}

Operation OperationOf(absl::string_view name) {
  if (absl::StartsWith(name, "score")) return Operation::kScore;
  if (absl::StartsWith(name, "qualify")) return Operation::kQualify;
  if (absl::StartsWith(name, "advance")) return Operation::kAdvance;
  Fail(absl::StrCat("there is no workload ", name));
}

int CountOf(absl::string_view number) {
  int count = 0;
  if (!absl::SimpleAtoi(number, &count) || count < 0) Fail("a count was expected after the colon");
  return count;
}

// "score", "qualify_trace_message", "serialize_advance" …
std::function<void()> Whole(absl::string_view name) {
  auto setting = std::make_shared<Setting>();
  const bool only_serializes = absl::ConsumePrefix(&name, "serialize_");
  const bool into_message = absl::ConsumeSuffix(&name, "_message");
  setting->options.omit_trace = !absl::ConsumeSuffix(&name, "_trace");
  setting->options.operation = OperationOf(name);
  setting->Compile();
  if (only_serializes) return Serialize(std::move(setting));
  return into_message ? IntoMessage(std::move(setting)) : IntoBytes(std::move(setting));
}

std::function<void()> BestOfThree() {
  auto setting = std::make_shared<Setting>();
  setting->options.omit_trace = true;
  for (const char* name : {"a", "b", "c"}) {
    setting->icp.set_name(absl::StrCat("tenants/bench/icps/", name));
    setting->Compile();
  }
  return IntoBytes(std::move(setting));
}

std::function<void()> Validation() {
  auto setting = std::make_shared<Setting>();
  return [setting] {
    if (!ValidateLead(setting->lead, "lead", LeadBounds(), Operation::kAdvance).empty()) {
      Fail("the standard lead is not valid");
    }
  };
}

std::function<void()> MakeRun(absl::string_view name) {
  absl::string_view rest = name;
  if (absl::ConsumePrefix(&rest, "criteria:")) return WithCriteria(CountOf(rest));
  if (absl::ConsumePrefix(&rest, "events:")) return WithEvents(CountOf(rest));
  if (name == "best_of_3") return BestOfThree();
  if (name == "validate") return Validation();
  if (absl::ConsumePrefix(&rest, "appraise")) {
    auto setting = std::make_shared<Setting>();
    absl::ConsumePrefix(&rest, "_");
    setting->options.operation = rest.empty() ? Operation::kScore : OperationOf(rest);
    return Appraise(std::move(setting));
  }
  return Whole(name);
}

}  // namespace

Workload MakeWorkload(absl::string_view name) { return {std::string(name), MakeRun(name)}; }

std::vector<std::string> WorkloadNames() {
  std::vector<std::string> names = {"appraise", "appraise_qualify", "appraise_advance"};
  for (const char* operation : {"score", "qualify", "advance"}) {
    for (const char* trace : {"", "_trace"}) {
      names.push_back(absl::StrCat(operation, trace));
      names.push_back(absl::StrCat(operation, trace, "_message"));
      names.push_back(absl::StrCat("serialize_", operation, trace));
    }
  }
  names.push_back("best_of_3");
  names.push_back("validate");
  return names;
}

}  // namespace bench
}  // namespace bantam
