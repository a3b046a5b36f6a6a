#include "tests/client/fake_catalog_server.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_posix.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/definition/load_icp.h"

namespace bantam {
namespace {

constexpr int64_t kFirstSecond = 1769850000;  // 2026-01-31 09:00 UTC.

std::string EtagOf(int64_t number) { return absl::StrCat("e", number); }

std::string TitleOf(const std::string& name, const v1::Icp& icp) {
  const auto title = icp.title().texts().find("en");
  return title != icp.title().texts().end() ? title->second : name.substr(name.rfind('/') + 1);
}

grpc::Status NotFound(const std::string& message) {
  return grpc::Status(grpc::StatusCode::NOT_FOUND, message);
}

grpc::Status FilesOnly() {
  return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION,
                      "this server reads its ICPs from files; change the files");
}

// The entries [begin, begin + size) of a list, and the token of what follows.
size_t PageSize(int asked, int max_page) {
  return static_cast<size_t>(std::min(asked == 0 ? 100 : asked, max_page));
}

size_t PageStart(const std::string& token) {
  size_t start = 0;
  return absl::SimpleAtoi(token, &start) ? start : 0;
}

}  // namespace

class FakeCatalogServer::Catalog : public v1::IcpCatalogService::Service {
 public:
  explicit Catalog(FakeCatalogServer* owner) : owner_(*owner) {}

  grpc::Status GetIcp(grpc::ServerContext* context, const v1::GetIcpRequest* request,
                      v1::GetIcpResponse* response) override {
    const std::lock_guard<std::mutex> lock(owner_.mutex_);
    owner_.gets.push_back(*request);
    if (grpc::Status status = owner_.Announce(context); !status.ok()) return status;
    const Record* record = owner_.Find(request->name(), request->revision(), request->number());
    if (request->name() == owner_.stale_name && !request->has_max_staleness()) --record;
    if (record == nullptr || request->name() == owner_.vanished_name) {
      return NotFound(absl::StrCat("there is no ICP '", request->name(), "'"));
    }
    owner_.Describe(request->name(), *record, response->mutable_icp());
    return grpc::Status::OK;
  }

  grpc::Status ListIcps(grpc::ServerContext*, const v1::ListIcpsRequest* request,
                        v1::ListIcpsResponse* response) override {
    const std::lock_guard<std::mutex> lock(owner_.mutex_);
    std::vector<std::string> names;
    for (const auto& [name, history] : owner_.histories_) {
      const bool inside = request->parent() == "tenants/-" ||
                          absl::StartsWith(name, absl::StrCat(request->parent(), "/"));
      if (inside && owner_.Current(name) != nullptr) names.push_back(name);
    }
    const size_t start = PageStart(request->page_token());
    const size_t end =
        std::min(start + PageSize(request->page_size(), owner_.max_page), names.size());
    for (size_t i = start; i < end; ++i) {
      v1::IcpRevision revision;
      owner_.Describe(names[i], *owner_.Current(names[i]), &revision);
      v1::IcpSummary* icp = response->add_icps();
      icp->set_name(names[i]);
      icp->set_revision(revision.revision());
      icp->set_title(TitleOf(names[i], revision.icp()));
      icp->set_number(revision.number());
      icp->set_etag(revision.etag());
      if (revision.has_create_time()) *icp->mutable_create_time() = revision.create_time();
    }
    if (end < names.size()) response->set_next_page_token(absl::StrCat(end));
    return grpc::Status::OK;
  }

