#include "server/catalog/definition_set.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_load_icp.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kA[] = "tenants/acme/icps/a";
constexpr char kB[] = "tenants/acme/icps/b";

class DefinitionSetTest : public ::testing::Test {
 protected:
  // Takes over these texts by id. A text that starts with '!' stands for the error behind it.
  DefinitionChanges Update(const std::map<std::string, std::string>& texts,
                           std::vector<std::string> gaps = {}) {
    IcpSnapshot snapshot;
    for (const auto& [id, text] : texts) {
      const bool readable = text.empty() || text[0] != '!';
      snapshot.documents.push_back(
          {id, readable ? text : "", readable ? "" : std::string(text.substr(1))});
    }
    snapshot.gaps = std::move(gaps);
    return set_.Update(std::move(snapshot), absl::FromUnixSeconds(++now_));
  }

  // The English title of the ICP in service; "(none)" if there is none.
  std::string Title(absl::string_view name) const {
    const auto held = set_.current().find(std::string(name));
    if (held == set_.current().end()) return "(none)";
    return held->second.entry->icp->definition().title().texts().at("en");
  }

  std::vector<std::string> Rendered() const {
    std::vector<std::string> rendered;
    for (const v1::Issue& issue : set_.issues()) rendered.push_back(issue.rendered());
    return rendered;
  }

  std::vector<std::string> loaded_;  // Ids, in the order in which they were loaded.
  DefinitionSet set_{[this](absl::string_view yaml, absl::string_view file) {
    loaded_.emplace_back(file);
    return FakeLoadIcp(yaml, file);
  }};
  int now_ = 0;
};

std::string A(absl::string_view title) { return FakeIcp("acme", "a", title); }
std::string B(absl::string_view title) { return FakeIcp("acme", "b", title); }

TEST_F(DefinitionSetTest, TellsWhatCameChangedAndWent) {
  EXPECT_THAT(Update({{"a.yaml", A("1")}, {"b.yaml", B("1")}}).added, ElementsAre(kA, kB));
  const DefinitionChanges changes = Update({{"a.yaml", A("2")}});
  EXPECT_THAT(changes.added, IsEmpty());
  EXPECT_THAT(changes.changed, ElementsAre(kA));
  EXPECT_THAT(changes.removed, ElementsAre(kB));
  EXPECT_EQ(changes.retired.size(), 2);
  EXPECT_EQ(Title(kA), "2");
  EXPECT_EQ(Title(kB), "(none)");
}

TEST_F(DefinitionSetTest, LoadsOnlyWhatChanged) {
  Update({{"a.yaml", A("1")}, {"b.yaml", "bad"}});
  loaded_.clear();
  Update({{"a.yaml", A("1")}, {"b.yaml", "bad"}, {"c.yaml", FakeIcp("acme", "c", "1")}});
  EXPECT_THAT(loaded_, ElementsAre("c.yaml"));
  EXPECT_THAT(Rendered(), ElementsAre("b.yaml:1:1: error: cannot be understood",
                                      "b.yaml:1:1: error: name is missing"));
}

TEST_F(DefinitionSetTest, EntrySaysWhenItWasRead) {
  Update({{"a.yaml", A("1")}});
  Update({{"a.yaml", A("1")}, {"b.yaml", B("1")}});
  EXPECT_EQ(set_.current().at(kA).entry->load_time, absl::FromUnixSeconds(1));
  EXPECT_EQ(set_.current().at(kB).entry->load_time, absl::FromUnixSeconds(2));
}

TEST_F(DefinitionSetTest, EditedCommentReplacesTheTextAndKeepsTheRevision) {
  Update({{"a.yaml", A("1")}});
  const DefinitionChanges changes = Update({{"a.yaml", A("1") + "# a remark\n"}});
  EXPECT_THAT(changes.changed, IsEmpty());
  EXPECT_THAT(changes.retired, IsEmpty());
  EXPECT_TRUE(changes.rewritten);
  EXPECT_EQ(set_.current().at(kA).entry->yaml, A("1") + "# a remark\n");
}

