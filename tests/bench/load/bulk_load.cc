#include <algorithm>
#include <deque>
#include <utility>

#include "absl/time/clock.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "tests/bench/load/load_base.h"

namespace bantam {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr char kMethod[] = "/bantam.v1.QualificationService/BulkEvaluate";
constexpr int kNumberField = 1;  // Of BulkChunk, and of BulkEvaluateResponse.
constexpr int kChunkField = 2;   // Of BulkEvaluateRequest.

// Appends `number` as the first field of a message.
uint8_t* WriteNumber(int64_t number, uint8_t* at) {
  return number == 0 ? at : WireFormatLite::WriteInt64ToArray(kNumberField, number, at);
}

// The BulkEvaluateRequest with chunk `number`, without copying the leads.
grpc::ByteBuffer ChunkRequest(int64_t number, const grpc::Slice& leads) {
  uint8_t number_field[16];
  const size_t number_size = WriteNumber(number, number_field) - number_field;
  uint8_t head[48];
  uint8_t* at =
      WireFormatLite::WriteTagToArray(kChunkField, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, head);
  at = CodedOutputStream::WriteVarint32ToArray(number_size + leads.size(), at);
  at = WriteNumber(number, at);
  const grpc::Slice slices[] = {grpc::Slice(head, at - head), leads};
  return grpc::ByteBuffer(slices, 2);
}

// The bytes of `answer` behind its number, which must be `number`; else nothing.
grpc::ByteBuffer WithoutNumber(const grpc::ByteBuffer& answer, int64_t number) {
  uint8_t head[16];
  const size_t size = WriteNumber(number, head) - head;
  std::vector<grpc::Slice> slices;
  if (!answer.Dump(&slices).ok()) return grpc::ByteBuffer();
  // Slices end where the network cut them, be it within the number.
  size_t matched = 0, first = 0;
  while (first < slices.size() && matched < size) {
    const size_t here = std::min(size - matched, slices[first].size());
    if (!std::equal(head + matched, head + matched + here, slices[first].begin())) break;
    matched += here;
    slices[first] = slices[first].sub(here, slices[first].size());
    if (slices[first].size() == 0) ++first;
  }
  if (matched < size) return grpc::ByteBuffer(slices.data(), 0);
  return grpc::ByteBuffer(slices.data() + first, slices.size() - first);
}

class BulkLoad final : public LoadBase {
 public:
  BulkLoad(const LoadOptions& options, LoadStream stream)
      : LoadBase(options),
        chunks_(std::move(stream.chunks)),
        start_(ToByteBuffer(stream.start)),
        stubs_(Connect(options_)) {
    sums_ = RequestPicker::ZipfSums(chunks_.size(), options_.zipf_exponent);
    for (const LoadChunk& chunk : chunks_) slices_.emplace_back(chunk.bytes);
    for (int i = 0; i < options_.threads; ++i) {
      workers_.push_back(std::make_unique<Worker>(this, i));
      Worker* const worker = workers_.back().get();
      worker->thread = std::thread([this, worker] { Run(worker); });
    }
    StartConductor();
  }

  ~BulkLoad() override { StopIfRunning(); }

 private:
  struct Worker {
    Worker(BulkLoad* load, int number)
        : number(number),
          picker(&load->sums_, load->chunks_.size(), number),
          recorder(&load->options_, &load->phase_, &load->progress_) {}
    const int number;
    int open = 0;  // Streams.
    grpc::CompletionQueue queue;
    RequestPicker picker;
    LoadRecorder recorder;
    std::thread thread;
  };

  struct Stream;
  enum class Event { kStarted, kWritten, kRead, kFinished, kPaused };
  struct Tag {
    Stream* stream;
    Event event;
  };

  struct Chunk {
    size_t index;
    int64_t number;
    absl::Time begin;
    bool measured;
  };

  struct Stream {
    explicit Stream(int connection) : connection(connection) {}
    const int connection;
    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> calls;
    grpc::ByteBuffer answer;
    grpc::Status status;
    grpc::Alarm pause;
    std::deque<Chunk> chunks;  // In flight, the oldest first.
    int64_t next_number = 0;
    bool writing = false;
    bool half_closed = false;  // Nothing more is sent.
    bool read_ended = false;
    Tag started{this, Event::kStarted}, written{this, Event::kWritten}, read{this, Event::kRead},
        finished{this, Event::kFinished}, paused{this, Event::kPaused};
  };

  void Run(Worker* worker) {
    for (int i = worker->number; i < options_.in_flight; i += options_.threads) {
      Open(worker, i % static_cast<int>(stubs_.size()));
      ++worker->open;
    }
    void* tag;
    bool ok;
    while (worker->open > 0 && worker->queue.Next(&tag, &ok)) {
      const Tag& event = *static_cast<Tag*>(tag);
      OnEvent(worker, event.stream, event.event, ok);
    }
    worker->queue.Shutdown();
    while (worker->queue.Next(&tag, &ok)) {
    }
  }

