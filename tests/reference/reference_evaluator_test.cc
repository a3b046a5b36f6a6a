// The reference evaluator itself: the worked example of product.md.
#include "tests/reference/reference_evaluator.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "tests/reference/values.h"

namespace bantam {
namespace reference {
namespace {

template <typename Message>
Message Parse(const char* text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

v1::Icp WorkedIcp() {
  return Parse<v1::Icp>(R"(
    name: "tenants/t/icps/worked"
    fit {
      criteria { id: "industry" points: 15
                 test { attribute: "company.industry"
                        in { values: "software" values: "fintech" } } }
      criteria { id: "employees"
                 test { attribute: "company.employee_count"
                        bands { bands { min: 50 max: 999 points: 15 }
                                bands { min: 1000 points: 10 } } } }
      criteria { id: "country" points: 10 required: true
                 test { attribute: "company.country"
                        in { values: "DE" values: "AT" values: "CH" } } }
    }
    engagement {
      rules { id: "demo_request" event_types: "demo_request" points: 20 hand_raise: true
              decay { exponential { half_life { seconds: 2592000 } } } }
      rules { id: "page_view" event_types: "page_view" points: 1 max_count: 5 }
    }
    bant { budget { minimum { currency_code: "EUR" units: 10000 } } }
  )");
}

// 2026-01-31T00:00:00Z is 1769817600.
v1::Lead WorkedLead() {
  v1::Lead lead = Parse<v1::Lead>(R"(
    id: "l1"
    company { industry: "FinTech" employee_count: 240 }
    contacts { id: "p1" }
    events { type: "demo_request" time { seconds: 1767225600 } }
    evidence { budget { amount { currency_code: "EUR" units: 12000 }
                        approval: BUDGET_APPROVAL_PENDING } }
    evidence { contact_id: "p1" authority { role: "influencer" } }
    evidence { timeline { planned_purchase_time { seconds: 1773532800 } } }
  )");
  for (int i = 0; i < 7; ++i) {
    v1::Event* event = lead.add_events();
    event->set_type("page_view");
    event->mutable_time()->set_seconds(1767225600 + i * 86400);
  }
  return lead;
}

Question WorkedQuestion(v1::BulkOperation operation) {
  Question question;
  question.operation = operation;
  question.now.set_seconds(1769817600);
  return question;
}

TEST(ReferenceEvaluatorTest, ScoresTheWorkedExample) {
  const v1::Evaluation answer =
      Evaluate(WorkedIcp(), WorkedLead(), WorkedQuestion(v1::BULK_OPERATION_QUALIFY));
  EXPECT_EQ(answer.score().total(), 59.0);
  EXPECT_EQ(answer.score().fit().points(), 30.0);
  EXPECT_EQ(answer.score().engagement().points(), 15.0);
  EXPECT_EQ(answer.score().bant().points(), 14.0);
  EXPECT_EQ(answer.score().range_min(), 59.0);
  EXPECT_EQ(answer.score().range_max(), 76.0);
  EXPECT_EQ(answer.score().completeness(), 0.76);
  EXPECT_EQ(answer.score().label(), "B2");
  EXPECT_EQ(answer.score().temperature(), v1::TEMPERATURE_WARM);
  EXPECT_EQ(answer.verdict(), v1::VERDICT_OPEN);
  const v1::Qualification& qualification = answer.qualification();
  ASSERT_EQ(qualification.gaps_size(), 4);
  const std::string ids[] = {"country", "need", "budget", "authority"};
  const double points[] = {10, 7, 5, 4};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(qualification.gaps(i).id(), ids[i]);
    EXPECT_EQ(qualification.gaps(i).points_at_stake(), points[i]);
    EXPECT_EQ(qualification.gaps(i).knockout_possible(), i == 0);
  }
}

TEST(ReferenceEvaluatorTest, AdvancesTheWorkedExampleToMqlAndNoFarther) {
  Question question = WorkedQuestion(v1::BULK_OPERATION_ADVANCE);
  question.as_far_as_possible = true;
  const v1::Advancement move = Evaluate(WorkedIcp(), WorkedLead(), question).advancement();
  EXPECT_EQ(move.from_stage(), "lead");
  EXPECT_EQ(move.to_stage(), "mql");
  EXPECT_EQ(move.reason(), v1::ADVANCE_REASON_MOVED_FORWARD);
  EXPECT_EQ(move.transition().id().size(), 32u);
  ASSERT_EQ(move.gates_size(), 2);
  EXPECT_EQ(move.gates(1).status(), v1::GATE_STATUS_NOT_MET);
  const v1::GateStatus statuses[] = {v1::GATE_STATUS_MET,     v1::GATE_STATUS_UNKNOWN,
                                     v1::GATE_STATUS_MET,     v1::GATE_STATUS_NOT_MET,
                                     v1::GATE_STATUS_NOT_MET, v1::GATE_STATUS_MET};
  ASSERT_EQ(move.gates(1).conditions_size(), 6);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(move.gates(1).conditions(i).status(), statuses[i]) << i;
}

// Interest lasts 90 days, to the second; the demo request is the newest.
TEST(ReferenceEvaluatorTest, TellsWhenTheWorkedExampleCoolsDown) {
  const v1::Evaluation answer =
      Evaluate(WorkedIcp(), WorkedLead(), WorkedQuestion(v1::BULK_OPERATION_QUALIFY));
  EXPECT_EQ(answer.reevaluate_time().seconds(), 1767225600 + 90 * 86400 + 1);
}

}  // namespace
}  // namespace reference
}  // namespace bantam
