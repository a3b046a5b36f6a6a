#include "server/engine/compiled_icp.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/engine/appraisal.h"
#include "server/engine/assessment.h"
#include "server/engine/funnel_answer.h"
#include "server/engine/notes_answer.h"
#include "server/engine/profile.h"
#include "server/engine/qualification_answer.h"
#include "server/engine/score_answer.h"
#include "server/engine/verdict_answer.h"

namespace bantam {
namespace {

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

using Matches = absl::InlinedVector<Match, 8>;

// Writes the answer of one appraised lead, its fields in the order of their numbers.
class AnswerWriter {
 public:
  // `others` are the ICPs that fit less well.
  AnswerWriter(const Appraisal& appraisal, absl::Span<const Match> others,
               const EvaluateOptions& options)
      : profile_(appraisal.profile()),
        a_(appraisal.assessment()),
        appraisal_(appraisal),
        others_(others),
        options_(options),
        texts_(options.language_code) {}

  // Appends the answer to `bytes`.
  void Write(std::string* bytes) {
    WriteBeginning();
    if (a_.restricted) {
      WriteRestricted();
    } else {
      WriteAll();
    }
    const absl::string_view written = out_.bytes().view();
    bytes->append(written.data(), written.size());
  }

 private:
  // What and when, which every answer begins with.
  void WriteBeginning() {
    using E = v1::Evaluation;
    const std::string& name = profile_.definition.name();
    const std::optional<absl::Time> change = appraisal_.next_change();
    const size_t texts_size = name.size() + profile_.revision.size() + kEngineVersion.size();
    out_.Fields(3 * WireFields::kLongestField + 2 * WireFields::kLongestTime + texts_size,
                [&](WireFields* fields) {
                  fields->Text(E::kIcpFieldNumber, name);
                  fields->Text(E::kIcpRevisionFieldNumber, profile_.revision);
                  fields->Text(E::kEngineVersionFieldNumber, kEngineVersion);
                  fields->Time(E::kEvaluateTimeFieldNumber, a_.now);
                  if (change.has_value()) {
                    fields->Time(E::kReevaluateTimeFieldNumber, Instant(*change));
                  }
                });
  }

  // The verdict and its reason, and nothing else but what a person overrode.
  void WriteRestricted() {
    const ReasonCodes reasons = WriteVerdict(profile_, a_, texts_, &out_);
    if (appraisal_.move().reason == v1::ADVANCE_REASON_OVERRIDE) {
      WriteMove(reasons, std::nullopt);
    }
    WriteOthers();
  }

  void WriteAll() {
    using E = v1::Evaluation;
    const bool is_more_than_score = options_.operation != Operation::kScore;
    ReasonCodes reasons;
    if (is_more_than_score) reasons = WriteVerdict(profile_, a_, texts_, &out_);
    out_.LongMessage(E::kScoreFieldNumber,
                     [&] { WriteScore(profile_, a_, texts_, options_.omit_trace, &out_); });
    if (is_more_than_score) {
      std::optional<absl::Time> first_due;
      out_.LongMessage(E::kQualificationFieldNumber, [&] {
        first_due = WriteQualification(profile_, a_, appraisal_.log(), texts_, options_,
                                       StageOfActions(), &out_);
      });
      if (options_.operation == Operation::kAdvance) WriteMove(reasons, first_due);
    }
    WriteOthers();
    if (is_more_than_score && !options_.omit_actions) {
      out_.Text(E::kTimeZoneVersionFieldNumber, profile_.time_zone_version);
    }
    WriteNotes(profile_, a_, appraisal_.log(), texts_, &out_);
  }

  void WriteMove(const ReasonCodes& reasons, std::optional<absl::Time> first_due) {
    out_.LongMessage(v1::Evaluation::kAdvancementFieldNumber, [&] {
      WriteAdvancement(profile_, a_, appraisal_.move(), options_.override_by, texts_, reasons,
                       first_due, &out_);
    });
  }

  ActionStage StageOfActions() const {
    const absl::string_view to_stage = appraisal_.move().to_stage;
    const bool moves = options_.operation == Operation::kAdvance && to_stage != a_.stage;
    return moves ? ActionStage{to_stage, options_.now}
                 : ActionStage{a_.stage, a_.entered.ToOptional()};
  }

  void WriteOthers() {
    using O = v1::OtherIcp;
    for (const Match& other : others_) {
      out_.Message(v1::Evaluation::kOtherIcpsFieldNumber, [&] {
        out_.Text(O::kIcpFieldNumber, other.icp->name());
        out_.Text(O::kIcpRevisionFieldNumber, other.icp->revision());
        if (other.verdict != v1::VERDICT_RESTRICTED) {
          out_.PresentNumber(O::kTotalFieldNumber, ToWire(other.total));
        }
        out_.Integer(O::kVerdictFieldNumber, other.verdict);
      });
    }
  }

