#include "server/engine/attributes.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "server/engine/criteria.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

bool SetText(absl::string_view text, Value* value) {
  value->type = ValueType::kText;
  value->text = Trim(text);
  return !value->text.empty();
}

bool SetNumber(double number, Value* value) {
  value->type = ValueType::kNumber;
  value->min = value->max = number;
  return true;
}

bool SetRange(const v1::NumberRange& range, Value* value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  value->type = ValueType::kNumber;
  value->min = range.has_min() ? range.min() : -kInfinity;
  value->max = range.has_max() ? range.max() : kInfinity;
  return range.has_min() || range.has_max();
}

bool SetTime(const google::protobuf::Timestamp& time, Value* value) {
  value->type = ValueType::kTime;
  value->time = Instant(time);
  return true;
}

bool ReadEmployees(const v1::Lead& lead, const v1::Contact*, Value* value) {
  const v1::Company& company = lead.company();
  if (company.has_employee_count()) {
    return SetNumber(static_cast<double>(company.employee_count()), value);
  }
  if (!company.has_employee_count_range()) return false;
  const bool known = SetRange(company.employee_count_range(), value);
  value->min = std::max(value->min, 0.0);  // Nobody employs fewer.
  return known;
}

bool ReadRevenue(const v1::Lead& lead, const v1::Contact*, Value* value) {
  const v1::Company& company = lead.company();
  value->type = ValueType::kMoney;
  if (company.has_annual_revenue()) {
    value->min_money = value->max_money = &company.annual_revenue();
    return true;
  }
  const v1::MoneyRange& range = company.annual_revenue_range();
  value->min_money = range.has_min() ? &range.min() : nullptr;
  value->max_money = range.has_max() ? &range.max() : nullptr;
  return range.has_min() || range.has_max();
}

absl::string_view SourceChannel(const v1::Lead& lead, const v1::Contact*) {
  switch (lead.source().channel()) {
    case v1::SOURCE_CHANNEL_INBOUND:
      return "inbound";
    case v1::SOURCE_CHANNEL_OUTBOUND:
      return "outbound";
    case v1::SOURCE_CHANNEL_REFERRAL_EMPLOYEE:
      return "referral_employee";
    case v1::SOURCE_CHANNEL_REFERRAL_PARTNER:
      return "referral_partner";
    case v1::SOURCE_CHANNEL_REFERRAL_CUSTOMER:
      return "referral_customer";
    case v1::SOURCE_CHANNEL_EVENT:
      return "event";
    case v1::SOURCE_CHANNEL_PURCHASED_LIST:
      return "purchased_list";
    default:
      return "";
  }
}

absl::string_view SourceMedium(const v1::Lead& lead, const v1::Contact*) {
  switch (lead.source().medium()) {
    case v1::SOURCE_MEDIUM_ONLINE:
      return "online";
    case v1::SOURCE_MEDIUM_OFFLINE:
      return "offline";
    default:
      return "";
  }
}

// A text field of the company, the source or a contact.
template <const std::string& (v1::Company::*Field)() const>
absl::string_view OfCompany(const v1::Lead& lead, const v1::Contact*) {
  return (lead.company().*Field)();
}

template <const std::string& (v1::LeadSource::*Field)() const>
absl::string_view OfSource(const v1::Lead& lead, const v1::Contact*) {
  return (lead.source().*Field)();
}

template <const std::string& (v1::Contact::*Field)() const>
absl::string_view OfContact(const v1::Lead&, const v1::Contact* contact) {
  return (contact->*Field)();
}

template <absl::string_view (*Text)(const v1::Lead& lead, const v1::Contact* contact)>
bool ReadText(const v1::Lead& lead, const v1::Contact* contact, Value* value) {
  return SetText(Text(lead, contact), value);
}

template <absl::string_view (*Text)(const v1::Lead& lead, const v1::Contact* contact)>
TestOutcome JudgeWords(const CompiledTest& test, const TestedLead& tested) {
  return {test.JudgeWord(Text(tested.lead, nullptr)), 0};
}

// A contact's attribute is an any-of over the contacts.
template <const std::string& (v1::Contact::*Field)() const>
TestOutcome JudgeContactWords(const CompiledTest& test, const TestedLead& tested) {
  if (tested.contacts.empty()) return {};
  Truth most = Truth::kMissed;
  for (const v1::Contact* contact : tested.contacts) {
    most = std::max(most, test.JudgeWord((contact->*Field)()));
    if (most == Truth::kMatched) break;
  }
  return {most, 0};
}

// The rows of a text of the lead, and of one of each contact.
template <absl::string_view (*Text)(const v1::Lead& lead, const v1::Contact* contact)>
constexpr Attribute TextRow(absl::string_view path, absl::string_view description,
                            absl::string_view vocabulary = "") {
  return {path,       ValueType::kText, false, description,
          vocabulary, ReadText<Text>,   Text,  JudgeWords<Text>};
}

template <const std::string& (v1::Contact::*Field)() const>
constexpr Attribute ContactRow(absl::string_view path, absl::string_view description) {
  constexpr auto kText = OfContact<Field>;
  return {path, ValueType::kText, true,  description,
          "",   ReadText<kText>,  kText, JudgeContactWords<Field>};
}

constexpr absl::string_view kChannels =
    "inbound, outbound, referral_employee, referral_partner, referral_customer, event, "
    "purchased_list";

using T = ValueType;

