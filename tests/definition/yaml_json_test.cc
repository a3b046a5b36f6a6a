// What proto3's JSON printer writes is read as well.
#include <string>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/definition/yaml.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

using ::google::protobuf::util::JsonPrintOptions;
using ::google::protobuf::util::MessageDifferencer;
using ::google::protobuf::util::MessageToJsonString;

v1::Lead FromText(const std::string& text) {
  v1::Lead lead;
  EXPECT_EQ(RenderedText(ParseYaml(text, "lead.json", &lead, nullptr)), "");
  return lead;
}

v1::Lead FullLead() {
  return FromText(R"(
id: L-1
company:
  name: "Åre \"Ski\" AB"
  employee_count: 240
  annual_revenue: 12000000.50 EUR
  employee_count_range: {min: 51, max: 200}
  technologies: [C++, SAP]
contacts:
  - {id: c1, title: CTO, free_email_domain: false}
source: {channel: referral_partner, first_contact_time: 2026-01-01}
custom:
  age: 35
  tags: [a, b]
  since: 2026-01-31T09:00:00.25Z
  size: {min: 1}
  vip: true
  note: "2026"
events:
  - {type: demo_request, time: 2026-01-01, direction: inbound, reply_channels: [email, phone]}
evidence:
  - {contact_id: c1, observed_time: 2026-01-02, budget: {amount: 5000 USD, approval: pending}}
  - {authority: {role: champion}}
marketing_objection: {}
)");
}

TEST(JsonTest, ReadsWhatTheJsonPrinterWrites) {
  const v1::Lead lead = FullLead();
  for (const bool whitespace : {false, true}) {
    for (const bool proto_names : {false, true}) {
      JsonPrintOptions options;
      options.add_whitespace = whitespace;
      options.preserve_proto_field_names = proto_names;
      std::string json;
      ASSERT_TRUE(MessageToJsonString(lead, &json, options).ok());
      EXPECT_TRUE(MessageDifferencer::Equals(FromText(json), lead)) << json;
    }
  }
}

TEST(JsonTest, Reads64BitNumbersInQuotes) {
  EXPECT_EQ(FromText(R"({"company":{"employeeCount":"240"}})").company().employee_count(), 240);
  EXPECT_EQ(FromText(R"({"company":{"employeeCount":240}})").company().employee_count(), 240);
}

TEST(JsonTest, ReadsEnumsByNumber) {
  EXPECT_EQ(FromText(R"({"source":{"channel":4}})").source().channel(),
            v1::SOURCE_CHANNEL_REFERRAL_PARTNER);
}

TEST(JsonTest, ReadsDurations) {
  v1::Icp icp;
  EXPECT_EQ(RenderedText(
                ParseYaml(R"({"engagement": {"botWindow": "3.500s"}})", "icp.json", &icp, nullptr)),
            "");
  EXPECT_EQ(icp.engagement().bot_window().seconds(), 3);
  EXPECT_EQ(icp.engagement().bot_window().nanos(), 500000000);
}

TEST(JsonTest, TakesNullAsAbsent) {
  EXPECT_TRUE(MessageDifferencer::Equals(
      FromText(R"({"company": null, "contacts": null, "custom": {"age": null}})"), v1::Lead()));
}

TEST(JsonTest, IndentsWithTabs) {
  EXPECT_EQ(FromText("{\n\t\"company\": {\n\t\t\"city\":\t\"Graz\"\n\t}\n}\n").company().city(),
            "Graz");
}

TEST(JsonTest, JoinsSurrogates) {
  EXPECT_EQ(FromText(R"({"id": "\uD83D\uDE00 and \ud83d\ude80\/"})").id(), "😀 and 🚀/");
  EXPECT_EQ(FromText(R"({"id": "\\uD83D"})").id(), "\\uD83D") << "an escaped backslash";
}

TEST(JsonTest, CountsColumnsBehindSurrogatesRight) {
  v1::Lead lead;
  EXPECT_EQ(
      RenderedText(ParseYaml(R"({"id": "\uD83D\uDE00", "idd": 1})", "lead.json", &lead, nullptr)),
      "lead.json:1:24: error: unknown key 'idd'; did you mean 'id'?\n"
      R"({"id": "\uD83D\uDE00", "idd": 1})"
      "\n                       ^\n");
}

TEST(JsonTest, RefusesASurrogateAlone) {
  v1::Lead lead;
  EXPECT_EQ(RenderedText(ParseYaml(R"({"id": "\uD83D"})", "lead.json", &lead, nullptr)),
            "lead.json:1:11: error: syntax error: this escape is no character\n"
            R"({"id": "\uD83D"})"
            "\n          ^\n");
}

}  // namespace
}  // namespace bantam
