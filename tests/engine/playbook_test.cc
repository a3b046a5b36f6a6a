#include "server/engine/playbook.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/action_fixture.h"

namespace bantam {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class DefaultPlaybookTest : public ActionsTest {
 protected:
  void SetUp() override { PermitEverything(); }
};

TEST_F(DefaultPlaybookTest, IdsAreUniqueAndTextsAreBuiltIn) {
  std::vector<std::string> ids;
  const v1::Playbook playbook = DefaultPlaybook();
  for (const v1::PlaybookRule& rule : playbook.rules()) {
    EXPECT_THAT(ids, Not(Contains(rule.id())));
    ids.push_back(rule.id());
    EXPECT_FALSE(rule.action().has_title() || rule.action().has_script()) << rule.id();
  }
}

TEST_F(DefaultPlaybookTest, ARaisedHandIsAnsweredFirst) {
  AddBantGaps();
  AddHandRaise(absl::Minutes(5));
  const v1::Qualification qualification = Recommend(DefaultPlaybook());
  ASSERT_GT(qualification.actions_size(), 1);
  EXPECT_EQ(qualification.actions(0).rule(), "reply");
  EXPECT_EQ(Due(qualification.actions(0)), "01-28 12:10");
  EXPECT_EQ(qualification.actions(1).rule(), "discovery_call");
}

TEST_F(DefaultPlaybookTest, AWarmLeadIsAskedForWhatIsMissing) {
  AddBantGaps();
  AddGap("country", v1::BANT_DIMENSION_UNSPECIFIED, 1000);
  EXPECT_THAT(Rules(DefaultPlaybook()), ElementsAre("discovery_call", "roi_calculator",
                                                    "attribute_form", "find_decision_maker"));
}

TEST_F(DefaultPlaybookTest, AColdLeadGetsLightContentAndDeeperContentOnceItEngages) {
  temperature_ = v1::TEMPERATURE_COLD;
  points_[v1::SCORE_PART_ENGAGEMENT] = 0;
  EXPECT_THAT(Rules(DefaultPlaybook()), ElementsAre("nurture_blog", "nurture_video",
                                                    "nurture_infographic", "nurture_newsletter"));
  points_[v1::SCORE_PART_ENGAGEMENT] = 900;
  EXPECT_THAT(Rules(DefaultPlaybook()), ElementsAre("nurture_webinar", "nurture_ebook",
                                                    "nurture_podcast", "nurture_newsletter"));
}

TEST_F(DefaultPlaybookTest, OnlyOpportunitiesGetTheSalesPresentation) {
  verdict_ = v1::VERDICT_QUALIFIED;
  temperature_ = v1::TEMPERATURE_HOT;
  for (const char* stage : {"lead", "mql", "sql", "nurture"}) {
    stage_ = stage;
    EXPECT_THAT(Rules(DefaultPlaybook()), Not(Contains("sales_presentation"))) << stage;
  }
  stage_ = "opportunity";
  EXPECT_THAT(Rules(DefaultPlaybook()), ElementsAre("sales_presentation", "book_meeting"));
}

TEST_F(DefaultPlaybookTest, AQualifiedLeadIsHandedOver) {
  verdict_ = v1::VERDICT_QUALIFIED;
  EXPECT_THAT(Rules(DefaultPlaybook()), ElementsAre("hand_over", "book_meeting"));
}

TEST_F(DefaultPlaybookTest, TheRightCustomerAtTheWrongTimeIsKeptInTouchWith) {
  verdict_ = v1::VERDICT_NURTURE;
  stage_ = "nurture";
  EXPECT_THAT(Rules(DefaultPlaybook()), ElementsAre("stay_in_touch"));
}

TEST_F(DefaultPlaybookTest, CustomersAndDisqualifiedLeadsGetNothing) {
  AddBantGaps();
  AddHandRaise(absl::Minutes(5));
  stage_ = "customer";
  EXPECT_THAT(Rules(DefaultPlaybook()), IsEmpty());
  stage_ = "mql";
  verdict_ = v1::VERDICT_DISQUALIFIED;
  EXPECT_THAT(Rules(DefaultPlaybook()), IsEmpty());
}

TEST_F(DefaultPlaybookTest, EveryActionHasTextsInEveryLanguage) {
  AddBantGaps();
  AddGap("country", v1::BANT_DIMENSION_UNSPECIFIED, 1000);
  AddHandRaise(absl::Minutes(5));
  for (const char* language : {"en", "de", "ro"}) {
    language_ = language;
    const v1::Qualification qualification = Recommend(DefaultPlaybook());
    EXPECT_GT(qualification.actions_size(), 1);
    for (const v1::NextAction& action : qualification.actions()) {
      EXPECT_NE(action.title(), "") << language << " " << action.rule();
      EXPECT_NE(action.script(), "") << language << " " << action.rule();
      EXPECT_NE(action.reason(), "") << language << " " << action.rule();
    }
  }
}

}  // namespace
}  // namespace bantam
