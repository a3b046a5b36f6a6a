#include "server/engine/actions.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/action_fixture.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kTask[] = "action { kind: ACTION_KIND_OTHER }";

TEST_F(ActionsTest, ARuleWithoutSituationAlwaysApplies) {
  EXPECT_THAT(Rules(Playbook(absl::StrCat("rules { id: 'a' ", kTask, "}"))), ElementsAre("a"));
}

TEST_F(ActionsTest, EveryFieldOfASituationMustHold) {
  AddGap("country", v1::BANT_DIMENSION_UNSPECIFIED, 1000);
  AddHandRaise(absl::Hours(3));
  const struct {
    const char* when;
    bool applies;
  } kCases[] = {
      {"gaps: 'country'", true},
      {"gaps: 'criteria'", true},
      {"gaps: 'budget'", false},
      {"gaps: 'budget' gaps: 'country'", true},
      {"stages: 'lead' stages: 'mql'", true},
      {"stages: 'lead'", false},
      {"temperatures: TEMPERATURE_WARM", true},
      {"temperatures: TEMPERATURE_HOT", false},
      {"verdicts: VERDICT_OPEN", true},
      {"verdicts: VERDICT_QUALIFIED", false},
      {"hand_raised_within { seconds: 10800 }", true},
      {"hand_raised_within { seconds: 10799 }", false},
      // Fit is 20 of 40, engagement 6 of 30.
      {"parts { part: SCORE_PART_FIT min_percent: 50 max_percent: 50 }", true},
      {"parts { part: SCORE_PART_FIT min_percent: 50.01 }", false},
      {"parts { part: SCORE_PART_ENGAGEMENT max_percent: 19.99 }", false},
      {"parts { part: SCORE_PART_TOTAL min_percent: 36 }", true},
      {"gaps: 'country' stages: 'lead'", false},
  };
  for (const auto& c : kCases) {
    const auto playbook =
        Playbook(absl::StrCat("rules { id: 'a' when { ", c.when, " } ", kTask, " }"));
    EXPECT_EQ(Rules(playbook).size(), c.applies ? 1u : 0u) << c.when;
  }
}

TEST_F(ActionsTest, OfAPartWithoutCapTheShareIsZero) {
  points_[v1::SCORE_PART_ENGAGEMENT] = caps_[v1::SCORE_PART_ENGAGEMENT] = 0;
  const std::string part = "rules { id: 'a' when { parts { part: SCORE_PART_ENGAGEMENT ";
  EXPECT_THAT(Rules(Playbook(absl::StrCat(part, "max_percent: 0 } } ", kTask, "}"))),
              ElementsAre("a"));
  EXPECT_THAT(Rules(Playbook(absl::StrCat(part, "min_percent: 0.01 } } ", kTask, "}"))), IsEmpty());
}

TEST_F(ActionsTest, AHandRaiseInTheFutureIsNotYetRaised) {
  AddHandRaise(-absl::Seconds(1));
  EXPECT_THAT(Rules(Playbook(absl::StrCat(
                  "rules { id: 'a' when { hand_raised_within { seconds: 99999 } } ", kTask, "}"))),
              IsEmpty());
}

TEST_F(ActionsTest, ARestrictedLeadHasNoActions) {
  verdict_ = v1::VERDICT_RESTRICTED;
  EXPECT_THAT(Rules(Playbook(absl::StrCat("rules { id: 'a' ", kTask, "}"))), IsEmpty());
}

TEST_F(ActionsTest, DisqualifiedLeadsAndCustomersGetOnlyWhatNamesThem) {
  const v1::Playbook playbook = Playbook(
      absl::StrCat("rules { id: 'any' ", kTask, "}", "rules { id: 'mql' when { stages: 'mql' } ",
                   kTask, "}", "rules { id: 'customer' when { stages: 'customer' } ", kTask, "}",
                   "rules { id: 'gone' when { stages: 'disqualified' } ", kTask, "}",
                   "rules { id: 'verdict' when { verdicts: VERDICT_DISQUALIFIED } ", kTask, "}"));
  verdict_ = v1::VERDICT_DISQUALIFIED;
  EXPECT_THAT(Rules(playbook), ElementsAre("verdict"));
  stage_ = "disqualified";
  EXPECT_THAT(Rules(playbook), ElementsAre("gone", "verdict"));
  verdict_ = v1::VERDICT_OPEN;
  EXPECT_THAT(Rules(playbook), ElementsAre("gone"));
  stage_ = "customer";
  EXPECT_THAT(Rules(playbook), ElementsAre("customer"));
}

