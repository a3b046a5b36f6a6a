#include "server/catalog/snapshot_catalog.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_load_icp.h"
#include "tests/fakes/memory_source.h"
#include "tests/fakes/reload_log.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kSoftware[] = "tenants/acme/icps/software";

std::string Software(absl::string_view title) { return FakeIcp("acme", "software", title); }

class SnapshotCatalogTest : public ::testing::Test {
 protected:
  void Open() {
    auto catalog = SnapshotCatalog::Open(std::make_unique<MemorySource>(documents_), FakeLoadIcp,
                                         options_, log_.Recorder());
    ASSERT_TRUE(catalog.ok()) << catalog.status();
    catalog_ = *std::move(catalog);
    ASSERT_NE(log_.Next(), nullptr);  // Of the first load.
  }

  absl::StatusOr<CatalogEntryPtr> Get(absl::string_view name, absl::string_view revision = "") {
    IcpQuery query;
    query.name = name;
    query.revision = revision;
    absl::StatusOr<CatalogEntryPtr> result = absl::InternalError("was not called");
    catalog_->Get(query, [&result](absl::StatusOr<IcpAnswer> answer) {
      if (answer.ok()) {
        result = answer->entry;
      } else {
        result = answer.status();
      }
    });
    return result;
  }

  // The message of a NOT_FOUND; else what came instead.
  std::string NotFound(absl::string_view name, absl::string_view revision = "") {
    const absl::StatusOr<CatalogEntryPtr> entry = Get(name, revision);
    if (absl::IsNotFound(entry.status())) return std::string(entry.status().message());
    return entry.ok() ? (*entry)->icp->name() : entry.status().ToString();
  }

  std::string Title(absl::string_view name, absl::string_view revision = "") {
    const absl::StatusOr<CatalogEntryPtr> entry = Get(name, revision);
    if (!entry.ok()) return entry.status().ToString();
    return (*entry)->icp->definition().title().texts().at("en");
  }

  std::vector<std::string> List(absl::string_view parent, absl::string_view after = "",
                                int limit = 100) {
    std::vector<std::string> names;
    catalog_->List(parent, after, limit, [&names](absl::StatusOr<IcpPage> page) {
      ASSERT_TRUE(page.ok()) << page.status();
      for (const v1::IcpSummary& icp : page->icps) names.push_back(icp.name());
      if (page->more) names.push_back("more");
    });
    return names;
  }

  // Changes a.yaml, waits for the reload, and returns the revision.
  std::string Save(absl::string_view yaml) {
    documents_->Put("a.yaml", yaml);
    EXPECT_NE(log_.Next(), nullptr);
    return (*Get(kSoftware))->icp->revision();
  }

  const std::shared_ptr<MemoryDocuments> documents_ = std::make_shared<MemoryDocuments>();
  SnapshotCatalogOptions options_;
  ReloadLog log_;
  std::unique_ptr<SnapshotCatalog> catalog_;
};

TEST_F(SnapshotCatalogTest, GivesWhatTheSourceHolds) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  const absl::StatusOr<CatalogEntryPtr> entry = Get(kSoftware);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ((*entry)->icp->name(), kSoftware);
  EXPECT_EQ((*entry)->yaml, Software("1"));
  EXPECT_EQ(*Get(kSoftware, (*entry)->icp->revision()), *entry);
}

TEST_F(SnapshotCatalogTest, FindsWhatGetGivesAtOnce) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  const CatalogEntryPtr entry = *Get(kSoftware);
  IcpQuery query;
  query.name = kSoftware;
  EXPECT_EQ((*catalog_->Find(query))->entry, entry);
  query.revision = entry->icp->revision();
  EXPECT_EQ((*catalog_->Find(query))->entry, entry);
  EXPECT_EQ((*catalog_->Find(query))->age, absl::ZeroDuration());
  query.revision = "00000000000000000000000000000000";
  EXPECT_EQ(catalog_->Find(query)->status().message(), NotFound(kSoftware, query.revision));
  query.number = 1;
  EXPECT_TRUE(absl::IsFailedPrecondition(catalog_->Find(query)->status()));
}

TEST_F(SnapshotCatalogTest, FindsNothingThatMustBeReadAnew) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  IcpQuery query;
  query.name = kSoftware;
  query.max_staleness = absl::ZeroDuration();
  EXPECT_EQ(catalog_->Find(query), absl::nullopt);
}

