#include "server/engine/consent.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/action_fixture.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using ConsentTest = ActionsTest;

constexpr char kMail[] =
    "rules { id: 'mail' action { kind: ACTION_KIND_NURTURE_CONTENT asset: 'blog' "
    "channel: CHANNEL_EMAIL } }";
constexpr char kCall[] =
    "rules { id: 'call' action { kind: ACTION_KIND_DISCOVERY_CALL channel: CHANNEL_PHONE } }";

TEST_F(ConsentTest, APermittedChannelIsKept) {
  AddConsent(v1::CHANNEL_EMAIL);
  const v1::Qualification qualification = Recommend(Playbook(kMail));
  ASSERT_EQ(qualification.actions_size(), 1);
  EXPECT_EQ(qualification.actions(0).channel(), v1::CHANNEL_EMAIL);
  EXPECT_EQ(qualification.actions(0).replaced_channel(), v1::CHANNEL_UNSPECIFIED);
  EXPECT_EQ(qualification.actions(0).title(), "Send a blog article");
  EXPECT_EQ(qualification.withheld_actions_size(), 0);
}

TEST_F(ConsentTest, WithoutPermissionTheMostSuitablePermittedChannelTakesOver) {
  AddConsent(v1::CHANNEL_POST);
  AddConsent(v1::CHANNEL_SMS);
  const v1::Qualification qualification = Recommend(Playbook(kCall));
  ASSERT_EQ(qualification.actions_size(), 1);
  EXPECT_EQ(qualification.actions(0).kind(), v1::ACTION_KIND_DISCOVERY_CALL);
  EXPECT_EQ(qualification.actions(0).channel(), v1::CHANNEL_SMS);
  EXPECT_EQ(qualification.actions(0).replaced_channel(), v1::CHANNEL_PHONE);
  ASSERT_EQ(qualification.withheld_actions_size(), 1);
  EXPECT_EQ(qualification.withheld_actions(0).rule(), "call");
  EXPECT_EQ(qualification.withheld_actions(0).kind(), v1::ACTION_KIND_DISCOVERY_CALL);
  EXPECT_EQ(qualification.withheld_actions(0).channel(), v1::CHANNEL_PHONE);
  EXPECT_EQ(qualification.withheld_actions(0).reason(),
            "no consent for phone is known; SMS is used instead");
}

TEST_F(ConsentTest, ContentIsNotMovedToThePhoneButConsentIsAskedForThere) {
  AddConsent(v1::CHANNEL_PHONE);
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_DENIED);
  const v1::Qualification qualification = Recommend(Playbook(kMail));
  ASSERT_EQ(qualification.actions_size(), 1);
  const v1::NextAction& action = qualification.actions(0);
  EXPECT_EQ(action.kind(), v1::ACTION_KIND_ASK_FOR_CONSENT);
  EXPECT_EQ(action.channel(), v1::CHANNEL_PHONE);
  EXPECT_EQ(action.replaced_channel(), v1::CHANNEL_EMAIL);
  EXPECT_EQ(action.title(), "Ask for consent");
  EXPECT_THAT(action.script(), HasSubstr("contact you by e-mail"));
  EXPECT_EQ(action.reason(), "no permission yet for: e-mail");
  EXPECT_EQ(action.asset(), "");
  ASSERT_EQ(qualification.withheld_actions_size(), 1);
  EXPECT_EQ(qualification.withheld_actions(0).kind(), v1::ACTION_KIND_NURTURE_CONTENT);
  EXPECT_EQ(qualification.withheld_actions(0).reason(),
            "consent for e-mail was refused; ask for consent instead");
}

TEST_F(ConsentTest, WithoutAnyPermissionOneRequestAtTheNextInboundContactStandsForAll) {
  AddBantGaps();
  const v1::Qualification qualification = Recommend(Playbook(absl::StrCat(kMail, kCall)));
  ASSERT_EQ(qualification.actions_size(), 1);
  const v1::NextAction& action = qualification.actions(0);
  EXPECT_EQ(action.kind(), v1::ACTION_KIND_ASK_FOR_CONSENT);
  EXPECT_EQ(action.channel(), v1::CHANNEL_UNSPECIFIED);
  EXPECT_EQ(action.rule(), "call");  // The better of the two.
  EXPECT_THAT(action.gaps(), IsEmpty());
  EXPECT_EQ(action.points_at_stake(), 0);
  EXPECT_EQ(action.reason(),
            "no permission yet for: e-mail, phone; ask at the next inbound contact");
  EXPECT_EQ(qualification.withheld_actions_size(), 2);
}

TEST_F(ConsentTest, AnActionWithoutChannelNeedsNoConsent) {
  EXPECT_EQ(Only("rules { id: 'a' action { kind: ACTION_KIND_FIND_DECISION_MAKER } }").channel(),
            v1::CHANNEL_UNSPECIFIED);
}

TEST_F(ConsentTest, ConsentIsOnlyAskedForWhereItIsMissing) {
  const v1::Playbook playbook = Playbook(
      "rules { id: 'ask' action { kind: ACTION_KIND_ASK_FOR_CONSENT channel: CHANNEL_EMAIL } }");
  AddConsent(v1::CHANNEL_EMAIL);
  AddConsent(v1::CHANNEL_PHONE);
  const v1::Qualification qualification = Recommend(playbook);
  ASSERT_EQ(qualification.actions_size(), 1);
  EXPECT_THAT(qualification.actions(0).script(), HasSubstr("by SMS, post with"));
  PermitEverything();
  EXPECT_THAT(Rules(playbook), IsEmpty());
}

