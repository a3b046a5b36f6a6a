#include "server/catalog/retired_revisions.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_load_icp.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kPlenty = 1 << 30;

CatalogEntryPtr Entry(absl::string_view icp, absl::string_view title) {
  auto entry = std::make_shared<CatalogEntry>();
  entry->yaml = FakeIcp("acme", icp, title);
  entry->icp = FakeLoadIcp(entry->yaml, "a.yaml").icp;
  return entry;
}

TEST(RetiredRevisionsTest, KeepsTheNewestOfEachIcp) {
  RetiredRevisions retired(2, kPlenty);
  const CatalogEntryPtr a1 = Entry("a", "1"), a2 = Entry("a", "2"), a3 = Entry("a", "3");
  const CatalogEntryPtr b1 = Entry("b", "1");
  for (const CatalogEntryPtr& entry : {a1, b1, a2, a3}) retired.Add(entry);
  EXPECT_THAT(retired.entries(), ElementsAre(b1, a2, a3));
}

TEST(RetiredRevisionsTest, RevisionRetiredAgainCountsOnceAndAsNewest) {
  RetiredRevisions retired(2, kPlenty);
  const CatalogEntryPtr a1 = Entry("a", "1"), a2 = Entry("a", "2"), a1_again = Entry("a", "1");
  for (const CatalogEntryPtr& entry : {a1, a2, a1_again}) retired.Add(entry);
  EXPECT_THAT(retired.entries(), ElementsAre(a2, a1_again));
}

TEST(RetiredRevisionsTest, BytesBoundAllIcpsTogetherAndTheLongestRetiredGoesFirst) {
  const CatalogEntryPtr a1 = Entry("a", "1"), b1 = Entry("b", "1"), c1 = Entry("c", "1");
  RetiredRevisions retired(100, ByteSize(*b1) + ByteSize(*c1));
  for (const CatalogEntryPtr& entry : {a1, b1, c1}) retired.Add(entry);
  EXPECT_THAT(retired.entries(), ElementsAre(b1, c1));
  EXPECT_EQ(retired.bytes(), ByteSize(*b1) + ByteSize(*c1));
}

TEST(RetiredRevisionsTest, BytesCountTheText) {
  auto entry = std::make_shared<CatalogEntry>(*Entry("a", "1"));
  const size_t before = ByteSize(*entry);
  entry->yaml += std::string(100000, '#');
  EXPECT_GE(ByteSize(*entry), before + 100000);
}

TEST(RetiredRevisionsTest, RevisionThatBecameCurrentAgainIsDropped) {
  RetiredRevisions retired(2, kPlenty);
  const CatalogEntryPtr a1 = Entry("a", "1");
  retired.Add(a1);
  retired.Remove("tenants/acme/icps/a", "0123");
  EXPECT_THAT(retired.entries(), ElementsAre(a1));
  retired.Remove("tenants/acme/icps/a", a1->icp->revision());
  EXPECT_THAT(retired.entries(), IsEmpty());
  EXPECT_EQ(retired.bytes(), 0);
}

TEST(RetiredRevisionsTest, BoundsOfZeroKeepNothing) {
  RetiredRevisions none_per_icp(0, kPlenty);
  none_per_icp.Add(Entry("a", "1"));
  EXPECT_THAT(none_per_icp.entries(), IsEmpty());
  RetiredRevisions no_bytes(10, 0);
  no_bytes.Add(Entry("a", "1"));
  EXPECT_THAT(no_bytes.entries(), IsEmpty());
}

}  // namespace
}  // namespace bantam
