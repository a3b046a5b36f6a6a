// The samples are good: every ICP compiles, every case passes, every lead gets an answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cases/cases.h"
#include "client/qualifier/local_qualifier.h"
#include "server/zones/system_time_zones.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr char kIcps[] = BANTAM_SOURCE_DIR "/client/samples/icps";

TEST(SamplesTest, IcpsCompileAndOnlyTheConsumersWarns) {
  const auto icps = LoadIcps(kIcps, {}, SystemTimeZones());
  ASSERT_TRUE(icps.ok()) << icps.status().message();
  EXPECT_THAT(icps->icps, SizeIs(3));
  EXPECT_THAT(icps->warnings,
              ElementsAre(Pair("tenants/sample/icps/family-homes",
                               AllOf(SizeIs(2), Each(HasSubstr("protected characteristic"))))));
}

TEST(SamplesTest, CasesPass) {
  const auto files = ListCases({BANTAM_SOURCE_DIR "/client/samples/tests"});
  ASSERT_TRUE(files.ok()) << files.status();
  const SystemTimeZones zones;
  for (const std::string& file : *files) {
    const auto loaded = LoadCase(file, zones);
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    const CaseOutcome outcome = RunCase(*loaded);
    EXPECT_TRUE(outcome.passed()) << file << "\n" << RenderDifferences(outcome.differences);
  }
}

struct LeadSample {
  const char* file;
  const char* icp;
  int leads;
};

class LeadSamplesTest : public ::testing::TestWithParam<LeadSample> {};

TEST_P(LeadSamplesTest, EveryLeadGetsAnAnswer) {
  const LeadSample& sample = GetParam();
  const std::string mapping = std::string(sample.file) == "trade_fair.csv"
                                  ? " --mapping=client/samples/leads/trade_fair_mapping.yaml"
                                  : "";
  const Finished finished =
      RunBantam(absl::StrCat("qualify client/samples/leads/", sample.file, mapping,
                             " --icps=client/samples/icps --icp=sample/", sample.icp,
                             " --at=2026-06-01T10:00:00Z --output=ndjson"));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(std::count(finished.out.begin(), finished.out.end(), '\n'), sample.leads);
  EXPECT_THAT(finished.err, ::testing::Not(HasSubstr("columns not used")));
}

INSTANTIATE_TEST_SUITE_P(Files, LeadSamplesTest,
                         ::testing::Values(LeadSample{"b2b_software.yaml", "b2b-software", 6},
                                           LeadSample{"consumer.yaml", "family-homes", 4},
                                           LeadSample{"fortune_5000.yaml", "fortune-5000", 4},
                                           LeadSample{"web_forms.ndjson", "b2b-software", 5},
                                           LeadSample{"trade_fair.csv", "b2b-software", 20}),
                         [](const auto& info) {
                           std::string name = info.param.file;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace bantam