TEST_F(ActionsTest, AReplyWaitsUntilAnAttemptOrConversationFollows) {
  PermitEverything();
  const v1::Playbook playbook =
      Playbook("rules { id: 'a' action { kind: ACTION_KIND_REPLY channel: CHANNEL_EMAIL } }");
  EXPECT_THAT(Rules(playbook), IsEmpty());
  AddEvent(kRoleAttempt, 3 * kDay);
  AddHandRaise(2 * kDay);
  EXPECT_THAT(Rules(playbook), ElementsAre("a"));
  AddEvent(kRoleAttempt, kDay);
  EXPECT_THAT(Rules(playbook), IsEmpty());
  AddHandRaise(absl::Hours(1));
  EXPECT_THAT(Rules(playbook), ElementsAre("a"));
  AddEvent(kRoleConversation, absl::Minutes(1));
  EXPECT_THAT(Rules(playbook), IsEmpty());
}

TEST_F(ActionsTest, ADiscoveryCallWorksOnAllDimensionsButAsksThreeQuestions) {
  PermitEverything();
  AddGap("country", v1::BANT_DIMENSION_UNSPECIFIED, 1000);
  AddBantGaps();
  const v1::NextAction action =
      Only("rules { id: 'a' action { kind: ACTION_KIND_DISCOVERY_CALL channel: CHANNEL_PHONE } }");
  EXPECT_THAT(action.gaps(), ElementsAre("budget", "authority", "need", "timeline"));
  EXPECT_THAT(action.questions(),
              ElementsAre("Ask about budget?", "Ask about authority?", "Ask about need?"));
  EXPECT_EQ(action.points_at_stake(), 32.5);
  EXPECT_EQ(action.title(), "Discovery call");
  EXPECT_EQ(action.channel(), v1::CHANNEL_PHONE);
  EXPECT_EQ(action.reason(), "+32.5 if these are confirmed: budget, authority, need, timeline");
}

TEST_F(ActionsTest, EachKindWorksOnItsOwnGaps) {
  AddGap("country", v1::BANT_DIMENSION_UNSPECIFIED, 1000);
  AddBantGaps();
  const auto gaps_of = [this](const std::string& kind) {
    const v1::NextAction action =
        Only("rules { id: 'a' action { kind: ACTION_KIND_" + kind + "} }");
    return std::vector<std::string>(action.gaps().begin(), action.gaps().end());
  };
  EXPECT_THAT(gaps_of("FIND_DECISION_MAKER"), ElementsAre("authority"));
  EXPECT_THAT(gaps_of("ROI_CALCULATOR"), ElementsAre("budget", "need"));
  EXPECT_THAT(gaps_of("ATTRIBUTE_FORM"), ElementsAre("country"));
  EXPECT_THAT(gaps_of("NURTURE_CONTENT"), IsEmpty());
  EXPECT_THAT(gaps_of("BOOK_MEETING"), IsEmpty());
}

TEST_F(ActionsTest, GapsThatARuleNamesAreWhatItWorksOn) {
  PermitEverything();
  AddBantGaps();
  const v1::NextAction action = Only(
      "rules { id: 'a' when { gaps: 'need' gaps: 'unknown' } action { kind: "
      "ACTION_KIND_DISCOVERY_CALL channel: CHANNEL_PHONE } }");
  EXPECT_THAT(action.gaps(), ElementsAre("need"));
  EXPECT_EQ(action.reason(), "+7 if the need is confirmed");
}

