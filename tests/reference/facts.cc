#include "tests/reference/facts.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace bantam {
namespace reference {
namespace {

Value Text(const v1::Icp& icp, const std::string& attribute, const std::string& text) {
  Value value;
  if (Trim(text).empty()) return value;
  value.kind = Value::kText;
  value.text = Trim(Aliased(icp, attribute, text));
  return value;
}

Value List(const v1::Icp& icp, const std::string& attribute, const v1::TextList& list) {
  Value value;
  value.kind = Value::kList;
  for (const std::string& text : list.values()) {
    value.list.push_back(Aliased(icp, attribute, text));
  }
  return value;
}

Value Number(double number) {
  Value value;
  value.kind = Value::kNumber;
  value.low = value.high = number;
  return value;
}

// CHOICE: a range without any end says nothing and is unknown.
Value Range(const v1::NumberRange& range) {
  Value value;
  if (!range.has_min() && !range.has_max()) return value;
  value.kind = Value::kNumber;
  if (range.has_min()) value.low = range.min();
  if (range.has_max()) value.high = range.max();
  return value;
}

Value Time(const google::protobuf::Timestamp& time) {
  Value value;
  value.kind = Value::kTime;
  value.time = ToNanos(time);
  return value;
}

Value Flag(bool flag) {
  Value value;
  value.kind = Value::kFlag;
  value.flag = flag;
  return value;
}

// Money without a currency or rate is unknown to every test, also to `present`.
Value Revenue(const v1::Icp& icp, const v1::Company& company) {
  Value value;
  if (company.has_annual_revenue()) {
    value.money_low = value.money_high = InIcpCurrency(icp, company.annual_revenue());
    if (value.money_low.has_value()) value.kind = Value::kMoney;
  } else if (company.has_annual_revenue_range()) {
    const v1::MoneyRange& range = company.annual_revenue_range();
    if (range.has_min()) value.money_low = InIcpCurrency(icp, range.min());
    if (range.has_max()) value.money_high = InIcpCurrency(icp, range.max());
    const bool usable = (range.has_min() || range.has_max()) &&
                        range.has_min() == value.money_low.has_value() &&
                        range.has_max() == value.money_high.has_value();
    if (usable) value.kind = Value::kMoney;
    if (!range.has_min()) value.money_low = Amount(0, 0);
  }
  return value;
}

Value CompanyValue(const v1::Icp& icp, const v1::Company& c, const std::string& attribute) {
  const std::string name = attribute.substr(attribute.find('.') + 1);
  if (name == "name") return Text(icp, attribute, c.name());
  if (name == "industry") return Text(icp, attribute, c.industry());
  if (name == "country") return Text(icp, attribute, c.country());
  if (name == "region") return Text(icp, attribute, c.region());
  if (name == "city") return Text(icp, attribute, c.city());
  if (name == "domain") return Text(icp, attribute, c.domain());
  if (name == "ownership") return Text(icp, attribute, c.ownership());
  if (name == "annual_revenue") return Revenue(icp, c);
  if (name == "employee_count") {
    if (c.has_employee_count()) return Number(static_cast<double>(c.employee_count()));
    if (c.has_employee_count_range()) {
      Value value = Range(c.employee_count_range());
      if (value.kind == Value::kNumber && !value.low.has_value())
        value.low = 0;  // Nobody has less.
      return value;
    }
  }
  if (name == "founded_year" && c.has_founded_year()) return Number(c.founded_year());
  if (name == "revenue_rank" && c.has_revenue_rank()) {
    return Number(static_cast<double>(c.revenue_rank()));
  }
  if (name == "technologies" && c.has_technologies()) {
    return List(icp, attribute, c.technologies());
  }
  return Value();
}

Value ContactValue(const v1::Icp& icp, const v1::Contact& c, const std::string& attribute) {
  const std::string name = attribute.substr(attribute.find('.') + 1);
  if (name == "title") return Text(icp, attribute, c.title());
  if (name == "seniority") return Text(icp, attribute, c.seniority());
  if (name == "department") return Text(icp, attribute, c.department());
  if (name == "country") return Text(icp, attribute, c.country());
  if (name == "language") return Text(icp, attribute, c.language());
  if (name == "time_zone") return Text(icp, attribute, c.time_zone());
  if (name == "email_domain") return Text(icp, attribute, c.email_domain());
  if (name == "free_email_domain" && c.has_free_email_domain()) {
    return Flag(c.free_email_domain());
  }
  return Value();
}

// CHOICE: the source's attributes are seen whatever the date of the first contact.
Value SourceValue(const v1::Icp& icp, const v1::LeadSource& s, const std::string& attribute) {
  const std::string name = attribute.substr(attribute.find('.') + 1);
  if (name == "referrer") return Text(icp, attribute, s.referrer());
  if (name == "campaign") return Text(icp, attribute, s.campaign());
  if (name == "first_contact_time" && s.has_first_contact_time()) {
    return Time(s.first_contact_time());
  }
  if (name == "channel" && s.channel() != v1::SOURCE_CHANNEL_UNSPECIFIED) {
    return Text(icp, attribute,
                absl::AsciiStrToLower(v1::SourceChannel_Name(s.channel()).substr(15)));
  }
  if (name == "medium" && s.medium() != v1::SOURCE_MEDIUM_UNSPECIFIED) {
    return Text(icp, attribute,
                absl::AsciiStrToLower(v1::SourceMedium_Name(s.medium()).substr(14)));
  }
  return Value();
}

Value CustomValue(const v1::Icp& icp, const v1::Lead& lead, const std::string& attribute) {
  const auto found = lead.custom().find(attribute.substr(attribute.find('.') + 1));
  if (found == lead.custom().end()) return Value();
  const v1::AttributeValue& value = found->second;
  switch (value.kind_case()) {
    case v1::AttributeValue::kText:
      return Text(icp, attribute, value.text());
    case v1::AttributeValue::kNumber:
      return Number(value.number());
    case v1::AttributeValue::kNumberRange:
      return Range(value.number_range());
    case v1::AttributeValue::kBoolean:
      return Flag(value.boolean());
    case v1::AttributeValue::kTime:
      return Time(value.time());
    case v1::AttributeValue::kList:
      return List(icp, attribute, value.list());
    case v1::AttributeValue::KIND_NOT_SET:
      return Value();
  }
  return Value();
}

}  // namespace

std::string Aliased(const v1::Icp& icp, const std::string& attribute, const std::string& text) {
  for (const v1::AliasTable& table : icp.aliases()) {
    if (table.attribute() != attribute) continue;
    for (const auto& alias : table.values()) {
      if (Fold(alias.first) == Fold(text)) return alias.second;
    }
  }
  return text;
}

std::vector<Value> ValuesOf(const v1::Icp& icp, const v1::Lead& lead,
                            const std::string& attribute) {
  if (absl::StartsWith(attribute, "contact.")) {
    std::vector<Value> values;
    for (const v1::Contact& contact : lead.contacts()) {
      values.push_back(ContactValue(icp, contact, attribute));
    }
    return values;
  }
  if (absl::StartsWith(attribute, "company.")) {
    return {CompanyValue(icp, lead.company(), attribute)};
  }
  if (absl::StartsWith(attribute, "source.")) {
    return {SourceValue(icp, lead.source(), attribute)};
  }
  return {CustomValue(icp, lead, attribute)};
}

}  // namespace reference
}  // namespace bantam
