#include "tests/reference/random_input.h"

namespace bantam {
namespace reference {

const std::vector<std::string>& Vocabulary::TextAttributes() {
  static const auto* const kNames = new std::vector<std::string>{
      "company.name",       "company.city",      "company.domain",       "company.ownership",
      "contact.department", "contact.time_zone", "contact.email_domain", "source.referrer",
      "company.industry",   "company.country",   "company.region",       "contact.title",
      "contact.seniority",  "contact.country",   "contact.language",     "source.channel",
      "source.medium",      "source.campaign",   "custom.text"};
  return *kNames;
}

const std::vector<std::string>& Vocabulary::ListAttributes() {
  static const auto* const kNames =
      new std::vector<std::string>{"company.technologies", "custom.list"};
  return *kNames;
}

const std::vector<std::string>& Vocabulary::NumberAttributes() {
  static const auto* const kNames =
      new std::vector<std::string>{"company.employee_count", "company.annual_revenue",
                                   "company.revenue_rank", "company.founded_year", "custom.number"};
  return *kNames;
}

const std::vector<std::string>& Vocabulary::FlagAttributes() {
  static const auto* const kNames =
      new std::vector<std::string>{"contact.free_email_domain", "custom.flag"};
  return *kNames;
}

const std::vector<std::string>& Vocabulary::TimeAttributes() {
  static const auto* const kNames =
      new std::vector<std::string>{"source.first_contact_time", "custom.time"};
  return *kNames;
}

const std::vector<std::string>& Vocabulary::Words() {
  static const auto* const kWords = new std::vector<std::string>{
      "software", "FinTech", "Straße", "STRASSE",          "DE",     "Head of IT",
      "cto",      "Île",     "online", "referral_partner", "ΣΊΣΥΦΟΣ"};
  return *kWords;
}

const std::vector<double>& Vocabulary::Numbers() {
  static const auto* const kNumbers =
      new std::vector<double>{0, 1, 10, 50, 51, 200, 999, 1000, 5000, 10000, 10000.01, 12000};
  return *kNumbers;
}

const std::vector<std::string>& Vocabulary::EventTypes() {
  static const auto* const kTypes = new std::vector<std::string>{
      "demo_request", "pricing_request", "page_view",         "email_sent",     "email_open",
      "email_click",  "bounced",         "unsubscribe",       "refusal",        "call_attempt",
      "message_sent", "email_personal",  "newsletter_signup", "call_connected", "email_reply",
      "chat",         "site_search",     "social_follow"};
  return *kTypes;
}

const std::vector<std::string>& Vocabulary::Problems() {
  static const auto* const kProblems =
      new std::vector<std::string>{"slow reports", "Große Lücke", "GROSSE LÜCKE", "churn", "costs"};
  return *kProblems;
}

const std::vector<int64_t>& Vocabulary::Seconds() {
  static const auto* const kSeconds = new std::vector<int64_t>{
      10,         3600,       43200,      86400,      2 * 86400,   7 * 86400,   14 * 86400,
      30 * 86400, 45 * 86400, 60 * 86400, 90 * 86400, 120 * 86400, 180 * 86400, 365 * 86400};
  return *kSeconds;
}

// 2026-03-29T00:00:00Z.
Nanos Anchor() { return static_cast<Nanos>(1774742400) * kSecond; }

Nanos RandomNow(Dice* dice) {
  if (dice->Chance(60)) return Anchor();
  if (dice->Chance(3)) return dice->Chance(50) ? kFirstTime + kSecond / 2 : kLastTime - kDay;
  Nanos now = Anchor() + dice->Pick(Vocabulary::Seconds()) * kSecond * (dice->Chance(50) ? 1 : -1);
  if (dice->Chance(30)) now += dice->Roll(86400) * kSecond;
  if (dice->Chance(20)) now += (dice->Roll(3) - 1) * kMicrosecond;
  return now;
}

std::vector<std::string> AllStages(const v1::Icp& icp) {
  std::vector<std::string> stages;
  for (const v1::FunnelStage& stage : icp.funnel().stages()) stages.push_back(stage.id());
  if (stages.empty()) stages = {"lead", "mql", "sql", "opportunity", "customer"};
  stages.push_back("nurture");
  stages.push_back("disqualified");
  return stages;
}

}  // namespace reference
}  // namespace bantam
