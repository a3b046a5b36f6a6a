// Definitions that change while bantamd runs, as its callers see it.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/loopback_client.h"
#include "tests/integration/server_process.h"

namespace bantam {
namespace {

constexpr char kIcp[] = "tenants/a/icps/b";

std::string IcpText(int points) {
  return absl::StrCat("name: ", kIcp, R"(
fit:
  criteria:
    - id: size
      points: )",
                      points, R"(
      test: {attribute: company.employee_count, range: {min: 100}}
)");
}

class ReloadTest : public ::testing::Test {
 protected:
  ReloadTest() {
    icps_.Write("a.yaml", IcpText(10));
    server_ = ServerProcess::Serving(icps_.path(), {"--admin_listen=127.0.0.1:0"});
    admin_port_ = server_->WaitForAdminPort();
    channel_ = server_->NewChannel();
    qualification_ = v1::QualificationService::NewStub(channel_);
    icp_catalog_ = v1::IcpCatalogService::NewStub(channel_);
  }

  // Scores a lead that matches, against a revision (empty: the current one).
  grpc::Status Score(const std::string& revision = "") {
    v1::ScoreRequest request;
    request.mutable_lead()->mutable_company()->set_employee_count(240);
    v1::IcpReference* icp = request.mutable_settings()->add_icps();
    icp->set_name(kIcp);
    icp->set_revision(revision);
    grpc::ClientContext context;
    return qualification_->Score(&context, request, &response_);
  }

  bool IsServing(const std::string& service) const { return bantam::IsServing(channel_, service); }

  double Total() const { return response_.evaluation().score().total(); }

  const TemporaryFolder icps_;
  int admin_port_ = 0;
  std::unique_ptr<ServerProcess> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::QualificationService::Stub> qualification_;
  std::unique_ptr<v1::IcpCatalogService::Stub> icp_catalog_;
  v1::ScoreResponse response_;
};

TEST_F(ReloadTest, AnEditIsSeenAndTheOldRevisionStaysAnswerable) {
  ASSERT_TRUE(Score().ok());
  EXPECT_EQ(Total(), 10);
  const std::string old_revision = response_.evaluation().icp_revision();
  icps_.Write("a.yaml", IcpText(20));
  EXPECT_TRUE(WaitUntil([this] { return Score().ok() && Total() == 20; }));
  EXPECT_NE(response_.evaluation().icp_revision(), old_revision);
  ASSERT_TRUE(Score(old_revision).ok());
  EXPECT_EQ(Total(), 10);
  EXPECT_TRUE(server_->WaitForError(absl::StrCat("changed=", kIcp)));
}

TEST_F(ReloadTest, ABadEditIsLoggedWithItsPlaceAndTheLastGoodOneStays) {
  icps_.Write("a.yaml", IcpText(20) + "oops: 1\n");
  EXPECT_TRUE(server_->WaitForError(" error a.yaml:7:1: ")) << server_->errors();
  ASSERT_TRUE(Score().ok());
  EXPECT_EQ(Total(), 10);
  icps_.Write("a.yaml", IcpText(30));
  EXPECT_TRUE(WaitUntil([this] { return Score().ok() && Total() == 30; }));
}

// BantamBadIcps tells of it; that the catalog is stale would be another matter.
TEST_F(ReloadTest, ABadEditIsCountedAndDoesNotAgeTheCatalog) {
  icps_.Write("a.yaml", IcpText(20) + "oops: 1\n");
  EXPECT_TRUE(WaitUntil([this] { return Metric(admin_port_, "bantam_catalog_bad_icps ") == 1; }));
  EXPECT_EQ(Metric(admin_port_, "bantam_catalog_last_good_icps "), 1);
  EXPECT_EQ(Metric(admin_port_, "bantam_catalog_data_age_seconds "), 0);
}

TEST_F(ReloadTest, ABadFileIsCountedThoughItDoesNotTellItsName) {
  icps_.Write("b.yaml", "fit: [a\nname: tenants/acme/icps/new\n");
  EXPECT_TRUE(WaitUntil([this] { return Metric(admin_port_, "bantam_catalog_bad_icps ") == 1; }));
  EXPECT_EQ(Metric(admin_port_, "bantam_catalog_last_good_icps "), 0);
  EXPECT_TRUE(WaitUntil([this] { return !IsServing("bantam.icps"); }));
}

TEST_F(ReloadTest, HealthShowsABadEditWhileTheServerServes) {
  EXPECT_TRUE(IsServing("bantam.source"));
  EXPECT_TRUE(IsServing("bantam.icps"));
  icps_.Write("a.yaml", IcpText(20) + "oops: 1\n");
  EXPECT_TRUE(WaitUntil([this] { return !IsServing("bantam.icps"); }));
  EXPECT_TRUE(IsServing("bantam.source"));
  EXPECT_TRUE(IsServing(""));
  icps_.Write("a.yaml", IcpText(30));
  EXPECT_TRUE(WaitUntil([this] { return IsServing("bantam.icps"); }));
}

TEST_F(ReloadTest, AnIcpThatComesIsListedAndOneThatGoesIsNotFound) {
  icps_.Write("c.yaml", "name: tenants/a/icps/c\n");
  v1::ListIcpsRequest request;
  request.set_parent("tenants/a");
  v1::ListIcpsResponse list;
  EXPECT_TRUE(WaitUntil([&] {
    grpc::ClientContext context;
    return icp_catalog_->ListIcps(&context, request, &list).ok() && list.icps_size() == 2;
  }));
  EXPECT_EQ(list.icps(1).name(), "tenants/a/icps/c");
  ASSERT_EQ(std::remove(absl::StrCat(icps_.path(), "/a.yaml").c_str()), 0);
  EXPECT_TRUE(WaitUntil([this] { return Score().error_code() == grpc::StatusCode::NOT_FOUND; }));
}

}  // namespace
}  // namespace bantam