TEST_F(SnapshotCatalogTest, ListsByNameAndTenant) {
  documents_->PutAll({{"1.yaml", FakeIcp("acme", "b", "1")},
                      {"2.yaml", FakeIcp("acme-2", "a", "1")},
                      {"3.yaml", FakeIcp("acme", "a", "1")}});
  Open();
  EXPECT_THAT(List("tenants/acme"), ElementsAre("tenants/acme/icps/a", "tenants/acme/icps/b"));
  EXPECT_THAT(List("tenants/acme-2"), ElementsAre("tenants/acme-2/icps/a"));
  EXPECT_THAT(List("tenants/acm"), IsEmpty());
  EXPECT_THAT(List("tenants/-"),
              ElementsAre("tenants/acme-2/icps/a", "tenants/acme/icps/a", "tenants/acme/icps/b"));
}

TEST_F(SnapshotCatalogTest, ListsPageByPage) {
  documents_->PutAll({{"1.yaml", FakeIcp("a", "1", "One")},
                      {"2.yaml", FakeIcp("a", "2", "Two")},
                      {"3.yaml", FakeIcp("b", "1", "One")}});
  Open();
  EXPECT_THAT(List("tenants/-", "", 2),
              ElementsAre("tenants/a/icps/1", "tenants/a/icps/2", "more"));
  EXPECT_THAT(List("tenants/-", "tenants/a/icps/2", 2), ElementsAre("tenants/b/icps/1"));
  EXPECT_THAT(List("tenants/a", "tenants/a/icps/1", 1), ElementsAre("tenants/a/icps/2"));
  EXPECT_THAT(List("tenants/a", "tenants/a/icps/10", 5), ElementsAre("tenants/a/icps/2"));
  EXPECT_THAT(List("tenants/a", "tenants/a/icps/2", 5), IsEmpty());
  EXPECT_THAT(List("tenants/b", "tenants/a/icps/2", 5), ElementsAre("tenants/b/icps/1"));
  catalog_->List("tenants/a", "", 1, [this](absl::StatusOr<IcpPage> page) {
    ASSERT_TRUE(page.ok());
    const CatalogEntryPtr entry = *Get("tenants/a/icps/1");
    EXPECT_EQ(page->icps[0].revision(), entry->icp->revision());
    EXPECT_EQ(page->icps[0].title(), "One");
    EXPECT_EQ(page->icps[0].load_time().seconds(), absl::ToUnixSeconds(entry->load_time));
    EXPECT_EQ(page->icps[0].number(), 0);
    EXPECT_FALSE(page->icps[0].has_create_time());
  });
}

TEST_F(SnapshotCatalogTest, TenantWithTooManyIcpsIsRefused) {
  documents_->PutAll({{"1.yaml", FakeIcp("a", "1", "One")}, {"2.yaml", FakeIcp("a", "2", "Two")}});
  options_.max_tenant_icps = 1;
  Open();
  catalog_->GetTenant("tenants/a", absl::nullopt, [](const absl::StatusOr<TenantAnswer>& answer) {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(answer.status().message()),
                ::testing::HasSubstr("tenants/a has 2 ICPs; one request is evaluated against 1"));
  });
}

TEST_F(SnapshotCatalogTest, UnknownIcpSuggestsOneOfTheSameTenant) {
  documents_->PutAll({{"1.yaml", Software("1")}, {"2.yaml", FakeIcp("other", "hardware", "1")}});
  Open();
  EXPECT_EQ(NotFound("tenants/acme/icps/sofware"),
            "there is no ICP 'tenants/acme/icps/sofware'; did you mean "
            "'tenants/acme/icps/software'?");
  EXPECT_EQ(NotFound("tenants/acme/icps/hardware"), "there is no ICP 'tenants/acme/icps/hardware'");
  EXPECT_EQ(NotFound("tenants/othr/icps/hardware"), "there is no ICP 'tenants/othr/icps/hardware'");
  EXPECT_EQ(NotFound("tenants/othe"), "there is no ICP 'tenants/othe'");
  EXPECT_EQ(NotFound(""), "there is no ICP ''");
}

TEST_F(SnapshotCatalogTest, UnknownRevisionNamesTheCurrentOne) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  const std::string wanted(32, '0');
  EXPECT_EQ(NotFound(kSoftware, wanted),
            absl::StrCat("ICP 'tenants/acme/icps/software' has no revision '", wanted,
                         "', or it is not held any more; the current revision is '",
                         (*Get(kSoftware))->icp->revision(), "'"));
  EXPECT_EQ(NotFound("tenants/acme/icps/nothing-like-it", wanted),
            "there is no ICP 'tenants/acme/icps/nothing-like-it'");
}

TEST_F(SnapshotCatalogTest, IcpThatWasNeverGoodSaysSo) {
  documents_->Put("a.yaml", Software("1") + "error: wrong\n");
  Open();
  EXPECT_EQ(NotFound(kSoftware),
            "ICP 'tenants/acme/icps/software' has no good definition yet: the one there is has "
            "errors, or several have this name; the server's log shows them");
}

