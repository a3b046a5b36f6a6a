#include "client/output/lead_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/labels.h"
#include "client/output/lead_counts.h"
#include "client/output/table.h"
#include "client/output/words.h"

namespace bantam {
namespace {

class LeadTable : public ResultWriter {
 public:
  LeadTable(const WriterOptions& options, std::ostream* output)
      : options_(options),
        output_(output),
        labels_(options.language_code),
        table_({{"#", true},
                {labels_.Say(label::kLead), false, true, 0, 12},
                {labels_.Say(label::kTotal), true},
                {labels_.Say(label::kRangeHead), true, false, 1},
                {labels_.Name(v1::SCORE_PART_FIT), true, false, 4},
                {labels_.Name(v1::SCORE_PART_ENGAGEMENT), true, false, 2},
                {labels_.Name(v1::SCORE_PART_BANT), true, false, 3},
                {labels_.Say(label::kLabelHead), false, false, 7},
                {labels_.Say(label::kTemperature), false, false, 5},
                {labels_.Say(label::kVerdictHead)},
                {"ICP", false, true, 8},
                {labels_.Say(label::kStage), false, true, 9, 14},
                {labels_.Say(label::kGapsHead), false, true, 6},
                {labels_.Say(label::kNextAction), false, true, 10, 24}}) {}

  void Write(const Answer& answer) override {
    counts_.Add(answer.result);
    if (answer.result.has_error()) return;
    const v1::Evaluation& evaluation = answer.result.evaluation();
    const v1::Score& score = evaluation.score();
    const bool scored = evaluation.has_score();
    const auto points = [scored](double value) { return scored ? TwoDecimals(value) : "–"; };
    table_.AddRow(
        {{options_.ranked ? absl::StrCat(++rank_) : "", Ink::kDim},
         {Printable(LeadName(answer))},
         {points(score.total()), Ink::kBold},
         {scored ? absl::StrFormat("%.0f–%.0f", score.range_min(), score.range_max()) : "",
          Ink::kDim},
         {points(score.fit().points())},
         {points(score.engagement().points())},
         {points(score.bant().points())},
         {score.label()},
         {scored ? labels_.Name(score.temperature()) : "", TemperatureInk(score.temperature())},
         {evaluation.verdict() == v1::VERDICT_UNSPECIFIED ? "" : labels_.Name(evaluation.verdict()),
          VerdictInk(evaluation.verdict())},
         {evaluation.other_icps().empty() ? "" : ShortName(evaluation.icp())},
         {Stage(evaluation)},
         {Gaps(evaluation)},
         NextAction(evaluation)});
  }

  void Pass(const Answer& answer) override { counts_.Add(answer.result); }

  void Finish() override {
    if (!table_.empty()) *output_ << table_.Render(options_.style);
    if (counts_.total() < 2) return;
    *output_ << Paint(options_.style, Ink::kDim, counts_.Render(labels_)) << "\n";
  }

 private:
  static std::string ShortName(const std::string& icp) { return icp.substr(icp.rfind('/') + 1); }

  static std::string Stage(const v1::Evaluation& evaluation) {
    if (!evaluation.has_advancement()) return "";
    const v1::Advancement& advancement = evaluation.advancement();
    if (advancement.from_stage() == advancement.to_stage()) return advancement.from_stage();
    return absl::StrCat(advancement.from_stage(), " → ", advancement.to_stage());
  }

  static std::string Gaps(const v1::Evaluation& evaluation) {
    constexpr int kShown = 3;  // They come with the weightiest first.
    const auto& gaps = evaluation.qualification().gaps();
    std::vector<std::string> ids;
    for (int i = 0; i < std::min(kShown, gaps.size()); ++i) {
      ids.push_back(gaps[i].knockout_possible() ? absl::StrCat(gaps[i].id(), "!") : gaps[i].id());
    }
    if (gaps.size() > kShown) ids.push_back(absl::StrCat("+", gaps.size() - kShown));
    return absl::StrJoin(ids, ", ");
  }

  // What is overdue says so first, where it is not cut off.
  Table::Cell NextAction(const v1::Evaluation& evaluation) const {
    if (evaluation.qualification().actions().empty()) return {""};
    const v1::NextAction& action = evaluation.qualification().actions(0);
    std::string text =
        Printable(action.title().empty() ? labels_.Name(action.kind()) : action.title());
    if (action.has_due_time()) {
      absl::StrAppend(&text, ", ", ReadableTime(action.due_time(), options_.zone));
    }
    if (!action.overdue()) return {text};
    return {labels_.Say(label::kOverdueFirst, text), Ink::kRed};
  }

  const WriterOptions options_;
  std::ostream* const output_;
  const Labels labels_;
  Table table_;
  LeadCounts counts_;
  int rank_ = 0;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeLeadTable(const WriterOptions& options, std::ostream* output) {
  return std::make_unique<LeadTable>(options, output);
}

}  // namespace bantam
