// BulkEvaluate over a real connection.
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/rpc/bulk_call.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;

class BulkTest : public RpcTest {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::BulkEvaluateRequest, v1::BulkEvaluateResponse>;

  BulkTest() : stream_(qualification_->BulkEvaluate(&context_)) {}

  // Sends all of `requests` and gives how the stream ended; keeps the answers.
  grpc::Status Run(const std::vector<v1::BulkEvaluateRequest>& requests) {
    std::thread writer([&] {
      for (const v1::BulkEvaluateRequest& request : requests) {
        if (!stream_->Write(request)) break;
      }
      stream_->WritesDone();
    });
    v1::BulkEvaluateResponse answer;
    while (stream_->Read(&answer)) answers_.push_back(answer);
    writer.join();
    return stream_->Finish();
  }

  grpc::ClientContext context_;
  std::unique_ptr<Stream> stream_;
  std::vector<v1::BulkEvaluateResponse> answers_;
};

TEST_F(BulkTest, ChunksAreAnsweredInOrder) {
  std::vector<v1::BulkEvaluateRequest> requests = {StartOf(v1::BULK_OPERATION_QUALIFY)};
  for (int i = 0; i < 200; ++i) requests.push_back(ChunkOf(3 * i, 1 + i % 64));
  const grpc::Status status = Run(requests);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(answers_.size(), 200);
  int leads = 0;
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(answers_[i].number(), 3 * i);
    ASSERT_EQ(answers_[i].results_size(), 1 + i % 64);
    leads += answers_[i].results_size();
    const v1::LeadResult& last = answers_[i].results(i % 64);
    EXPECT_EQ(last.index(), i % 64);
    EXPECT_EQ(last.lead_id(), absl::StrCat(3 * i, ".", i % 64));
    EXPECT_EQ(last.evaluation().verdict(), v1::VERDICT_OPEN);
    EXPECT_EQ(last.evaluation().evaluate_time().seconds(), absl::ToUnixSeconds(Now()));
  }
  const auto calls = observer_.WaitFor(1);
  EXPECT_EQ(calls[0].method, "/bantam.v1.QualificationService/BulkEvaluate");
  EXPECT_TRUE(calls[0].status.ok());
  EXPECT_EQ(calls[0].leads, leads);
}

TEST_F(BulkTest, AStreamOfNoChunksEndsWell) {
  const grpc::Status status = Run({StartOf(v1::BULK_OPERATION_SCORE)});
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(answers_.empty());
}

TEST_F(BulkTest, DefinitionsArePinnedAtTheStart) {
  ASSERT_TRUE(stream_->Write(StartOf(v1::BULK_OPERATION_SCORE)));
  ASSERT_TRUE(stream_->Write(ChunkOf(1, 1)));
  v1::BulkEvaluateResponse answer;
  ASSERT_TRUE(stream_->Read(&answer));
  const std::string revision = answer.results(0).evaluation().icp_revision();
  EXPECT_NE(catalog_.Add(kIcp, 12)->icp->revision(), revision);
  ASSERT_TRUE(stream_->Write(ChunkOf(2, 1)));
  ASSERT_TRUE(stream_->Read(&answer));
  EXPECT_EQ(answer.results(0).evaluation().icp_revision(), revision);
  EXPECT_TRUE(Run({}).ok());
}

TEST_F(BulkTest, OneBadLeadDoesNotBreakTheOthers) {
  v1::BulkEvaluateRequest chunk = ChunkOf(1, 3);
  chunk.mutable_chunk()->mutable_leads(1)->mutable_company()->set_employee_count(-1);
  ASSERT_TRUE(Run({StartOf(v1::BULK_OPERATION_SCORE), chunk}).ok());
  ASSERT_EQ(answers_.size(), 1);
  EXPECT_TRUE(answers_[0].results(0).has_evaluation());
  EXPECT_EQ(answers_[0].results(1).error().message(),
            "chunk.leads[1].company.employee_count: must be from 0 to 10000000");
  EXPECT_TRUE(answers_[0].results(2).has_evaluation());
}

