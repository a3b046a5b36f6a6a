// The rules of lead.proto.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/engine/attributes.h"
#include "server/engine/text.h"
#include "server/engine/validate.h"
#include "server/engine/validate_values.h"

namespace bantam {
namespace {

constexpr absl::string_view kNameForm =
    "must begin with a lower-case letter, followed by at most 63 lower-case letters, digits and "
    "underscores";

// Checks the parts of one lead, in field order.
class LeadChecker {
 public:
  LeadChecker(const v1::Lead& lead, const LeadBounds& bounds, std::vector<Violation>* violations)
      : lead_(lead), bounds_(bounds), violations_(violations), check_(violations) {}

  void Check(const FieldPath& path, Operation operation) {
    if (operation == Operation::kAdvance) {
      check_.RequiredText(path, "id", lead_.id(), bounds_.max_id_bytes,
                          "the lead's id, which the transition's id is built from");
    } else {
      Id(path, "id", lead_.id());
    }
    if (lead_.has_company()) CheckCompany(FieldPath(path, "company"), lead_.company());
    CheckContacts(FieldPath(path, "contacts"));
    if (lead_.has_source()) CheckSource(FieldPath(path, "source"), lead_.source());
    CheckCustom(FieldPath(path, "custom"));
    CheckEvents(FieldPath(path, "events"));
    CheckEvidence(FieldPath(path, "evidence"));
    CheckConsents(FieldPath(path, "consents"));
    CheckClosedFacts(path);
  }

 private:
  void Field(const FieldPath& parent, absl::string_view name, const std::string& text) {
    check_.Text(parent, name, text, bounds_.max_field_bytes);
  }

  void Id(const FieldPath& parent, absl::string_view name, const std::string& text) {
    check_.Text(parent, name, text, bounds_.max_id_bytes);
  }

  void CheckCompany(const FieldPath& path, const v1::Company& company) {
    Field(path, "name", company.name());
    Field(path, "industry", company.industry());
    if (company.has_employee_count() &&
        (company.employee_count() < 0 || company.employee_count() > kMostEmployees)) {
      check_.Add(FieldPath(path, "employee_count"), "must be from 0 to 10000000");
    }
    if (company.has_employee_count_range()) {
      const FieldPath range(path, "employee_count_range");
      if (company.has_employee_count()) {
        check_.Add(range, "must not be set together with employee_count; keep one of the two");
      }
      check_.NumberRange(range, company.employee_count_range(), 0, kMostEmployees);
    }
    if (company.has_annual_revenue()) {
      check_.Amount(FieldPath(path, "annual_revenue"), company.annual_revenue());
    }
    if (company.has_annual_revenue_range()) {
      const FieldPath range(path, "annual_revenue_range");
      if (company.has_annual_revenue()) {
        check_.Add(range, "must not be set together with annual_revenue; keep one of the two");
      }
      check_.AmountRange(range, company.annual_revenue_range());
    }
    Field(path, "country", company.country());
    Field(path, "region", company.region());
    Field(path, "city", company.city());
    if (company.has_technologies()) {
      check_.TextList(FieldPath(path, "technologies"), company.technologies(), bounds_);
    }
    Field(path, "domain", company.domain());
    if (company.has_founded_year() &&
        (company.founded_year() < kFirstYear || company.founded_year() > kLastYear)) {
      check_.Add(FieldPath(path, "founded_year"), "must be a year from 1000 to 2200");
    }
    Field(path, "ownership", company.ownership());
    if (company.has_revenue_rank() &&
        (company.revenue_rank() < 1 || company.revenue_rank() > kMostRank)) {
      check_.Add(FieldPath(path, "revenue_rank"), "must be from 1 to 10000000; 1 is the largest");
    }
  }

  void CheckContacts(const FieldPath& path) {
    if (!check_.Size(path, lead_.contacts_size(), bounds_.max_contacts)) return;
    int i = 0;
    for (const v1::Contact& contact : lead_.contacts()) {
      CheckContact(FieldPath(path, i), i, contact);
      ++i;
    }
  }

  void CheckContact(const FieldPath& path, int index, const v1::Contact& contact) {
    Id(path, "id", contact.id());
    // The first has none before it.
    if (index > 0 && !contact.id().empty() && FindContact(contact.id()) < index) {
      check_.Add(FieldPath(path, "id"), absl::StrCat("must be unique within the lead; contacts[",
                                                     FindContact(contact.id()), "] has the same"));
    }
    Field(path, "title", contact.title());
    Field(path, "seniority", contact.seniority());
    Field(path, "department", contact.department());
    Field(path, "country", contact.country());
    Field(path, "language", contact.language());
    Field(path, "time_zone", contact.time_zone());
    const std::string& email_domain = contact.email_domain();
    Field(path, "email_domain", email_domain);
    if (std::memchr(email_domain.data(), '@', email_domain.size()) != nullptr) {
      check_.Add(FieldPath(path, "email_domain"),
                 "must be the part after the @ only, never an address");
    }
  }

