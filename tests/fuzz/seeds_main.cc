// Writes the inputs that fuzzing starts from: the project's samples and cases, in the form that
// each target reads.
//
//   bantam_fuzz_seeds FOLDER    makes FOLDER/TARGET/… for every target
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "client/cases/cases.h"
#include "server/definition/yaml.h"
#include "server/rpc/page_token.h"
#include "server/store/redis_entry.h"
#include "tests/fuzz/evaluate_checked.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = BANTAM_SOURCE_DIR;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// All files below `folder` whose names end with `extension`.
std::vector<fs::path> FilesBelow(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kSource / folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  Require(!files.empty(), absl::StrCat(folder, " holds files"));
  return files;
}

constexpr size_t kMaxSeedBytes = 16384;

// Seeds of one target, numbered.
class Seeds {
 public:
  Seeds(const fs::path& root, const std::string& target) : folder_(root / target) {
    fs::create_directories(folder_);
  }

  // Large ones are left out: fuzzing gets nowhere with what takes long.
  void Add(absl::string_view bytes) {
    if (bytes.size() > kMaxSeedBytes) return;
    std::ofstream file(folder_ / absl::StrCat("seed-", ++count_), std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  const fs::path folder_;
  int count_ = 0;
};

std::vector<v1::EvaluationCase> Cases() {
  std::vector<v1::EvaluationCase> cases;
  for (const fs::path& path : FilesBelow("tests/testdata/cases", ".yaml")) {
    absl::StatusOr<LoadedCase> loaded = LoadCase(path.string(), FuzzTimeZones());
    // Folders of ICPs stand among them.
    if (loaded.ok()) cases.push_back(std::move(loaded->content));
  }
  Require(cases.size() > 100, "there are cases");
  return cases;
}

void WriteIcpTexts(const std::vector<v1::EvaluationCase>& cases, Seeds seeds) {
  for (const char* const folder : {"client/samples/icps", "tests/testdata/definition",
                                   "tests/testdata/worked_example", "tests/testdata/bench"}) {
    for (const fs::path& path : FilesBelow(folder, ".yaml")) seeds.Add(ReadFile(path));
  }
  for (const v1::EvaluationCase& each : cases) {
    if (each.has_icp()) seeds.Add(FormatYaml(each.icp()));
  }
}

void WriteLeads(const std::vector<v1::EvaluationCase>& cases, Seeds seeds) {
  char flags = 0;
  for (const v1::EvaluationCase& each : cases) {
    // Every way to evaluate is in some seed; 4 weeks into 2026.
    seeds.Add(absl::StrCat(std::string{flags, 4}, each.lead().SerializeAsString()));
    flags = static_cast<char>(flags + 37);
  }
}

template <typename Request>
Request RequestFor(const v1::EvaluationCase& each) {
  Request request;
  *request.mutable_lead() = each.lead();
  request.mutable_settings()->add_icps()->set_name("tenants/acme/icps/software");
  *request.mutable_settings()->mutable_evaluate_time() = each.evaluate_time();
  return request;
}

template <typename Request>
std::string BatchOf(const v1::ScoreRequest& single) {
  Request request;
  *request.add_leads() = single.lead();
  request.add_leads()->set_id("second");
  *request.mutable_settings() = single.settings();
  return request.SerializeAsString();
}

void WriteCatalogRequests(Seeds* seeds) {
  constexpr char kIcp[] = "tenants/acme/icps/software";
  const auto add = [seeds](char call, const google::protobuf::Message& request) {
    seeds->Add(absl::StrCat(std::string{call}, request.SerializeAsString()));
  };
  v1::SaveIcpRequest save;
  save.set_yaml(ReadFile(kSource / "client/samples/icps/consumer.yaml"));
  add(7, save);
  save.set_yaml("name: tenants/acme/icps/software\noops: 1\n");
  save.set_file("acme/b\xC3\xBCro.yaml");
  save.set_author("pat");
  save.set_comment("first\nsecond");
  add(7, save);
  v1::ListIcpsRequest list;
  list.set_parent("tenants/acme");
  list.set_page_token(MakePageToken("tenants/acme", kIcp));
  add(8, list);
  v1::GetIcpRequest get;
  get.set_name(kIcp);
  get.mutable_max_staleness()->set_seconds(5);
  add(9, get);
  get.set_revision("0123456789abcdef0123456789abcdef");
  add(9, get);
  v1::ValidateIcpRequest validate;
  validate.set_yaml(save.yaml());
  validate.set_file(save.file());
  add(10, validate);
  v1::DeleteIcpRequest deletion;
  deletion.set_name(kIcp);
  deletion.set_etag("*");
  add(11, deletion);
  v1::ListIcpRevisionsRequest revisions;
  revisions.set_name(kIcp);
  revisions.set_page_size(2);
  revisions.set_page_token(MakeRevisionPageToken(kIcp, 42));
  add(12, revisions);
  v1::RollbackIcpRequest rollback;
  rollback.set_name(kIcp);
  rollback.set_number(1);
  rollback.set_etag("*");
  add(13, rollback);
}

void WriteRequests(const std::vector<v1::EvaluationCase>& cases, Seeds seeds) {
  const auto add = [&seeds](char call, const std::string& bytes) {
    seeds.Add(absl::StrCat(std::string{call}, bytes));
  };
  for (size_t i = 0; i < cases.size(); i += 5) {
    const auto score = RequestFor<v1::ScoreRequest>(cases[i]);
    add(0, score.SerializeAsString());
    add(1, score.SerializeAsString());
    auto advance = RequestFor<v1::AdvanceRequest>(cases[i]);
    advance.set_mode(v1::ADVANCE_MODE_AS_FAR_AS_POSSIBLE);
    if (cases[i].has_override()) *advance.mutable_override() = cases[i].override();
    add(2, advance.SerializeAsString());
    add(3, BatchOf<v1::BatchScoreRequest>(score));
    add(4, BatchOf<v1::BatchQualifyRequest>(score));
    v1::BatchAdvanceRequest batch;
    *batch.add_items()->mutable_lead() = score.lead();
    *batch.mutable_settings() = score.settings();
    add(5, batch.SerializeAsString());
    v1::BulkEvaluateRequest bulk;
    *bulk.mutable_chunk()->add_leads() = score.lead();
    add(6, bulk.SerializeAsString());
    *bulk.mutable_start()->mutable_settings() = score.settings();
    bulk.mutable_start()->set_operation(v1::BULK_OPERATION_QUALIFY);
    add(6, bulk.SerializeAsString());
  }
  WriteCatalogRequests(&seeds);
}

void WriteLeadFiles(Seeds seeds) {
  for (const char* const extension : {".yaml", ".ndjson", ".csv"}) {
    for (const fs::path& path : FilesBelow("client/samples/leads", extension)) {
      seeds.Add(ReadFile(path));
    }
  }
  seeds.Add(absl::StrCat(ReadFile(kSource / "client/samples/leads/trade_fair_mapping.yaml"),
                         "\n=====\n", ReadFile(kSource / "client/samples/leads/trade_fair.csv")));
  seeds.Add("id;company.employee_count\n1;\"2\"\"\n\"\n");
  seeds.Add(
      "\xEF\xBB\xBF"
      "id\tcontact.title\r\n1\tB\xC3\xBCroleiter\r\n");
  seeds.Add({"\xFF\xFEi\0d\0\n\0001\0\n\0", 12});  // UTF-16.
}

void WriteRedisEntries(Seeds seeds) {
  const std::string name = "tenants/acme/icps/software";
  const std::string revision = "0123456789abcdef0123456789abcdef";
  RevisionRecord record;
  record.name = name;
  record.number = 2;
  record.revision = revision;
  record.title = "Software";
  record.author = "pat";
  record.yaml = "name: tenants/acme/icps/software\n";
  const std::string pointer =
      EncodePointer({name, 7, 2, revision}, absl::FromUnixSeconds(1769817600));
  const std::string tenant = EncodeTenant({"tenants/acme", 7, {name}});
  for (const std::string& entry :
       {pointer, EncodeRecord(record), tenant, EncodeDroppedTenant("tenants/acme", 8)}) {
    seeds.Add(entry);
    // The message alone, which the target puts headers before.
    const size_t header = entry.find("BNTM");
    seeds.Add(absl::string_view(entry).substr(header + 16));
  }
}

void WritePageTokens(Seeds seeds) {
  seeds.Add(MakePageToken("tenants/acme", "tenants/acme/icps/software"));
  seeds.Add(MakePageToken("tenants/-", "tenants/acme/icps/software"));
  seeds.Add(MakeRevisionPageToken("tenants/acme/icps/software", 42));
}

void WriteUrls(Seeds seeds) {
  for (const char* const url :
       {"redis://localhost", "redis://user:S3cr3tW0rd@cache.example.com:6380/3",
        "rediss://:S3cr3tW0rd@[2001:db8::1]:6379/0", "redis://S3cr3tW0rd",
        "redis://a:%53@b/S3cr3tW0rd",
        "postgres://bantam:S3cr3tW0rd@db.example.com:5432/bantam?sslmode=require&connect_timeout=3",
        "postgresql://a@h1:1,h2:2,[::1]:3/d?target_session_attrs=any&options=-c%20a%3Db",
        "postgres:///d?host=/var/run/postgresql&hostaddr=192.0.2.1&password=S3cr3tW0rd",
        "postgres://S3cr3tW0rd:x@y?S3cr3tW0rd=1", "127.0.0.1:7770", "[::]:0",
        "example.com:65536"}) {
    seeds.Add(url);
  }
}

void WritePolicies(Seeds seeds) {
  seeds.Add(R"(grants:
  - identities: ["spiffe://example.org/ns/crm/*", "dns:crm.example.com", "token:crm-import"]
    methods: [Score, Qualify, "IcpCatalogService/*", "/grpc.health.v1.Health/*"]
    tenants: [acme, zebra]
  - {identities: ["*"], methods: ["/grpc.health.v1.Health/*"]}
  - {identities: [anonymous], methods: ["*"], tenants: ["*"]}
quotas:
  - {tenants: [acme], leads_per_second: 1000, burst_leads: 2000}
  - {tenants: ["*"], leads_per_second: 0.5}
)");
  seeds.Add("grants: []\n");
  seeds.Add("grants: [{identities: [dns:*, nobody], methods: [Nope/*], tenants: [No]}]\n");
}

void WriteTokenFiles(Seeds seeds) {
  // Hashes of "S3cr3tW0rd" and of the empty text.
  seeds.Add(
      "# Tokens\n\n"
      "crm-import b74854d5014148dec947d0197857e273e7645398d9841f48cfd7e664647e7a37\n"
      "empty E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\r\n");
  seeds.Add("crm-import S3cr3tW0rd\nS3cr3tW0rd\n a b c\n");
}

void WriteMetadata(Seeds seeds) {
  for (const char* const text :
       {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "order-4711",
        "spiffe://example.org/ns/crm/importer", "CRM.example.com",
        "a\n\"\\\x01\xC3\xA4\xE2\x80\xA8", "\xFF\xC0\x80"}) {
    seeds.Add(text);
  }
}

void WriteAll(const fs::path& root) {
  fs::remove_all(root);
  const std::vector<v1::EvaluationCase> cases = Cases();
  WriteIcpTexts(cases, {root, "icp_text"});
  WriteLeads(cases, {root, "lead"});
  WriteRequests(cases, {root, "request"});
  WriteLeadFiles({root, "lead_file"});
  WriteRedisEntries({root, "redis_entry"});
  WritePageTokens({root, "page_token"});
  WriteUrls({root, "url"});
  WritePolicies({root, "policy"});
  WriteTokenFiles({root, "token_file"});
  WriteMetadata({root, "metadata"});
}

}  // namespace
}  // namespace bantam

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bantam_fuzz_seeds FOLDER\n");
    return 2;
  }
  bantam::WriteAll(argv[1]);
  return 0;
}
