#include "tests/rpc/access_calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/rpc/health.pb.h"
#include "tests/rpc/reflection.pb.h"

namespace bantam {
namespace {

// Collects requests by their method.
class Requests {
 public:
  explicit Requests(std::string icp) : icp_(std::move(icp)) {}

  void AddQualification();
  void AddCatalog();
  void AddOthers();
  RequestsByMethod Take() { return std::move(requests_); }

 private:
  template <typename Request>
  Request* Add(const std::string& full_method) {
    auto request = std::make_unique<Request>();
    Request* const added = request.get();
    requests_[full_method] = std::move(request);
    return added;
  }

  template <typename Request>
  Request* Evaluate(const std::string& method) {
    auto* const request = Add<Request>("/bantam.v1.QualificationService/" + method);
    request->mutable_settings()->add_icps()->set_name(icp_);
    return request;
  }

  template <typename Request>
  Request* Catalog(const std::string& method) {
    return Add<Request>("/bantam.v1.IcpCatalogService/" + method);
  }

  template <typename Request>
  Request* CatalogName(const std::string& method) {
    auto* const request = Catalog<Request>(method);
    request->set_name(icp_);
    return request;
  }

  const std::string icp_;
  RequestsByMethod requests_;
};

void Requests::AddQualification() {
  Evaluate<v1::ScoreRequest>("Score")->mutable_lead()->set_id("l1");
  Evaluate<v1::QualifyRequest>("Qualify")->mutable_lead()->set_id("l1");
  Evaluate<v1::AdvanceRequest>("Advance")->mutable_lead()->set_id("l1");
  Evaluate<v1::BatchScoreRequest>("BatchScore")->add_leads()->set_id("l1");
  Evaluate<v1::BatchQualifyRequest>("BatchQualify")->add_leads()->set_id("l1");
  Evaluate<v1::BatchAdvanceRequest>("BatchAdvance")->add_items()->mutable_lead()->set_id("l1");
  v1::BulkStart* const start =
      Add<v1::BulkEvaluateRequest>("/bantam.v1.QualificationService/BulkEvaluate")->mutable_start();
  start->set_operation(v1::BULK_OPERATION_SCORE);
  start->mutable_settings()->add_icps()->set_name(icp_);
}

void Requests::AddCatalog() {
  const std::string yaml = absl::StrCat("name: ", icp_, "\n");
  CatalogName<v1::GetIcpRequest>("GetIcp");
  Catalog<v1::ListIcpsRequest>("ListIcps")->set_parent(icp_.substr(0, icp_.find("/icps/")));
  Catalog<v1::ValidateIcpRequest>("ValidateIcp")->set_yaml(yaml);
  Catalog<v1::SaveIcpRequest>("SaveIcp")->set_yaml(yaml);
  CatalogName<v1::DeleteIcpRequest>("DeleteIcp")->set_etag("*");
  CatalogName<v1::ListIcpRevisionsRequest>("ListIcpRevisions");
  auto* const rollback = CatalogName<v1::RollbackIcpRequest>("RollbackIcp");
  rollback->set_number(1);
  rollback->set_etag("*");
}

void Requests::AddOthers() {
  for (const char* const method : {"Check", "Watch"}) {
    Add<grpc::health::v1::HealthCheckRequest>(absl::StrCat("/grpc.health.v1.Health/", method));
  }
  for (const char* const version : {"v1alpha", "v1"}) {
    Add<testing::ServerReflectionRequest>(
        absl::StrCat("/grpc.reflection.", version, ".ServerReflection/ServerReflectionInfo"))
        ->set_list_services("*");
  }
}

}  // namespace

RequestsByMethod RequestsAbout(const std::string& icp) {
  Requests requests(icp);
  requests.AddQualification();
  requests.AddCatalog();
  requests.AddOthers();
  return requests.Take();
}

grpc::Status Send(const std::shared_ptr<grpc::Channel>& channel, const std::string& full_method,
                  const google::protobuf::Message& request, const Headers& headers) {
  RawStream stream(channel, full_method.substr(1), headers);
  google::protobuf::Empty any_answer;
  if (stream.Write(request) && stream.WritesDone() && stream.Read(&any_answer)) {
    return grpc::Status::OK;
  }
  return stream.Finish();
}

}  // namespace bantam