  const Profile& profile_;
  const Assessment& a_;
  const Appraisal& appraisal_;
  const absl::Span<const Match> others_;
  const EvaluateOptions& options_;
  const Texts texts_;
  WireWriter out_;
};

// Completes the appraisal of one of `icp` and appends its answer to `bytes`.
EvaluationSummary Answer(const CompiledIcp& icp, Appraisal* appraisal,
                         absl::Span<const Match> others, const EvaluateOptions& options,
                         std::string* bytes) {
  appraisal->Complete();
  AnswerWriter(*appraisal, others, options).Write(bytes);
  const Assessment& a = appraisal->assessment();
  EvaluationSummary summary;
  summary.icp = &icp;
  summary.verdict = a.verdict;
  summary.stage = a.stage;
  if (!a.restricted) {
    summary.has_score = true;
    summary.total = ToWire(a.total());
    summary.fit_points = ToWire(a.fit.points);
    summary.grade = GradeOf(icp.profile(), a);
  }
  const Move& move = appraisal->move();
  if (!move.to_stage.empty()) {
    summary.advance_reason = move.reason;
    summary.to_stage = move.to_stage;
  }
  return summary;
}

// Reads what was just written, which cannot fail.
void Read(const std::string& bytes, v1::Evaluation* evaluation) {
  evaluation->ParseFromString(bytes);
}

// What results are ranked by: group, total, fit; the lesser one is the better one.
using RankKey = std::tuple<int, double, double>;

RankKey RankOf(const v1::LeadResult& result) {
  const int group = result.has_error() ? 2 : (result.evaluation().has_score() ? 0 : 1);
  const v1::Score& score = result.evaluation().score();
  return {group, -score.total(), -score.fit().points()};
}

RankKey RankOf(const absl::optional<EvaluationSummary>& result) {
  if (!result.has_value()) return {2, 0, 0};
  return {result->has_score ? 0 : 1, -result->total, -result->fit_points};
}

}  // namespace

CompiledIcp::CompiledIcp(std::unique_ptr<const Profile> profile) : profile_(std::move(profile)) {}
CompiledIcp::~CompiledIcp() = default;

void CompiledIcp::Evaluate(const v1::Lead& lead, const EvaluateOptions& options,
                           v1::Evaluation* evaluation) const {
  std::string bytes;
  Evaluate(lead, options, &bytes);
  Read(bytes, evaluation);
}

EvaluationSummary CompiledIcp::Evaluate(const v1::Lead& lead, const EvaluateOptions& options,
                                        std::string* bytes) const {
  Appraisal appraisal(*profile_, lead, options);
  return Answer(*this, &appraisal, {}, options, bytes);
}

const std::string& CompiledIcp::name() const { return profile_->definition.name(); }
const std::string& CompiledIcp::revision() const { return profile_->revision; }
const v1::Icp& CompiledIcp::definition() const { return profile_->definition; }
bool CompiledIcp::HasStage(absl::string_view stage) const { return profile_->funnel.Has(stage); }
std::string CompiledIcp::StageNames() const { return profile_->funnel.StageNames(); }

// The compiled form holds folded copies of the definition's texts, hash tables around them and
// RE2 programs, which grow a little with use; thrice the definition and a fixed part is some 15 to
// 40 % more than what is measured of large to small ICPs when they are new.
size_t CompiledIcp::ByteSize() const {
  constexpr size_t kFixed = 4 * 1024;
  constexpr size_t kFactor = 3;
  return kFixed + kFactor * profile_->definition.SpaceUsedLong();
}

EvaluationSummary EvaluateBest(absl::Span<const std::shared_ptr<const CompiledIcp>> icps,
                               const v1::Lead& lead, const EvaluateOptions& options,
                               std::string* bytes) {
  if (icps.size() == 1) return icps[0]->Evaluate(lead, options, bytes);
  Matches matches;
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
  return Answer(*matches[0].icp, &*best, absl::MakeConstSpan(matches).subspan(1), options, bytes);
}

void EvaluateBest(absl::Span<const std::shared_ptr<const CompiledIcp>> icps, const v1::Lead& lead,
                  const EvaluateOptions& options, v1::Evaluation* evaluation) {
  std::string bytes;
  EvaluateBest(icps, lead, options, &bytes);
  Read(bytes, evaluation);
}

void Rank(std::vector<v1::LeadResult*>* results) {
  std::sort(results->begin(), results->end(), [](const auto* a, const auto* b) {
    return std::make_tuple(RankOf(*a), a->index()) < std::make_tuple(RankOf(*b), b->index());
  });
}

std::vector<size_t> Rank(const std::vector<absl::optional<EvaluationSummary>>& results) {
  std::vector<size_t> order(results.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&results](size_t a, size_t b) {
    return RankOf(results[a]) < RankOf(results[b]);
  });
  return order;
}

}  // namespace bantam