TEST_F(DefinitionSetTest, WarningsDoNotBlock) {
  Update({{"a.yaml", A("1") + "warning: odd\n"}});
  ASSERT_EQ(Title(kA), "1");
  ASSERT_EQ(set_.current().at(kA).entry->warnings.size(), 1);
  EXPECT_EQ(set_.current().at(kA).entry->warnings[0].message(), "odd");
  EXPECT_THAT(Rendered(), ElementsAre("a.yaml:3:1: warning: odd"));
  EXPECT_THAT(set_.StaleNames(), IsEmpty());
}

TEST_F(DefinitionSetTest, BadEditKeepsTheLastGoodUntilItIsMended) {
  Update({{"a.yaml", A("1")}});
  const DefinitionChanges changes = Update({{"a.yaml", A("2") + "error: wrong\n"}});
  EXPECT_THAT(changes.removed, IsEmpty());
  EXPECT_EQ(Title(kA), "1");
  EXPECT_THAT(set_.StaleNames(), ElementsAre(kA));
  EXPECT_THAT(Rendered(), ElementsAre("a.yaml:3:1: error: wrong"));
  EXPECT_THAT(Update({{"a.yaml", A("3")}}).changed, ElementsAre(kA));
  EXPECT_EQ(Title(kA), "3");
  EXPECT_THAT(set_.StaleNames(), IsEmpty());
  EXPECT_THAT(Rendered(), IsEmpty());
}

TEST_F(DefinitionSetTest, BadDocumentWithoutAReadableNameKeepsWhatItHeld) {
  Update({{"a.yaml", A("1")}});
  Update({{"a.yaml", "name"}});
  EXPECT_EQ(Title(kA), "1");
  Update({{"a.yaml", ""}});
  EXPECT_EQ(Title(kA), "1");
}

TEST_F(DefinitionSetTest, BadDocumentsWithoutAReadableNameAreCountedUntilTheyAreGood) {
  Update({{"a.yaml", A("1")}, {"b.yaml", "name"}, {"c.yaml", "!cannot be read"}});
  EXPECT_EQ(set_.NamelessBad(), 2);
  Update({{"a.yaml", "name"}, {"b.yaml", B("2")}});
  EXPECT_EQ(set_.NamelessBad(), 0) << "a.yaml has told its name, and what it held serves";
}

TEST_F(DefinitionSetTest, BadDocumentThatWasRenamedKeepsWhatItHeldUntilItIsGood) {
  Update({{"a.yaml", A("1")}});
  Update({{"a.yaml", B("2") + "error: wrong\n"}});
  EXPECT_EQ(Title(kA), "1");
  EXPECT_EQ(Title(kB), "(none)");
  EXPECT_THAT(set_.BrokenNames(), ElementsAre(kB));
  Update({{"a.yaml", B("2")}});
  EXPECT_EQ(Title(kA), "(none)");
  EXPECT_EQ(Title(kB), "2");
}

TEST_F(DefinitionSetTest, UnreadableDocumentKeepsTheLastGood) {
  Update({{"a.yaml", A("1")}});
  Update({{"a.yaml", "!cannot be read: Permission denied"}});
  EXPECT_EQ(Title(kA), "1");
  EXPECT_THAT(Rendered(), ElementsAre("a.yaml: error: cannot be read: Permission denied"));
  Update({{"a.yaml", A("1")}});
  EXPECT_THAT(Rendered(), IsEmpty());
  EXPECT_THAT(set_.StaleNames(), IsEmpty());
}

TEST_F(DefinitionSetTest, NewDocumentThatIsBadIsNotInService) {
  Update({{"a.yaml", A("1") + "error: wrong\n"}});
  EXPECT_THAT(set_.current(), IsEmpty());
  EXPECT_THAT(set_.BrokenNames(), ElementsAre(kA));
}

