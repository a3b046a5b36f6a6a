// Real deals: hand-written points tell won from lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "client/input/csv_reader.h"
#include "client/input/lead_reader.h"
#include "client/qualifier/local_qualifier.h"
#include "tests/client/run_command.h"
#include "tests/client/shared_data.h"
#include "tests/client/test_server.h"

namespace bantam {
namespace {

constexpr char kMapping[] = BANTAM_SOURCE_DIR "/client/samples/b2b_deals/mapping.yaml";
constexpr char kIcp[] = BANTAM_SOURCE_DIR "/client/samples/b2b_deals/icp.yaml";
constexpr double kLeastArea = 0.72;

std::string DealsFile() { return SharedData("b2b_deals/b2b_deals.csv"); }

// Whether the deal in a line of the file was won. The client itself never reads this column.
std::map<int, bool> Outcomes() {
  const std::string text = ReadTextFile(DealsFile());
  CsvReader reader(text, ';');
  CsvRow row;
  std::map<int, bool> won;
  reader.Next(&row);
  EXPECT_EQ(row.cells.back(), "Status");
  while (reader.Next(&row)) won[row.line] = row.cells.back() == "Won";
  return won;
}

// The chance that a won deal has a higher total than a lost one; equal totals count half.
double AreaUnderCurve(const std::map<int, double>& totals) {
  const std::map<int, bool> won = Outcomes();
  double pairs = 0;
  double right = 0;
  for (const auto& [won_line, won_total] : totals) {
    for (const auto& [lost_line, lost_total] : totals) {
      if (!won.at(won_line) || won.at(lost_line)) continue;
      ++pairs;
      right += won_total > lost_total ? 1 : won_total == lost_total ? 0.5 : 0;
    }
  }
  return pairs > 0 ? right / pairs : 0;
}

TEST(B2bDealsTest, TotalsTellWonFromLostOffline) {
  BANTAM_SKIP_WITHOUT(DealsFile());
  const auto mapping = ParseMapping(ReadTextFile(kMapping), kMapping);
  ASSERT_TRUE(mapping.ok()) << mapping.status().message();
  InputOptions input;
  input.mapping = &*mapping;
  auto reader = OpenLeads(DealsFile(), input);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_THAT((*reader)->notes(), ::testing::IsEmpty());
  auto icps = LoadIcps("", {kIcp}, SystemTimeZones());
  ASSERT_TRUE(icps.ok()) << icps.status().message();
  EXPECT_THAT(icps->warnings, ::testing::IsEmpty());
  Question question;
  question.operation = v1::BULK_OPERATION_SCORE;
  question.settings.add_icps()->set_name(icps->icps.begin()->first);
  LocalQualifier qualifier(*std::move(icps), [] { return absl::FromUnixSeconds(1700000000); });

  std::vector<int> lines;
  std::map<int, double> totals;
  const absl::Status status = qualifier.AskMany(
      question,
      [&](v1::Lead* lead) {
        InputLead next;
        if (!(*reader)->Next(&next)) return false;
        EXPECT_EQ(next.error, "");
        *lead = next.lead;
        lines.push_back(next.line);
        return true;
      },
      [&](int64_t index, v1::LeadResult result) {
        EXPECT_FALSE(result.has_error()) << result.error().message();
        totals[lines[static_cast<size_t>(index)]] = result.evaluation().score().total();
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(totals.size(), 264u);
  const double area = AreaUnderCurve(totals);
  std::cout << "figure: b2b_deals, area under the ROC curve: " << area << "\n";
  EXPECT_GE(area, kLeastArea);
  // More would mean that the outcome leaked into the score.
  EXPECT_LE(area, 0.95);
}

TEST(B2bDealsTest, RankThroughTheServerPrintsTheDealsBestFirst) {
  BANTAM_SKIP_WITHOUT(DealsFile());
  const TestServer server({kIcp});
  const Finished finished = RunBantam("rank '" + DealsFile() +
                                      "' --mapping=client/samples/b2b_deals/mapping.yaml "
                                      "--icp=sample/b2b-deals --output=csv --server=" +
                                      server.address());
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  CsvReader reader(finished.out, ',');
  CsvRow row;
  ASSERT_TRUE(reader.Next(&row));
  ASSERT_EQ(row.cells[2], "line");
  ASSERT_EQ(row.cells[7], "total");
  std::map<int, double> totals;
  double previous = 100;
  while (reader.Next(&row)) {
    int line;
    double total;
    ASSERT_TRUE(absl::SimpleAtoi(row.cells[2], &line) && absl::SimpleAtod(row.cells[7], &total));
    EXPECT_LE(total, previous);
    previous = total;
    totals[line] = total;
  }
  EXPECT_EQ(totals.size(), 264u);
  EXPECT_GE(AreaUnderCurve(totals), kLeastArea);

  const Finished table = RunBantam("rank '" + DealsFile() +
                                   "' --mapping=client/samples/b2b_deals/mapping.yaml "
                                   "--icp=sample/b2b-deals --top=3 --server=" +
                                   server.address());
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_EQ(std::count(table.out.begin(), table.out.end(), '\n'), 5) << table.out;
  EXPECT_THAT(table.out, ::testing::HasSubstr("\n264 leads: "));
}

}  // namespace
}  // namespace bantam
