#include "server/engine/validate.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace bantam {

bool operator==(const Violation& a, const Violation& b) {
  return a.field == b.field && a.description == b.description;
}

void PrintTo(const Violation& violation, std::ostream* out) {
  *out << violation.field << ": " << violation.description;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::vector<Violation> Check(const v1::Lead& lead, Operation operation = Operation::kQualify) {
  return ValidateLead(lead, "lead", LeadBounds(), operation);
}

// One lead in text format and the one violation wanted.
struct LeadCase {
  std::string name;
  std::string lead;
  std::string field;
  std::string description;
};

class LeadTest : public ::testing::TestWithParam<LeadCase> {};

TEST_P(LeadTest, IsRefusedAsWanted) {
  const LeadCase& c = GetParam();
  EXPECT_THAT(Check(Parse<v1::Lead>(c.lead)), ElementsAre(Violation{c.field, c.description}));
}

std::string Long(int bytes) { return std::string(bytes, 'x'); }

constexpr char kYears[] = "must lie in the years 1900 to 2200; leave it out if it is not known";
constexpr char kNegative[] = "must not be negative";
constexpr char kOrder[] = "must have a max that is not below its min";
constexpr char kChannel[] = "must be a channel: EMAIL, PHONE, SMS or POST";
constexpr char kName[] =
    "must begin with a lower-case letter, followed by at most 63 lower-case letters, digits and "
    "underscores";

std::vector<LeadCase> CompanyCases() {
  return {
      {"long_id", absl::StrCat("id: '", Long(257), "'"), "lead.id",
       "must be at most 256 bytes long"},
      {"long_company_name", absl::StrCat("company { name: '", Long(1025), "' }"),
       "lead.company.name", "must be at most 1024 bytes long"},
      {"negative_employees", "company { employee_count: -1 }", "lead.company.employee_count",
       "must be from 0 to 10000000"},
      {"too_many_employees", "company { employee_count: 10000001 }", "lead.company.employee_count",
       "must be from 0 to 10000000"},
      {"employees_and_their_range",
       "company { employee_count: 60 employee_count_range { min: 51 } }",
       "lead.company.employee_count_range",
       "must not be set together with employee_count; keep one of the two"},
      {"range_of_employees_upside_down", "company { employee_count_range { min: 200 max: 51 } }",
       "lead.company.employee_count_range", kOrder},
      {"range_of_employees_not_a_number", "company { employee_count_range { min: nan } }",
       "lead.company.employee_count_range.min",
       "must be a finite number; leave it out for an open end"},
      {"range_of_employees_below_zero", "company { employee_count_range { min: -5 max: 5 } }",
       "lead.company.employee_count_range.min", "must be from 0 to 10000000"},
      {"negative_revenue", "company { annual_revenue { currency_code: 'EUR' units: -1 } }",
       "lead.company.annual_revenue", kNegative},
      {"revenue_and_its_range",
       "company { annual_revenue { units: 1 } annual_revenue_range { min { units: 1 } } }",
       "lead.company.annual_revenue_range",
       "must not be set together with annual_revenue; keep one of the two"},
      {"range_of_revenue_in_two_currencies",
       "company { annual_revenue_range { min { currency_code: 'EUR' units: 1 } "
       "max { currency_code: 'USD' units: 2 } } }",
       "lead.company.annual_revenue_range", "must have both ends in the same currency"},
      {"range_of_revenue_upside_down_by_nanos",
       "company { annual_revenue_range { min { units: 1 nanos: 2 } max { units: 1 nanos: 1 } } }",
       "lead.company.annual_revenue_range", kOrder},
      {"lower_case_currency", "company { annual_revenue { currency_code: 'eur' units: 1 } }",
       "lead.company.annual_revenue.currency_code",
       "must be an ISO 4217 code of three upper-case letters, such as EUR; leave it out if it is "
       "not known"},
      {"too_much_money", "company { annual_revenue { units: 1000000000000001 } }",
       "lead.company.annual_revenue.units", "must be from -10^15 to 10^15"},
      {"too_many_nanos", "company { annual_revenue { units: 1 nanos: 1000000000 } }",
       "lead.company.annual_revenue.nanos", "must be from -999999999 to 999999999"},
      {"long_technology",
       absl::StrCat("company { technologies { values: 'a' values: '", Long(1025), "' } }"),
       "lead.company.technologies.values[1]", "must be at most 1024 bytes long"},
      {"founded_too_early", "company { founded_year: 999 }", "lead.company.founded_year",
       "must be a year from 1000 to 2200"},
      {"rank_of_zero", "company { revenue_rank: 0 }", "lead.company.revenue_rank",
       "must be from 1 to 10000000; 1 is the largest"},
  };
}

std::vector<LeadCase> PeopleAndSourceCases() {
  return {
      {"two_contacts_of_one_id", "contacts { id: 'a' } contacts {} contacts { id: 'a' }",
       "lead.contacts[2].id", "must be unique within the lead; contacts[0] has the same"},
      {"long_title", absl::StrCat("contacts { title: '", Long(1025), "' }"),
       "lead.contacts[0].title", "must be at most 1024 bytes long"},
      {"whole_email_address", "contacts { email_domain: 'jo@example.com' }",
       "lead.contacts[0].email_domain", "must be the part after the @ only, never an address"},
      {"unheard_of_source_channel", "source { channel: 99 }", "lead.source.channel",
       "must be a value of SourceChannel; leave it out if it is not known"},
      {"unheard_of_medium", "source { medium: 9 }", "lead.source.medium",
       "must be ONLINE or OFFLINE"},
      {"first_contact_in_antiquity", "source { first_contact_time { seconds: -62135596800 } }",
       "lead.source.first_contact_time", kYears},
      {"custom_name_with_capitals", "custom { key: 'Age' value { number: 3 } }", "lead.custom",
       absl::StrCat("every name ", kName)},
      {"custom_infinity", "custom { key: 'age' value { number: inf } }", "lead.custom[age].number",
       "must be a finite number; leave it out if it is not known"},
      {"long_custom_text",
       absl::StrCat("custom { key: 'memo' value { text: '", Long(4097), "' } }"),
       "lead.custom[memo].text", "must be at most 4096 bytes long"},
      {"custom_range_upside_down", "custom { key: 'age' value { number_range { min: 2 max: 1 } } }",
       "lead.custom[age].number_range", kOrder},
      {"custom_time_with_bad_nanos", "custom { key: 'born' value { time { nanos: -1 } } }",
       "lead.custom[born].time", "must have nanos from 0 to 999999999"},
      {"long_custom_list_value",
       absl::StrCat("custom { key: 'tags' value { list { values: '", Long(1025), "' } } }"),
       "lead.custom[tags].list.values[0]", "must be at most 1024 bytes long"},
  };
}

std::vector<LeadCase> EventCases() {
  return {
      {"event_without_type", "events { time {} }", "lead.events[0].type",
       "must be set: what happened, such as demo_request"},
      {"event_type_with_a_space", "events { type: 'demo request' time {} }", "lead.events[0].type",
       kName},
      {"event_without_time", "events { type: 'a' time {} } events { type: 'chat' }",
       "lead.events[1].time", "must be set: when the event happened"},
      {"event_after_2200", "events { type: 'chat' time { seconds: 7289654400 } }",
       "lead.events[0].time", kYears},
      {"event_before_1900", "events { type: 'chat' time { seconds: -2208988801 } }",
       "lead.events[0].time", kYears},
      {"long_event_id", absl::StrCat("events { id: '", Long(257), "' type: 'chat' time {} }"),
       "lead.events[0].id", "must be at most 256 bytes long"},
      {"unheard_of_direction", "events { type: 'chat' time {} direction: 7 }",
       "lead.events[0].direction", "must be INBOUND or OUTBOUND, or left out"},
      {"unheard_of_reply_channel",
       "events { type: 'chat' time {} reply_channels: CHANNEL_SMS reply_channels: 9 }",
       "lead.events[0].reply_channels[1]", kChannel},
      {"reply_channel_not_said",
       "events { type: 'chat' time {} reply_channels: CHANNEL_UNSPECIFIED }",
       "lead.events[0].reply_channels[0]", kChannel},
  };
}

std::vector<LeadCase> EvidenceAndFactCases() {
  return {
      {"evidence_that_states_nothing", "evidence { source: 'call' }", "lead.evidence[0]",
       "must state one of budget, authority, need and timeline"},
      {"evidence_of_a_stranger", "contacts { id: 'a' } evidence { contact_id: 'b' need {} }",
       "lead.evidence[0].contact_id",
       "must be the id of one of the lead's contacts; leave it out for the lead as a whole"},
      {"negative_budget", "evidence { budget { amount { nanos: -5 } } }",
       "lead.evidence[0].budget.amount", kNegative},
      {"unheard_of_approval", "evidence { budget { approval: 5 } }",
       "lead.evidence[0].budget.approval",
       "must be APPROVED or PENDING; leave it out if it is not known"},
      {"budget_of_none_with_amount", "evidence { budget { none: true amount { units: 1 } } }",
       "lead.evidence[0].budget.none", "must not be set together with amount; keep one of the two"},
      {"need_of_none_with_need", "evidence { need { none: true need: 'speed' } }",
       "lead.evidence[0].need.none", "must not be set together with need; keep one of the two"},
      {"purchase_beyond_2200",
       "evidence { timeline { planned_purchase_time { seconds: 9999999999 } } }",
       "lead.evidence[0].timeline.planned_purchase_time", kYears},
      {"consent_without_channel", "consents { state: CONSENT_STATE_GRANTED }",
       "lead.consents[0].channel", kChannel},
      {"unheard_of_consent", "consents { channel: CHANNEL_SMS state: 8 }", "lead.consents[0].state",
       "must be GRANTED or DENIED; leave it out if it is not known"},
      {"objection_with_bad_time", "marketing_objection { time { seconds: 99999999999 } }",
       "lead.marketing_objection.time", kYears},
      {"decision_without_kind", "sales_decision { final: true }", "lead.sales_decision.kind",
       "must be set: ACCEPTED or REJECTED"},
      {"unheard_of_decision", "sales_decision { kind: 4 }", "lead.sales_decision.kind",
       "must be ACCEPTED or REJECTED"},
      {"final_acceptance", "sales_decision { kind: SALES_DECISION_KIND_ACCEPTED final: true }",
       "lead.sales_decision.final", "must not be set with ACCEPTED; only a rejection is final"},
      {"won_and_lost", "closed_won {} closed_lost {}", "lead.closed_lost",
       "must not be set together with closed_won; keep one of the two"},
      {"long_reason", absl::StrCat("closed_won { reason: '", Long(1025), "' }"),
       "lead.closed_won.reason", "must be at most 1024 bytes long"},
      {"bad_stage_entry", "stage_entered_time { seconds: 1 nanos: 1000000000 }",
       "lead.stage_entered_time", "must have nanos from 0 to 999999999"},
  };
}

std::string NameOf(const ::testing::TestParamInfo<LeadCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Company, LeadTest, ::testing::ValuesIn(CompanyCases()), NameOf);
INSTANTIATE_TEST_SUITE_P(PeopleAndSource, LeadTest, ::testing::ValuesIn(PeopleAndSourceCases()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Events, LeadTest, ::testing::ValuesIn(EventCases()), NameOf);
INSTANTIATE_TEST_SUITE_P(EvidenceAndFacts, LeadTest, ::testing::ValuesIn(EvidenceAndFactCases()),
                         NameOf);

TEST(ValidateLeadTest, AnEmptyLeadIsValidExceptForAdvance) {
  EXPECT_THAT(Check(v1::Lead(), Operation::kScore), IsEmpty());
  EXPECT_THAT(Check(v1::Lead(), Operation::kQualify), IsEmpty());
  const Violation no_id = {"lead.id",
                           "must be set: the lead's id, which the transition's id is built from"};
  EXPECT_THAT(Check(v1::Lead(), Operation::kAdvance), ElementsAre(no_id));
  EXPECT_THAT(Check(Parse<v1::Lead>("id: ' '"), Operation::kAdvance), ElementsAre(no_id));
}

TEST(ValidateLeadTest, EverythingAtItsBoundsIsValid) {
  const v1::Lead lead = Parse<v1::Lead>(
      absl::StrCat("id: '", Long(256), "' stage: 'mql' stage_entered_time { seconds: -2208988800 }",
                   R"(company {
           name: ')",
                   Long(1024), R"('
           employee_count: 10000000
           annual_revenue { currency_code: 'EUR' units: 1000000000000000 nanos: 999999999 }
           founded_year: 1000 revenue_rank: 1 technologies {}
         }
         contacts { id: 'a' } contacts {} contacts {}
         source { channel: SOURCE_CHANNEL_REFERRAL_CUSTOMER medium: SOURCE_MEDIUM_OFFLINE }
         custom { key: 'a_1' value {} }
         custom { key: 'range' value { number_range { min: 1 max: 1 } } }
         events {
           type: 'demo_request' time { seconds: 7289654399 nanos: 999999999 }
           reply_channels: CHANNEL_POST
         }
         evidence { contact_id: 'a' authority { role: 'no such role' } }
         evidence { budget { none: true } }
         evidence { need { none: true need: ' ' } }
         evidence { timeline {} }
         consents { channel: CHANNEL_EMAIL }
         marketing_objection {}
         sales_decision { kind: SALES_DECISION_KIND_REJECTED final: true }
         closed_lost {})"));
  EXPECT_THAT(Check(lead, Operation::kAdvance), IsEmpty());
}

TEST(ValidateLeadTest, TheYearsAreThoseOfTheCalendar) {
  const auto seconds = [](int year) {
    return absl::ToUnixSeconds(absl::FromCivil(absl::CivilYear(year), absl::UTCTimeZone()));
  };
  v1::Lead lead;
  lead.mutable_stage_entered_time()->set_seconds(seconds(1900));
  EXPECT_THAT(Check(lead), IsEmpty());
  lead.mutable_stage_entered_time()->set_seconds(seconds(1900) - 1);
  EXPECT_EQ(Check(lead).size(), 1u);
  lead.mutable_stage_entered_time()->set_seconds(seconds(2201) - 1);
  EXPECT_THAT(Check(lead), IsEmpty());
  lead.mutable_stage_entered_time()->set_seconds(seconds(2201));
  EXPECT_EQ(Check(lead).size(), 1u);
}

TEST(ValidateLeadTest, AllInvalidFieldsAreNamedAtOnceInFieldOrder) {
  const v1::Lead lead = Parse<v1::Lead>(R"(
      company { employee_count: -1 }
      contacts { email_domain: 'a@b' }
      custom { key: 'z' value { number: nan } }
      custom { key: 'b' value { number: nan } }
      events { type: 'Chat' }
      consents {})");
  std::vector<std::string> fields;
  for (const Violation& violation : Check(lead)) fields.push_back(violation.field);
  EXPECT_THAT(fields,
              ElementsAre("lead.company.employee_count", "lead.contacts[0].email_domain",
                          "lead.custom[b].number", "lead.custom[z].number", "lead.events[0].type",
                          "lead.events[0].time", "lead.consents[0].channel"));
}

TEST(ValidateLeadTest, PathsStartWhereTheRequestHoldsTheLead) {
  const v1::Lead lead = Parse<v1::Lead>("company { founded_year: 1 }");
  const std::vector<Violation> violations =
      ValidateLead(lead, "items[3].lead", LeadBounds(), Operation::kScore);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "items[3].lead.company.founded_year");
}

TEST(ValidateLeadTest, TooLongListsAreRefusedWithoutLookingInside) {
  LeadBounds bounds;
  bounds.max_contacts = bounds.max_custom = bounds.max_events = 1;
  bounds.max_evidence = bounds.max_consents = bounds.max_list_values = 1;
  const v1::Lead lead = Parse<v1::Lead>(R"(
      company { technologies { values: 'a' values: 'b' } }
      contacts {} contacts {}
      custom { key: 'A' value {} } custom { key: 'B' value {} }
      events {} events {}
      evidence {} evidence {}
      consents {} consents {})");
  const std::string most = "must have at most 1 entries";
  EXPECT_THAT(ValidateLead(lead, "lead", bounds, Operation::kScore),
              ElementsAre(Violation{"lead.company.technologies.values", most},
                          Violation{"lead.contacts", most}, Violation{"lead.custom", most},
                          Violation{"lead.events", most}, Violation{"lead.evidence", most},
                          Violation{"lead.consents", most}));
}

TEST(ValidateLeadTest, ValuesAreNeverRepeated) {
  const v1::Lead lead = Parse<v1::Lead>(R"(
      contacts { id: 'SECRET' email_domain: 'SECRET@x' } contacts { id: 'SECRET' }
      custom { key: 'SECRET' value {} }
      events { type: 'SECRET' time {} }
      evidence { contact_id: 'SECRET2' need { need: 'SECRET' none: true } })");
  const std::vector<Violation> violations = Check(lead);
  EXPECT_EQ(violations.size(), 6u);
  for (const Violation& violation : violations) {
    EXPECT_EQ(violation.field.find("SECRET"), std::string::npos) << violation.field;
    EXPECT_EQ(violation.description.find("SECRET"), std::string::npos) << violation.description;
  }
}

std::vector<Violation> CheckSettings(const std::string& settings,
                                     Operation operation = Operation::kQualify) {
  return ValidateSettings(Parse<v1::EvaluationSettings>(settings), "settings", operation);
}

constexpr char kOneIcp[] = "icps { name: 'tenants/acme/icps/b2b' }";

TEST(ValidateSettingsTest, OneIcpOrAllOfATenantIsValid) {
  EXPECT_THAT(CheckSettings(kOneIcp), IsEmpty());
  EXPECT_THAT(CheckSettings(kOneIcp, Operation::kAdvance), IsEmpty());
  EXPECT_THAT(CheckSettings("all_icps_of: 'tenants/acme'", Operation::kScore), IsEmpty());
  EXPECT_THAT(
      CheckSettings(absl::StrCat("language_code: 'de-AT' evaluate_time { seconds: 1 } icps { name: "
                                 "'tenants/a/icps/0-b' revision: '",
                                 std::string(32, 'f'), "' }")),
      IsEmpty());
}

TEST(ValidateSettingsTest, ThereMustBeIcps) {
  EXPECT_THAT(CheckSettings(""),
              ElementsAre(Violation{"settings.icps",
                                    "must name at least one ICP, or set all_icps_of instead"}));
  EXPECT_THAT(CheckSettings(absl::StrCat(kOneIcp, "all_icps_of: 'tenants/acme'")),
              ElementsAre(Violation{"settings.icps",
                                    "must be empty if all_icps_of is set; keep one of the two"}));
}

TEST(ValidateSettingsTest, AdvanceTakesExactlyOneIcp) {
  const Violation exactly_one = {"settings.icps", "must name exactly one ICP for Advance"};
  EXPECT_THAT(CheckSettings("", Operation::kAdvance), ElementsAre(exactly_one));
  EXPECT_THAT(CheckSettings(absl::StrCat(kOneIcp, kOneIcp), Operation::kAdvance),
              ElementsAre(exactly_one));
  EXPECT_THAT(CheckSettings("all_icps_of: 'tenants/acme'", Operation::kAdvance),
              ElementsAre(exactly_one,
                          Violation{"settings.all_icps_of",
                                    "must not be set for Advance; name exactly one ICP in icps"}));
}

TEST(ValidateSettingsTest, MoreThanAHundredIcpsAreRefused) {
  std::string settings;
  for (int i = 0; i < 101; ++i) absl::StrAppend(&settings, kOneIcp);
  EXPECT_THAT(CheckSettings(settings),
              ElementsAre(Violation{"settings.icps", "must have at most 100 entries"}));
}

TEST(ValidateSettingsTest, EveryBadFieldIsNamed) {
  EXPECT_THAT(
      CheckSettings("icps {} icps { name: 'acme' revision: 'ABC' } "
                    "evaluate_time { seconds: 9999999999 } language_code: 'de AT'"),
      ElementsAre(
          Violation{"settings.icps[0].name",
                    "must be set: the ICP's name, tenants/{tenant}/icps/{icp}"},
          Violation{"settings.icps[1].name",
                    "must be of the form tenants/{tenant}/icps/{icp}; ids have lower-case letters, "
                    "digits and hyphens"},
          Violation{"settings.icps[1].revision",
                    "must be 32 lower-case hexadecimal digits; leave it out for the current "
                    "revision"},
          Violation{"settings.evaluate_time", kYears},
          Violation{"settings.language_code", "must be a BCP 47 tag such as en or de-AT"}));
  EXPECT_THAT(CheckSettings("all_icps_of: 'tenants/-'"),
              ElementsAre(Violation{"settings.all_icps_of",
                                    "must be of the form tenants/{tenant}; ids have lower-case "
                                    "letters, digits and hyphens"}));
}

TEST(ValidateOverrideTest, StageActorAndReasonAreRequired) {
  EXPECT_THAT(ValidateOverride(v1::StageOverride(), "override"),
              ElementsAre(Violation{"override.stage", "must be set: the stage to move to"},
                          Violation{"override.actor", "must be set: who moves the lead"},
                          Violation{"override.reason", "must be set: why the lead is moved"}));
  const auto by = Parse<v1::StageOverride>(
      absl::StrCat("stage: 'sql' actor: '", Long(257), "' reason: '", Long(1025), "'"));
  EXPECT_THAT(
      ValidateOverride(by, "items[2].override"),
      ElementsAre(Violation{"items[2].override.actor", "must be at most 256 bytes long"},
                  Violation{"items[2].override.reason", "must be at most 1024 bytes long"}));
  EXPECT_THAT(ValidateOverride(Parse<v1::StageOverride>("stage: 'sql' actor: 'jo' reason: 'met'"),
                               "override"),
              IsEmpty());
}

// The only zone any definition gets here.
class UtcOnly : public TimeZones {
 public:
  std::optional<absl::TimeZone> Find(absl::string_view name) const override {
    return absl::UTCTimeZone();
  }
  std::string version() const override { return "none"; }
};

std::shared_ptr<const CompiledIcp> IcpWithStages(const std::string& name,
                                                 const std::string& stages) {
  v1::Icp definition = Parse<v1::Icp>(stages);
  definition.set_name(name);
  return Compile(definition, UtcOnly()).icp;
}

TEST(ValidateForIcpsTest, StagesMustBeTheFunnels) {
  const std::vector<std::shared_ptr<const CompiledIcp>> icps = {
      IcpWithStages("tenants/acme/icps/b2b", "")};
  ASSERT_NE(icps[0], nullptr);
  const std::string one_of =
      "must be a stage of tenants/acme/icps/b2b: one of lead, mql, sql, opportunity, customer, "
      "nurture, disqualified";
  v1::StageOverride by;

  by.set_stage("nurture");
  EXPECT_THAT(ValidateForIcps(icps, v1::Lead(), "lead", nullptr, ""), IsEmpty());
  EXPECT_THAT(
      ValidateForIcps(icps, Parse<v1::Lead>("stage: 'disqualified'"), "lead", &by, "override"),
      IsEmpty());

  by.set_stage("heaven");
  EXPECT_THAT(
      ValidateForIcps(icps, Parse<v1::Lead>("stage: 'limbo'"), "leads[1]", &by, "override"),
      ElementsAre(Violation{"leads[1].stage", one_of}, Violation{"override.stage", one_of}));
}

TEST(ValidateForIcpsTest, OneOfSeveralIcpsMustKnowTheStage) {
  const std::vector<std::shared_ptr<const CompiledIcp>> icps = {
      IcpWithStages("tenants/acme/icps/usual", ""),
      IcpWithStages("tenants/acme/icps/trial",
                    "funnel { stages { id: 'lead' } stages { id: 'trial' gate { conditions { "
                    "fact: GATE_FACT_INTEREST } } } stages { id: 'sql' } stages { id: 'customer' "
                    "} }")};
  ASSERT_NE(icps[1], nullptr);
  EXPECT_THAT(ValidateForIcps(icps, Parse<v1::Lead>("stage: 'trial'"), "lead", nullptr, ""),
              IsEmpty());
  EXPECT_THAT(ValidateForIcps(icps, Parse<v1::Lead>("stage: 'mql'"), "lead", nullptr, ""),
              IsEmpty());
  EXPECT_THAT(
      ValidateForIcps(icps, Parse<v1::Lead>("stage: 'limbo'"), "lead", nullptr, ""),
      ElementsAre(Violation{"lead.stage",
                            "must be a stage of at least one of the 2 ICPs; those of "
                            "tenants/acme/icps/usual are lead, mql, sql, opportunity, customer, "
                            "nurture, disqualified"}));
}

TEST(ResourceNameTest, IcpNamesHaveTheirForm) {
  EXPECT_TRUE(IsIcpName("tenants/acme/icps/b2b-software"));
  EXPECT_TRUE(IsIcpName("tenants/0/icps/" + std::string(63, 'a')));
  for (const std::string bad :
       {"", "acme", "tenants/acme", "tenants/acme/icps/", "tenants//icps/a", "tenants/acme/icps/A",
        "tenants/acme/icps/-a", "tenants/acme/icps/a/b", "/tenants/acme/icps/a",
        "tenants/acme/icps/a_b", "tenants/acme/icp/a"}) {
    EXPECT_FALSE(IsIcpName(bad)) << bad;
  }
  EXPECT_FALSE(IsIcpName("tenants/acme/icps/" + std::string(64, 'a')));
}

TEST(ResourceNameTest, TenantNamesHaveTheirForm) {
  EXPECT_TRUE(IsTenantName("tenants/acme"));
  for (const std::string bad :
       {"", "tenants", "tenants/", "tenants/-", "tenants/a/icps/b", "acme"}) {
    EXPECT_FALSE(IsTenantName(bad)) << bad;
  }
}

TEST(ResourceNameTest, RevisionsHaveTheirForm) {
  EXPECT_TRUE(IsRevision("0123456789abcdef0123456789abcdef"));
  EXPECT_FALSE(IsRevision("0123456789ABCDEF0123456789ABCDEF"));
  EXPECT_FALSE(IsRevision("0123456789abcdef"));
  EXPECT_FALSE(IsRevision(""));
}

}  // namespace
}  // namespace bantam
