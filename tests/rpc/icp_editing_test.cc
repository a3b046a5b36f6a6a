// The methods of IcpCatalogService that change ICPs or tell their history, over a real connection.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kYaml[] = "# Mine.\nname: tenants/acme/icps/new\n";

class IcpEditingTest : public RpcTest {
 protected:
  grpc::Status Save(const v1::SaveIcpRequest& request) {
    grpc::ClientContext context;
    return icp_catalog_->SaveIcp(&context, request, &saved_);
  }

  grpc::Status Delete(const v1::DeleteIcpRequest& request) {
    grpc::ClientContext context;
    return icp_catalog_->DeleteIcp(&context, request, &deleted_);
  }

  grpc::Status List(int page_size = 0, const std::string& token = "",
                    const std::string& name = kIcp) {
    v1::ListIcpRevisionsRequest request;
    request.set_name(name);
    request.set_page_size(page_size);
    request.set_page_token(token);
    grpc::ClientContext context;
    return icp_catalog_->ListIcpRevisions(&context, request, &list_);
  }

  grpc::Status Rollback(const v1::RollbackIcpRequest& request) {
    grpc::ClientContext context;
    return icp_catalog_->RollbackIcp(&context, request, &rolled_back_);
  }

  static v1::SaveIcpRequest SaveRequest(const std::string& yaml = kYaml) {
    v1::SaveIcpRequest request;
    request.set_yaml(yaml);
    return request;
  }

  static v1::RollbackIcpRequest RollbackRequest() {
    v1::RollbackIcpRequest request;
    request.set_name(kIcp);
    request.set_number(3);
    request.set_etag("*");
    return request;
  }

  static RevisionRecord Record(int64_t number, bool deletion = false) {
    RevisionRecord record;
    record.name = kIcp;
    record.number = number;
    record.create_time = absl::FromUnixSeconds(1769731200 + number);
    if (deletion) return record;
    record.revision = std::string(32, static_cast<char>('0' + number));
    record.title = absl::StrCat("Title ", number);
    record.author = "ada";
    record.comment = "because";
    return record;
  }

  std::vector<int64_t> ListedNumbers() const {
    std::vector<int64_t> numbers;
    for (const v1::IcpRevisionSummary& revision : list_.revisions()) {
      numbers.push_back(revision.number());
    }
    return numbers;
  }

  v1::SaveIcpResponse saved_;
  v1::DeleteIcpResponse deleted_;
  v1::ListIcpRevisionsResponse list_;
  v1::RollbackIcpResponse rolled_back_;
};

TEST_F(IcpEditingTest, SaveHandsTheTextOnAndTellsWhatIsCurrentNow) {
  v1::SaveIcpRequest request = SaveRequest();
  request.set_etag("etag-6");
  request.set_author("ada");
  request.set_comment("two\nlines");
  ASSERT_TRUE(Save(request).ok());
  ASSERT_THAT(editor_.calls(), SizeIs(1));
  const FakeIcpEditor::Call call = editor_.calls()[0];
  EXPECT_EQ(call.method, "Save");
  EXPECT_EQ(call.name, "tenants/acme/icps/new");
  EXPECT_EQ(call.yaml, kYaml);
  EXPECT_EQ(call.etag, "etag-6");
  EXPECT_EQ(call.author, "ada");
  EXPECT_EQ(call.comment, "two\nlines");
  EXPECT_FALSE(call.validate_only);
  EXPECT_EQ(saved_.icp().name(), "tenants/acme/icps/new");
  EXPECT_EQ(saved_.icp().yaml(), kYaml);
  EXPECT_EQ(saved_.icp().icp().caps().fit(), 40);
  EXPECT_EQ(saved_.icp().revision().size(), 32);
  EXPECT_EQ(saved_.icp().number(), 7);
  EXPECT_EQ(saved_.icp().etag(), "etag-7");
  EXPECT_EQ(saved_.icp().author(), "ada");
  EXPECT_EQ(saved_.icp().comment(), "two\nlines");
  EXPECT_EQ(saved_.icp().create_time().seconds(), 1769731200);
  EXPECT_EQ(saved_.icp().load_time().seconds(), absl::ToUnixSeconds(Now()));
  EXPECT_FALSE(saved_.unchanged());
}

TEST_F(IcpEditingTest, SaveTellsWhetherNothingChanged) {
  editor_.SetUnchanged();
  ASSERT_TRUE(Save(SaveRequest()).ok());
  EXPECT_TRUE(saved_.unchanged());
}

