// Asks a server about a lead and variations of it, and writes requests and answers to a file.
//
//   bantam_record --target=127.0.0.1:7770 --lead=lead.yaml --icp=tenants/a/icps/b --out=FILE
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/definition/yaml.h"
#include "tests/bench/load/recording_file.h"

namespace bantam {
namespace {

using v1::QualificationService;

// All leads are evaluated at 2026-02-10T10:00:00Z: the answer is then the same in each run.
constexpr int64_t kEvaluateSeconds = 1770717600;

struct Flags {
  std::string target;
  std::string lead;
  std::string icp;
  std::string out;
  std::string method = "Qualify";
  bool omit_trace = false;
  int calls = 1;
  int chunk_leads = 64;
};

[[noreturn]] void Fail(const std::string& message) {
  std::fprintf(stderr, "bantam_record: %s\n", message.c_str());
  std::exit(1);
}

void Check(const grpc::Status& status, const std::string& what) {
  if (!status.ok()) Fail(absl::StrCat(what, ": ", status.error_message()));
}

v1::Lead ReadLead(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) Fail(path + ": cannot be read");
  v1::Lead lead;
  for (const v1::Issue& issue : ParseYaml(text.str(), path, &lead, nullptr)) {
    Fail(issue.rendered());
  }
  return lead;
}

// The first is `lead` itself. The others have as many facts, some of them others.
v1::Lead Variation(const v1::Lead& lead, int number) {
  v1::Lead variation = lead;
  if (number == 0) return variation;
  variation.set_id(absl::StrCat(lead.id(), "-", number));
  v1::Company* const company = variation.mutable_company();
  company->set_employee_count(company->employee_count() + 17 * number);
  company->set_founded_year(company->founded_year() - number % 8);
  for (v1::Event& event : *variation.mutable_events()) {
    event.mutable_time()->set_seconds(event.time().seconds() - 7001 * number);
  }
  return variation;
}

v1::EvaluationSettings Settings(const Flags& flags) {
  v1::EvaluationSettings settings;
  settings.add_icps()->set_name(flags.icp);
  settings.mutable_evaluate_time()->set_seconds(kEvaluateSeconds);
  settings.set_omit_trace(flags.omit_trace);
  return settings;
}

template <typename Request, typename Response>
void RecordCall(const Flags& flags, const v1::Lead& lead,
                grpc::Status (QualificationService::Stub::*call)(grpc::ClientContext*,
                                                                 const Request&, Response*),
                QualificationService::Stub* stub, bench::Exchange* exchange) {
  Request request;
  *request.mutable_lead() = lead;
  *request.mutable_settings() = Settings(flags);
  grpc::ClientContext context;
  Response response;
  Check((stub->*call)(&context, request, &response), flags.method);
  exchange->set_method(
      absl::StrCat("/", QualificationService::service_full_name(), "/", flags.method));
  exchange->set_request(request.SerializeAsString());
  exchange->set_answer(response.SerializeAsString());
  exchange->set_lead_id(lead.id());
  exchange->set_leads(1);
}

void RecordCalls(const Flags& flags, const v1::Lead& lead, QualificationService::Stub* stub,
                 bench::Recording* recording) {
  using Stub = QualificationService::Stub;
  for (int i = 0; i < flags.calls; ++i) {
    const v1::Lead variation = Variation(lead, i);
    bench::Exchange* const exchange = recording->add_calls();
    if (flags.method == "Score") {
      RecordCall(flags, variation, &Stub::Score, stub, exchange);
    } else if (flags.method == "Qualify") {
      RecordCall(flags, variation, &Stub::Qualify, stub, exchange);
    } else {
      RecordCall(flags, variation, &Stub::Advance, stub, exchange);
    }
  }
}

v1::BulkOperation OperationOf(const std::string& method) {
  if (method == "Score") return v1::BULK_OPERATION_SCORE;
  return method == "Qualify" ? v1::BULK_OPERATION_QUALIFY : v1::BULK_OPERATION_ADVANCE;
}

void RecordStream(const Flags& flags, const v1::Lead& lead, QualificationService::Stub* stub,
                  bench::Recording* recording) {
  v1::BulkEvaluateRequest start, chunk;
  start.mutable_start()->set_operation(OperationOf(flags.method));
  *start.mutable_start()->mutable_settings() = Settings(flags);
  for (int i = 0; i < flags.chunk_leads; ++i) {
    *chunk.mutable_chunk()->add_leads() = Variation(lead, i);
  }
  grpc::ClientContext context;
  const auto stream = stub->BulkEvaluate(&context);
  v1::BulkEvaluateResponse response;
  const bool answered = stream->Write(start) && stream->Write(chunk) && stream->Read(&response);
  stream->WritesDone();
  Check(stream->Finish(), "BulkEvaluate");
  if (!answered || response.results_size() != flags.chunk_leads) Fail("BulkEvaluate: no answer");
  recording->set_stream_start(start.SerializeAsString());
  bench::Exchange* const exchange = recording->add_chunks();
  exchange->set_request(chunk.chunk().SerializeAsString());
  exchange->set_answer(response.SerializeAsString());
  exchange->set_lead_id(lead.id());
  exchange->set_leads(flags.chunk_leads);
}

void Record(const Flags& flags) {
  const v1::Lead lead = ReadLead(flags.lead);
  const auto stub = QualificationService::NewStub(
      grpc::CreateChannel(flags.target, grpc::InsecureChannelCredentials()));
  bench::Recording recording;
  RecordCalls(flags, lead, stub.get(), &recording);
  if (flags.chunk_leads > 0) RecordStream(flags, lead, stub.get(), &recording);
  WriteRecording(recording, flags.out);
}

}  // namespace
}  // namespace bantam

int main(int argc, char** argv) {
  bantam::Flags flags;
  CLI::App app("Records requests and the answers of a server.", "bantam_record");
  app.add_option("--target", flags.target, "host:port of a server of the contract")->required();
  app.add_option("--lead", flags.lead, "A lead as YAML")->required();
  app.add_option("--icp", flags.icp, "The ICP")->required();
  app.add_option("--out", flags.out, "The file to write")->required();
  app.add_option("--method", flags.method)->check(CLI::IsMember({"Score", "Qualify", "Advance"}));
  app.add_flag("--omit_trace", flags.omit_trace, "Asks for no trace");
  app.add_option("--calls", flags.calls, "Unary calls, each with another lead [1]");
  app.add_option("--chunk_leads", flags.chunk_leads, "Leads of the chunk; 0: no stream [64]");
  CLI11_PARSE(app, argc, argv);
  bantam::Record(flags);
  return 0;
}
