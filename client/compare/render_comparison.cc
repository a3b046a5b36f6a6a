// RenderComparison(): counts in one table, leads that change in another.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/compare/comparer.h"
#include "client/output/table.h"
#include "client/output/words.h"

namespace bantam {
namespace {

constexpr size_t kShownDigits = 8;  // Of a revision.

// Those of a server are called by their names.
std::string Source(const client::ComparedIcp& icp) {
  const bool named = absl::StartsWith(icp.source(), icp.name());
  return absl::StrCat(Printable(icp.source()), " (", named ? "" : absl::StrCat(icp.name(), ", "),
                      "revision ", icp.revision().substr(0, kShownDigits), ")");
}

std::string Leads(int32_t count) { return absl::StrCat(count, count == 1 ? " lead" : " leads"); }

// "open → qualified"; what stays is said once.
std::string Step(const std::string& before, const std::string& after) {
  const auto shown = [](const std::string& text) { return text.empty() ? "–" : text; };
  return before == after ? shown(before) : absl::StrCat(shown(before), " → ", shown(after));
}

std::string Total(const client::LeadOutcome& outcome) {
  return outcome.has_total() ? TwoDecimals(outcome.total()) : "";
}

Ink ChangeInk(const std::string& before, const std::string& after) {
  return before == after ? Ink::kPlain : Ink::kYellow;
}

void AddCounts(const char* title,
               const google::protobuf::RepeatedPtrField<client::OutcomeCount>& counts,
               Table* table) {
  bool first = true;
  for (const client::OutcomeCount& count : counts) {
    const int32_t change = count.after() - count.before();
    table->AddRow({{first ? title : "", Ink::kBold},
                   {count.outcome().empty() ? "–" : Printable(count.outcome())},
                   {absl::StrCat(count.before())},
                   {absl::StrCat(count.after())},
                   {change == 0 ? "" : absl::StrFormat("%+d", change), Ink::kYellow}});
    first = false;
  }
}

std::string RenderCounts(const client::Comparison& comparison, const Style& style) {
  Table table({{""}, {""}, {"before", true}, {"after", true}, {"change", true}});
  AddCounts("verdict", comparison.verdicts(), &table);
  AddCounts("grade", comparison.grades(), &table);
  AddCounts("stage", comparison.stages(), &table);
  if (comparison.has_mean_total_before()) {
    const double before = comparison.mean_total_before();
    const double after = comparison.mean_total_after();
    table.AddRow({{"total", Ink::kBold},
                  {"mean"},
                  {TwoDecimals(before)},
                  {TwoDecimals(after)},
                  {before == after ? "" : absl::StrFormat("%+.2f", after - before), Ink::kYellow}});
  }
  return table.Render(style);
}

std::string RenderChanges(const client::Comparison& comparison, const Style& style) {
  Table table({{"lead", false, true},
               {"total", false, false, 1},
               {"label", false, false, 2},
               {"verdict"},
               {"stage", false, true, 3}});
  for (const client::LeadChange& change : comparison.changes()) {
    const client::LeadOutcome& before = change.before();
    const client::LeadOutcome& after = change.after();
    const std::string file = change.file().substr(change.file().rfind('/') + 1);
    table.AddRow(
        {{Printable(change.lead_id().empty() ? absl::StrCat(file, ":", change.line())
                                             : change.lead_id())},
         {Step(Total(before), Total(after))},
         {Step(before.label(), after.label()), ChangeInk(before.label(), after.label())},
         {Step(before.verdict(), after.verdict()), ChangeInk(before.verdict(), after.verdict())},
         {Step(before.stage(), after.stage()), ChangeInk(before.stage(), after.stage())}});
  }
  return table.Render(style);
}

}  // namespace

std::string RenderComparison(const client::Comparison& comparison, const Style& style,
                             absl::TimeZone zone) {
  std::string text = absl::StrCat(
      "before: ", Source(comparison.before()), "\nafter:  ", Source(comparison.after()), "\n",
      Leads(comparison.compared_leads()), " compared at ",
      ReadableTime(comparison.evaluate_time(), zone),
      comparison.failed_leads() == 0 ? ""
                                     : absl::StrCat(", ", comparison.failed_leads(), " failed"),
      "\n");
  if (comparison.compared_leads() == 0) return text;
  absl::StrAppend(&text, "\n", RenderCounts(comparison, style), "\n");
  if (comparison.changed_leads() == 0) {
    return absl::StrCat(text, "No lead changes its verdict, label or stage.\n");
  }
  absl::StrAppend(&text, Leads(comparison.changed_leads()),
                  comparison.changed_leads() == 1 ? " changes" : " change",
                  " verdict, label or stage; the biggest change of total first:\n",
                  RenderChanges(comparison, style));
  const int32_t more = comparison.changed_leads() - comparison.changes_size();
  if (more > 0) absl::StrAppend(&text, "and ", more, " more; --changes=N lists N of them\n");
  return text;
}

}  // namespace bantam