TEST_F(IcpEditingTest, SaveThatOnlyValidatesHasNeitherNumberNorTime) {
  v1::SaveIcpRequest request = SaveRequest();
  request.set_validate_only(true);
  ASSERT_TRUE(Save(request).ok());
  EXPECT_TRUE(editor_.calls()[0].validate_only);
  EXPECT_EQ(saved_.icp().name(), "tenants/acme/icps/new");
  EXPECT_EQ(saved_.icp().number(), 0);
  EXPECT_FALSE(saved_.icp().has_create_time());
}

TEST_F(IcpEditingTest, ABadDefinitionIsAViolationForEachError) {
  v1::SaveIcpRequest request =
      SaveRequest("name: tenants/acme/icps/new\nfti: {}\ncaps:\n  fit: -1\n");
  request.set_file("mine.yaml");
  const grpc::Status status = Save(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsIn(status), ElementsAre("yaml", "caps.fit"));
  EXPECT_THAT(status.error_message(),
              StartsWith("2 fields are invalid: yaml: mine.yaml:2:1: unknown key 'fti'"));
  EXPECT_THAT(status.error_message(), HasSubstr("; caps.fit: mine.yaml:4:8: "));
  EXPECT_THAT(editor_.calls(), IsEmpty());
}

TEST_F(IcpEditingTest, ATextThatIsNoYamlSaysWhere) {
  const grpc::Status status = Save(SaveRequest("name: tenants/acme/icps/new\ncaps: {\n"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsIn(status), ElementsAre("yaml"));
  EXPECT_THAT(status.error_message(), StartsWith("yaml: icp.yaml:2:7: syntax error: "));
}

TEST_F(IcpEditingTest, VeryManyErrorsStayWithinTheTrailersBound) {
  std::string yaml = "name: tenants/acme/icps/new\n";
  for (int i = 0; i < 500; ++i) absl::StrAppend(&yaml, "unknown_key_", i, ": 1\n");
  const grpc::Status status = Save(SaveRequest(yaml));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(),
              HasSubstr(" fields are invalid: yaml: icp.yaml:2:1: unknown key 'unknown_key_0'"));
  EXPECT_THAT(status.error_message(), ::testing::ContainsRegex("; and [0-9]+ more$"));
  EXPECT_THAT(FieldsIn(status), ::testing::Contains("yaml"));
}

TEST_F(IcpEditingTest, SaveNamesAllThatIsWrong) {
  v1::SaveIcpRequest request;
  request.set_etag(std::string(257, 'e'));
  request.set_author("a\nb");
  request.set_comment(absl::StrCat(std::string(1024, 'c'), "\r"));
  request.set_file(std::string(257, 'f'));
  EXPECT_EQ(Save(request).error_message(),
            "6 fields are invalid: yaml: must be set: the definition to save; etag: must be the "
            "etag that GetIcp gave, or * for any; author: must be one line without control "
            "characters; comment: must be at most 1024 bytes long; comment: must not hold control "
            "characters other than line feeds and tabs; file: must be at most 256 bytes long");
  request = SaveRequest(std::string(1024 * 1024 + 1, ' '));
  request.set_author(std::string(257, 'a'));
  EXPECT_EQ(Save(request).error_message(),
            "2 fields are invalid: yaml: must be at most 1 MiB long; author: must be at most 256 "
            "bytes long");
  EXPECT_THAT(editor_.calls(), IsEmpty());
}

TEST_F(IcpEditingTest, AnotherEtagIsAbortedWithTheEditorsText) {
  editor_.FailWith(absl::AbortedError("it was changed meanwhile; read it again"));
  for (const grpc::Status& status : {Save(SaveRequest()), Rollback(RollbackRequest())}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
    EXPECT_EQ(status.error_message(), "it was changed meanwhile; read it again");
  }
}

TEST_F(IcpEditingTest, DeleteTellsTheDeletion) {
  v1::DeleteIcpRequest request;
  request.set_name(kIcp);
  request.set_etag("etag-6");
  request.set_author("ada");
  request.set_comment("not needed");
  ASSERT_TRUE(Delete(request).ok());
  EXPECT_EQ(editor_.calls()[0].name, kIcp);
  EXPECT_EQ(editor_.calls()[0].etag, "etag-6");
  EXPECT_EQ(deleted_.deletion().number(), 7);
  EXPECT_EQ(deleted_.deletion().revision(), "");
  EXPECT_NE(deleted_.deletion().etag(), "");
  EXPECT_EQ(deleted_.deletion().author(), "ada");
  EXPECT_EQ(deleted_.deletion().comment(), "not needed");
  EXPECT_EQ(deleted_.deletion().create_time().seconds(), 1769731200);
  EXPECT_TRUE(deleted_.deletion().deletion());
  EXPECT_FALSE(deleted_.deletion().current());
}

