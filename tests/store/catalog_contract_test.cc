// What every catalog must do, whatever it reads from.
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/definition/yaml.h"
#include "server/engine/compiled_icp.h"
#include "tests/fakes/fake_load_icp.h"
#include "tests/store/catalog_bench.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kA[] = "tenants/acme/icps/a";
constexpr char kBadLine[] = "no_such_key: 1\n";

std::string A(absl::string_view title) { return FakeIcp("acme", "a", title); }

std::string ReadTextFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string TitleOf(const CatalogEntry& entry) {
  return entry.icp->definition().title().texts().at("en");
}

class CatalogContract : public ::testing::TestWithParam<CatalogKind> {
 protected:
  CatalogContract() : bench_(GetParam().make()) {}

  absl::StatusOr<IcpAnswer> Get(const IcpQuery& query) {
    std::promise<absl::StatusOr<IcpAnswer>> promise;
    bench_->catalog().Get(query, [&promise](absl::StatusOr<IcpAnswer> answer) {
      promise.set_value(std::move(answer));
    });
    return promise.get_future().get();
  }

  absl::StatusOr<IcpAnswer> Get(absl::string_view name, absl::string_view revision = "") {
    IcpQuery query;
    query.name = name;
    query.revision = revision;
    return Get(query);
  }

  absl::StatusOr<IcpAnswer> GetNewest(absl::string_view name) {
    IcpQuery query;
    query.name = name;
    query.max_staleness = absl::ZeroDuration();
    return Get(query);
  }

  // The title of what is in service under `name`; the error's code if nothing is.
  std::string Title(absl::string_view name, absl::string_view revision = "") {
    const auto answer = Get(name, revision);
    if (answer.ok()) return TitleOf(*answer->entry);
    return absl::StatusCodeToString(answer.status().code());
  }

  // The names of the ICPs that a tenant has in service.
  std::vector<std::string> TenantNames(absl::string_view tenant) {
    std::promise<absl::StatusOr<TenantAnswer>> promise;
    bench_->catalog().GetTenant(
        tenant, absl::nullopt,
        [&promise](absl::StatusOr<TenantAnswer> answer) { promise.set_value(std::move(answer)); });
    const absl::StatusOr<TenantAnswer> answer = promise.get_future().get();
    EXPECT_TRUE(answer.ok()) << answer.status();
    std::vector<std::string> names;
    if (!answer.ok()) return names;
    for (const CatalogEntryPtr& entry : answer->entries) names.push_back(entry->icp->name());
    return names;
  }

  IcpPage List(absl::string_view parent, absl::string_view after = "", int limit = 1000) {
    std::promise<absl::StatusOr<IcpPage>> promise;
    bench_->catalog().List(parent, after, limit, [&promise](absl::StatusOr<IcpPage> page) {
      promise.set_value(std::move(page));
    });
    const absl::StatusOr<IcpPage> page = promise.get_future().get();
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? *page : IcpPage();
  }

  static std::vector<std::string> Names(const IcpPage& page) {
    std::vector<std::string> names;
    for (const v1::IcpSummary& icp : page.icps) names.push_back(icp.name());
    return names;
  }

  // Waits until `condition` holds; fails the test if that is not within the bound.
  void ExpectWithinBound(const std::function<bool()>& condition) {
    const absl::Time begin = absl::Now();
    while (!condition()) {
      ASSERT_LE(absl::Now() - begin, bench_->bound());
      absl::SleepFor(absl::Milliseconds(2));  // Between two looks.
    }
  }

  const std::unique_ptr<CatalogBench> bench_;
};

TEST_P(CatalogContract, GivesTheCurrentRevisionAsItWasWritten) {
  const std::string yaml = A("one") + "# Said by hand.\n";
  bench_->Put(kA, yaml);
  const absl::Time begin = absl::Now();
  const auto answer = GetNewest(kA);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->entry->icp->name(), kA);
  EXPECT_EQ(TitleOf(*answer->entry), "one");
  EXPECT_EQ(answer->entry->yaml, yaml);
  EXPECT_GE(answer->age, absl::ZeroDuration());
  EXPECT_LE(answer->age, absl::Now() - begin);
}

TEST_P(CatalogContract, AnUnknownNameIsNotFoundAndASimilarOneIsSuggested) {
  bench_->Put(kA, A("one"));
  ExpectWithinBound([this] { return Title(kA) == "one"; });
  EXPECT_THAT(TenantNames("tenants/acme"), ElementsAre(kA));
  const auto answer = Get("tenants/acme/icps/aa");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("tenants/acme/icps/aa"));
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("'tenants/acme/icps/a'"));
  EXPECT_EQ(Title("tenants/nobody/icps/a"), "NOT_FOUND");
  EXPECT_EQ(Title("no name at all"), "NOT_FOUND");
}

