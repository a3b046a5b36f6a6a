#include "server/engine/compiled_icp.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/engine/appraisal.h"
#include "server/engine/assessment.h"
#include "server/engine/funnel_answer.h"
#include "server/engine/profile.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/qualification_answer.h"
#include "server/engine/score_answer.h"

namespace bantam {
namespace {

// Writes the answer of one appraised lead.
class AnswerWriter {
 public:
  AnswerWriter(const Appraisal& appraisal, const EvaluateOptions& options,
               v1::Evaluation* evaluation)
      : profile_(appraisal.profile()),
        a_(appraisal.assessment()),
        appraisal_(appraisal),
        options_(options),
        evaluation_(evaluation),
        texts_(options.language_code) {}

  void Write() {
    WriteHeader();
    if (a_.restricted) {
      WriteRestricted();
      return;
    }
    WriteScore(profile_, a_, texts_, options_.omit_trace, evaluation_->mutable_score());
    if (options_.operation != Operation::kScore) {
      WriteVerdict(profile_, a_, texts_, evaluation_);
      WriteQualificationAndAdvancement();
    }
    WriteNotes(profile_, a_, appraisal_.log(), texts_, evaluation_->mutable_notes());
    const std::optional<absl::Time> change = appraisal_.next_change();
    if (change.has_value()) SetTime(*change, evaluation_->mutable_reevaluate_time());
  }

 private:
  void WriteHeader() {
    evaluation_->set_icp(profile_.definition.name());
    evaluation_->set_icp_revision(profile_.revision);
    evaluation_->set_engine_version(std::string(kEngineVersion));
    SetTime(options_.now, evaluation_->mutable_evaluate_time());
  }

  // The verdict and its reason, and nothing else but what a person overrode.
  void WriteRestricted() {
    WriteVerdict(profile_, a_, texts_, evaluation_);
    if (appraisal_.move().reason == v1::ADVANCE_REASON_OVERRIDE) WriteMove();
  }

  void WriteMove() {
    WriteAdvancement(profile_, a_, appraisal_.move(), options_.override_by, texts_, evaluation_);
  }

  void WriteQualificationAndAdvancement() {
    ActionStage stage{a_.stage, a_.entered};
    if (options_.operation == Operation::kAdvance) {
      WriteMove();
      if (appraisal_.move().to_stage != a_.stage) stage = {appraisal_.move().to_stage, a_.now};
    }
    v1::Qualification* qualification = evaluation_->mutable_qualification();
    WriteQualification(profile_, a_, appraisal_.log(), texts_, options_, stage, qualification);
    if (options_.omit_actions) return;
    evaluation_->set_time_zone_version(profile_.time_zone_version);
    WriteFirstDueTime(*qualification);
  }

  void WriteFirstDueTime(const v1::Qualification& qualification) {
    if (!evaluation_->has_advancement() || qualification.actions().empty()) return;
    *evaluation_->mutable_advancement()->mutable_first_action_due_time() =
        qualification.actions(0).due_time();
  }

  const Profile& profile_;
  const Assessment& a_;
  const Appraisal& appraisal_;
  const EvaluateOptions& options_;
  v1::Evaluation* const evaluation_;
  const Texts texts_;
};

// Completes an appraisal and writes its answer.
void Answer(Appraisal* appraisal, const EvaluateOptions& options, v1::Evaluation* evaluation) {
  evaluation->Clear();
  appraisal->Complete();
  AnswerWriter(*appraisal, options, evaluation).Write();
}

// For the order of best matches: QUALIFIED, then OPEN, then the rest.
int VerdictRank(v1::Verdict verdict) {
  if (verdict == v1::VERDICT_QUALIFIED) return 0;
  return verdict == v1::VERDICT_OPEN ? 1 : 2;
}

// How well one ICP fits, without the full answer.
struct Match {
  const CompiledIcp* icp;
  v1::Verdict verdict;
  Points total;
};

bool IsBetter(const Match& a, const Match& b) {
  const auto key = [](const Match& match) {
    return std::make_tuple(VerdictRank(match.verdict), -match.total,
                           absl::string_view(match.icp->name()));
  };
  return key(a) < key(b);
}

}  // namespace

CompiledIcp::CompiledIcp(std::unique_ptr<const Profile> profile) : profile_(std::move(profile)) {}
CompiledIcp::~CompiledIcp() = default;

void CompiledIcp::Evaluate(const v1::Lead& lead, const EvaluateOptions& options,
                           v1::Evaluation* evaluation) const {
  Appraisal appraisal(*profile_, lead, options);
  Answer(&appraisal, options, evaluation);
}

const std::string& CompiledIcp::name() const { return profile_->definition.name(); }
const std::string& CompiledIcp::revision() const { return profile_->revision; }
const v1::Icp& CompiledIcp::definition() const { return profile_->definition; }
bool CompiledIcp::HasStage(absl::string_view stage) const { return profile_->funnel.Has(stage); }
std::string CompiledIcp::StageNames() const { return profile_->funnel.StageNames(); }

// The compiled form holds folded copies of the definition's texts, hash tables around them and
// RE2 programs, which grow a little with use; twice the definition and a fixed part is some 20 %
// more than what is measured of the samples when they are new.
size_t CompiledIcp::ByteSize() const {
  constexpr size_t kFixed = 12 * 1024;
  constexpr size_t kFactor = 2;
  return kFixed + kFactor * profile_->definition.SpaceUsedLong();
}

void EvaluateBest(absl::Span<const std::shared_ptr<const CompiledIcp>> icps, const v1::Lead& lead,
                  const EvaluateOptions& options, v1::Evaluation* evaluation) {
  if (icps.size() == 1) {
    icps[0]->Evaluate(lead, options, evaluation);
    return;
  }
  absl::InlinedVector<Match, 8> matches;
  std::optional<Appraisal> best;  // Of the best match so far: it is not judged a second time.
  size_t best_index = 0;
  for (const auto& icp : icps) {
    Appraisal appraisal(icp->profile(), lead, options);
    const Assessment& a = appraisal.assessment();
    matches.push_back({icp.get(), a.verdict, a.restricted ? 0 : a.total()});
    if (best.has_value() && !IsBetter(matches.back(), matches[best_index])) continue;
    best.emplace(std::move(appraisal));
    best_index = matches.size() - 1;
  }
  std::sort(matches.begin(), matches.end(), IsBetter);
  Answer(&*best, options, evaluation);
  for (size_t i = 1; i < matches.size(); ++i) {
    v1::OtherIcp* other = evaluation->add_other_icps();
    other->set_icp(matches[i].icp->name());
    other->set_icp_revision(matches[i].icp->revision());
    other->set_verdict(matches[i].verdict);
    if (matches[i].verdict != v1::VERDICT_RESTRICTED) other->set_total(ToWire(matches[i].total));
  }
}

void Rank(std::vector<v1::LeadResult*>* results) {
  const auto key = [](const v1::LeadResult* result) {
    const int group = result->has_error() ? 2 : (result->evaluation().has_score() ? 0 : 1);
    const v1::Score& score = result->evaluation().score();
    return std::make_tuple(group, -score.total(), -score.fit().points(), result->index());
  };
  std::sort(results->begin(), results->end(),
            [&](const v1::LeadResult* a, const v1::LeadResult* b) { return key(a) < key(b); });
}

}  // namespace bantam
