// IcpCatalogService over a real connection.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IcpCatalogTest : public RpcTest {
 protected:
  grpc::Status Get(const std::string& name, const std::string& revision = "") {
    v1::GetIcpRequest request;
    request.set_name(name);
    request.set_revision(revision);
    grpc::ClientContext context;
    return icp_catalog_->GetIcp(&context, request, &got_);
  }

  grpc::Status List(const std::string& parent, int page_size = 0, const std::string& token = "") {
    v1::ListIcpsRequest request;
    request.set_parent(parent);
    request.set_page_size(page_size);
    request.set_page_token(token);
    grpc::ClientContext context;
    return icp_catalog_->ListIcps(&context, request, &list_);
  }

  grpc::Status Validate(const v1::ValidateIcpRequest& request) {
    grpc::ClientContext context;
    return icp_catalog_->ValidateIcp(&context, request, &validated_);
  }

  std::vector<std::string> ListedNames() const {
    std::vector<std::string> names;
    for (const v1::IcpSummary& summary : list_.icps()) names.push_back(summary.name());
    return names;
  }

  v1::GetIcpResponse got_;
  v1::ListIcpsResponse list_;
  v1::ValidateIcpResponse validated_;
};

TEST_F(IcpCatalogTest, GetGivesTheDefinitionWithItsDefaultsAndTheText) {
  ASSERT_TRUE(Get(kIcp).ok());
  EXPECT_EQ(got_.icp().name(), kIcp);
  EXPECT_EQ(got_.icp().revision().size(), 32);
  EXPECT_EQ(got_.icp().icp().caps().fit(), 40);
  EXPECT_EQ(got_.icp().yaml(), "# As written.\nname: tenants/acme/icps/software\n");
  EXPECT_EQ(got_.icp().load_time().seconds(), 1769817600);
}

TEST_F(IcpCatalogTest, GetGivesAHeldRevision) {
  const std::string revision = catalog_.Add(kIcp, 11)->icp->revision();
  catalog_.Add(kIcp, 12);
  ASSERT_TRUE(Get(kIcp, revision).ok());
  EXPECT_EQ(got_.icp().revision(), revision);
  EXPECT_EQ(got_.icp().icp().fit().criteria(0).points(), 11);
}

TEST_F(IcpCatalogTest, GetTellsWhereARevisionCameFrom) {
  ASSERT_TRUE(Get(kIcp).ok());
  EXPECT_EQ(got_.icp().number(), 1);
  EXPECT_EQ(got_.icp().etag(), "etag-1");
  EXPECT_EQ(got_.icp().author(), "ada");
  EXPECT_EQ(got_.icp().comment(), "because");
  EXPECT_EQ(got_.icp().create_time().seconds(), 1769731200);
}

TEST_F(IcpCatalogTest, GetGivesTheTextAndTheErrorsOfABadRevision) {
  StoredRevision stored;
  stored.record.name = kIcp;
  stored.record.number = 2;
  stored.record.revision = "sql-abc";
  stored.record.yaml = "oops: 1\n";
  stored.record.author = "ann";
  stored.record.comment = "in a hurry";
  stored.record.create_time = absl::FromUnixSeconds(1769731200);
  stored.read_time = absl::FromUnixSeconds(1769731300);
  stored.issues.resize(2);
  stored.issues[0].set_severity(v1::ISSUE_SEVERITY_WARNING);
  stored.issues[0].set_message("remarkable");
  stored.issues[1].set_severity(v1::ISSUE_SEVERITY_ERROR);
  stored.issues[1].set_message("wrong");
  editor_.SetStored(stored);
  v1::GetIcpRequest request;
  request.set_name(kIcp);
  request.set_number(2);
  grpc::ClientContext context;
  ASSERT_TRUE(icp_catalog_->GetIcp(&context, request, &got_).ok());
  EXPECT_EQ(editor_.calls()[0].name, kIcp);
  EXPECT_EQ(editor_.calls()[0].number, 2);
  EXPECT_EQ(got_.icp().name(), kIcp);
  EXPECT_EQ(got_.icp().number(), 2);
  EXPECT_EQ(got_.icp().revision(), "sql-abc");
  EXPECT_EQ(got_.icp().yaml(), "oops: 1\n");
  EXPECT_EQ(got_.icp().etag(), EtagOf(stored.record));
  EXPECT_EQ(got_.icp().author(), "ann");
  EXPECT_EQ(got_.icp().comment(), "in a hurry");
  EXPECT_EQ(got_.icp().create_time().seconds(), 1769731200);
  EXPECT_EQ(got_.icp().load_time().seconds(), 1769731300);
  EXPECT_FALSE(got_.icp().has_icp());
  ASSERT_EQ(got_.icp().warnings_size(), 1);
  EXPECT_EQ(got_.icp().warnings(0).message(), "remarkable");
  ASSERT_EQ(got_.icp().errors_size(), 1);
  EXPECT_EQ(got_.icp().errors(0).message(), "wrong");
}

TEST_F(IcpCatalogTest, GetOfANumberThatIsNotThereIsNotFound) {
  editor_.FailWith(absl::NotFoundError("it has no number 7"));
  v1::GetIcpRequest request;
  request.set_name(kIcp);
  request.set_number(7);
  grpc::ClientContext context;
  const grpc::Status status = icp_catalog_->GetIcp(&context, request, &got_);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "it has no number 7");
}