  // Index of the first contact with this id, else the number of contacts. There are few.
  int FindContact(const std::string& id) const {
    int i = 0;
    for (const v1::Contact& contact : lead_.contacts()) {
      if (contact.id() == id) return i;
      ++i;
    }
    return i;
  }

  void CheckSource(const FieldPath& path, const v1::LeadSource& source) {
    if (!v1::SourceChannel_IsValid(source.channel())) {
      check_.Add(FieldPath(path, "channel"),
                 "must be a value of SourceChannel; leave it out if it is not known");
    }
    if (!v1::SourceMedium_IsValid(source.medium())) {
      check_.Add(FieldPath(path, "medium"), "must be ONLINE or OFFLINE");
    }
    Field(path, "referrer", source.referrer());
    if (source.has_first_contact_time()) {
      check_.Time(path, "first_contact_time", source.first_contact_time());
    }
    Field(path, "campaign", source.campaign());
  }

  void CheckCustom(const FieldPath& path) {
    if (!check_.Size(path, static_cast<int>(lead_.custom_size()), bounds_.max_custom)) return;
    const size_t before = violations_->size();
    bool bad_name = false;
    for (const auto& [name, value] : lead_.custom()) {
      if (IsSnakeName(name)) {
        CheckCustomValue(FieldPath::Entry(path, name), value);
      } else {
        bad_name = true;
      }
    }
    if (violations_->size() != before) {  // A map has no order of its own.
      std::sort(violations_->begin() + before, violations_->end(),
                [](const Violation& a, const Violation& b) { return a.field < b.field; });
    }
    // The name itself is not repeated: what is no name may be anything.
    if (bad_name) check_.Add(path, absl::StrCat("every name ", kNameForm));
  }

  void CheckCustomValue(const FieldPath& path, const v1::AttributeValue& value) {
    switch (value.kind_case()) {
      case v1::AttributeValue::kText:
        check_.Text(path, "text", value.text(), bounds_.max_text_bytes);
        break;
      case v1::AttributeValue::kNumber:
        if (!std::isfinite(value.number())) {
          check_.Add(FieldPath(path, "number"),
                     "must be a finite number; leave it out if it is not known");
        }
        break;
      case v1::AttributeValue::kNumberRange:
        check_.NumberRange(FieldPath(path, "number_range"), value.number_range());
        break;
      case v1::AttributeValue::kTime:
        check_.Time(path, "time", value.time());
        break;
      case v1::AttributeValue::kList:
        check_.TextList(FieldPath(path, "list"), value.list(), bounds_);
        break;
      case v1::AttributeValue::kBoolean:
      case v1::AttributeValue::KIND_NOT_SET:
        break;
    }
  }

  void CheckEvents(const FieldPath& path) {
    if (!check_.Size(path, lead_.events_size(), bounds_.max_events)) return;
    int i = 0;
    for (const v1::Event& event : lead_.events()) {
      CheckEvent(FieldPath(path, i), event);
      ++i;
    }
  }

  void CheckEvent(const FieldPath& path, const v1::Event& event) {
    Id(path, "id", event.id());
    if (event.type().empty()) {
      check_.Add(FieldPath(path, "type"), "must be set: what happened, such as demo_request");
    } else if (!IsSnakeName(event.type())) {
      check_.Add(FieldPath(path, "type"), kNameForm);
    }
    if (!event.has_time()) {
      check_.Add(FieldPath(path, "time"), "must be set: when the event happened");
    } else {
      check_.Time(path, "time", event.time());
    }
    if (!v1::EventDirection_IsValid(event.direction())) {
      check_.Add(FieldPath(path, "direction"), "must be INBOUND or OUTBOUND, or left out");
    }
    Id(path, "message_id", event.message_id());
    if (event.reply_channels().empty()) return;
    const FieldPath channels(path, "reply_channels");
    if (!check_.Size(channels, event.reply_channels_size(), bounds_.max_consents)) return;
    for (int i = 0; i < event.reply_channels_size(); ++i) {
      check_.Channel(channels, i, event.reply_channels(i));
    }
  }

  void CheckEvidence(const FieldPath& path) {
    if (!check_.Size(path, lead_.evidence_size(), bounds_.max_evidence)) return;
    int i = 0;
    for (const v1::Evidence& evidence : lead_.evidence()) {
      CheckEvidenceItem(FieldPath(path, i), evidence);
      ++i;
    }
  }

  void CheckEvidenceItem(const FieldPath& path, const v1::Evidence& evidence) {
    Id(path, "contact_id", evidence.contact_id());
    if (!evidence.contact_id().empty() &&
        FindContact(evidence.contact_id()) == lead_.contacts_size()) {
      check_.Add(
          FieldPath(path, "contact_id"),
          "must be the id of one of the lead's contacts; leave it out for the lead as a whole");
    }
    if (evidence.has_observed_time()) {
      check_.Time(path, "observed_time", evidence.observed_time());
    }
    Id(path, "source", evidence.source());
    CheckStatement(path, evidence);
  }