  grpc::Status SaveIcp(grpc::ServerContext*, const v1::SaveIcpRequest* request,
                       v1::SaveIcpResponse* response) override {
    const std::lock_guard<std::mutex> lock(owner_.mutex_);
    owner_.saves.push_back(*request);
    if (owner_.files_only) return FilesOnly();
    std::string name;
    Record record;
    if (!owner_.Load(request->yaml(), &name, &record)) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the definition has errors");
    }
    if (name == owner_.refused_name) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "yaml: not on a Saturday");
    }
    const Record* current = owner_.Current(name);
    response->set_unchanged(current != nullptr && current->yaml == request->yaml());
    if (!response->unchanged()) {
      if (grpc::Status status = owner_.CheckEtag(name, request->etag()); !status.ok()) {
        return status;
      }
      record.author = request->author();
      record.comment = request->comment();
      if (request->validate_only()) {
        response->mutable_icp()->set_name(name);
        response->mutable_icp()->set_revision(record.revision);
        return grpc::Status::OK;
      }
      owner_.Append(name, std::move(record));
    }
    owner_.Describe(name, *owner_.Current(name), response->mutable_icp());
    return grpc::Status::OK;
  }

  grpc::Status DeleteIcp(grpc::ServerContext*, const v1::DeleteIcpRequest* request,
                         v1::DeleteIcpResponse* response) override {
    const std::lock_guard<std::mutex> lock(owner_.mutex_);
    if (owner_.files_only) return FilesOnly();
    if (owner_.Current(request->name()) == nullptr) return NotFound("there is none");
    if (grpc::Status status = owner_.CheckEtag(request->name(), request->etag()); !status.ok()) {
      return status;
    }
    Record record;
    record.author = request->author();
    record.comment = request->comment();
    owner_.Append(request->name(), std::move(record));
    owner_.Summarize(request->name(), owner_.histories_[request->name()].back(),
                     response->mutable_deletion());
    return grpc::Status::OK;
  }

  grpc::Status ListIcpRevisions(grpc::ServerContext*, const v1::ListIcpRevisionsRequest* request,
                                v1::ListIcpRevisionsResponse* response) override {
    const std::lock_guard<std::mutex> lock(owner_.mutex_);
    if (owner_.files_only) return FilesOnly();
    const auto found = owner_.histories_.find(request->name());
    if (found == owner_.histories_.end()) {
      return NotFound(absl::StrCat("there is no ICP '", request->name(), "'"));
    }
    const std::vector<Record>& history = found->second;
    const size_t start = PageStart(request->page_token());
    const size_t end =
        std::min(start + PageSize(request->page_size(), owner_.max_page), history.size());
    for (size_t i = start; i < end; ++i) {
      owner_.Summarize(request->name(), history[history.size() - 1 - i], response->add_revisions());
    }
    if (end < history.size()) response->set_next_page_token(absl::StrCat(end));
    return grpc::Status::OK;
  }

  grpc::Status RollbackIcp(grpc::ServerContext*, const v1::RollbackIcpRequest* request,
                           v1::RollbackIcpResponse* response) override {
    const std::lock_guard<std::mutex> lock(owner_.mutex_);
    if (owner_.files_only) return FilesOnly();
    const Record* target = owner_.Find(request->name(), request->revision(), request->number());
    if (target == nullptr) return NotFound("there is no such revision");
    const Record* current = owner_.Current(request->name());
    response->set_unchanged(current != nullptr && current->yaml == target->yaml);
    if (!response->unchanged()) {
      if (grpc::Status status = owner_.CheckEtag(request->name(), request->etag()); !status.ok()) {
        return status;
      }
      Record record = *target;
      record.author = request->author();
      record.comment = request->comment().empty()
                           ? absl::StrCat("rolled back to number ", target->number)
                           : request->comment();
      owner_.Append(request->name(), std::move(record));
    }
    owner_.Describe(request->name(), *owner_.Current(request->name()), response->mutable_icp());
    return grpc::Status::OK;
  }

 private:
  FakeCatalogServer& owner_;
};

// Answers nothing, but takes down what it was asked.
class FakeCatalogServer::Qualification : public v1::QualificationService::Service {
 public:
  explicit Qualification(FakeCatalogServer* owner) : owner_(*owner) {}

  grpc::Status Qualify(grpc::ServerContext* context, const v1::QualifyRequest* request,
                       v1::QualifyResponse* response) override {
    const std::lock_guard<std::mutex> lock(owner_.mutex_);
    owner_.settings.push_back(request->settings());
    return owner_.Announce(context);
  }

  grpc::Status BulkEvaluate(grpc::ServerContext* context,
                            grpc::ServerReaderWriter<v1::BulkEvaluateResponse,
                                                     v1::BulkEvaluateRequest>* stream) override {
    v1::BulkEvaluateRequest request;
    while (stream->Read(&request)) {
      const std::lock_guard<std::mutex> lock(owner_.mutex_);
      if (request.has_start()) {
        owner_.settings.push_back(request.start().settings());
        if (grpc::Status status = owner_.Announce(context); !status.ok()) return status;
        continue;
      }
      v1::BulkEvaluateResponse response;
      for (int i = 0; i < request.chunk().leads_size(); ++i) {
        v1::LeadResult* result = response.add_results();
        result->set_index(i);
        result->mutable_evaluation();
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

 private:
  FakeCatalogServer& owner_;
};

FakeCatalogServer::FakeCatalogServer()
    : catalog_(std::make_unique<Catalog>(this)),
      qualification_(std::make_unique<Qualification>(this)) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(catalog_.get());
  builder.RegisterService(qualification_.get());
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
  SetHealth("bantam.v1.QualificationService", true);
  SetHealth("bantam.v1.IcpCatalogService", true);
}

FakeCatalogServer::~FakeCatalogServer() { server_->Shutdown(std::chrono::system_clock::now()); }

std::string FakeCatalogServer::address() const { return absl::StrCat("127.0.0.1:", port_); }

void FakeCatalogServer::TakeConnection(int socket) {
  grpc::AddInsecureChannelFromFd(server_.get(), socket);
}

void FakeCatalogServer::Add(const std::string& yaml, const std::string& author,
                            const std::string& comment) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string name;
  Record record;
  ASSERT_TRUE(Load(yaml, &name, &record)) << yaml;
  record.author = author;
  record.comment = comment;
  Append(name, std::move(record));
}

void FakeCatalogServer::AddAs(const std::string& yaml, const std::string& revision) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string name;
  Record record;
  ASSERT_TRUE(Load(yaml, &name, &record)) << yaml;
  record.listed = revision;
  Append(name, std::move(record));
}