TEST_F(DefinitionSetTest, DeletedWhileBadIsGone) {
  Update({{"a.yaml", A("1")}});
  Update({{"a.yaml", "bad"}});
  EXPECT_THAT(Update({}).removed, ElementsAre(kA));
}

TEST_F(DefinitionSetTest, FileThatMovedKeepsItsIcp) {
  Update({{"a.yaml", A("1")}});
  const DefinitionChanges changes = Update({{"sub/b.yaml", A("1")}});
  EXPECT_THAT(changes.removed, IsEmpty());
  EXPECT_THAT(changes.changed, IsEmpty());
  EXPECT_EQ(set_.current().at(kA).document, "sub/b.yaml");
}

TEST_F(DefinitionSetTest, NameOfTwoDocumentsIsAnIssueOfBothAndReplacesNothing) {
  Update({{"a.yaml", A("1")}});
  Update({{"a.yaml", A("2")}, {"copy.yaml", A("3")}});
  EXPECT_EQ(Title(kA), "1");
  EXPECT_THAT(set_.StaleNames(), ElementsAre(kA));
  EXPECT_THAT(Rendered(),
              ElementsAre("a.yaml: error: name 'tenants/acme/icps/a' is also that of 'copy.yaml'; "
                          "until one of them is renamed or deleted, none is taken over",
                          "copy.yaml: error: name 'tenants/acme/icps/a' is also that of 'a.yaml'; "
                          "until one of them is renamed or deleted, none is taken over"));
  Update({{"copy.yaml", A("3")}});
  EXPECT_EQ(Title(kA), "3");
  EXPECT_THAT(Rendered(), IsEmpty());
}

TEST_F(DefinitionSetTest, NameOfThreeDocumentsFromTheStartIsNotInService) {
  Update({{"a.yaml", A("1")}, {"b.yaml", A("2")}, {"c.yaml", A("3")}});
  EXPECT_THAT(set_.current(), IsEmpty());
  ASSERT_EQ(set_.issues().size(), 3);
  EXPECT_EQ(set_.issues()[1].message(),
            "name 'tenants/acme/icps/a' is also that of 'a.yaml' and 1 more; until one of them is "
            "renamed or deleted, none is taken over");
}

TEST_F(DefinitionSetTest, BadDocumentAlsoClaimsItsName) {
  Update({{"a.yaml", A("1")}});
  Update({{"a.yaml", A("2")}, {"b.yaml", A("3") + "error: wrong\n"}});
  EXPECT_EQ(Title(kA), "1");
  EXPECT_EQ(set_.issues().size(), 3);
}

TEST_F(DefinitionSetTest, WhatAnIncompleteSnapshotDoesNotShowStays) {
  Update({{"a.yaml", A("1")}, {"sub/b.yaml", B("1")}});
  const DefinitionChanges changes =
      Update({{"a.yaml", A("2")}}, {"sub/: cannot be read: Permission denied"});
  EXPECT_THAT(changes.removed, IsEmpty());
  EXPECT_EQ(Title(kA), "2");
  EXPECT_EQ(Title(kB), "1");
  EXPECT_THAT(Rendered(), ElementsAre("error: sub/: cannot be read: Permission denied"));
  EXPECT_THAT(Update({{"a.yaml", A("2")}}).removed, ElementsAre(kB));
}

TEST_F(DefinitionSetTest, IssuesAreInOrderOfFileAndLine) {
  Update({{"b.yaml", "error: 1\nwarning: 2\n" + B("1")}, {"a.yaml", "error: 3\n" + A("1")}});
  EXPECT_THAT(Rendered(), ElementsAre("a.yaml:1:1: error: 3", "b.yaml:1:1: error: 1",
                                      "b.yaml:2:1: warning: 2"));
}

}  // namespace
}  // namespace bantam