TEST_F(SnapshotCatalogTest, ChangeIsTakenOverAndReported) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  documents_->PutAll({{"a.yaml", Software("2")}, {"b.yaml", FakeIcp("acme", "b", "1")}});
  const auto report = log_.Next();
  ASSERT_NE(report, nullptr);
  EXPECT_TRUE(report->ok());
  EXPECT_THAT(report->added, ElementsAre("tenants/acme/icps/b"));
  EXPECT_THAT(report->changed, ElementsAre(kSoftware));
  EXPECT_EQ(report->icps, 2);
  EXPECT_EQ(Title(kSoftware), "2");
}

TEST_F(SnapshotCatalogTest, BadEditKeepsTheLastGoodAndIsCounted) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  documents_->Put("a.yaml", Software("2") + "error: wrong\nwarning: odd\n");
  const auto report = log_.Next();
  ASSERT_NE(report, nullptr);
  EXPECT_FALSE(report->ok());
  EXPECT_THAT(report->stale, ElementsAre(kSoftware));
  ASSERT_EQ(report->new_issues.size(), 2);
  EXPECT_EQ(report->new_issues[0].rendered(), "a.yaml:3:1: error: wrong");
  EXPECT_EQ(report->errors, 1);
  EXPECT_EQ(report->warnings, 1);
  EXPECT_EQ(Title(kSoftware), "1");

  const CatalogStats stats = catalog_->Stats();
  EXPECT_EQ(stats.icps, 1);
  EXPECT_EQ(stats.stale_icps, 1);
  EXPECT_EQ(stats.reload_successes, 1);
  EXPECT_EQ(stats.reload_failures, 1);
  EXPECT_LE(stats.last_read_time, report->time);
  EXPECT_LT(stats.last_success_time, report->time);
  ASSERT_EQ(stats.issues.size(), 2);
  EXPECT_EQ(stats.issues[0].file(), "a.yaml");
}

TEST_F(SnapshotCatalogTest, OnlyNewIssuesAreReportedAgain) {
  documents_->PutAll({{"a.yaml", Software("1")}, {"b.yaml", "error: old\n"}});
  Open();
  documents_->Put("a.yaml", Software("1") + "error: new\n");
  const auto report = log_.Next();
  ASSERT_NE(report, nullptr);
  ASSERT_EQ(report->new_issues.size(), 1);
  EXPECT_EQ(report->new_issues[0].message(), "new");
  EXPECT_EQ(report->errors, 3);  // b.yaml has no name either.
}

TEST_F(SnapshotCatalogTest, NothingNewIsNotReported) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  documents_->Put("a.yaml", Software("1"));
  documents_->Put("b.yaml", FakeIcp("acme", "b", "1"));
  const auto report = log_.Next();
  ASSERT_NE(report, nullptr);
  EXPECT_THAT(report->added, ElementsAre("tenants/acme/icps/b"));
  EXPECT_EQ(log_.size(), 2);
}

TEST_F(SnapshotCatalogTest, SourceThatFailsLaterKeepsEverythingAndIsReportedOnce) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  documents_->SetFailure(absl::UnavailableError("a fault"));
  const auto failed = log_.Next();
  ASSERT_NE(failed, nullptr);
  EXPECT_FALSE(failed->ok());
  EXPECT_EQ(failed->source, absl::UnavailableError("a fault"));
  EXPECT_EQ(failed->icps, 1);
  EXPECT_EQ(Title(kSoftware), "1");
  EXPECT_EQ(catalog_->Stats().source, absl::UnavailableError("a fault"));

  documents_->SetFailure(absl::UnavailableError("a fault"));
  documents_->SetFailure(absl::OkStatus());
  const auto mended = log_.Next();
  ASSERT_NE(mended, nullptr);
  EXPECT_TRUE(mended->ok());
  EXPECT_EQ(catalog_->Stats().reload_failures, 1);
  EXPECT_EQ(catalog_->Stats().reload_successes, 2);
  EXPECT_TRUE(catalog_->Stats().source.ok());
}

TEST_F(SnapshotCatalogTest, SourceThatFailsAtTheStartIsAnError) {
  documents_->SetFailure(absl::NotFoundError("a fault"));
  const auto catalog = SnapshotCatalog::Open(std::make_unique<MemorySource>(documents_),
                                             FakeLoadIcp, options_, log_.Recorder());
  EXPECT_EQ(catalog.status(), absl::NotFoundError("a fault"));
  EXPECT_EQ(log_.size(), 0);
}

TEST_F(SnapshotCatalogTest, BadDocumentAtTheStartDoesNotKeepTheOthersFromService) {
  documents_->PutAll({{"a.yaml", Software("1")}, {"b.yaml", "bad"}});
  Open();
  EXPECT_EQ(Title(kSoftware), "1");
  EXPECT_EQ(catalog_->Stats().reload_failures, 1);
}

