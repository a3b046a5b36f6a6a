// What every Qualifier promises, held against both: the engine here, and a server.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "client/qualifier/channel.h"
#include "client/qualifier/local_qualifier.h"
#include "client/qualifier/remote_qualifier.h"
#include "server/definition/yaml.h"
#include "tests/client/test_server.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSoftware[] = BANTAM_SOURCE_DIR "/client/samples/icps/b2b_software.yaml";
constexpr char kFortune[] = BANTAM_SOURCE_DIR "/client/samples/icps/fortune_5000.yaml";
constexpr char kSoftwareName[] = "tenants/sample/icps/b2b-software";
constexpr char kFortuneName[] = "tenants/sample/icps/fortune-5000";

std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address) {
  ChannelOptions options;
  options.server = address;
  return *Connect(options);
}

class QualifierContract : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      server_ = std::make_unique<TestServer>(std::vector<std::string>{kSoftware, kFortune});
      qualifier_ =
          std::make_unique<RemoteQualifier>(ConnectTo(server_->address()), absl::Seconds(60));
    } else {
      auto icps = LoadIcps("", {kSoftware, kFortune}, SystemTimeZones());
      ASSERT_TRUE(icps.ok()) << icps.status().message();
      qualifier_ = std::make_unique<LocalQualifier>(*std::move(icps), &absl::Now);
    }
    question_.settings.add_icps()->set_name(kSoftwareName);
    question_.settings.mutable_evaluate_time()->set_seconds(1780308000);  // 2026-06-01T10:00Z.
  }

  static v1::Lead Lead(absl::string_view yaml) {
    v1::Lead lead;
    EXPECT_THAT(ParseYaml(yaml, "lead", &lead, nullptr), ::testing::IsEmpty());
    return lead;
  }

  // Answers for `leads`, in order; fails the test if the call does.
  std::vector<v1::LeadResult> AskAll(const std::vector<v1::Lead>& leads) {
    std::vector<v1::LeadResult> results;
    size_t next = 0;
    const absl::Status status = qualifier_->AskMany(
        question_,
        [&](v1::Lead* lead) {
          if (next == leads.size()) return false;
          *lead = leads[next++];
          return true;
        },
        [&](int64_t index, v1::LeadResult result) {
          EXPECT_EQ(index, static_cast<int64_t>(results.size()));
          results.push_back(std::move(result));
        });
    EXPECT_TRUE(status.ok()) << status;
    return results;
  }

  std::unique_ptr<TestServer> server_;
  std::unique_ptr<Qualifier> qualifier_;
  Question question_;
};

INSTANTIATE_TEST_SUITE_P(Both, QualifierContract, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Remote" : "Local"; });

TEST_P(QualifierContract, EachOperationContainsTheOneBefore) {
  const v1::Lead lead = Lead(
      "{id: L, company: {industry: software, employee_count: 240, country: DE}, "
      "events: [{type: demo_request, time: 2026-05-31T00:00:00Z}]}");
  question_.operation = v1::BULK_OPERATION_SCORE;
  const auto score = qualifier_->Ask(lead, question_);
  question_.operation = v1::BULK_OPERATION_QUALIFY;
  const auto qualify = qualifier_->Ask(lead, question_);
  question_.operation = v1::BULK_OPERATION_ADVANCE;
  const auto advance = qualifier_->Ask(lead, question_);
  ASSERT_TRUE(score.ok() && qualify.ok() && advance.ok());
  EXPECT_EQ(score->score().fit().points(), 22);
  EXPECT_GT(score->score().trace_size(), 0);
  EXPECT_FALSE(score->has_qualification());
  EXPECT_EQ(qualify->verdict(), v1::VERDICT_OPEN);
  EXPECT_TRUE(qualify->has_qualification());
  EXPECT_FALSE(qualify->has_advancement());
  EXPECT_EQ(advance->advancement().to_stage(), "mql");
}

TEST_P(QualifierContract, DetailsCanBeLeftOut) {
  question_.settings.set_omit_trace(true);
  question_.settings.set_omit_actions(true);
  question_.settings.set_omit_gaps(true);
  const auto answer = qualifier_->Ask(Lead("id: L"), question_);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->score().trace_size(), 0);
  EXPECT_EQ(answer->qualification().actions_size(), 0);
  EXPECT_EQ(answer->qualification().gaps_size(), 0);
}

TEST_P(QualifierContract, OverridesAreForOneLead) {
  question_.operation = v1::BULK_OPERATION_ADVANCE;
  v1::StageOverride& override_by = question_.override_by.emplace();
  override_by.set_stage("opportunity");
  override_by.set_actor("jo");
  override_by.set_reason("knows them");
  const auto answer = qualifier_->Ask(Lead("id: L"), question_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->advancement().reason(), v1::ADVANCE_REASON_OVERRIDE);
  EXPECT_EQ(answer->advancement().to_stage(), "opportunity");

  question_.override_by->set_stage("nowhere");
  const auto refused = qualifier_->Ask(Lead("id: L"), question_);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(Violations(refused.status()).field_violations_size(), 1);
  EXPECT_EQ(Violations(refused.status()).field_violations(0).field(), "override.stage");

  question_.override_by->clear_reason();
  const auto refused_for_both = qualifier_->Ask(Lead("id: L"), question_);
  ASSERT_EQ(Violations(refused_for_both.status()).field_violations_size(), 2);
  EXPECT_EQ(Violations(refused_for_both.status()).field_violations(0).field(), "override.reason");
  EXPECT_EQ(Violations(refused_for_both.status()).field_violations(1).field(), "override.stage");
}

