#include "client/input/lead_mapper.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string>& Header() {
  static const auto* const header =
      new std::vector<std::string>{"Id",     "Industry", "Staff", "Revenue", "Asked", "Role",
                                   "Budget", "Money",    "Need",  "Buys",    "Mail"};
  return *header;
}

constexpr char kMapping[] = R"(
formats: {absent_values: ["?"], time_zone: Europe/Berlin, currency: EUR}
id: {column: Id}
columns: {company.industry: Industry, company.employee_count: Staff, company.annual_revenue: Revenue}
attributes:
  custom.age: {constant: "35", type: number}
  source.channel: {constant: referral partner}
  contact.title: {column: Role, values: {High: Boss, Low: Clerk}, other_values: keep}
events:
  - type: {constant: demo_request}
    time: {column: Asked}
    direction: inbound
    reply_channels: [phone]
budget:
  - amount: {column: Money}
    approval: {column: Budget, values: {"Yes": approved, "No": pending}}
authority:
  - role: {column: Role, values: {High: decision_maker, Low: user}, other_values: absent}
    observed_time: {column: Asked}
need:
  - need: {column: Need}
timeline:
  - planned_purchase_time: {column: Buys}
consents:
  - {channel: email, granted: {column: Mail}}
)";

std::unique_ptr<LeadMapper> MakeMapper(absl::string_view mapping,
                                       const std::vector<std::string>& header) {
  const auto parsed = ParseMapping(mapping, "mapping.yaml");
  EXPECT_TRUE(parsed.ok()) << parsed.status().message();
  auto mapper = LeadMapper::Create(*parsed, header, absl::UTCTimeZone());
  EXPECT_TRUE(mapper.ok()) << mapper.status().message();
  return *std::move(mapper);
}

// What Create() or ParseMapping() says about a bad mapping.
std::string ErrorOf(absl::string_view mapping, const std::vector<std::string>& header) {
  const auto parsed = ParseMapping(mapping, "mapping.yaml");
  if (!parsed.ok()) return std::string(parsed.status().message());
  const auto mapper = LeadMapper::Create(*parsed, header, absl::UTCTimeZone());
  return mapper.ok() ? "" : std::string(mapper.status().message());
}

std::string Difference(const v1::Lead& got, absl::string_view want_yaml) {
  v1::Lead want;
  for (const v1::Issue& issue : ParseYaml(want_yaml, "want", &want, nullptr)) {
    return issue.rendered();
  }
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  return differencer.Compare(want, got) ? "" : difference;
}

TEST(LeadMapperTest, FillsEveryPartOfALead) {
  v1::Lead lead;
  const auto problems = MakeMapper(kMapping, Header())
                            ->Map({"L1", "Software", "51–200", "1200000 USD", "2026-05-04 10:00",
                                   "High", "No", "25000", "Audit trail", "2026-08-01", "yes"},
                                  &lead);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(Difference(lead, R"(
id: L1
company:
  industry: Software
  employee_count_range: {min: 51, max: 200}
  annual_revenue: 1200000 USD
contacts: [{title: Boss}]
source: {channel: referral_partner}
custom: {age: 35}
events:
  - {type: demo_request, time: 2026-05-04T08:00:00Z, direction: inbound, reply_channels: [phone]}
evidence:
  - {budget: {amount: 25000 EUR, approval: pending}, source: Money}
  - {authority: {role: decision_maker}, observed_time: 2026-05-04T08:00:00Z, source: Role}
  - {need: {need: Audit trail}, source: Need}
  - {timeline: {planned_purchase_time: 2026-07-31T22:00:00Z}, source: Buys}
consents: [{channel: email, state: granted}]
)"),
            "");
}

TEST(LeadMapperTest, UnknownCellsLeaveNothingBehind) {
  v1::Lead lead;
  const auto problems =
      MakeMapper(kMapping, Header())->Map({"", "?", "", " ", "?", "", "", "?", "", "", "?"}, &lead);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(Difference(lead, "{source: {channel: referral_partner}, custom: {age: 35}}"), "");
}

TEST(LeadMapperTest, NamesEveryProblemOfARowAndNoValue) {
  v1::Lead lead;
  const auto problems = MakeMapper(kMapping, Header())
                            ->Map({"L1", "Software", "a few", "much", "soon", "Mid", "perhaps",
                                   "25000", "", "", "maybe"},
                                  &lead);
  EXPECT_THAT(problems,
              ElementsAre(HasSubstr("column 'Revenue': expected an amount"),
                          HasSubstr("column 'Staff': expected a number such as 240"),
                          HasSubstr("column 'Asked': expected a time in ISO 8601"),
                          HasSubstr("column 'Budget': expected one of No, Yes"),
                          HasSubstr("column 'Mail': expected yes or no, granted or denied")));
  for (const std::string& problem : problems) {
    for (const char* value : {"a few", "much", "soon", "perhaps", "maybe"}) {
      EXPECT_EQ(problem.find(value), std::string::npos) << problem;
    }
  }
}

