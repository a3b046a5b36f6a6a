// The rules of a playbook, compiled: what they name has become bits and numbers.
#ifndef BANTAM_SERVER_ENGINE_PLAYBOOK_RULE_H_
#define BANTAM_SERVER_ENGINE_PLAYBOOK_RULE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "bantam/v1/icp.pb.h"
#include "server/engine/business_hours.h"
#include "server/engine/instant.h"
#include "server/engine/own_text.h"
#include "server/engine/phrases/phrases.h"
#include "server/engine/points.h"
#include "server/engine/text_table.h"

namespace bantam {

// A set of verdicts, temperatures, stages or kinds of gaps: a bit for each.
using Bits = uint32_t;
inline constexpr Bits kAllBits = ~Bits{0};
constexpr Bits BitOf(int number) { return Bits{1} << number; }

// The kind of a gap; the dimension of a criterion's is unspecified.
constexpr Bits GapKind(v1::BantDimension dimension) { return BitOf(dimension); }

// The stages that rules name, numbered; an ICP has at most 22.
class StageBits {
 public:
  // The bit of a stage that a rule names.
  Bits Add(absl::string_view stage) { return BitOf(stages_.Add(stage)); }

  // The bit of any stage; those that no rule names share one.
  Bits Find(absl::string_view stage) const {
    constexpr int kUnnamed = 31;
    const int number = stages_.Find(stage);
    return BitOf(number < 0 ? kUnnamed : number);
  }

 private:
  TextTable stages_;
};

// The share of a part's cap that its points must be in, both bounds included; nullopt: any.
struct PartBounds {
  v1::ScorePart part;
  std::optional<Share> least;
  std::optional<Share> most;
};

// What most rules are dropped for. Apart from the rules, since the filters of a playbook fill a few
// lines of the processor's cache, and its rules dozens. All bits: anything.
struct RuleFilter {
  Bits verdicts = kAllBits;
  Bits temperatures = kAllBits;
  Bits stages = kAllBits;
  Bits open_gaps = kAllBits;  // Kinds of gaps of which one must be open.

  // Whether the rule itself asks for more.
  bool has_more = false;
};

// One rule, compiled. Refers to its definition.
struct CompiledRule {
  // `definition` must outlive the result; the stages it names are added to `stage_bits`.
  CompiledRule(const v1::PlaybookRule& definition, StageBits* stage_bits);

  RuleFilter filter;

  // What it asks for beside the filter.
  std::vector<PartBounds> parts;
  std::optional<TimeSpan> hand_raised_within;
  bool answers_hand_raise = false;  // It is due after the hand-raise, not after any activity.
  bool needs_gap = false;           // It names gaps, and applies only if one of them is open.

  // The kinds of gaps that it works on: those it names, else those that its kind of action is for;
  // and single criteria that it names.
  Bits gap_kinds = 0;
  std::vector<absl::string_view> gap_criteria;

  // What it does.
  int id_rank = 0;  // Place of the id among those of the playbook, in alphabetical order.
  int priority = 0;
  absl::string_view id;
  v1::ActionKind kind;
  v1::Channel channel;
  absl::string_view asset;
  std::optional<BusinessTime> sla;

  // Its own texts, which may be empty, and the built-in ones, which the kind OTHER lacks.
  OwnText title;
  OwnText script;
  std::optional<Phrase> usual_title;
  std::optional<Phrase> usual_script;
};

// All rules of `playbook`, which must outlive them.
std::vector<CompiledRule> CompileRules(const v1::Playbook& playbook, StageBits* stage_bits);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PLAYBOOK_RULE_H_