TEST_F(IcpCatalogTest, GetTakesARevisionsNumber) {
  catalog_.Add(kIcp, 12);
  v1::GetIcpRequest request;
  request.set_name(kIcp);
  request.set_number(1);
  grpc::ClientContext context;
  ASSERT_TRUE(icp_catalog_->GetIcp(&context, request, &got_).ok());
  EXPECT_EQ(got_.icp().number(), 1);
  EXPECT_EQ(got_.icp().icp().fit().criteria(0).points(), 40);
  request.set_revision(got_.icp().revision());
  grpc::ClientContext both_context;
  EXPECT_EQ(icp_catalog_->GetIcp(&both_context, request, &got_).error_message(),
            "number: must not be set together with revision; name one of both");
  request.clear_revision();
  request.set_number(-1);
  grpc::ClientContext negative_context;
  EXPECT_EQ(icp_catalog_->GetIcp(&negative_context, request, &got_).error_message(),
            "number: must be at least 1; leave it out to name none");
}

TEST_F(IcpCatalogTest, GetNamesAllThatIsWrong) {
  const grpc::Status status = Get("software", "latest");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "2 fields are invalid: name: must be of the form tenants/{tenant}/icps/{icp}; ids have "
            "lower-case letters, digits and hyphens; revision: must be 32 lower-case hexadecimal "
            "digits; leave it out for the current revision");
  EXPECT_EQ(Get("tenants/acme/icps/none").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(IcpCatalogTest, ListGoesThroughATenantPageByPage) {
  for (int i = 0; i < 5; ++i) catalog_.Add(absl::StrCat("tenants/b/icps/i", i));
  ASSERT_TRUE(List("tenants/b", 2).ok());
  EXPECT_THAT(ListedNames(), ElementsAre("tenants/b/icps/i0", "tenants/b/icps/i1"));
  EXPECT_EQ(list_.icps(0).title(), "a title");
  EXPECT_EQ(list_.icps(0).revision().size(), 32);
  EXPECT_EQ(list_.icps(0).number(), 1);
  ASSERT_TRUE(List("tenants/b", 2, list_.next_page_token()).ok());
  EXPECT_THAT(ListedNames(), ElementsAre("tenants/b/icps/i2", "tenants/b/icps/i3"));
  catalog_.Add("tenants/b/icps/a");  // Behind the reader: nothing is skipped or repeated.
  ASSERT_TRUE(List("tenants/b", 2, list_.next_page_token()).ok());
  EXPECT_THAT(ListedNames(), ElementsAre("tenants/b/icps/i4"));
  EXPECT_EQ(list_.next_page_token(), "");
}

TEST_F(IcpCatalogTest, ListOfAllTenantsHasPagesOfAHundred) {
  for (int i = 0; i < 120; ++i) catalog_.Add(absl::StrCat("tenants/b/icps/i", i));
  ASSERT_TRUE(List("tenants/-").ok());
  EXPECT_EQ(list_.icps_size(), 100);
  EXPECT_EQ(list_.icps(0).name(), kIcp);
  ASSERT_TRUE(List("tenants/-", 1000).ok());
  EXPECT_EQ(list_.icps_size(), 121);
  EXPECT_EQ(list_.next_page_token(), "");
}

TEST_F(IcpCatalogTest, ATenantWithoutIcpsHasAnEmptyList) {
  ASSERT_TRUE(List("tenants/nobody").ok());
  EXPECT_TRUE(list_.icps().empty());
}

TEST_F(IcpCatalogTest, ListNamesAllThatIsWrong) {
  const grpc::Status status = List("acme", 1001, "xyz");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "3 fields are invalid: parent: must be of the form tenants/{tenant}, or tenants/-; "
            "page_size: must be from 0 to 1000; page_token: must be the next_page_token of an "
            "answer for the same parent");
  catalog_.Add("tenants/acme/icps/zzz");
  ASSERT_TRUE(List("tenants/acme", 1).ok());
  const std::string token = list_.next_page_token();
  ASSERT_FALSE(token.empty());
  EXPECT_EQ(List("tenants/other", 1, token).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(IcpCatalogTest, ValidateTellsTheRevisionOfAGoodDefinition) {
  v1::ValidateIcpRequest request;
  request.set_yaml("name: tenants/acme/icps/new\n");
  ASSERT_TRUE(Validate(request).ok());
  EXPECT_EQ(validated_.name(), "tenants/acme/icps/new");
  EXPECT_EQ(validated_.revision().size(), 32);
}

TEST_F(IcpCatalogTest, ABadDefinitionIsAnAnswerWithIssues) {
  v1::ValidateIcpRequest request;
  request.set_yaml("name: tenants/acme/icps/new\nfti: {}\n");
  request.set_file("my.yaml");
  ASSERT_TRUE(Validate(request).ok());
  EXPECT_EQ(validated_.revision(), "");
  std::vector<std::string> errors;
  for (const v1::Issue& issue : validated_.issues()) {
    if (issue.severity() == v1::ISSUE_SEVERITY_ERROR) errors.push_back(issue.rendered());
  }
  ASSERT_EQ(errors.size(), 1);
  EXPECT_THAT(errors[0], HasSubstr("my.yaml:2:1: error: "));
}

TEST_F(IcpCatalogTest, ValidateNamesAllThatIsWrong) {
  v1::ValidateIcpRequest request;
  request.set_file(std::string(257, 'f'));
  EXPECT_EQ(Validate(request).error_message(),
            "2 fields are invalid: yaml: must be set: the definition to check; file: must be at "
            "most 256 bytes long");
  request.set_yaml(std::string(1024 * 1024 + 1, ' '));
  request.clear_file();
  EXPECT_EQ(Validate(request).error_message(), "yaml: must be at most 1 MiB long");
}

}  // namespace
}  // namespace bantam
