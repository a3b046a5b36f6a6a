// The decision log of a whole bantamd: what it says, and what happens when nobody takes it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "bantam/v1/decision.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/loopback_client.h"
#include "tests/integration/server_process.h"
#include "tests/integration/tls_files.h"
#include "tests/integration/worked_example.h"
#include "tests/servers/redis_server.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// What only decisions with personal data may tell.
constexpr char kCompany[] = "Beeblebrox";
constexpr char kTitle[] = "President of the Galaxy";
constexpr char kDomain[] = "beeblebrox.example";
constexpr char kReferrer[] = "Trillian";
constexpr char kActor[] = "Zaphod";

// More leads than half the queue, and fewer than all of it.
constexpr int kQueue = 1000;
constexpr int kBatch = 900;

// A named pipe that is read when a test says so, and not before.
class Pipe {
 public:
  Pipe() : path_(folder_.path() + "/decisions") {
    EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0);
    descriptor_ = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    EXPECT_GE(descriptor_, 0);
    // As little as the system allows: a page.
    EXPECT_GT(fcntl(descriptor_, F_SETPIPE_SZ, 4096), 0);
  }
  ~Pipe() { close(descriptor_); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  const std::string& path() const { return path_; }

  // All that was written until now.
  const std::string& Read() {
    char buffer[4096];
    ssize_t count = 0;
    while ((count = read(descriptor_, buffer, sizeof(buffer))) > 0) text_.append(buffer, count);
    return text_;
  }

 private:
  const TemporaryFolder folder_;
  const std::string path_;
  int descriptor_ = -1;
  std::string text_;
};

std::vector<v1::Decision> Decisions(const std::string& text) {
  std::vector<v1::Decision> decisions;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const auto status = google::protobuf::util::JsonStringToMessage(
        google::protobuf::StringPiece(line.data(), line.size()), &decisions.emplace_back());
    EXPECT_TRUE(status.ok()) << status << ": " << line;
  }
  return decisions;
}

std::set<std::string> LeadIds(const std::string& text) {
  std::set<std::string> ids;
  for (const v1::Decision& decision : Decisions(text)) {
    EXPECT_TRUE(ids.insert(decision.lead_id()).second) << decision.lead_id() << " comes twice";
  }
  return ids;
}

// Ids of leads "first-0", "first-1" and so on, of each of these batches.
std::set<std::string> IdsOf(const std::vector<std::string>& batches) {
  std::set<std::string> ids;
  for (const std::string& batch : batches) {
    for (int i = 0; i < kBatch; ++i) ids.insert(absl::StrCat(batch, "-", i));
  }
  return ids;
}

class DecisionLogServerTest : public ::testing::Test {
 protected:
  void Start(const std::string& target, std::vector<std::string> flags = {}) {
    CopyWorkedExampleIcp(icps_);
    flags.push_back(absl::StrCat("--decision_log=", target));
    flags.push_back(absl::StrCat("--decision_log_queue=", kQueue));
    flags.push_back("--admin_listen=127.0.0.1:0");
    for (const std::string& flag : files_.Flags()) flags.push_back(flag);
    server_ = ServerProcess::Serving(icps_.path(), flags);
    admin_port_ = server_->WaitForAdminPort();
    stub_ = v1::QualificationService::NewStub(server_->NewChannel(files_.ChannelCredentials()));
  }

  double Counted(const std::string& sample) const { return Metric(admin_port_, sample + " "); }

  // The text of the file once it has so many lines.
  std::string WaitForLines(const std::string& file, int count) const {
    std::string text;
    EXPECT_TRUE(WaitUntil([&] {
      std::ostringstream read;
      read << std::ifstream(file).rdbuf();
      text = read.str();
      return std::count(text.begin(), text.end(), '\n') >= count;
    }));
    return text;
  }