TEST_F(ActionsTest, EachRuleClosesItsOwnGapsHoweverOthersNameThem) {
  AddGap("country", v1::BANT_DIMENSION_UNSPECIFIED, 1000);
  AddGap("size", v1::BANT_DIMENSION_UNSPECIFIED, 300);
  AddGap("need", v1::BANT_DIMENSION_NEED, 700);
  const auto rule = [](const std::string& id, const std::string& gaps) {
    return "rules { id: '" + id + "' when { " + gaps + " } action { kind: ACTION_KIND_OTHER } } ";
  };
  const v1::Qualification qualification = Recommend(
      Playbook(rule("a", "gaps: 'need' gaps: 'criteria'") + rule("b", "gaps: 'size'") +
               rule("c", "gaps: 'criteria'") + rule("d", "gaps: 'country' gaps: 'size'") +
               rule("e", "gaps: 'need'") + rule("f", "gaps: 'size'") +
               rule("g", "gaps: 'need' gaps: 'budget'") + rule("h", "gaps: 'size' gaps: 'need'")));
  std::vector<std::string> closed;
  for (const v1::NextAction& action : qualification.actions()) {
    closed.push_back(absl::StrCat(action.rule(), ": ", absl::StrJoin(action.gaps(), ", ")));
    double points = 0;
    for (const std::string& gap : action.gaps()) {
      points += gap == "country" ? 10 : gap == "size" ? 3 : 7;
    }
    EXPECT_EQ(action.points_at_stake(), points) << action.rule();
  }
  EXPECT_THAT(closed, ElementsAre("a: country, size, need", "c: country, size", "d: country, size",
                                  "h: size, need", "e: need", "g: need", "b: size", "f: size"));
}

TEST_F(ActionsTest, ReasonsNameWhatIsAtStake) {
  gaps_ = {{"where", v1::BANT_DIMENSION_UNSPECIFIED, 1000, {"company.country", "custom.plan"}},
           {"size", v1::BANT_DIMENSION_UNSPECIFIED, 0, {"company.employee_count"}}};
  const auto reason = [this](const std::string& gap) {
    return Only("rules { id: 'a' when { gaps: '" + gap + "' } action { kind: ACTION_KIND_OTHER } }")
        .reason();
  };
  EXPECT_EQ(reason("where"), "+10 if this is known and fits: country of the company, plan");
  EXPECT_EQ(reason("size"), "clarifies: number of employees");
  language_ = "de";
  EXPECT_EQ(reason("size"), "klärt: Anzahl der Mitarbeitenden");
}

TEST_F(ActionsTest, AnUnlockedGateIsNamed) {
  AddBantGaps();
  unlocked_stage_ = "sql";
  const v1::NextAction action =
      Only("rules { id: 'a' action { kind: ACTION_KIND_FIND_DECISION_MAKER } }");
  EXPECT_EQ(action.unlocks_stage(), "sql");
  EXPECT_EQ(action.reason(),
            "opens the gate to Sales-qualified lead; +8 if a decision maker is known");
}

TEST_F(ActionsTest, OwnTextsComeBeforeBuiltInOnes) {
  const std::string rule =
      "rules { id: 'a' action { kind: ACTION_KIND_HAND_OVER asset: 'crm.example/queue' "
      "title { texts { key: 'de' value: 'Übergabe' } texts { key: 'en' value: 'Pass on' } } "
      "script { texts { key: 'en' value: 'Say why.' } } } }";
  EXPECT_EQ(Only(rule).title(), "Pass on");
  language_ = "de";
  EXPECT_EQ(Only(rule).title(), "Übergabe");
  EXPECT_EQ(Only(rule).script(), "Say why.");
  EXPECT_EQ(Only(rule).asset(), "crm.example/queue");
}