TEST_P(QualifierContract, TheBestOfSeveralIcpsAnswers) {
  question_.settings.add_icps()->set_name(kFortuneName);
  const auto answer = qualifier_->Ask(
      Lead("{company: {revenue_rank: 12}, contacts: [{title: President}]}"), question_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->icp(), kFortuneName);
  ASSERT_EQ(answer->other_icps_size(), 1);
  EXPECT_EQ(answer->other_icps(0).icp(), kSoftwareName);

  question_.settings.clear_icps();
  question_.settings.set_all_icps_of("tenants/sample");
  const auto all = qualifier_->Ask(Lead("{company: {revenue_rank: 12}}"), question_);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->other_icps_size(), 1);
}

TEST_P(QualifierContract, EveryInvalidFieldIsNamed) {
  const auto answer = qualifier_->Ask(
      Lead("{company: {employee_count: -1, revenue_rank: 0}, events: [{type: X}]}"), question_);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> fields;
  const v1::BadRequest violations = Violations(answer.status());
  for (const auto& violation : violations.field_violations()) {
    fields.push_back(violation.field());
  }
  EXPECT_THAT(fields, ElementsAre("lead.company.employee_count", "lead.company.revenue_rank",
                                  "lead.events[0].type", "lead.events[0].time"));
}

TEST_P(QualifierContract, BadSettingsAreNamed) {
  question_.settings.clear_icps();
  const auto answer = qualifier_->Ask(Lead("id: L"), question_);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_GE(Violations(answer.status()).field_violations_size(), 1);
  EXPECT_THAT(Violations(answer.status()).field_violations(0).field(), HasSubstr("settings"));
}

TEST_P(QualifierContract, AnUnknownIcpOrRevisionIsNotFound) {
  question_.settings.mutable_icps(0)->set_name("tenants/sample/icps/b2b-softwar");
  EXPECT_EQ(qualifier_->Ask(Lead("id: L"), question_).status().code(), absl::StatusCode::kNotFound);
  const absl::Status many = qualifier_->AskMany(
      question_, [](v1::Lead*) { return false; }, [](int64_t, v1::LeadResult) {});
  EXPECT_EQ(many.code(), absl::StatusCode::kNotFound);
  question_.settings.mutable_icps(0)->set_name(kSoftwareName);
  question_.settings.mutable_icps(0)->set_revision(std::string(32, '0'));
  EXPECT_EQ(qualifier_->Ask(Lead("id: L"), question_).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(QualifierContract, ManyLeadsAreAnsweredInOrderAndBadOnesAlone) {
  // More than fit into what is in flight at a time, and no multiple of a chunk.
  constexpr int kLeads = 64 * 70 + 5;
  std::vector<v1::Lead> leads;
  for (int i = 0; i < kLeads; ++i) {
    v1::Lead lead;
    lead.set_id(absl::StrCat("L", i));
    lead.mutable_company()->set_employee_count(i == 100 ? -1 : 100);
    leads.push_back(lead);
  }
  question_.settings.set_omit_actions(true);
  const std::vector<v1::LeadResult> results = AskAll(leads);
  ASSERT_EQ(results.size(), leads.size());
  for (int i = 0; i < kLeads; ++i) {
    const v1::LeadResult& result = results[static_cast<size_t>(i)];
    EXPECT_EQ(result.lead_id(), absl::StrCat("L", i));
    EXPECT_EQ(result.index(), i);
    EXPECT_EQ(result.has_error(), i == 100);
    EXPECT_EQ(result.has_evaluation(), i != 100);
  }
  EXPECT_EQ(results[100].error().code(), 3);
  ASSERT_EQ(results[100].error().violations_size(), 1);
  EXPECT_EQ(results[100].error().violations(0).field(), "lead.company.employee_count");
}

TEST_P(QualifierContract, LargeLeadsAreSentInSmallerChunks) {
  std::vector<v1::Lead> leads(100);
  for (size_t i = 0; i < leads.size(); ++i) {
    leads[i].set_id(absl::StrCat("L", i));
    for (int k = 0; k < 5000; ++k) {
      v1::Event* event = leads[i].add_events();
      event->set_type("page_view");
      event->mutable_time()->set_seconds(1780000000 + k);
    }
  }
  question_.operation = v1::BULK_OPERATION_SCORE;
  EXPECT_EQ(AskAll(leads).size(), leads.size());
}

TEST_P(QualifierContract, NoLeadsAreNoAnswers) { EXPECT_TRUE(AskAll({}).empty()); }

TEST_P(QualifierContract, OneLeadAndManyGiveTheSameAnswer) {
  const v1::Lead lead = Lead("{id: L, company: {industry: fintech, employee_count: 75}}");
  const auto one = qualifier_->Ask(lead, question_);
  ASSERT_TRUE(one.ok());
  const auto many = AskAll({lead});
  ASSERT_EQ(many.size(), 1u);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*one, many[0].evaluation()));
}

TEST(RemoteQualifierTest, AServerThatIsNotThereIsUnavailable) {
  std::string address;
  {
    const TestServer server({kFortune});
    address = server.address();
  }
  RemoteQualifier qualifier(ConnectTo(address), absl::Seconds(10));
  Question question;
  question.settings.add_icps()->set_name(kFortuneName);
  EXPECT_EQ(qualifier.Ask(v1::Lead(), question).status().code(), absl::StatusCode::kUnavailable);
  const absl::Status many = qualifier.AskMany(
      question, [](v1::Lead*) { return true; }, [](int64_t, v1::LeadResult) {});
  EXPECT_EQ(many.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace bantam