  // Moves the worked example's lead, with something personal in it.
  v1::AdvanceResponse Advance(const v1::StageOverride* override_by = nullptr) {
    v1::AdvanceRequest request;
    v1::Lead* const lead = request.mutable_lead();
    *lead = WorkedExampleLead();
    lead->mutable_company()->set_name(kCompany);
    lead->mutable_company()->set_domain(kDomain);
    lead->mutable_contacts(0)->set_title(kTitle);
    lead->mutable_source()->set_referrer(kReferrer);
    (*lead->mutable_custom())["heads"].set_number(2);
    if (override_by != nullptr) *request.mutable_override() = *override_by;
    *request.mutable_settings() = WorkedExampleSettings();
    grpc::ClientContext context;
    TlsFiles::Be("crm", &context);
    context.AddMetadata("x-request-id", "order-4711");
    context.AddMetadata("traceparent", kTraceparent);
    v1::AdvanceResponse response;
    const grpc::Status status = stub_->Advance(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  // Asks about kBatch leads with ids as of IdsOf().
  grpc::Status Batch(const std::string& name) {
    v1::BatchQualifyRequest request;
    for (int i = 0; i < kBatch; ++i) request.add_leads()->set_id(absl::StrCat(name, "-", i));
    *request.mutable_settings() = WorkedExampleSettings();
    grpc::ClientContext context;
    TlsFiles::Be("crm", &context);
    v1::BatchQualifyResponse response;
    return stub_->BatchQualify(&context, request, &response);
  }

  const TlsFiles files_;
  const TemporaryFolder icps_;
  const TemporaryFolder logs_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<v1::QualificationService::Stub> stub_;
  int admin_port_ = 0;
};

TEST_F(DecisionLogServerTest, ADecisionTellsWhoAskedWhatAndWhatTheAnswerWas) {
  const std::string file = logs_.path() + "/decisions";
  Start(file);
  const absl::Time begin = absl::Now();
  const v1::Evaluation evaluation = Advance().evaluation();
  const std::string text = WaitForLines(file, 1);
  const std::vector<v1::Decision> decisions = Decisions(text);
  ASSERT_EQ(decisions.size(), 1u);
  const v1::Decision& decision = decisions[0];
  const auto seconds = decision.time().seconds();
  EXPECT_TRUE(seconds >= absl::ToUnixSeconds(begin) && seconds <= absl::ToUnixSeconds(absl::Now()));
  EXPECT_EQ(decision.request_id(), "order-4711");
  EXPECT_EQ(decision.traceparent(), kTraceparent);
  EXPECT_EQ(decision.caller(), "token:crm");
  EXPECT_EQ(decision.method(), "/bantam.v1.QualificationService/Advance");
  EXPECT_EQ(decision.operation(), v1::BULK_OPERATION_ADVANCE);
  EXPECT_EQ(decision.lead_id(), "worked-example-lead");
  EXPECT_EQ(decision.icp(), kWorkedExampleIcp);
  EXPECT_EQ(decision.icp_revision(), evaluation.icp_revision());
  EXPECT_EQ(decision.evaluate_time().seconds(), 1769817600);
  EXPECT_EQ(decision.verdict(), v1::VERDICT_OPEN);
  EXPECT_EQ(decision.score(), 59);
  EXPECT_EQ(decision.grade(), "B");
  EXPECT_EQ(decision.stage(), "mql");
  const v1::Transition& moved = evaluation.advancement().transition();
  EXPECT_EQ(decision.transition().from_stage(), moved.from_stage());
  EXPECT_EQ(decision.transition().to_stage(), "mql");
  EXPECT_EQ(decision.transition().outcome(), v1::ADVANCE_REASON_MOVED_FORWARD);
  // Nothing personal, unless it was asked for.
  EXPECT_FALSE(decision.has_personal_data());
  for (const char* const personal : {kCompany, kDomain, kTitle, kReferrer, "heads"}) {
    EXPECT_THAT(text, Not(HasSubstr(personal)));
  }
}

TEST_F(DecisionLogServerTest, PersonalDataIsThereWhenItIsAskedFor) {
  const std::string file = logs_.path() + "/decisions";
  Start(file, {"--decision_log_personal_data"});
  v1::StageOverride override_by;
  override_by.set_stage("sql");
  override_by.set_actor(kActor);
  override_by.set_reason("he said so");
  Advance(&override_by);
  const std::string text = WaitForLines(file, 1);
  const std::vector<v1::Decision> decisions = Decisions(text);
  ASSERT_EQ(decisions.size(), 1u);
  EXPECT_EQ(decisions[0].transition().outcome(), v1::ADVANCE_REASON_OVERRIDE);
  const v1::DecisionPersonalData& personal = decisions[0].personal_data();
  EXPECT_EQ(personal.company_name(), kCompany);
  EXPECT_EQ(personal.company_domain(), kDomain);
  EXPECT_EQ(personal.contacts(0).title(), kTitle);
  EXPECT_EQ(personal.referrer(), kReferrer);
  EXPECT_EQ(personal.custom().at("heads").number(), 2);
  EXPECT_EQ(personal.override_actor(), kActor);
  EXPECT_THAT(text, Not(HasSubstr("he said so")));
}

TEST_F(DecisionLogServerTest, TheLeadsOfABatchHaveItsRequestIdAndThoseWithErrorsAreNotThere) {
  const std::string file = logs_.path() + "/decisions";
  Start(file);
  v1::BatchScoreRequest request;
  for (const char* const id : {"one", "bad", "two"}) request.add_leads()->set_id(id);
  request.mutable_leads(1)->set_stage("no stage");
  *request.mutable_settings() = WorkedExampleSettings();
  grpc::ClientContext context;
  TlsFiles::Be("crm", &context);
  v1::BatchScoreResponse response;
  ASSERT_TRUE(stub_->BatchScore(&context, request, &response).ok());
  EXPECT_TRUE(response.results(1).has_error());
  const std::vector<v1::Decision> decisions = Decisions(WaitForLines(file, 2));
  ASSERT_EQ(decisions.size(), 2u);
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto request_id = metadata.find("x-request-id");
  ASSERT_NE(request_id, metadata.end());
  for (size_t i = 0; i < decisions.size(); ++i) {
    EXPECT_EQ(decisions[i].lead_id(), i == 0 ? "one" : "two");
    EXPECT_EQ(decisions[i].request_id(), request_id->second);
    EXPECT_EQ(decisions[i].traceparent(), "");
    EXPECT_EQ(decisions[i].operation(), v1::BULK_OPERATION_SCORE);
    EXPECT_FALSE(decisions[i].has_transition());
  }
}

TEST_F(DecisionLogServerTest, AFullQueueRefusesCallsUntilItIsReadAndLosesNothing) {
  Pipe pipe;
  Start(pipe.path(), {"--decision_log_when_full=refuse"});
  ASSERT_TRUE(Batch("first").ok());
  // The pipe takes few of them, so that there is no room for as many again.
  for (int i = 1; i <= 3; ++i) {
    const grpc::Status refused = Batch("second");
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(refused.error_message(), HasSubstr("its log is full at the moment; try again"));
    EXPECT_EQ(Counted("bantam_calls_refused_total{reason=\"decision_log\"}"), i);
  }
  EXPECT_TRUE(WaitUntil([&] {
    pipe.Read();
    return Batch("second").ok();
  }));
  EXPECT_TRUE(WaitUntil([&] {
    pipe.Read();
    return Counted("bantam_decisions_logged_total") == 2 * kBatch;
  }));
  EXPECT_EQ(LeadIds(pipe.Read()), IdsOf({"first", "second"}));
  EXPECT_EQ(Counted("bantam_decisions_dropped_total"), 0);
}

TEST_F(DecisionLogServerTest, AFullQueueDropsDecisionsAndCountsThem) {
  Pipe pipe;
  Start(pipe.path(), {"--decision_log_when_full=drop"});
  ASSERT_TRUE(Batch("first").ok());
  ASSERT_TRUE(Batch("second").ok());
  const double dropped = Counted("bantam_decisions_dropped_total");
  EXPECT_GT(dropped, 0);
  EXPECT_EQ(Counted("bantam_calls_refused_total{reason=\"decision_log\"}"), 0);
  EXPECT_TRUE(server_->WaitForError("decision log: its queue is full, decisions are dropped"));
  EXPECT_TRUE(WaitUntil([&] {
    pipe.Read();
    return Counted("bantam_decisions_logged_total") == 2 * kBatch - dropped;
  }));
  const std::set<std::string> logged = LeadIds(pipe.Read());
  EXPECT_EQ(logged.size(), 2 * kBatch - dropped);
  // Those that came when there was room are all there.
  for (const std::string& id : IdsOf({"first"})) EXPECT_EQ(logged.count(id), 1u) << id;
  EXPECT_EQ(Counted("bantam_decisions_dropped_total"), dropped);
}

TEST_F(DecisionLogServerTest, AStreamOfRedisHasItsNameAndKeepsAboutAsManyAsItIsTold) {
  RedisServer redis;
  Start(redis.url(), {"--decision_log_stream=leads:decided", "--decision_log_max_length=1000",
                      "--decision_log_when_full=refuse"});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(WaitUntil([&] { return Batch(absl::StrCat("b", i)).ok(); }));
  }
  EXPECT_TRUE(WaitUntil([&] { return Counted("bantam_decisions_logged_total") == 5 * kBatch; }));
  int length = 0;
  ASSERT_TRUE(absl::SimpleAtoi(redis.Run({"XLEN", "leads:decided"}), &length));
  EXPECT_GE(length, 1000);
  EXPECT_LT(length, 1500);  // Redis drops a node of entries at a time.
  EXPECT_THAT(redis.Run({"XREVRANGE", "leads:decided", "+", "-", "COUNT", "1"}),
              HasSubstr("\"lead_id\":\"b4-899\""));
}

}  // namespace
}  // namespace bantam