TEST_F(BulkTest, AdvanceNeedsIds) {
  v1::BulkEvaluateRequest chunk = ChunkOf(1, 2);
  chunk.mutable_chunk()->mutable_leads(1)->clear_id();
  ASSERT_TRUE(Run({StartOf(v1::BULK_OPERATION_ADVANCE), chunk}).ok());
  EXPECT_TRUE(answers_[0].results(0).evaluation().has_advancement());
  EXPECT_EQ(answers_[0].results(1).error().violations(0).field(), "chunk.leads[1].id");
}

TEST_F(BulkTest, TheFirstMessageMustBeStart) {
  const grpc::Status status = Run({ChunkOf(1, 1)});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "start: must be set in the first message");
}

TEST_F(BulkTest, AStreamOfNothingLacksItsStart) {
  EXPECT_EQ(Run({}).error_message(), "start: must be set in the first message");
}

TEST_F(BulkTest, StartComesOnce) {
  const grpc::Status status = Run({StartOf(v1::BULK_OPERATION_SCORE), ChunkOf(1, 1),
                                   StartOf(v1::BULK_OPERATION_SCORE), ChunkOf(2, 1)});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "chunk: must be set in every message after the first");
  EXPECT_EQ(answers_.size(), 1);  // What came before is answered.
}

TEST_F(BulkTest, AllThatIsWrongWithTheStartIsNamed) {
  v1::BulkEvaluateRequest start;
  start.mutable_start()->set_mode(static_cast<v1::AdvanceMode>(7));
  const grpc::Status status = Run({start});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsIn(status), ElementsAre("start.operation", "start.settings", "start.mode"));
}

