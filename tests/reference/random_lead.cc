#include "tests/reference/random_input.h"

namespace bantam {
namespace reference {
namespace {

// An instant at a usual distance from the anchor, often to the microsecond; `future` percent of
// them after it.
google::protobuf::Timestamp RandomTime(int future, Dice* dice) {
  if (dice->Chance(1)) return ToTimestamp(dice->Chance(50) ? kFirstTime : kLastTime);
  Nanos distance = dice->Pick(Vocabulary::Seconds()) * kSecond;
  if (dice->Chance(10)) distance = 0;
  if (dice->Chance(30)) distance = dice->Roll(200 * 86400) * kSecond;
  if (dice->Chance(25)) distance += (dice->Roll(3) - 1) * kMicrosecond;
  if (dice->Chance(15)) distance += (dice->Roll(25) - 12) * kSecond;
  return ToTimestamp(dice->Chance(future) ? Anchor() + distance : Anchor() - distance);
}

std::string RandomWord(Dice* dice) {
  std::string word = dice->Pick(Vocabulary::Words());
  if (dice->Chance(10)) word = "  " + word + " ";
  if (dice->Chance(3)) word = "  ";
  return word;
}

v1::Money RandomMoney(Dice* dice) {
  v1::Money money;
  if (dice->Chance(90)) money.set_currency_code(dice->Pick({"EUR", "EUR", "EUR", "USD", "GBP"}));
  money.set_units(dice->Pick(
      std::vector<int64_t>{0, 5000, 9999, 10000, 10000, 10869, 12000, 50000, 1000000000000000}));
  if (money.units() < 1000000 && dice->Chance(20))
    money.set_nanos(dice->Pick(std::vector<int>{1, 10000000, 999999999}));
  return money;
}

template <typename Range>
void SetRange(double a, double b, Range* range, Dice* dice) {
  const int kind = dice->Roll(6);
  if (kind != 0) range->set_min(std::min(a, b));
  if (kind != 1) range->set_max(std::max(a, b));
}

v1::NumberRange RandomRange(Dice* dice) {
  v1::NumberRange range;
  SetRange(dice->Pick(Vocabulary::Numbers()), dice->Pick(Vocabulary::Numbers()), &range, dice);
  return range;
}

v1::MoneyRange RandomMoneyRange(Dice* dice) {
  v1::MoneyRange range;
  v1::Money low = RandomMoney(dice);
  v1::Money high = low;
  if (low.units() < 1000000)
    high.set_units(low.units() + dice->Pick(std::vector<int64_t>{0, 1, 2000, 90000}));
  const int kind = dice->Roll(6);
  if (kind != 0) *range.mutable_min() = low;
  if (kind != 1) *range.mutable_max() = high;
  return range;
}

v1::TextList RandomList(Dice* dice) {
  v1::TextList list;
  const int count = dice->Roll(4);
  for (int i = 0; i < count; ++i) list.add_values(RandomWord(dice));
  return list;
}

void RandomCompany(Dice* dice, v1::Company* company) {
  if (dice->Chance(70)) company->set_industry(RandomWord(dice));
  if (dice->Chance(70)) company->set_country(RandomWord(dice));
  if (dice->Chance(40)) company->set_region(RandomWord(dice));
  if (dice->Chance(70)) {
    if (dice->Chance(60)) {
      company->set_employee_count(static_cast<int64_t>(dice->Pick(Vocabulary::Numbers())));
    } else {
      *company->mutable_employee_count_range() = RandomRange(dice);
    }
  }
  if (dice->Chance(70)) {
    if (dice->Chance(60)) {
      *company->mutable_annual_revenue() = RandomMoney(dice);
    } else {
      *company->mutable_annual_revenue_range() = RandomMoneyRange(dice);
    }
  }
  if (dice->Chance(60)) *company->mutable_technologies() = RandomList(dice);
  if (dice->Chance(50)) company->set_revenue_rank(1 + dice->Roll(1000));
  if (dice->Chance(50)) company->set_founded_year(1000 + dice->Roll(1200));
  if (dice->Chance(30)) company->set_name(RandomWord(dice));
  if (dice->Chance(30)) company->set_city(RandomWord(dice));
  if (dice->Chance(30)) company->set_domain(RandomWord(dice));
  if (dice->Chance(30)) company->set_ownership(RandomWord(dice));
}

void RandomContacts(Dice* dice, v1::Lead* lead) {
  const int count = dice->Roll(4);
  for (int i = 0; i < count; ++i) {
    v1::Contact* contact = lead->add_contacts();
    if (dice->Chance(85)) contact->set_id("p" + std::to_string(i));
    if (dice->Chance(60)) contact->set_title(RandomWord(dice));
    if (dice->Chance(50)) contact->set_seniority(RandomWord(dice));
    if (dice->Chance(50)) contact->set_country(RandomWord(dice));
    if (dice->Chance(50)) contact->set_language(RandomWord(dice));
    if (dice->Chance(30)) contact->set_department(RandomWord(dice));
    if (dice->Chance(30)) contact->set_time_zone(RandomWord(dice));
    if (dice->Chance(30)) contact->set_email_domain(RandomWord(dice));
    if (dice->Chance(50)) contact->set_free_email_domain(dice->Chance(50));
  }
}

void RandomSource(Dice* dice, v1::LeadSource* source) {
  if (dice->Chance(60)) source->set_channel(static_cast<v1::SourceChannel>(dice->Roll(8)));
  if (dice->Chance(50)) source->set_medium(static_cast<v1::SourceMedium>(dice->Roll(3)));
  if (dice->Chance(30)) source->set_campaign(RandomWord(dice));
  if (dice->Chance(30)) source->set_referrer(RandomWord(dice));
  if (dice->Chance(60)) *source->mutable_first_contact_time() = RandomTime(10, dice);
}

// Sometimes of another type than the tests expect.
void RandomCustom(Dice* dice, v1::Lead* lead) {
  int type = 0;
  for (const char* name : {"text", "number", "flag", "time", "list"}) {
    const int kind = dice->Chance(10) ? dice->Roll(5) : type;
    ++type;
    if (dice->Chance(30)) continue;
    v1::AttributeValue& value = (*lead->mutable_custom())[name];
    if (dice->Chance(3)) continue;
    if (kind == 0) value.set_text(RandomWord(dice));
    if (kind == 1 && dice->Chance(50)) value.set_number(dice->Pick(Vocabulary::Numbers()));
    if (kind == 1 && !value.has_number()) *value.mutable_number_range() = RandomRange(dice);
    if (kind == 2) value.set_boolean(dice->Chance(50));
    if (kind == 3) *value.mutable_time() = RandomTime(40, dice);
    if (kind == 4) *value.mutable_list() = RandomList(dice);
  }
}

void RandomEvent(Dice* dice, v1::Lead* lead) {
  v1::Event* event = lead->add_events();
  event->set_type(dice->Pick(Vocabulary::EventTypes()));
  *event->mutable_time() = RandomTime(12, dice);
  if (lead->events_size() > 1 && dice->Chance(20)) {  // At another's instant, or just after.
    *event->mutable_time() = lead->events(dice->Roll(lead->events_size() - 1)).time();
    const int64_t later = dice->Pick(std::vector<int64_t>{0, 0, 5, 10, 11});
    event->mutable_time()->set_seconds(event->time().seconds() + later);
  }
  if (dice->Chance(40)) event->set_id("e" + std::to_string(dice->Roll(9)));
  if (dice->Chance(30)) event->set_message_id("m" + std::to_string(dice->Roll(2)));
  if (dice->Chance(30)) {
    event->set_direction(dice->Chance(70) ? v1::EVENT_DIRECTION_INBOUND
                                          : v1::EVENT_DIRECTION_OUTBOUND);
  }
  if (dice->Chance(30)) event->add_reply_channels(static_cast<v1::Channel>(1 + dice->Roll(4)));
}

// A message, and opens and clicks around the end of the bot window.
void AddMail(Dice* dice, v1::Lead* lead) {
  v1::Event* sent = lead->add_events();
  sent->set_type("email_sent");
  sent->set_message_id(dice->Pick({"", "m0", "m1"}));
  *sent->mutable_time() = RandomTime(5, dice);
  const Nanos time = ToNanos(sent->time());
  const int reactions = 1 + dice->Roll(3);
  for (int i = 0; i < reactions; ++i) {
    v1::Event* reaction = lead->add_events();
    reaction->set_type(dice->Pick({"email_open", "email_click"}));
    reaction->set_message_id(dice->Pick({"", "m0", "m1"}));
    const Nanos later = dice->Pick(std::vector<Nanos>{0, 5 * kSecond, 10 * kSecond, 10 * kSecond,
                                                      10 * kSecond + kMicrosecond, 60 * kSecond});
    *reaction->mutable_time() = ToTimestamp(time + later);
  }
}

void RandomEvents(Dice* dice, v1::Lead* lead) {
  if (dice->Chance(15)) AddMail(dice, lead);
  const int count = dice->Roll(10);
  for (int i = 0; i < count; ++i) RandomEvent(dice, lead);
  if (dice->Chance(10)) {  // Many attempts.
    for (int i = 0; i < 6; ++i) {
      RandomEvent(dice, lead);
      v1::Event* event = lead->mutable_events(lead->events_size() - 1);
      event->set_type(dice->Pick({"call_attempt", "email_personal", "message_sent"}));
      event->set_direction(v1::EVENT_DIRECTION_OUTBOUND);
      event->clear_id();
    }
  }
}

// Interest and a conversation, not long ago.
void AddEagerness(Dice* dice, v1::Lead* lead) {
  for (const char* type : {"demo_request", "email_reply", "newsletter_signup"}) {
    v1::Event* event = lead->add_events();
    event->set_type(type);
    *event->mutable_time() = ToTimestamp(Anchor() - (dice->Roll(25 * 24) - 24) * 3600 * kSecond);
  }
}

// `good`: percent of statements that speak for a purchase.
void RandomStatement(int kind, int good, Dice* dice, v1::Evidence* evidence) {
  const bool positive = dice->Chance(good);
  if (kind == 0) {
    v1::BudgetEvidence* budget = evidence->mutable_budget();
    budget->set_approval(static_cast<v1::BudgetApproval>(dice->Roll(3)));
    if (positive) budget->mutable_amount()->set_currency_code("EUR");
    if (positive) budget->mutable_amount()->set_units(20000);
    if (!positive && dice->Chance(70)) *budget->mutable_amount() = RandomMoney(dice);
    if (!budget->has_amount()) budget->set_none(dice->Chance(50));
  } else if (kind == 1) {
    evidence->mutable_authority()->set_role(
        positive ? dice->Pick({"decision_maker", "Economic Buyer"})
                 : dice->Pick({"Decision-Maker", "influencer", "champion", "evaluator", "user",
                               " USER ", "wizard", ""}));
  } else if (kind == 2) {
    v1::NeedEvidence* need = evidence->mutable_need();
    need->set_none(!positive && dice->Chance(50));
    if (!need->none() && dice->Chance(80)) {
      need->set_need(positive ? "churn" : dice->Pick(Vocabulary::Problems()));
    }
  } else {
    v1::TimelineEvidence* timeline = evidence->mutable_timeline();
    if (positive) {
      *timeline->mutable_planned_purchase_time() =
          ToTimestamp(Anchor() + dice->Roll(60) * kDay / 2);
    } else if (dice->Chance(85)) {
      *timeline->mutable_planned_purchase_time() = RandomTime(85, dice);
    }
  }
}

void RandomEvidence(Dice* dice, v1::Lead* lead) {
  const int good = dice->Pick(std::vector<int>{20, 50, 95, 97, 97});
  const int more = good > 90 ? dice->Roll(2) : dice->Roll(6);
  for (int i = 0; i < 4 + more; ++i) {
    if (i < 4 && !dice->Chance(good)) continue;
    v1::Evidence* evidence = lead->add_evidence();
    RandomStatement(i < 4 ? i : dice->Roll(4), good, dice, evidence);
    if (dice->Chance(50)) evidence->set_source(" call " + std::to_string(i));
    if (lead->contacts_size() > 0 && dice->Chance(60)) {
      evidence->set_contact_id(lead->contacts(dice->Roll(lead->contacts_size())).id());
    }
    if (dice->Chance(good > 90 ? 30 : 70)) {
      *evidence->mutable_observed_time() = RandomTime(10, dice);
    }
    if (lead->evidence_size() > 1 && dice->Chance(25)) {  // At another's instant.
      const v1::Evidence& other = lead->evidence(dice->Roll(lead->evidence_size() - 1));
      if (other.has_observed_time()) *evidence->mutable_observed_time() = other.observed_time();
    }
  }
}

template <typename Fact>
void RandomlyDated(Dice* dice, Fact* fact) {
  if (dice->Chance(60)) *fact->mutable_time() = RandomTime(40, dice);
}

void RandomClosedFacts(Dice* dice, v1::Lead* lead) {
  if (dice->Chance(6)) RandomlyDated(dice, lead->mutable_marketing_objection());
  if (dice->Chance(30)) {
    v1::SalesDecision* decision = lead->mutable_sales_decision();
    RandomlyDated(dice, decision);
    decision->set_kind(dice->Chance(70) ? v1::SALES_DECISION_KIND_ACCEPTED
                                        : v1::SALES_DECISION_KIND_REJECTED);
    decision->set_final(decision->kind() == v1::SALES_DECISION_KIND_REJECTED && dice->Chance(30));
  }
  if (dice->Chance(8)) {
    RandomlyDated(dice,
                  dice->Chance(50) ? lead->mutable_closed_won() : lead->mutable_closed_lost());
  }
}

void RandomConsents(Dice* dice, v1::Lead* lead) {
  const int count = dice->Roll(4);
  for (int i = 0; i < count; ++i) {
    v1::Consent* consent = lead->add_consents();
    consent->set_channel(static_cast<v1::Channel>(1 + dice->Roll(4)));
    consent->set_state(dice->Chance(70) ? v1::CONSENT_STATE_GRANTED : v1::CONSENT_STATE_DENIED);
    RandomlyDated(dice, consent);
  }
}

}  // namespace

v1::Lead RandomLead(const v1::Icp& icp, Dice* dice) {
  v1::Lead lead;
  lead.set_id("lead-" + std::to_string(dice->Roll(1000)));
  if (dice->Chance(8)) {  // Little is known, so that what decays decides.
    const int views = 1 + dice->Roll(3);
    for (int i = 0; i < views; ++i) {
      lead.add_events()->set_type("page_view");
      *lead.mutable_events(i)->mutable_time() = RandomTime(10, dice);
    }
    return lead;
  }
  if (dice->Chance(85)) RandomCompany(dice, lead.mutable_company());
  if (dice->Chance(80)) RandomContacts(dice, &lead);
  if (dice->Chance(60)) RandomSource(dice, lead.mutable_source());
  if (dice->Chance(80)) RandomCustom(dice, &lead);
  if (dice->Chance(85)) RandomEvents(dice, &lead);
  if (dice->Chance(85)) RandomEvidence(dice, &lead);
  if (dice->Chance(50)) AddEagerness(dice, &lead);
  RandomClosedFacts(dice, &lead);
  RandomConsents(dice, &lead);
  if (dice->Chance(80)) lead.set_stage(dice->Pick(AllStages(icp)));
  if (dice->Chance(70)) *lead.mutable_stage_entered_time() = RandomTime(3, dice);
  return lead;
}

}  // namespace reference
}  // namespace bantam