TEST_F(ConsentTest, ARequestOfThePlaybookTakesInThoseThatReplaceOthers) {
  AddConsent(v1::CHANNEL_PHONE);
  const v1::Qualification qualification = Recommend(Playbook(
      absl::StrCat(kMail,
                   "rules { id: 'ask' priority: 1 action { kind: ACTION_KIND_ASK_FOR_CONSENT "
                   "channel: CHANNEL_PHONE title { texts { key: 'en' value: 'May we?' } } } }")));
  ASSERT_EQ(qualification.actions_size(), 1);
  EXPECT_EQ(qualification.actions(0).rule(), "ask");
  EXPECT_EQ(qualification.actions(0).title(), "May we?");
  EXPECT_EQ(qualification.withheld_actions_size(), 1);
}

// The newest consent of e-mail, and whether a mail may be sent.
TEST_F(ConsentTest, TheNewestConsentOfAChannelCounts) {
  const auto may_mail = [this] {
    return Recommend(Playbook(kMail)).actions(0).channel() == v1::CHANNEL_EMAIL;
  };
  EXPECT_FALSE(may_mail()) << "nothing is known";
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_GRANTED);
  EXPECT_TRUE(may_mail()) << "undated";
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_DENIED, 9 * kDay);
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_GRANTED);
  EXPECT_FALSE(may_mail()) << "undated ones rank oldest";
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_GRANTED, 9 * kDay);
  EXPECT_TRUE(may_mail()) << "of equals the last counts";
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_DENIED, -kDay);
  EXPECT_TRUE(may_mail()) << "the future does not count yet";
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_UNSPECIFIED, 8 * kDay);
  EXPECT_FALSE(may_mail()) << "not said counts as none";
}

TEST_F(ConsentTest, AnUnsubscribeNewerThanTheConsentWithdrawsEmailOnly) {
  const v1::Playbook playbook = Playbook(absl::StrCat(kMail, kCall));
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_GRANTED, 5 * kDay);
  AddConsent(v1::CHANNEL_PHONE, v1::CONSENT_STATE_GRANTED, 5 * kDay);
  AddEvent(kRoleUnsubscribe | kRoleRefusal, 5 * kDay);
  AddEvent(kRoleUnsubscribe | kRoleRefusal, -kDay);
  EXPECT_EQ(Recommend(playbook).withheld_actions_size(), 0) << "neither is newer yet";
  AddEvent(kRoleUnsubscribe | kRoleRefusal, 4 * kDay);
  const v1::Qualification withdrawn = Recommend(playbook);
  ASSERT_EQ(withdrawn.withheld_actions_size(), 1);
  EXPECT_EQ(withdrawn.withheld_actions(0).reason(),
            "an unsubscribe withdrew e-mail; ask for consent instead");
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_GRANTED, 3 * kDay);
  EXPECT_EQ(Recommend(playbook).withheld_actions_size(), 0) << "consent was given again";
}

constexpr char kReply[] =
    "rules { id: 'reply' action { kind: ACTION_KIND_REPLY channel: CHANNEL_EMAIL } }";

TEST_F(ConsentTest, AHandRaiseOfThirtyDaysPermitsRepliesOnItsChannelsAndNothingElse) {
  AddHandRaise(30 * kDay, {v1::CHANNEL_PHONE});
  const v1::Qualification qualification = Recommend(Playbook(absl::StrCat(kReply, kCall)));
  ASSERT_EQ(qualification.actions_size(), 2);
  EXPECT_EQ(qualification.actions(1).rule(), "reply");
  EXPECT_EQ(qualification.actions(1).channel(), v1::CHANNEL_PHONE);
  EXPECT_EQ(qualification.actions(0).kind(), v1::ACTION_KIND_ASK_FOR_CONSENT);
  EXPECT_EQ(qualification.actions(0).channel(), v1::CHANNEL_UNSPECIFIED);
}

TEST_F(ConsentTest, AnOlderHandRaisePermitsNoReplies) {
  AddHandRaise(30 * kDay + absl::Seconds(1), {v1::CHANNEL_EMAIL});
  EXPECT_EQ(Only(kReply).kind(), v1::ACTION_KIND_ASK_FOR_CONSENT);
}

TEST_F(ConsentTest, ANewerRefusalOfTheChannelEndsThePermissionToReply) {
  AddHandRaise(10 * kDay, {v1::CHANNEL_EMAIL, v1::CHANNEL_PHONE});
  AddConsent(v1::CHANNEL_EMAIL, v1::CONSENT_STATE_DENIED, 11 * kDay);
  EXPECT_EQ(Only(kReply).channel(), v1::CHANNEL_EMAIL) << "the refusal is older";
  AddEvent(kRoleUnsubscribe | kRoleRefusal, 9 * kDay);
  EXPECT_EQ(Only(kReply).channel(), v1::CHANNEL_PHONE) << "unsubscribed since";
  AddConsent(v1::CHANNEL_PHONE, v1::CONSENT_STATE_DENIED, 8 * kDay);
  EXPECT_EQ(Only(kReply).kind(), v1::ACTION_KIND_ASK_FOR_CONSENT) << "phone refused since";
}

}  // namespace
}  // namespace bantam