  // The stream is owned by the queue until it has finished.
  void Open(Worker* worker, int connection) {
    auto* const stream = new Stream(connection);
    for (const auto& [key, value] : options_.metadata) stream->context.AddMetadata(key, value);
    stream->calls = stubs_[connection]->PrepareCall(&stream->context, kMethod, &worker->queue);
    stream->calls->StartCall(&stream->started);
  }

  void OnEvent(Worker* worker, Stream* stream, Event event, bool ok) {
    switch (event) {
      case Event::kStarted:
        if (!ok) return stream->calls->Finish(&stream->status, &stream->finished);
        stream->writing = true;
        stream->calls->Write(start_, &stream->written);
        stream->calls->Read(&stream->answer, &stream->read);
        return;
      case Event::kWritten:
        stream->writing = false;
        if (!ok) stream->half_closed = true;
        return Proceed(worker, stream);
      case Event::kRead:
        if (ok) {
          OnAnswer(worker, stream);
          stream->calls->Read(&stream->answer, &stream->read);
        } else {
          stream->read_ended = true;
        }
        return Proceed(worker, stream);
      case Event::kFinished:
        return OnFinished(worker, stream);
      case Event::kPaused: {
        const std::unique_ptr<Stream> owned(stream);
        return Reopen(worker, stream->connection);
      }
    }
  }

  void OnAnswer(Worker* worker, Stream* stream) {
    if (stream->chunks.empty()) return;  // Not asked for; the end of the stream will tell.
    const Chunk chunk = stream->chunks.front();
    stream->chunks.pop_front();
    const grpc::ByteBuffer answer = WithoutNumber(stream->answer, chunk.number);
    worker->recorder.End({chunk.index, chunk.begin, absl::Now(), grpc::Status::OK, {}},
                         chunk.measured, &answer, chunks_[chunk.index].answer,
                         chunks_[chunk.index].leads);
  }

  void Proceed(Worker* worker, Stream* stream) {
    if (stream->writing) return;
    if (stream->read_ended) return stream->calls->Finish(&stream->status, &stream->finished);
    if (stream->half_closed) return;
    if (phase_ == LoadPhase::kEnding) {
      stream->writing = true;
      stream->half_closed = true;
      stream->calls->WritesDone(&stream->written);
    } else if (stream->chunks.size() < static_cast<size_t>(options_.chunks_in_flight)) {
      const Chunk chunk = {worker->picker.Next(), stream->next_number++, absl::Now(),
                           phase_ == LoadPhase::kMeasuring};
      stream->chunks.push_back(chunk);
      stream->writing = true;
      stream->calls->Write(ChunkRequest(chunk.number, slices_[chunk.index]), &stream->written);
    }
  }

  // A stream that failed counts as one failed call, and so does each chunk that it did not answer.
  void OnFinished(Worker* worker, Stream* stream) {
    std::unique_ptr<Stream> owned(stream);
    if (stream->status.ok() && !stream->chunks.empty()) {
      stream->status = grpc::Status(grpc::StatusCode::DATA_LOSS,
                                    "the stream ended well, but did not answer every chunk");
    }
    if (stream->status.ok()) return Reopen(worker, stream->connection);
    const Chunk no_chunk = {0, 0, absl::Now(), phase_ == LoadPhase::kMeasuring};
    if (stream->chunks.empty()) stream->chunks.push_back(no_chunk);
    for (const Chunk& chunk : stream->chunks) {
      worker->recorder.End({chunk.index, chunk.begin, absl::Now(), stream->status, {}},
                           chunk.measured, nullptr, "", 0);
    }
    if (options_.pause_after_failure <= absl::ZeroDuration()) {
      return Reopen(worker, stream->connection);
    }
    stream->pause.Set(&worker->queue,
                      absl::ToChronoTime(absl::Now() + options_.pause_after_failure),
                      &stream->paused);
    owned.release();
  }

  void Reopen(Worker* worker, int connection) {
    if (phase_ == LoadPhase::kEnding) {
      --worker->open;
    } else {
      Open(worker, connection);
    }
  }

  void JoinAndAddTo(LoadResult* result) override {
    for (const auto& worker : workers_) {
      worker->thread.join();
      worker->recorder.AddTo(result);
    }
  }

  const std::vector<LoadChunk> chunks_;
  const grpc::ByteBuffer start_;
  std::vector<grpc::Slice> slices_;
  std::vector<double> sums_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

std::unique_ptr<Load> StartBulkLoad(const LoadOptions& options, LoadStream stream) {
  return std::make_unique<BulkLoad>(options, std::move(stream));
}

}  // namespace bantam