TEST(LeadMapperTest, BudgetAndNeedCanBeDenied) {
  const auto mapper = MakeMapper(R"(
budget: [{when: {column: B, in: ["No"]}, none: {constant: "yes"}}]
need: [{stated: {column: N}}]
)",
                                 {"B", "N"});
  v1::Lead lead;
  EXPECT_THAT(mapper->Map({"no", "no"}, &lead), IsEmpty());
  EXPECT_EQ(Difference(lead, "evidence: [{budget: {none: true}}, {need: {none: true}, source: N}]"),
            "");
  EXPECT_THAT(mapper->Map({"yes", "yes"}, &lead), IsEmpty());
  EXPECT_EQ(Difference(lead, "evidence: [{need: {}, source: N}]"), "");
  EXPECT_THAT(mapper->Map({"", ""}, &lead), IsEmpty());
  EXPECT_EQ(lead.evidence_size(), 0);
}

TEST(LeadMapperTest, EventsFromColumnsAndCounts) {
  const auto mapper = MakeMapper(R"(
events:
  - type: {column: What}
    time: {constant: "2026-01-01"}
    count: {column: Times}
    id: {column: Key}
)",
                                 {"What", "Times", "Key"});
  v1::Lead lead;
  EXPECT_THAT(mapper->Map({"Demo request (web)", "2", "k"}, &lead), IsEmpty());
  EXPECT_EQ(Difference(lead, R"(
events:
  - {id: k-0, type: demo_request_web, time: 2026-01-01T00:00:00Z}
  - {id: k-1, type: demo_request_web, time: 2026-01-01T00:00:00Z}
)"),
            "");
  EXPECT_THAT(mapper->Map({"Demo", "0", ""}, &lead), IsEmpty());
  EXPECT_EQ(lead.events_size(), 0);
  EXPECT_THAT(mapper->Map({"Demo", "1.5", ""}, &lead),
              ElementsAre("column 'Times': expected a whole number in [0, 10000]"));
}

TEST(LeadMapperTest, FactsOfSalesAndTheFunnel) {
  const auto mapper =
      MakeMapper(R"(
id: {column: Id}
marketing_objection: {column: Stop}
sales_decision: {kind: {column: Sales, values: {ok: accepted, never: rejected}}, final: {constant: "yes"}}
closed_won: {when: {column: Status, in: [Won]}, time: {column: Closed}}
closed_lost: {when: {column: Status, in: [Lost]}, reason: {column: Why}}
stage: {column: Stage}
stage_entered_time: {column: Since}
)",
                 {"Id", "Stop", "Sales", "Status", "Closed", "Why", "Stage", "Since"});
  v1::Lead lead;
  EXPECT_THAT(mapper->Map({"1", "no", "ok", "Won", "2026-02-01", "", "sql", "2026-01-01"}, &lead),
              IsEmpty());
  EXPECT_EQ(Difference(lead, R"(
id: "1"
sales_decision: {kind: accepted}
closed_won: {time: 2026-02-01}
stage: sql
stage_entered_time: 2026-01-01
)"),
            "");
  EXPECT_THAT(mapper->Map({"1", "yes", "never", "Lost", "", "price", "", ""}, &lead), IsEmpty());
  EXPECT_EQ(Difference(lead, R"(
id: "1"
marketing_objection: {}
sales_decision: {kind: rejected, final: true}
closed_lost: {reason: price}
)"),
            "");
}

TEST(LeadMapperTest, CustomAttributesTakeTheirTypeOrLookLikeOne) {
  const auto mapper = MakeMapper(R"(
columns: {custom.a: A, custom.b: B, custom.c: C, custom.d: D}
attributes:
  custom.e: {column: E, type: list, list_separator: ","}
  custom.f: {column: F, type: time}
  custom.g: {column: G, type: number}
  custom.h: {column: H, type: text}
)",
                                 {"A", "B", "C", "D", "E", "F", "G", "H"});
  v1::Lead lead;
  EXPECT_THAT(
      mapper->Map({"35", "TRUE", "01234", "51-200", "x, y ,", "2026-01-31", "51-200", "7"}, &lead),
      IsEmpty());
  EXPECT_EQ(Difference(lead, R"(
custom:
  a: 35
  b: true
  c: {text: "01234"}
  d: {text: 51-200}
  e: [x, y]
  f: {time: 2026-01-31}
  g: {min: 51, max: 200}
  h: {text: "7"}
)"),
            "");
}