TEST_F(BulkTest, UnknownIcpsAreNotFound) {
  v1::BulkEvaluateRequest start = StartOf(v1::BULK_OPERATION_SCORE);
  start.mutable_start()->mutable_settings()->mutable_icps(0)->set_name("tenants/a/icps/none");
  EXPECT_EQ(Run({start, ChunkOf(1, 1)}).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(BulkTest, NumbersMustIncrease) {
  const grpc::Status status =
      Run({StartOf(v1::BULK_OPERATION_SCORE), ChunkOf(5, 1), ChunkOf(5, 1), ChunkOf(6, 1)});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "chunk.number: must be higher than that of the chunk before, which was 5");
  ASSERT_EQ(answers_.size(), 1);
  EXPECT_EQ(answers_[0].number(), 5);
}

TEST_F(BulkTest, AChunkHasOneTo64LeadsAndANumber) {
  const grpc::Status status = Run({StartOf(v1::BULK_OPERATION_SCORE), ChunkOf(-1, 65)});
  EXPECT_EQ(status.error_message(),
            "2 fields are invalid: chunk.number: must not be negative; chunk.leads: must hold at "
            "most 64 leads, not 65; send several chunks");
}

TEST_F(BulkTest, AnEmptyChunkIsInvalid) {
  EXPECT_EQ(Run({StartOf(v1::BULK_OPERATION_SCORE), ChunkOf(1, 0)}).error_message(),
            "chunk.leads: must hold at least one lead");
}

TEST_F(BulkTest, ACancelledStreamEnds) {
  ASSERT_TRUE(stream_->Write(StartOf(v1::BULK_OPERATION_SCORE)));
  ASSERT_TRUE(stream_->Write(ChunkOf(1, 1)));
  v1::BulkEvaluateResponse answer;
  ASSERT_TRUE(stream_->Read(&answer));
  context_.TryCancel();
  EXPECT_EQ(Run({}).error_code(), grpc::StatusCode::CANCELLED);
  const auto calls = observer_.WaitFor(1);
  EXPECT_EQ(calls[0].status.code(), absl::StatusCode::kCancelled);
}

TEST_F(BulkTest, AStreamCancelledWhileItsIcpsAreFetchedEnds) {
  catalog_.Hold();
  ASSERT_TRUE(stream_->Write(StartOf(v1::BULK_OPERATION_SCORE)));
  catalog_.WaitUntilHeld(1);
  context_.TryCancel();
  EXPECT_EQ(Run({}).error_code(), grpc::StatusCode::CANCELLED);
  catalog_.Release();
  EXPECT_EQ(observer_.WaitFor(1)[0].status.code(), absl::StatusCode::kCancelled);
}

TEST_F(BulkTest, TheDeadlineEndsAStream) {
  // On a busy machine the deadline may pass before the server has the call: then a longer one.
  for (auto deadline = std::chrono::milliseconds(100);
       deadline < std::chrono::seconds(10) && !observer_.HasCallWithin(absl::Seconds(1));
       deadline *= 2) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    const auto stream = qualification_->BulkEvaluate(&context);
    stream->Write(StartOf(v1::BULK_OPERATION_SCORE));
    v1::BulkEvaluateResponse answer;
    EXPECT_FALSE(stream->Read(&answer));
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  // The caller's deadline is the earlier one, by a hair, and cancels the call.
  const auto calls = observer_.WaitFor(1);
  ASSERT_FALSE(calls.empty());
  EXPECT_THAT(calls[0].status.code(),
              AnyOf(absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kCancelled));
}

// Writes without reading, on the asynchronous API, so that a write that does not go through can be
// told from one that takes its time.
TEST_F(BulkTest, ForAReaderThatDoesNotReadTheServerStopsReading) {
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  void* tag;
  bool ok;
  const auto stream = qualification_->AsyncBulkEvaluate(&context, &queue, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  stream->Write(StartOf(v1::BULK_OPERATION_QUALIFY), nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  // A chunk takes some 512 KiB, so that few fit into the buffers of a connection on this machine
  // (some MiB); kMaxChunksInWork are in the server.
  constexpr int kFarTooMany = 1000;
  int written = 0;
  while (written < kFarTooMany) {
    v1::BulkEvaluateRequest chunk = ChunkOf(written, 64);
    for (v1::Lead& lead : *chunk.mutable_chunk()->mutable_leads()) {
      (*lead.mutable_custom())["note"].set_text(std::string(4096, 'x'));
      (*lead.mutable_custom())["more"].set_text(std::string(4096, 'x'));
    }
    stream->Write(chunk, nullptr);
    const auto status =
        queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + std::chrono::seconds(2));
    if (status == grpc::CompletionQueue::TIMEOUT) break;
    ASSERT_TRUE(ok);
    ++written;
  }
  EXPECT_LT(written, 100);
  // When the reader reads again, all goes on: nothing is lost.
  std::set<int64_t> numbers;
  int open_writes = 1;
  v1::BulkEvaluateResponse answer;
  int read_tag = 0;
  stream->Read(&answer, &read_tag);
  bool reading = true;
  while (reading && queue.Next(&tag, &ok)) {
    if (tag == nullptr) {
      EXPECT_TRUE(ok);
      if (--open_writes == 0) {
        stream->WritesDone(&open_writes);
      }
    } else if (tag == &read_tag) {
      reading = ok;
      if (!ok) break;
      EXPECT_TRUE(numbers.insert(answer.number()).second);
      stream->Read(&answer, &read_tag);
    }
  }
  EXPECT_EQ(numbers.size(), static_cast<size_t>(written) + 1);
  grpc::Status status;
  stream->Finish(&status, &status);
  while (queue.Next(&tag, &ok) && tag != &status) {
  }
  EXPECT_TRUE(status.ok()) << status.error_message();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

TEST_F(BulkTest, ManyStreamsAtATime) {
  std::vector<std::thread> callers;
  std::atomic<int> good{0};
  for (int i = 0; i < 32; ++i) {
    callers.emplace_back([this, &good] {
      grpc::ClientContext context;
      const auto stream = qualification_->BulkEvaluate(&context);
      stream->Write(StartOf(v1::BULK_OPERATION_SCORE));
      v1::BulkEvaluateResponse answer;
      for (int number = 0; number < 50; ++number) {
        if (!stream->Write(ChunkOf(number, 5)) || !stream->Read(&answer)) return;
        if (answer.number() == number && answer.results_size() == 5) ++good;
      }
      stream->WritesDone();
      EXPECT_TRUE(stream->Finish().ok());
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(good, 32 * 50);
}

}  // namespace
}  // namespace bantam
