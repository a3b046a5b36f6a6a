#include "tests/reference/random_input.h"

namespace bantam {
namespace reference {
namespace {

v1::Sla RandomSla(Dice* dice) {
  v1::Sla sla;
  if (dice->Chance(50)) sla.set_business_days(dice->Roll(4));
  if (dice->Chance(70)) sla.set_business_minutes(dice->Pick(std::vector<int>{0, 1, 15, 240, 1500}));
  return sla;
}

void RandomSituation(const v1::Icp& icp, Dice* dice, v1::Situation* when) {
  std::vector<std::string> gaps = {"budget", "authority", "need", "timeline", "criteria"};
  for (const v1::Criterion& criterion : icp.fit().criteria()) gaps.push_back(criterion.id());
  const int named = dice->Roll(3);
  for (int i = 0; i < named; ++i) {
    const std::string gap = dice->Pick(gaps);
    if (i == 0 || when->gaps(0) != gap) when->add_gaps(gap);
  }
  for (const std::string& stage : AllStages(icp)) {
    if (dice->Chance(25)) when->add_stages(stage);
  }
  if (dice->Chance(60)) when->clear_stages();
  for (int temperature = 1; dice->Chance(25) && temperature <= 3; ++temperature) {
    if (dice->Chance(60)) when->add_temperatures(static_cast<v1::Temperature>(temperature));
  }
  for (int verdict = v1::VERDICT_DISQUALIFIED; verdict <= v1::VERDICT_OPEN; ++verdict) {
    if (dice->Chance(25)) when->add_verdicts(static_cast<v1::Verdict>(verdict));
  }
  if (dice->Chance(60)) when->clear_verdicts();
  if (dice->Chance(20)) {
    v1::PartRange* range = when->add_parts();
    range->set_part(static_cast<v1::ScorePart>(1 + dice->Roll(4)));
    if (dice->Chance(70)) range->set_min_percent(dice->Pick(std::vector<double>{0, 10, 33.33}));
    if (dice->Chance(70)) range->set_max_percent(dice->Pick(std::vector<double>{50, 66.67, 100}));
  }
  if (dice->Chance(20)) {
    *when->mutable_hand_raised_within() = ToDuration(dice->Pick(Vocabulary::Seconds()) * kSecond);
  }
}

}  // namespace

v1::BusinessHours RandomHours(Dice* dice) {
  v1::BusinessHours hours;
  hours.set_time_zone(dice->Pick({"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                  "Australia/Lord_Howe", "America/Sao_Paulo"}));
  for (int day = v1::WEEKDAY_MONDAY; day <= v1::WEEKDAY_SUNDAY; ++day) {
    if (dice->Chance(day <= v1::WEEKDAY_FRIDAY ? 80 : 40)) {
      hours.add_days(static_cast<v1::Weekday>(day));
    }
  }
  if (hours.days().empty()) hours.add_days(v1::WEEKDAY_TUESDAY);
  hours.set_opens(dice->Pick({"00:00", "01:30", "02:15", "08:30", "09:00"}));
  hours.set_closes(dice->Pick({"09:31", "12:00", "17:00", "23:59", "24:00"}));
  for (const char* holiday : {"2026-03-30", "2026-04-03", "2026-10-26", "2026-12-25"}) {
    if (dice->Chance(30)) hours.add_holidays(holiday);
  }
  return hours;
}

void AddRandomPlaybook(Dice* dice, v1::Icp* icp) {
  *icp->mutable_business_hours() = RandomHours(dice);
  if (dice->Chance(40)) return;
  const int count = 1 + dice->Roll(6);
  for (int i = 0; i < count; ++i) {
    v1::PlaybookRule* rule = icp->mutable_playbook()->add_rules();
    rule->set_id("a" + std::to_string((i * 7 + 3) % 10));
    if (dice->Chance(80)) RandomSituation(*icp, dice, rule->mutable_when());
    v1::Action* action = rule->mutable_action();
    action->set_kind(static_cast<v1::ActionKind>(1 + dice->Roll(10)));
    if (dice->Chance(80)) action->set_channel(static_cast<v1::Channel>(1 + dice->Roll(4)));
    if (dice->Chance(50)) *action->mutable_sla() = RandomSla(dice);
    if (dice->Chance(50)) rule->set_priority(dice->Roll(5) - 2);
  }
}

}  // namespace reference
}  // namespace bantam