TEST_F(SnapshotCatalogTest, StrictStartListsEveryError) {
  documents_->PutAll(
      {{"a.yaml", Software("1") + "warning: odd\nerror: wrong\n"}, {"b.yaml", "bad"}});
  options_.strict = true;
  const auto catalog = SnapshotCatalog::Open(std::make_unique<MemorySource>(documents_),
                                             FakeLoadIcp, options_, log_.Recorder());
  EXPECT_EQ(catalog.status(),
            absl::FailedPreconditionError("the ICP definitions have 3 errors:\n"
                                          "a.yaml:4:1: error: wrong\n"
                                          "b.yaml:1:1: error: cannot be understood\n"
                                          "b.yaml:1:1: error: name is missing"));
  EXPECT_EQ(log_.size(), 0);
}

TEST_F(SnapshotCatalogTest, StrictStartAcceptsWarningsAndLaterErrors) {
  documents_->Put("a.yaml", Software("1") + "warning: odd\n");
  options_.strict = true;
  Open();
  documents_->Put("a.yaml", "bad");
  ASSERT_NE(log_.Next(), nullptr);
  EXPECT_EQ(Title(kSoftware), "1");
}

TEST_F(SnapshotCatalogTest, PinnedRevisionStaysAnswerable) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  const std::string first = (*Get(kSoftware))->icp->revision();
  const std::string second = Save(Software("2"));
  ASSERT_NE(first, second);
  EXPECT_EQ(Title(kSoftware), "2");
  EXPECT_EQ(Title(kSoftware, first), "1");
  EXPECT_EQ(Title(kSoftware, second), "2");
  EXPECT_EQ(catalog_->Stats().retired_revisions, 1);
  EXPECT_GT(catalog_->Stats().retired_bytes, 0);
}

TEST_F(SnapshotCatalogTest, RevisionThatComesBackIsCurrentAgain) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  const std::string first = (*Get(kSoftware))->icp->revision();
  const std::string second = Save(Software("2"));
  EXPECT_EQ(Save(Software("1")), first);
  EXPECT_EQ(Title(kSoftware, second), "2");
  EXPECT_EQ(catalog_->Stats().retired_revisions, 1);
}

TEST_F(SnapshotCatalogTest, OldestRevisionsAreGivenUpByCount) {
  options_.max_retired_per_icp = 2;
  documents_->Put("a.yaml", Software("1"));
  Open();
  std::vector<std::string> revisions = {(*Get(kSoftware))->icp->revision()};
  for (int i = 2; i <= 4; ++i) revisions.push_back(Save(Software(absl::StrCat(i))));
  EXPECT_TRUE(absl::IsNotFound(Get(kSoftware, revisions[0]).status()));
  EXPECT_EQ(Title(kSoftware, revisions[1]), "2");
  EXPECT_EQ(Title(kSoftware, revisions[2]), "3");
  EXPECT_EQ(Title(kSoftware, revisions[3]), "4");
}

TEST_F(SnapshotCatalogTest, OldestRevisionsAreGivenUpByBytes) {
  // Enough for one of 600,000 bytes, not for two.
  options_.max_retired_bytes = 1000000;
  documents_->Put("a.yaml", Software("1") + std::string(600000, '#'));
  Open();
  const std::string first = (*Get(kSoftware))->icp->revision();
  const std::string second = Save(Software("2") + std::string(600000, '#'));
  EXPECT_EQ(Title(kSoftware, first), "1");
  Save(Software("3"));
  EXPECT_TRUE(absl::IsNotFound(Get(kSoftware, first).status()));
  EXPECT_EQ(Title(kSoftware, second), "2");
}

TEST_F(SnapshotCatalogTest, EntryThatACallHoldsOutlivesItsEviction) {
  options_.max_retired_per_icp = 0;
  documents_->Put("a.yaml", Software("1"));
  Open();
  const CatalogEntryPtr held = *Get(kSoftware);
  Save(Software("2"));
  EXPECT_EQ(held->icp->definition().title().texts().at("en"), "1");
}

TEST_F(SnapshotCatalogTest, DeletedIcpIsGoneButForThoseWhoPinnedIt) {
  documents_->Put("a.yaml", Software("1"));
  Open();
  const std::string revision = (*Get(kSoftware))->icp->revision();
  documents_->Delete("a.yaml");
  const auto report = log_.Next();
  ASSERT_NE(report, nullptr);
  EXPECT_THAT(report->removed, ElementsAre(kSoftware));
  EXPECT_EQ(NotFound(kSoftware), "there is no ICP 'tenants/acme/icps/software'");
  EXPECT_THAT(List("tenants/-"), IsEmpty());
  EXPECT_EQ(Title(kSoftware, revision), "1");
}

}  // namespace
}  // namespace bantam