// clang-format off
constexpr Attribute kAttributes[] = {
    {"company.annual_revenue", T::kMoney, false, "Revenue of the last complete fiscal year", "",
     ReadRevenue, nullptr, nullptr, 0},
    TextRow<OfCompany<&v1::Company::city>>("company.city", "City"),
    TextRow<OfCompany<&v1::Company::country>>(
        "company.country", "ISO 3166-1 alpha-2 code such as DE"),
    TextRow<OfCompany<&v1::Company::domain>>("company.domain", "Internet domain"),
    {"company.employee_count", T::kNumber, false, "People employed worldwide, exact or a range",
     "", ReadEmployees, nullptr, nullptr, 0, kMostEmployees},
    {"company.founded_year", T::kNumber, false, "Year of foundation", "",
     [](const v1::Lead& lead, const v1::Contact*, Value* value) {
       return lead.company().has_founded_year() && SetNumber(lead.company().founded_year(), value);
     }, nullptr, nullptr, kFirstYear, kLastYear},
    TextRow<OfCompany<&v1::Company::industry>>("company.industry", "Industry"),
    TextRow<OfCompany<&v1::Company::name>>("company.name", "Name"),
    TextRow<OfCompany<&v1::Company::ownership>>("company.ownership", "Form of ownership"),
    TextRow<OfCompany<&v1::Company::region>>("company.region", "State, province or sales region"),
    {"company.revenue_rank", T::kNumber, false, "Position in a ranking by revenue; 1 is largest",
     "",
     [](const v1::Lead& lead, const v1::Contact*, Value* value) {
       return lead.company().has_revenue_rank() &&
              SetNumber(static_cast<double>(lead.company().revenue_rank()), value);
     }, nullptr, nullptr, 1, kMostRank},
    {"company.technologies", T::kTextList, false, "Products and technologies in use", "",
     [](const v1::Lead& lead, const v1::Contact*, Value* value) {
       value->type = T::kTextList;
       value->list = &lead.company().technologies().values();
       return lead.company().has_technologies();
     }, nullptr, nullptr},
    ContactRow<&v1::Contact::country>("contact.country", "ISO 3166-1 alpha-2 code of the person"),
    ContactRow<&v1::Contact::department>("contact.department", "Department"),
    ContactRow<&v1::Contact::email_domain>("contact.email_domain", "Domain of the e-mail address"),
    {"contact.free_email_domain", T::kBoolean, true, "Whether that is a free-mail domain", "",
     [](const v1::Lead&, const v1::Contact* contact, Value* value) {
       value->type = T::kBoolean;
       value->boolean = contact->free_email_domain();
       return contact->has_free_email_domain();
     }, nullptr, nullptr},
    ContactRow<&v1::Contact::language>("contact.language", "Language, a BCP 47 tag"),
    ContactRow<&v1::Contact::seniority>("contact.seniority", "Seniority"),
    ContactRow<&v1::Contact::time_zone>("contact.time_zone", "IANA time zone"),
    ContactRow<&v1::Contact::title>("contact.title", "Job title"),
    TextRow<OfSource<&v1::LeadSource::campaign>>("source.campaign", "Marketing campaign"),
    TextRow<SourceChannel>("source.channel", "How the first contact came about", kChannels),
    {"source.first_contact_time", T::kTime, false, "When the first contact took place", "",
     [](const v1::Lead& lead, const v1::Contact*, Value* value) {
       return lead.source().has_first_contact_time() &&
              SetTime(lead.source().first_contact_time(), value);
     }, nullptr, nullptr},
    TextRow<SourceMedium>("source.medium", "Online or offline", "online, offline"),
    TextRow<OfSource<&v1::LeadSource::referrer>>(
        "source.referrer", "Who or what referred the lead"),
};
// clang-format on

}  // namespace

absl::Span<const Attribute> Attributes() { return kAttributes; }

const Attribute* FindAttribute(absl::string_view path) {
  for (const Attribute& attribute : kAttributes) {
    if (attribute.path == path) return &attribute;
  }
  return nullptr;
}

std::vector<std::string> AttributePaths() {
  std::vector<std::string> paths;
  for (const Attribute& attribute : kAttributes) paths.emplace_back(attribute.path);
  return paths;
}

std::optional<std::string> CustomName(absl::string_view path) {
  constexpr size_t kLongest = 64;
  if (!absl::ConsumePrefix(&path, "custom.")) return std::nullopt;
  if (path.empty() || path.size() > kLongest || !absl::ascii_islower(path[0])) return std::nullopt;
  for (const char c : path) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_') return std::nullopt;
  }
  return std::string(path);
}

bool ReadCustom(const v1::Lead& lead, const std::string& name, Value* value) {
  const auto it = lead.custom().find(name);
  return it != lead.custom().end() && ReadCustomValue(it->second, value);
}

bool ReadCustomValue(const v1::AttributeValue& custom, Value* value) {
  switch (custom.kind_case()) {
    case v1::AttributeValue::kText:
      return SetText(custom.text(), value);
    case v1::AttributeValue::kNumber:
      return SetNumber(custom.number(), value);
    case v1::AttributeValue::kNumberRange:
      return SetRange(custom.number_range(), value);
    case v1::AttributeValue::kTime:
      return SetTime(custom.time(), value);
    case v1::AttributeValue::kBoolean:
      value->type = ValueType::kBoolean;
      value->boolean = custom.boolean();
      return true;
    case v1::AttributeValue::kList:
      value->type = ValueType::kTextList;
      value->list = &custom.list().values();
      return true;
    case v1::AttributeValue::KIND_NOT_SET:
      return false;
  }
  return false;
}

absl::string_view TypeName(ValueType type) {
  switch (type) {
    case ValueType::kText:
      return "text";
    case ValueType::kNumber:
      return "number";
    case ValueType::kMoney:
      return "money";
    case ValueType::kBoolean:
      return "yes or no";
    case ValueType::kTime:
      return "time";
    case ValueType::kTextList:
      return "list of texts";
  }
  return "value";
}

}  // namespace bantam
