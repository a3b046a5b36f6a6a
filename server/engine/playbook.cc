#include "server/engine/playbook.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bantam {
namespace {

// Content for cold leads: the lighter while they show little engagement, the deeper after that.
constexpr double kLightContentPercent = 10;

v1::PlaybookRule* AddRule(absl::string_view id, v1::ActionKind kind, v1::Channel channel,
                          int priority, v1::Playbook* playbook) {
  v1::PlaybookRule* rule = playbook->add_rules();
  rule->set_id(std::string(id));
  rule->mutable_action()->set_kind(kind);
  rule->mutable_action()->set_channel(channel);
  rule->set_priority(priority);
  return rule;
}

// Worth a person's time: nothing speaks against it.
void WhenWorthwhile(v1::Situation* when) {
  when->add_verdicts(v1::VERDICT_QUALIFIED);
  when->add_verdicts(v1::VERDICT_OPEN);
}

void WhenInterested(v1::Situation* when) {
  when->add_temperatures(v1::TEMPERATURE_WARM);
  when->add_temperatures(v1::TEMPERATURE_HOT);
}

void WhenEngagement(double min_percent, double max_percent, v1::Situation* when) {
  v1::PartRange* range = when->add_parts();
  range->set_part(v1::SCORE_PART_ENGAGEMENT);
  range->set_min_percent(min_percent);
  range->set_max_percent(max_percent);
}

v1::PlaybookRule* AddContent(absl::string_view asset, int priority, v1::Playbook* playbook) {
  v1::PlaybookRule* rule = AddRule(absl::StrCat("nurture_", asset), v1::ACTION_KIND_NURTURE_CONTENT,
                                   v1::CHANNEL_EMAIL, priority, playbook);
  rule->mutable_action()->set_asset(std::string(asset));
  rule->mutable_when()->add_temperatures(v1::TEMPERATURE_COLD);
  return rule;
}

void AddConversations(v1::Playbook* playbook) {
  v1::PlaybookRule* rule =
      AddRule("reply", v1::ACTION_KIND_REPLY, v1::CHANNEL_EMAIL, 100, playbook);
  rule->mutable_when()->mutable_hand_raised_within()->set_seconds(30 * 86400);

  rule = AddRule("sales_presentation", v1::ACTION_KIND_SALES_PRESENTATION, v1::CHANNEL_PHONE, 90,
                 playbook);
  rule->mutable_when()->add_stages("opportunity");
  WhenWorthwhile(rule->mutable_when());

  rule = AddRule("discovery_call", v1::ACTION_KIND_DISCOVERY_CALL, v1::CHANNEL_PHONE, 80, playbook);
  for (const char* gap : {"budget", "authority", "need", "timeline"}) {
    rule->mutable_when()->add_gaps(gap);
  }
  WhenInterested(rule->mutable_when());
  WhenWorthwhile(rule->mutable_when());

  rule = AddRule("hand_over", v1::ACTION_KIND_HAND_OVER, v1::CHANNEL_UNSPECIFIED, 70, playbook);
  for (const char* stage : {"lead", "mql", "sql"}) rule->mutable_when()->add_stages(stage);
  rule->mutable_when()->add_verdicts(v1::VERDICT_QUALIFIED);

  rule = AddRule("find_decision_maker", v1::ACTION_KIND_FIND_DECISION_MAKER,
                 v1::CHANNEL_UNSPECIFIED, 60, playbook);
  rule->mutable_when()->add_gaps("authority");
  WhenWorthwhile(rule->mutable_when());

  rule = AddRule("book_meeting", v1::ACTION_KIND_BOOK_MEETING, v1::CHANNEL_EMAIL, 30, playbook);
  WhenInterested(rule->mutable_when());
  rule->mutable_when()->add_verdicts(v1::VERDICT_QUALIFIED);
}

void AddOffers(v1::Playbook* playbook) {
  v1::PlaybookRule* rule =
      AddRule("attribute_form", v1::ACTION_KIND_ATTRIBUTE_FORM, v1::CHANNEL_EMAIL, 50, playbook);
  rule->mutable_when()->add_gaps("criteria");

  rule = AddRule("roi_calculator", v1::ACTION_KIND_ROI_CALCULATOR, v1::CHANNEL_EMAIL, 40, playbook);
  rule->mutable_when()->add_gaps("budget");
  rule->mutable_when()->add_gaps("need");
  WhenInterested(rule->mutable_when());
}

void AddNurture(v1::Playbook* playbook) {
  WhenEngagement(kLightContentPercent, 100, AddContent("webinar", 16, playbook)->mutable_when());
  WhenEngagement(kLightContentPercent, 100, AddContent("ebook", 15, playbook)->mutable_when());
  WhenEngagement(kLightContentPercent, 100, AddContent("podcast", 14, playbook)->mutable_when());
  WhenEngagement(0, kLightContentPercent, AddContent("blog", 13, playbook)->mutable_when());
  WhenEngagement(0, kLightContentPercent, AddContent("video", 12, playbook)->mutable_when());
  WhenEngagement(0, kLightContentPercent, AddContent("infographic", 11, playbook)->mutable_when());
  AddContent("newsletter", 10, playbook);

  // The right customer at the wrong time.
  v1::PlaybookRule* rule =
      AddRule("stay_in_touch", v1::ACTION_KIND_NURTURE_CONTENT, v1::CHANNEL_EMAIL, 5, playbook);
  rule->mutable_action()->set_asset("newsletter");
  WhenInterested(rule->mutable_when());
  rule->mutable_when()->add_verdicts(v1::VERDICT_NURTURE);
}

}  // namespace

v1::Playbook DefaultPlaybook() {
  v1::Playbook playbook;
  AddConversations(&playbook);
  AddOffers(&playbook);
  AddNurture(&playbook);
  return playbook;
}

}  // namespace bantam
