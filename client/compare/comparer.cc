#include "client/compare/comparer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>

#include "client/output/words.h"

namespace bantam {
namespace {

// Points are exact hundredths.
int64_t Hundredths(double points) { return std::llround(points * 100); }

// With two decimals.
double Mean(int64_t hundredths, int32_t count) {
  return std::round(static_cast<double>(hundredths) / count) / 100;
}

client::LeadOutcome OutcomeOf(const v1::Evaluation& evaluation) {
  client::LeadOutcome outcome;
  outcome.set_verdict(Words(evaluation.verdict()));
  if (evaluation.has_score()) outcome.set_total(evaluation.score().total());
  outcome.set_label(evaluation.score().label());
  outcome.set_stage(evaluation.advancement().to_stage());
  return outcome;
}

// Writes the counts of the outcomes in `order`, then those of others by name, then of none.
void WriteCounts(const std::map<std::string, std::pair<int32_t, int32_t>>& counts,
                 const std::vector<std::string>& order,
                 google::protobuf::RepeatedPtrField<client::OutcomeCount>* written) {
  const auto write = [written](const std::string& outcome,
                               const std::pair<int32_t, int32_t>& leads) {
    client::OutcomeCount* count = written->Add();
    count->set_outcome(outcome);
    count->set_before(leads.first);
    count->set_after(leads.second);
  };
  for (const std::string& outcome : order) {
    const auto count = counts.find(outcome);
    if (count != counts.end()) write(outcome, count->second);
  }
  for (const auto& [outcome, leads] : counts) {
    if (outcome.empty() || std::find(order.begin(), order.end(), outcome) != order.end()) continue;
    write(outcome, leads);
  }
  if (const auto none = counts.find(""); none != counts.end()) write("", none->second);
}

}  // namespace

Comparer::Comparer(size_t most_changes, std::vector<std::string> stages)
    : most_changes_(most_changes), stages_(std::move(stages)) {}

void Comparer::Add(client::LeadChange place, const v1::Evaluation& before,
                   const v1::Evaluation& after) {
  const int32_t order = compared_++;
  *place.mutable_before() = OutcomeOf(before);
  *place.mutable_after() = OutcomeOf(after);
  ++verdicts_[place.before().verdict()].first;
  ++verdicts_[place.after().verdict()].second;
  ++grades_[before.score().grade()].first;
  ++grades_[after.score().grade()].second;
  ++counted_stages_[place.before().stage()].first;
  ++counted_stages_[place.after().stage()].second;
  int64_t difference = 0;
  if (place.before().has_total() && place.after().has_total()) {
    const int64_t total_before = Hundredths(place.before().total());
    const int64_t total_after = Hundredths(place.after().total());
    ++scored_;
    total_before_ += total_before;
    total_after_ += total_after;
    difference = std::abs(total_after - total_before);
  }
  if (place.before().verdict() == place.after().verdict() &&
      place.before().label() == place.after().label() &&
      place.before().stage() == place.after().stage()) {
    return;
  }
  ++changed_;
  changes_.emplace(Rank{difference, order}, std::move(place));
  if (changes_.size() > most_changes_) changes_.erase(std::prev(changes_.end()));
}

void Comparer::WriteTo(client::Comparison* comparison) const {
  comparison->set_compared_leads(compared_);
  comparison->set_failed_leads(failed_);
  comparison->set_changed_leads(changed_);
  WriteCounts(verdicts_, {"qualified", "open", "nurture", "disqualified", "restricted"},
              comparison->mutable_verdicts());
  WriteCounts(grades_, {"A", "B", "C", "D", "F"}, comparison->mutable_grades());
  WriteCounts(counted_stages_, stages_, comparison->mutable_stages());
  if (scored_ > 0) {
    comparison->set_mean_total_before(Mean(total_before_, scored_));
    comparison->set_mean_total_after(Mean(total_after_, scored_));
  }
  for (const auto& [rank, change] : changes_) *comparison->add_changes() = change;
}

}  // namespace bantam