TEST_F(IcpEditingTest, DeleteNamesAllThatIsWrong) {
  v1::DeleteIcpRequest request;
  request.set_comment(std::string("a\0b", 3));
  EXPECT_EQ(Delete(request).error_message(),
            "3 fields are invalid: name: must be of the form tenants/{tenant}/icps/{icp}; ids have "
            "lower-case letters, digits and hyphens; etag: must be set: the etag that GetIcp gave, "
            "or * for any; comment: must not hold control characters other than line feeds and "
            "tabs");
  request.Clear();
  request.set_name("tenants/acme/icps/none");
  request.set_etag("*");
  editor_.FailWith(absl::NotFoundError("there is none"));
  EXPECT_EQ(Delete(request).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(IcpEditingTest, TheHistoryIsListedPageByPage) {
  while (catalog_.Add(kIcp)->origin.number < 5) {
  }
  editor_.SetHistory({Record(5), Record(4), Record(3, /*deletion=*/true), Record(2), Record(1)});
  ASSERT_TRUE(List(2).ok());
  EXPECT_THAT(ListedNumbers(), ElementsAre(5, 4));
  const v1::IcpRevisionSummary& newest = list_.revisions(0);
  EXPECT_EQ(newest.revision(), std::string(32, '5'));
  EXPECT_EQ(newest.etag(), EtagOf(Record(5)));
  EXPECT_EQ(newest.author(), "ada");
  EXPECT_EQ(newest.comment(), "because");
  EXPECT_EQ(newest.title(), "Title 5");
  EXPECT_EQ(newest.create_time().seconds(), 1769731205);
  EXPECT_FALSE(newest.deletion());
  EXPECT_TRUE(newest.current());
  EXPECT_FALSE(list_.revisions(1).current());
  editor_.SetHistory({Record(6), Record(5), Record(4), Record(3, /*deletion=*/true), Record(2),
                      Record(1)});  // One more meanwhile: nothing is skipped or repeated.
  ASSERT_TRUE(List(2, list_.next_page_token()).ok());
  EXPECT_THAT(ListedNumbers(), ElementsAre(3, 2));
  EXPECT_TRUE(list_.revisions(0).deletion());
  EXPECT_FALSE(list_.revisions(0).current());
  ASSERT_TRUE(List(2, list_.next_page_token()).ok());
  EXPECT_THAT(ListedNumbers(), ElementsAre(1));
  EXPECT_EQ(list_.next_page_token(), "");
}

// What the catalog holds was read before somebody else saved number 2.
TEST_F(IcpEditingTest, TheNewestEntryIsCurrentThoughTheCatalogHasNotHeardOfIt) {
  catalog_.AddUnseen(kIcp);
  editor_.SetHistory({Record(2), Record(1)});
  ASSERT_TRUE(List().ok());
  EXPECT_TRUE(list_.revisions(0).current());
  EXPECT_FALSE(list_.revisions(1).current());
}

TEST_F(IcpEditingTest, WhileTheNewestEntriesAreBadTheOneThatServesIsCurrent) {
  catalog_.Add(kIcp);
  editor_.SetHistory({Record(4), Record(3), Record(2), Record(1)});
  ASSERT_TRUE(List(3).ok());
  EXPECT_THAT(ListedNumbers(), ElementsAre(4, 3, 2));
  EXPECT_FALSE(list_.revisions(0).current());
  EXPECT_FALSE(list_.revisions(1).current());
  EXPECT_TRUE(list_.revisions(2).current());
  // It may lie on a later page.
  ASSERT_TRUE(List(2).ok());
  ASSERT_TRUE(List(2, list_.next_page_token()).ok());
  EXPECT_THAT(ListedNumbers(), ElementsAre(2, 1));
  EXPECT_TRUE(list_.revisions(0).current());
}

// Somebody saves number 2 between the two questions.
TEST_F(IcpEditingTest, APageThatIsOlderThanWhatIsInForceIsReadAgain) {
  catalog_.Add(kIcp);
  editor_.SetHistory({Record(1)});
  catalog_.OnNextGet([this] { editor_.SetHistory({Record(2), Record(1)}); });
  ASSERT_TRUE(List().ok());
  EXPECT_THAT(ListedNumbers(), ElementsAre(2, 1));
  EXPECT_TRUE(list_.revisions(0).current());
}

TEST_F(IcpEditingTest, WhileAllEntriesAreBadNoneIsCurrent) {
  editor_.SetHistory({Record(2), Record(1)});
  catalog_.FailWith(absl::NotFoundError("none is good"));
  ASSERT_TRUE(List().ok());
  EXPECT_THAT(ListedNumbers(), ElementsAre(2, 1));
  for (const v1::IcpRevisionSummary& revision : list_.revisions()) {
    EXPECT_FALSE(revision.current());
  }
}

TEST_F(IcpEditingTest, WhatIsInForceIsNotGuessed) {
  editor_.SetHistory({Record(1)});
  catalog_.FailWith(absl::UnavailableError("the database cannot be reached"));
  EXPECT_EQ(List().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(IcpEditingTest, OfADeletedIcpNothingIsCurrent) {
  catalog_.FailWith(absl::NotFoundError("it is deleted"));
  editor_.SetHistory({Record(2, /*deletion=*/true), Record(1)});
  ASSERT_TRUE(List().ok());
  EXPECT_EQ(editor_.calls()[0].limit, 100);
  EXPECT_TRUE(list_.revisions(0).deletion());
  for (const v1::IcpRevisionSummary& revision : list_.revisions()) {
    EXPECT_FALSE(revision.current());
  }
}

TEST_F(IcpEditingTest, TheHistoryNamesAllThatIsWrong) {
  EXPECT_EQ(List(1001, "xyz", "software").error_message(),
            "3 fields are invalid: name: must be of the form tenants/{tenant}/icps/{icp}; ids have "
            "lower-case letters, digits and hyphens; page_size: must be from 0 to 1000; "
            "page_token: must be the next_page_token of an answer for the same name");
  editor_.SetHistory({Record(2), Record(1)});
  ASSERT_TRUE(List(1).ok());
  EXPECT_THAT(FieldsIn(List(1, list_.next_page_token(), "tenants/acme/icps/other")),
              ElementsAre("page_token"));
}

TEST_F(IcpEditingTest, RollbackHandsOnWhatToGoBackTo) {
  editor_.SetCurrent(catalog_.Add(kIcp, 12));
  v1::RollbackIcpRequest request = RollbackRequest();
  request.set_author("ada");
  ASSERT_TRUE(Rollback(request).ok());
  EXPECT_EQ(editor_.calls()[0].number, 3);
  EXPECT_EQ(editor_.calls()[0].revision, "");
  EXPECT_EQ(editor_.calls()[0].etag, "*");
  EXPECT_EQ(editor_.calls()[0].author, "ada");
  EXPECT_EQ(editor_.calls()[0].comment, "");
  EXPECT_EQ(rolled_back_.icp().icp().fit().criteria(0).points(), 12);
  EXPECT_EQ(rolled_back_.icp().etag(), "etag-2");
  EXPECT_FALSE(rolled_back_.unchanged());
  request.clear_number();
  request.set_revision(std::string(32, 'a'));
  editor_.SetUnchanged();
  ASSERT_TRUE(Rollback(request).ok());
  EXPECT_EQ(editor_.calls()[1].revision, std::string(32, 'a'));
  EXPECT_TRUE(rolled_back_.unchanged());
}

TEST_F(IcpEditingTest, RollbackNamesAllThatIsWrong) {
  v1::RollbackIcpRequest request;
  request.set_name(kIcp);
  EXPECT_EQ(Rollback(request).error_message(),
            "2 fields are invalid: revision: must be set, or number: what to go back to; etag: "
            "must be set: the etag that GetIcp gave, or * for any");
  request = RollbackRequest();
  request.set_revision("latest");
  EXPECT_EQ(Rollback(request).error_message(),
            "2 fields are invalid: revision: must be 32 lower-case hexadecimal digits; leave it "
            "out for the current revision; number: must not be set together with revision; name "
            "one of both");
  request.clear_revision();
  request.set_number(-1);
  EXPECT_EQ(Rollback(request).error_message(),
            "number: must be at least 1; leave it out to name none");
}

TEST_F(IcpEditingTest, ACatalogOfFilesSaysWhyAndWhatToDo) {
  Start(DefaultOptions(), /*with_editor=*/false);
  v1::DeleteIcpRequest deletion;
  for (const grpc::Status& status :
       {Save(SaveRequest()), Delete(deletion), List(), Rollback(RollbackRequest())}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(status.error_message(),
              "this server reads its ICPs from files, and keeps no history of them; change the "
              "files and it takes them over, or run it with --icp_source for a database that these "
              "calls change");
  }
  EXPECT_THAT(editor_.calls(), IsEmpty());
}

TEST_F(IcpEditingTest, FailuresOfTheServerAreNotShown) {
  editor_.FailWith(absl::InternalError("relation icps does not exist"));
  const grpc::Status status = Save(SaveRequest());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), ::testing::Not(HasSubstr("relation")));
}

}  // namespace
}  // namespace bantam