TEST(LeadMapperTest, TellsWhichColumnsAreNotUsed) {
  EXPECT_THAT(MakeMapper("{columns: {company.city: City}, ignored_columns: [Noise]}",
                         {"Name", "City", "", "Noise", "Phone"})
                  ->unused_columns(),
              ElementsAre("Name", "Phone"));
}

TEST(LeadMapperTest, WithoutAMappingHeadersArePaths) {
  const std::vector<std::string> header = {"id", "company.industry", "custom.age", "Remarks"};
  const auto mapping = MappingFromHeader(header, "x.csv:1");
  ASSERT_TRUE(mapping.ok());
  const auto mapper = LeadMapper::Create(*mapping, header, absl::UTCTimeZone());
  ASSERT_TRUE(mapper.ok()) << mapper.status();
  v1::Lead lead;
  EXPECT_THAT((*mapper)->Map({"7", "software", "35", "-"}, &lead), IsEmpty());
  EXPECT_EQ(Difference(lead, R"({id: "7", company: {industry: software}, custom: {age: 35}})"), "");
  EXPECT_THAT((*mapper)->unused_columns(), ElementsAre("Remarks"));
  EXPECT_THAT(MappingFromHeader({"Name", "City"}, "x.csv:1").status().message(),
              HasSubstr("x.csv:1: no column is called like an attribute"));
}

TEST(LeadMapperTest, NamesEveryMistakeOfAMapping) {
  const std::string errors =
      ErrorOf(R"(formats: {decimal_separator: ";", time_formats: [dd.mm.yyyy], time_zone: Mars/Base}
columns:
  company.industry: Indutry
  company.employe_count: Staff
attributes:
  company.city: {column: Staff, type: number}
  custom.x: {column: A, constant: B}
events:
  - type: {constant: demo_request}
consents:
  - {granted: {column: Industry}}
)",
              Header());
  for (const char* part :
       {"mapping.yaml:1:30: error: expected '.' or ','", "formats: {decimal_separator",
        "expected the letters of strptime", "unknown time zone 'Mars/Base'",
        "mapping.yaml:3:21: error: the file has no column 'Indutry'; did you mean 'Industry'?",
        "there is no attribute 'company.employe_count'; did you mean 'company.employee_count'",
        "only custom attributes are given a type", "give exactly one of 'column' and 'constant'",
        "'time' is missing; give a column or a constant",
        "'channel' is missing; give email, phone, sms or post"}) {
    EXPECT_THAT(errors, HasSubstr(part));
  }
}

TEST(LeadMapperTest, ABadConstantIsAMistakeOfTheMapping) {
  EXPECT_THAT(ErrorOf("events: [{type: {constant: demo}, time: {constant: soon}}]", {"A"}),
              HasSubstr("events[0].time.constant: expected a time in ISO 8601"));
}

TEST(LeadMapperTest, AColumnThatStandsTwiceIsNoGuess) {
  EXPECT_THAT(ErrorOf("columns: {company.city: City}", {"City", "City"}),
              HasSubstr("column 'City' stands more than once in the header"));
}

TEST(LeadMapperTest, AnUnknownKeyIsFound) {
  EXPECT_THAT(ErrorOf("colums: {}", {"A"}), HasSubstr("did you mean 'columns'"));
}

TEST(LeadMapperTest, AMappingOfFormatsAloneLeavesColumnsToTheHeader) {
  const std::vector<std::string> header = {"id", "company.annual_revenue", "Noise"};
  const auto formats = ParseMapping(
      "{formats: {decimal_separator: ',', thousands_separator: .}, ignored_columns: [Noise]}",
      "mapping.yaml");
  ASSERT_TRUE(formats.ok()) << formats.status().message();
  EXPECT_TRUE(LeavesColumnsToHeader(formats->content));
  const auto mapping = MappingFromHeader(header, "x.csv:1", &*formats);
  ASSERT_TRUE(mapping.ok()) << mapping.status().message();
  const auto mapper = LeadMapper::Create(*mapping, header, absl::UTCTimeZone());
  ASSERT_TRUE(mapper.ok()) << mapper.status().message();
  EXPECT_THAT((*mapper)->unused_columns(), IsEmpty());
  v1::Lead lead;
  EXPECT_THAT((*mapper)->Map({"a", "38.000 EUR", "x"}, &lead), IsEmpty());
  EXPECT_EQ(Difference(lead, "{id: a, company: {annual_revenue: 38000 EUR}}"), "");
  EXPECT_FALSE(LeavesColumnsToHeader(ParseMapping(kMapping, "mapping.yaml")->content));
}

}  // namespace
}  // namespace bantam