TEST_F(ActionsTest, RankIsUnlockedGateThenStakeThenPriorityThenId) {
  AddBantGaps();
  unlocked_stage_ = "sql";
  const auto rule = [](const std::string& id, const std::string& gap, int priority) {
    return absl::StrCat("rules { id: '", id, "' priority: ", priority,
                        gap.empty() ? "" : absl::StrCat(" when { gaps: '", gap, "' }"),
                        " action { kind: ACTION_KIND_OTHER } }");
  };
  EXPECT_THAT(Rules(Playbook(absl::StrCat(rule("c", "", 5), rule("b", "", 5), rule("z", "", 6),
                                          rule("need", "need", 0), rule("budget", "budget", -9),
                                          rule("authority", "authority", -99)))),
              ElementsAre("authority", "budget", "need", "z", "b", "c"));
}

constexpr char kTaskRule[] = "rules { id: 'a' action { kind: ACTION_KIND_OTHER } }";

TEST_F(ActionsTest, WithoutEventOrEntryTheSlaRunsFromTheEvaluation) {
  EXPECT_EQ(Due(Only(kTaskRule)), "01-28 16:00") << "warm";
  temperature_ = v1::TEMPERATURE_HOT;
  EXPECT_EQ(Due(Only(kTaskRule)), "01-28 12:15");
  temperature_ = v1::TEMPERATURE_COLD;
  EXPECT_EQ(Due(Only(kTaskRule)), "01-29 12:00");
  EXPECT_FALSE(Only(kTaskRule).overdue());
}

TEST_F(ActionsTest, AHandRaiseWithinADayMakesItUrgent) {
  AddHandRaise(kDay);
  EXPECT_EQ(Due(Only(kTaskRule)), "01-27 12:15");
  EXPECT_TRUE(Only(kTaskRule).overdue());
  events_.clear();
  AddHandRaise(kDay + absl::Seconds(1));
  EXPECT_EQ(Due(Only(kTaskRule)), "01-27 15:59");
}

TEST_F(ActionsTest, TheNewestOfEventAndEntryCounts) {
  AddEvent(kRoleInboundActivity, 2 * kDay);
  EXPECT_EQ(Due(Only(kTaskRule)), "01-26 16:00");
  entered_ = kNow - 3 * kDay;
  EXPECT_EQ(Due(Only(kTaskRule)), "01-26 16:00");
  entered_ = kNow - kDay;
  EXPECT_EQ(Due(Only(kTaskRule)), "01-27 16:00");
  AddEvent(kRoleConversation, absl::Hours(1));
  EXPECT_EQ(Due(Only(kTaskRule)), "01-28 15:00");
  AddEvent(kRoleInboundActivity, -kDay);
  EXPECT_EQ(Due(Only(kTaskRule)), "01-28 15:00") << "the future does not count yet";
}

TEST_F(ActionsTest, AnEntryInTheFutureDoesNotCountYet) {
  entered_ = kNow + kDay;
  EXPECT_EQ(Due(Only(kTaskRule)), "01-28 16:00");
}

TEST_F(ActionsTest, RulesForAHandRaiseCountFromIt) {
  AddHandRaise(2 * kDay);
  AddEvent(kRoleInboundActivity, kDay);
  EXPECT_EQ(Due(Only("rules { id: 'a' when { hand_raised_within { seconds: 999999 } } action { "
                     "kind: ACTION_KIND_OTHER sla { business_minutes: 30 } } }")),
            "01-26 12:30");
}

TEST_F(ActionsTest, AnActionsOwnSlaIsUsed) {
  EXPECT_EQ(Due(Only("rules { id: 'a' action { kind: ACTION_KIND_OTHER "
                     "sla { business_days: 2 business_minutes: 360 } } }")),
            "02-02 10:00");
}

TEST_F(ActionsTest, DueAtTheEvaluationTimeIsNotOverdue) {
  AddEvent(kRoleInboundActivity, absl::Hours(3));
  const std::string rule =
      "rules { id: 'a' action { kind: ACTION_KIND_OTHER sla { business_minutes: ";
  EXPECT_FALSE(Only(rule + "180 } } }").overdue());
  EXPECT_TRUE(Only(rule + "179 } } }").overdue());
}

}  // namespace
}  // namespace bantam
