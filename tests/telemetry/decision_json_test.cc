#include "server/telemetry/decision_json.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "bantam/v1/decision.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/telemetry/fake_decision_sink.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Json(const QueuedDecision& decision) {
  std::string json;
  AppendDecisionJson(decision, &json);
  return json;
}

// The same as a message of the contract.
v1::Decision ToMessage(const DecisionRecord& record) {
  v1::Decision decision;
  const auto set_time = [](absl::Time time, google::protobuf::Timestamp* timestamp) {
    timestamp->set_seconds(absl::ToUnixSeconds(time));
    timestamp->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(absl::ToUnixSeconds(time)))));
  };
  set_time(record.time, decision.mutable_time());
  decision.set_request_id(std::string(record.request_id));
  decision.set_traceparent(std::string(record.traceparent));
  decision.set_caller(std::string(record.caller));
  decision.set_method(std::string(record.method));
  decision.set_operation(record.operation);
  decision.set_lead_id(std::string(record.lead_id));
  decision.set_icp(std::string(record.icp));
  decision.set_icp_revision(std::string(record.icp_revision));
  set_time(record.evaluate_time, decision.mutable_evaluate_time());
  decision.set_verdict(record.verdict);
  if (record.score.has_value()) decision.set_score(*record.score);
  decision.set_grade(std::string(record.grade));
  decision.set_stage(std::string(record.stage));
  if (!record.to_stage.empty()) {
    decision.mutable_transition()->set_from_stage(std::string(record.from_stage));
    decision.mutable_transition()->set_to_stage(std::string(record.to_stage));
    decision.mutable_transition()->set_outcome(record.outcome);
  }
  return decision;
}

void ExpectSame(const QueuedDecision& decision) {
  const v1::Decision wanted = ToMessage(decision.record);
  const std::string json = Json(decision);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(ParseDecision(json), wanted))
      << json << "\nwanted: " << wanted.DebugString();
}

TEST(DecisionJsonTest, OneLineWithTheContractsNames) {
  QueuedDecision decision;
  decision.record = RecordOf("lead-17");
  EXPECT_EQ(Json(decision),
            "{\"time\":\"2026-09-21T14:13:20.123Z\","
            "\"request_id\":\"5f3c2a9be0d14c7a8b6e0f1d2c3b4a59\","
            "\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
            "\"caller\":\"spiffe://example.org/ns/crm/sa/sync\","
            "\"method\":\"/bantam.v1.QualificationService/BatchAdvance\","
            "\"operation\":\"BULK_OPERATION_ADVANCE\",\"lead_id\":\"lead-17\","
            "\"icp\":\"tenants/acme/icps/software\","
            "\"icp_revision\":\"0123456789abcdef0123456789abcdef\","
            "\"evaluate_time\":\"2026-09-21T14:13:20Z\",\"verdict\":\"VERDICT_QUALIFIED\","
            "\"score\":59.00,\"grade\":\"B\",\"stage\":\"sql\","
            "\"transition\":{\"from_stage\":\"mql\",\"to_stage\":\"sql\","
            "\"outcome\":\"ADVANCE_REASON_MOVED_FORWARD\"}}");
  ExpectSame(decision);
}

TEST(DecisionJsonTest, WhatIsAbsentIsLeftOut) {
  QueuedDecision decision;
  decision.record.time = absl::FromUnixSeconds(1);
  decision.record.evaluate_time = absl::FromUnixSeconds(-1);
  decision.record.verdict = v1::VERDICT_RESTRICTED;
  EXPECT_EQ(Json(decision),
            "{\"time\":\"1970-01-01T00:00:01Z\",\"evaluate_time\":\"1969-12-31T23:59:59Z\","
            "\"verdict\":\"VERDICT_RESTRICTED\"}");
  ExpectSame(decision);
}

TEST(DecisionJsonTest, EveryHundredthIsExact) {
  for (int hundredths = 0; hundredths <= 10000; ++hundredths) {
    QueuedDecision decision;
    decision.record.score = hundredths / 100.0;
    std::string wanted = absl::StrCat(hundredths);
    wanted.insert(0, 3 - std::min<size_t>(3, wanted.size()), '0');
    wanted.insert(wanted.size() - 2, ".");
    ASSERT_THAT(Json(decision), HasSubstr(absl::StrCat("\"score\":", wanted, "}")));
  }
}

TEST(DecisionJsonTest, TimesHaveTheDecimalsThatTheyNeed) {
  QueuedDecision decision;
  for (const int64_t nanos : {int64_t{0}, int64_t{5000000}, int64_t{5000}, int64_t{5},
                              int64_t{999999999}, int64_t{-2208988800000000000}}) {
    decision.record.time = absl::FromUnixNanos(nanos);
    decision.record.evaluate_time =
        absl::FromCivil(absl::CivilSecond(2200, 12, 31, 23, 59, 59), absl::UTCTimeZone());
    ExpectSame(decision);
  }
  decision.record.time = absl::FromUnixNanos(5);
  EXPECT_THAT(Json(decision), HasSubstr("\"time\":\"1970-01-01T00:00:00.000000005Z\""));
}

TEST(DecisionJsonTest, TextsAreEscaped) {
  QueuedDecision decision;
  std::string every_byte;
  for (int c = 0; c < 128; ++c) every_byte.push_back(static_cast<char>(c));
  decision.record.lead_id = every_byte;
  decision.record.caller = "ü€😀\"\\";
  ExpectSame(decision);
  EXPECT_THAT(Json(decision), Not(HasSubstr("\n")));
}

TEST(DecisionJsonTest, BytesThatAreNotUtf8AreReplaced) {
  const std::pair<std::string, std::string> cases[] = {
      {"a\xFFz", "a\uFFFDz"},
      {"cut \xC3", "cut \uFFFD"},
      {"cut \xE2\x82", "cut \uFFFD\uFFFD"},
      {"long \xC0\x80", "long \uFFFD\uFFFD"},
      {"surrogate \xED\xA0\x80.", "surrogate \uFFFD\uFFFD\uFFFD."},
      {"beyond \xF4\x90\x80\x80", "beyond \uFFFD\uFFFD\uFFFD\uFFFD"},
  };
  for (const auto& [bytes, wanted] : cases) {
    QueuedDecision decision;
    decision.record.caller = bytes;
    EXPECT_EQ(ParseDecision(Json(decision)).caller(), wanted);
  }
}

TEST(DecisionJsonTest, PersonalDataComesWithTheContractsNames) {
  v1::DecisionPersonalData data;
  data.set_company_name("Müller");
  data.add_contacts()->set_email_domain("example.com");
  (*data.mutable_custom())["age"].set_number(35);
  const std::string bytes = data.SerializeAsString();
  QueuedDecision decision;
  decision.record = RecordOf("a");
  decision.personal_data = bytes;
  const std::string json = Json(decision);
  EXPECT_THAT(json, HasSubstr("\"email_domain\":\"example.com\""));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      ParseDecision(json).personal_data(), data));
  decision.personal_data = "";
  decision.personal_data_omitted = true;
  EXPECT_TRUE(ParseDecision(Json(decision)).personal_data_omitted());
}

}  // namespace
}  // namespace bantam