  void CheckStatement(const FieldPath& path, const v1::Evidence& evidence) {
    switch (evidence.statement_case()) {
      case v1::Evidence::kBudget:
        CheckBudget(FieldPath(path, "budget"), evidence.budget());
        break;
      case v1::Evidence::kAuthority:
        Field(FieldPath(path, "authority"), "role", evidence.authority().role());
        break;
      case v1::Evidence::kNeed:
        Field(FieldPath(path, "need"), "need", evidence.need().need());
        if (evidence.need().none() && !Trim(evidence.need().need()).empty()) {
          check_.Add(FieldPath(FieldPath(path, "need"), "none"),
                     "must not be set together with need; keep one of the two");
        }
        break;
      case v1::Evidence::kTimeline:
        if (evidence.timeline().has_planned_purchase_time()) {
          check_.Time(FieldPath(path, "timeline"), "planned_purchase_time",
                      evidence.timeline().planned_purchase_time());
        }
        break;
      case v1::Evidence::STATEMENT_NOT_SET:
        check_.Add(path, "must state one of budget, authority, need and timeline");
        break;
    }
  }

  void CheckBudget(const FieldPath& path, const v1::BudgetEvidence& budget) {
    if (budget.has_amount()) check_.Amount(FieldPath(path, "amount"), budget.amount());
    if (!v1::BudgetApproval_IsValid(budget.approval())) {
      check_.Add(FieldPath(path, "approval"),
                 "must be APPROVED or PENDING; leave it out if it is not known");
    }
    if (budget.none() && budget.has_amount()) {
      check_.Add(FieldPath(path, "none"),
                 "must not be set together with amount; keep one of the two");
    }
  }

  void CheckConsents(const FieldPath& path) {
    if (!check_.Size(path, lead_.consents_size(), bounds_.max_consents)) return;
    for (int i = 0; i < lead_.consents_size(); ++i) {
      const v1::Consent& consent = lead_.consents(i);
      const FieldPath consent_path(path, i);
      check_.Channel(consent_path, "channel", consent.channel());
      if (!v1::ConsentState_IsValid(consent.state())) {
        check_.Add(FieldPath(consent_path, "state"),
                   "must be GRANTED or DENIED; leave it out if it is not known");
      }
      if (consent.has_time()) check_.Time(consent_path, "time", consent.time());
    }
  }

  void CheckClosedFacts(const FieldPath& path) {
    if (lead_.has_marketing_objection() && lead_.marketing_objection().has_time()) {
      check_.Time(FieldPath(path, "marketing_objection"), "time",
                  lead_.marketing_objection().time());
    }
    if (lead_.has_sales_decision()) {
      CheckDecision(FieldPath(path, "sales_decision"), lead_.sales_decision());
    }
    if (lead_.has_closed_won()) CheckClosure(FieldPath(path, "closed_won"), lead_.closed_won());
    if (lead_.has_closed_lost()) {
      const FieldPath lost(path, "closed_lost");
      if (lead_.has_closed_won()) {
        check_.Add(lost, "must not be set together with closed_won; keep one of the two");
      }
      CheckClosure(lost, lead_.closed_lost());
    }
    Id(path, "stage", lead_.stage());
    if (lead_.has_stage_entered_time()) {
      check_.Time(path, "stage_entered_time", lead_.stage_entered_time());
    }
  }

  void CheckDecision(const FieldPath& path, const v1::SalesDecision& decision) {
    const FieldPath kind(path, "kind");
    if (decision.kind() == v1::SALES_DECISION_KIND_UNSPECIFIED) {
      check_.Add(kind, "must be set: ACCEPTED or REJECTED");
    } else if (!v1::SalesDecisionKind_IsValid(decision.kind())) {
      check_.Add(kind, "must be ACCEPTED or REJECTED");
    }
    if (decision.has_time()) check_.Time(path, "time", decision.time());
    Field(path, "reason", decision.reason());
    if (decision.final() && decision.kind() == v1::SALES_DECISION_KIND_ACCEPTED) {
      check_.Add(FieldPath(path, "final"),
                 "must not be set with ACCEPTED; only a rejection is final");
    }
  }

  void CheckClosure(const FieldPath& path, const v1::Closure& closure) {
    if (closure.has_time()) check_.Time(path, "time", closure.time());
    Field(path, "reason", closure.reason());
  }

  const v1::Lead& lead_;
  const LeadBounds& bounds_;
  std::vector<Violation>* violations_;
  ValueChecker check_;
};

}  // namespace

std::vector<Violation> ValidateLead(const v1::Lead& lead, absl::string_view path,
                                    const LeadBounds& bounds, Operation operation) {
  std::vector<Violation> violations;
  LeadChecker(lead, bounds, &violations).Check(FieldPath(path), operation);
  return violations;
}

}  // namespace bantam