void FakeCatalogServer::AddByHand(const std::string& yaml, const std::string& digits) {
  AddAs(yaml, absl::StrCat("sql-", digits));
}

std::vector<FakeCatalogServer::Record> FakeCatalogServer::History(const std::string& name) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = histories_.find(name);
  return found == histories_.end() ? std::vector<Record>() : found->second;
}

std::string FakeCatalogServer::Text(const std::string& name) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Record* current = Current(name);
  return current == nullptr ? "" : current->yaml;
}

void FakeCatalogServer::SetHealth(const std::string& name, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(name, serving);
}

const FakeCatalogServer::Record* FakeCatalogServer::Current(const std::string& name) const {
  const auto found = histories_.find(name);
  if (found == histories_.end() || found->second.back().yaml.empty()) return nullptr;
  return &found->second.back();
}

const FakeCatalogServer::Record* FakeCatalogServer::Serving(const std::string& name) const {
  const Record* const current = Current(name);
  if (current == nullptr || name != bad_name) return current;
  // They lie in the order of their numbers.
  return current->number > first_number ? current - 1 : nullptr;
}

const FakeCatalogServer::Record* FakeCatalogServer::Find(const std::string& name,
                                                         const std::string& revision,
                                                         int64_t number) const {
  if (revision.empty() && number == 0) return Serving(name);
  const auto found = histories_.find(name);
  if (found == histories_.end()) return nullptr;
  for (auto record = found->second.rbegin(); record != found->second.rend(); ++record) {
    if (record->yaml.empty()) continue;
    if (record->number == number || (number == 0 && record->revision == revision)) {
      return &*record;
    }
  }
  return nullptr;
}

grpc::Status FakeCatalogServer::CheckEtag(const std::string& name, const std::string& etag) {
  if (!changed_meanwhile.empty()) {
    std::string other;
    Record record;
    Load(std::exchange(changed_meanwhile, ""), &other, &record);
    Append(other, std::move(record));
  }
  const Record* current = Current(name);
  const auto found = histories_.find(name);
  const bool good = etag == "*" || (etag.empty() && current == nullptr) ||
                    (found != histories_.end() && etag == EtagOf(found->second.back().number));
  if (good) return grpc::Status::OK;
  return grpc::Status(grpc::StatusCode::ABORTED,
                      absl::StrCat("'", name, "' was changed meanwhile; read it again"));
}

void FakeCatalogServer::Append(const std::string& name, Record record) {
  std::vector<Record>& history = histories_[name];
  record.number = history.empty() ? first_number : history.back().number + 1;
  history.push_back(std::move(record));
}

void FakeCatalogServer::Describe(const std::string& name, const Record& record,
                                 v1::IcpRevision* revision) const {
  revision->set_name(name);
  revision->set_revision(record.revision);
  revision->set_yaml(record.yaml);
  if (name == bad_name && &record == Current(name)) {
    v1::Issue* const error = revision->add_errors();
    error->set_severity(v1::ISSUE_SEVERITY_ERROR);
    error->set_message("too old");
    error->set_rendered("icp.yaml:1:1: error: too old\n");
  } else {
    *revision->mutable_icp() = record.icp;
  }
  if (files_only) return;
  revision->set_number(record.number);
  revision->set_etag(EtagOf(record.number));
  revision->set_author(record.author);
  revision->set_comment(record.comment);
  revision->mutable_create_time()->set_seconds(kFirstSecond + 60 * record.number);
}

void FakeCatalogServer::Summarize(const std::string& name, const Record& record,
                                  v1::IcpRevisionSummary* summary) const {
  summary->set_number(record.number);
  summary->set_revision(record.listed.empty() ? record.revision : record.listed);
  summary->set_etag(EtagOf(record.number));
  summary->set_author(record.author);
  summary->set_comment(record.comment);
  summary->mutable_create_time()->set_seconds(kFirstSecond + 60 * record.number);
  summary->set_deletion(record.yaml.empty());
  if (!record.yaml.empty()) summary->set_title(TitleOf(name, record.icp));
  summary->set_current(&record == Serving(name));
}

grpc::Status FakeCatalogServer::Announce(grpc::ServerContext* context) const {
  if (!broken.empty()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, broken);
  if (data_age_ms.has_value()) {
    context->AddInitialMetadata("bantam-data-age-ms", absl::StrCat(*data_age_ms));
  }
  return grpc::Status::OK;
}

bool FakeCatalogServer::Load(const std::string& yaml, std::string* name, Record* record) const {
  const LoadedIcp loaded = LoadIcp(yaml, "icp.yaml", zones_);
  if (loaded.icp == nullptr) return false;
  *name = loaded.name;
  record->yaml = yaml;
  record->revision = loaded.icp->revision();
  record->icp = loaded.icp->definition();
  return true;
}

}  // namespace bantam