TEST_P(CatalogContract, AChangeIsSeenWithinTheBoundAndUntilThenTheAgeTellsIt) {
  bench_->Put(kA, A("one"));
  ExpectWithinBound([this] { return Title(kA) == "one"; });
  for (const char* title : {"two", "three", "one"}) {
    bench_->Put(kA, A(title));
    const absl::Time changed = absl::Now();
    ExpectWithinBound([&] {
      const absl::Time asked = absl::Now();
      const auto answer = Get(kA);
      EXPECT_TRUE(answer.ok()) << answer.status();
      if (!answer.ok() || TitleOf(*answer->entry) == title) return true;
      // What is outdated was not known to be current after the change. The clocks that say so are
      // not one.
      EXPECT_GE(answer->age, asked - changed - absl::Milliseconds(2));
      return false;
    });
  }
}

TEST_P(CatalogContract, WhoeverDemandsTheNewestSeesEveryChangeAtOnce) {
  for (int i = 0; i < 10; ++i) {
    const std::string title = absl::StrCat("title ", i);
    bench_->Put(kA, A(title));
    const auto answer = GetNewest(kA);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(TitleOf(*answer->entry), title);
  }
  bench_->Delete(kA);
  EXPECT_EQ(GetNewest(kA).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(CatalogContract, AnIcpThatWasAskedForInVainIsSeenWhenItComes) {
  EXPECT_EQ(Title(kA), "NOT_FOUND");
  EXPECT_THAT(TenantNames("tenants/acme"), IsEmpty());
  bench_->Put(kA, A("one"));
  ExpectWithinBound([this] { return Title(kA) == "one"; });
  ExpectWithinBound([this] { return TenantNames("tenants/acme").size() == 1; });
}

TEST_P(CatalogContract, ADeletedIcpGoesAndCanComeBack) {
  bench_->Put(kA, A("one"));
  ExpectWithinBound([this] { return Title(kA) == "one"; });
  bench_->Delete(kA);
  ExpectWithinBound([this] { return Title(kA) == "NOT_FOUND"; });
  ExpectWithinBound([this] { return TenantNames("tenants/acme").empty(); });
  EXPECT_THAT(Names(List("tenants/acme")), IsEmpty());
  bench_->Put(kA, A("two"));
  ExpectWithinBound([this] { return Title(kA) == "two"; });
  ExpectWithinBound([this] { return TenantNames("tenants/acme").size() == 1; });
}

TEST_P(CatalogContract, APinnedRevisionStaysWhenAnotherOneIsCurrent) {
  bench_->Put(kA, A("one"));
  const auto first = GetNewest(kA);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string pin(first->entry->icp->revision());
  bench_->Put(kA, A("two"));
  ExpectWithinBound([this] { return Title(kA) == "two"; });
  EXPECT_EQ(Title(kA, pin), "one");
  EXPECT_EQ(Get(kA, pin)->age, absl::ZeroDuration());
  EXPECT_EQ(Title(kA, "0123456789abcdef0123456789abcdef"), "NOT_FOUND");
}

TEST_P(CatalogContract, ARevisionHasANumberOrTheCatalogSaysThatItCountsNone) {
  bench_->Put(kA, A("one"));
  ASSERT_TRUE(GetNewest(kA).ok());
  bench_->Put(kA, A("two"));
  ExpectWithinBound([this] { return Title(kA) == "two"; });
  IcpQuery query;
  query.name = kA;
  query.number = 1;
  const auto answer = Get(query);
  if (!bench_->numbers_revisions()) {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Get(kA)->entry->origin.number, 0);
    return;
  }
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(TitleOf(*answer->entry), "one");
  EXPECT_EQ(answer->entry->origin.number, 1);
  EXPECT_EQ(Get(kA)->entry->origin.number, 2);
  query.number = 3;
  EXPECT_EQ(Get(query).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(CatalogContract, ABadDefinitionLeavesTheLastGoodOneInService) {
  bench_->Put(kA, A("one"));
  ExpectWithinBound([this] { return Title(kA) == "one"; });
  bench_->Put(kA, A("two") + kBadLine);
  EXPECT_EQ(TitleOf(*GetNewest(kA)->entry), "one");
  EXPECT_EQ(Title(kA), "one");
  EXPECT_THAT(TenantNames("tenants/acme"), ElementsAre(kA));
  bench_->Put(kA, A("three"));
  ExpectWithinBound([this] { return Title(kA) == "three"; });
}

TEST_P(CatalogContract, ADefinitionThatWasNeverGoodIsNotFoundAndDisturbsNoOther) {
  bench_->Put(kA, A("one"));
  bench_->Put("tenants/acme/icps/b", FakeIcp("acme", "b", "two") + kBadLine);
  ExpectWithinBound([this] { return Title(kA) == "one"; });
  EXPECT_EQ(Title("tenants/acme/icps/b"), "NOT_FOUND");
  EXPECT_THAT(TenantNames("tenants/acme"), ElementsAre(kA));
}

TEST_P(CatalogContract, ACommentThatChangesIsSeenAndTheRevisionStays) {
  bench_->Put(kA, A("one"));
  ExpectWithinBound([this] { return Title(kA) == "one"; });
  const std::string revision(Get(kA)->entry->icp->revision());
  const std::string yaml = A("one") + "# Remarked.\n";
  bench_->Put(kA, yaml);
  ExpectWithinBound([&] { return Get(kA)->entry->yaml == yaml; });
  EXPECT_EQ(Get(kA)->entry->icp->revision(), revision);
}

TEST_P(CatalogContract, ListsByTheBytesOfNamesInPages) {
  // Readers of English would order them otherwise.
  const std::vector<std::string> all = {
      "tenants/a-b/icps/x", "tenants/a/icps/b",  "tenants/a/icps/b-a", "tenants/a/icps/b0",
      "tenants/a/icps/ba",  "tenants/a0/icps/x", "tenants/aa/icps/x"};
  for (const std::string& name : all) bench_->Put(name, absl::StrCat("name: ", name, "\n"));
  ExpectWithinBound([&] { return Names(List("tenants/-")) == all; });
  EXPECT_THAT(Names(List("tenants/a")), ElementsAre(all[1], all[2], all[3], all[4]));
  EXPECT_THAT(Names(List("tenants/b")), IsEmpty());
  ExpectWithinBound([&] { return TenantNames("tenants/a").size() == 4; });
  EXPECT_THAT(TenantNames("tenants/a"), ElementsAre(all[1], all[2], all[3], all[4]));

  std::vector<std::string> found;
  IcpPage page;
  do {
    page = List("tenants/-", found.empty() ? "" : found.back(), 3);
    EXPECT_LE(page.icps.size(), 3u);
    for (const std::string& name : Names(page)) found.push_back(name);
  } while (page.more && found.size() < all.size());
  EXPECT_EQ(found, all);
  EXPECT_FALSE(page.more);
  EXPECT_THAT(Names(List("tenants/a", all[2], 1)), ElementsAre(all[3]));
}

TEST_P(CatalogContract, ManyWhoAskAtOnceAreAllAnswered) {
  bench_->Put(kA, A("one"));
  ASSERT_TRUE(GetNewest(kA).ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      for (int call = 0; call < 200; ++call) {
        EXPECT_EQ(Title(kA), "one");
        if ((call + i) % 50 != 0) continue;
        EXPECT_TRUE(GetNewest(kA).ok());
        EXPECT_EQ(Title(absl::StrCat(kA, call % 3)), "NOT_FOUND");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(CatalogContract, GivesTheIcpOfTheWorkedExample) {
  const std::string folder = BANTAM_TESTDATA_DIR "/worked_example/";
  const std::string name = "tenants/example/icps/worked-example";
  bench_->Put(name, ReadTextFile(folder + "icp.yaml"));
  v1::Lead lead;
  ASSERT_THAT(ParseYaml(ReadTextFile(folder + "lead.yaml"), "lead.yaml", &lead, nullptr),
              IsEmpty());
  const auto answer = GetNewest(name);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EvaluateOptions options;
  options.now = absl::FromUnixSeconds(1769817600);  // 2026-01-31T00:00Z
  v1::Evaluation evaluation;
  answer->entry->icp->Evaluate(lead, options, &evaluation);
  const v1::Score& score = evaluation.score();
  EXPECT_EQ(score.total(), 59);
  EXPECT_EQ(score.range_min(), 59);
  EXPECT_EQ(score.range_max(), 76);
  EXPECT_EQ(score.completeness(), 0.76);
  EXPECT_EQ(score.label(), "B2");
}

INSTANTIATE_TEST_SUITE_P(Catalogs, CatalogContract, ::testing::ValuesIn(CatalogKinds()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bantam
