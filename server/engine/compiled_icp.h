// The engine's front door:
//
//   Icp --Compile()--> CompiledIcp --Evaluate(lead, options)--> Evaluation
//
// Pure code: no I/O, clock, locks or logs. Equal arguments give equal results in every thread and
// every process.
#ifndef BANTAM_SERVER_ENGINE_COMPILED_ICP_H_
#define BANTAM_SERVER_ENGINE_COMPILED_ICP_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/engine/issue.h"
#include "server/engine/time_zones.h"

namespace bantam {

// Version of the engine; it changes whenever any answer changes.
inline constexpr absl::string_view kEngineVersion = "1.1.0";

struct Profile;  // The compiled parts; see profile.h.

// How much is asked. Each contains the one before it.
enum class Operation { kScore, kQualify, kAdvance };

// Languages of the built-in texts.
enum class Language { kEnglish, kGerman, kRomanian };

// What one evaluation is asked for, beside the lead.
struct EvaluateOptions {
  Operation operation = Operation::kQualify;

  // The instant to evaluate at. Years 1900 to 2200.
  absl::Time now;

  // As in EvaluationSettings. `language_code` picks among an ICP's own texts ("de-AT" means "de");
  // built-in texts follow it where they are available, else they are English.
  std::string language_code;
  bool omit_trace = false;
  bool omit_actions = false;
  bool omit_gaps = false;

  // Advance only: through every open gate instead of one.
  bool as_far_as_possible = false;

  // Advance only: null, or the override by a person (valid for this ICP: ValidateForIcps()).
  const v1::StageOverride* override_by = nullptr;
};

class CompiledIcp;

// What a caller that handles an answer as bytes still has to know about it. Refers to the ICP's,
// the lead's and the override's texts.
struct EvaluationSummary {
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  bool has_score = false;  // False: the lead is restricted.
  double total = 0;        // As in Evaluation.score …
  double fit_points = 0;   // … and in Evaluation.score.fit.

  // The ICP that answered. Not null where this was returned.
  const CompiledIcp* icp = nullptr;

  // As in Evaluation.score; empty: there is none.
  absl::string_view grade;

  // The lead's stage before any move: "lead" where it has none.
  absl::string_view stage;

  // As in Evaluation.advancement; UNSPECIFIED and empty: Advance was not asked for, or the lead is
  // restricted and not overridden. The lead moves if `to_stage` is not `stage`.
  v1::AdvanceReason advance_reason = v1::ADVANCE_REASON_UNSPECIFIED;
  absl::string_view to_stage;
};

// Immutable, ready-to-run form of one ICP revision. Safe for concurrent use.
class CompiledIcp {
 public:
  explicit CompiledIcp(std::unique_ptr<const Profile> profile);
  ~CompiledIcp();
  CompiledIcp(const CompiledIcp&) = delete;
  CompiledIcp& operator=(const CompiledIcp&) = delete;

  // Evaluates `lead` into `evaluation`, which is cleared first. Cannot fail: Compile() has refused
  // every definition that could not be evaluated, and validate.h every lead.
  //
  // Points are exact hundredths. A criterion whose attribute is absent from the lead earns 0 and
  // is marked UNKNOWN, never MISSED.
  void Evaluate(const v1::Lead& lead, const EvaluateOptions& options,
                v1::Evaluation* evaluation) const;

  // The same, serialised: appends the bytes of the Evaluation to `bytes`. For servers: writing the
  // bytes costs a fraction of what building up and serialising the message costs, and nothing is
  // allocated but what `bytes` needs to grow. Equal to the message's own serialisation.
  EvaluationSummary Evaluate(const v1::Lead& lead, const EvaluateOptions& options,
                             std::string* bytes) const;

  // `tenants/{tenant}/icps/{icp}`.
  const std::string& name() const;

  // Hash of the definition with its defaults filled in: 32 lower-case hexadecimal digits.
  const std::string& revision() const;

  // The definition with its defaults filled in.
  const v1::Icp& definition() const;

  // Whether `stage` is one of the funnel's, "nurture" or "disqualified".
  bool HasStage(absl::string_view stage) const;

  // All of these, comma-separated, for messages.
  std::string StageNames() const;

  // Estimate of the memory held, in bytes.
  size_t ByteSize() const;

  // For the engine's own files.
  const Profile& profile() const { return *profile_; }

 private:
  const std::unique_ptr<const Profile> profile_;
};

struct CompileResult {
  // Null if and only if an issue of severity ERROR is present.
  std::shared_ptr<const CompiledIcp> icp;

  // Every problem found, in the order of the definition's fields.
  std::vector<Issue> issues;
};

// Fills in the defaults, checks everything, and compiles. `zones` is not kept.
CompileResult Compile(const v1::Icp& icp, const TimeZones& zones);

// Evaluates against each of `icps` (at least one) and answers for the one that fits best:
// QUALIFIED, then OPEN, then the rest; then total; then name. The others' totals stand beside it.
void EvaluateBest(absl::Span<const std::shared_ptr<const CompiledIcp>> icps, const v1::Lead& lead,
                  const EvaluateOptions& options, v1::Evaluation* evaluation);

// The same, serialised, as CompiledIcp::Evaluate() has it.
EvaluationSummary EvaluateBest(absl::Span<const std::shared_ptr<const CompiledIcp>> icps,
                               const v1::Lead& lead, const EvaluateOptions& options,
                               std::string* bytes);

// Sorts `results` best first: total, then fit, then `index`; restricted leads, then those with an
// error, last.
void Rank(std::vector<v1::LeadResult*>* results);

// The same order, of answers as bytes: positions in `results`, where nothing is an error.
std::vector<size_t> Rank(const std::vector<absl::optional<EvaluationSummary>>& results);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_COMPILED_ICP_H_
