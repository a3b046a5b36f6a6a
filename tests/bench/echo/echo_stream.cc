#include "tests/bench/echo/echo_stream.h"

#include <memory>
#include <utility>

namespace bantam {

void EchoStream::Ask(const BulkMethod* method, const EchoChunk* chunk, Lane* lane,
                     WorkerPool* workers) {
  lane->BeginCall();
  auto* const stream = new EchoStream(method, chunk, lane, workers);
  method->request(&stream->context_, &stream->stream_, lane->queue(), &stream->arrived_);
}

EchoStream::EchoStream(const BulkMethod* method, const EchoChunk* chunk, Lane* lane,
                       WorkerPool* workers)
    : method_(method), chunk_(chunk), lane_(lane), workers_(workers), share_(workers->NewStream()) {
  context_.AsyncNotifyWhenDone(&done_);
}

void EchoStream::OnArrived(bool ok) {
  if (!ok) return Delete();  // The server shuts down. The done event never comes.
  Ask(method_, chunk_, lane_, workers_);
  absl::MutexLock lock(&mu_);
  reading_ = true;
  stream_.Read(&start_, &read_);
}

void EchoStream::OnRead(bool ok) {
  Slot* slot = nullptr;
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    reading_ = false;
    if (!ok) {
      input_ended_ = true;
    } else if (!started_) {
      started_ = true;
    } else {
      ++in_work_;
      slot = &slots_[read_count_++ % kMaxChunksInWork];
    }
    Proceed();
    over = IsOver();
  }
  if (slot != nullptr) {
    const size_t bytes = slot->request.Length();
    workers_->SubmitChunk(
        share_, [this, slot] { Answer(slot); }, method_->chunk_rate, bytes);
  } else if (over) {
    Delete();
  }
}

void EchoStream::Answer(Slot* slot) {
  std::unique_ptr<ReusedArena> arena = lane_->arenas().Take();
  slot->answer = (*chunk_)(slot->request, arena->get());
  slot->request.Clear();
  lane_->arenas().Return(std::move(arena));
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    slot->done = true;
    --in_work_;
    Proceed();
    over = IsOver();
  }
  if (over) Delete();
}

void EchoStream::OnWritten(bool ok) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    writing_ = false;
    broken_ = broken_ || !ok;
    slots_[written_count_++ % kMaxChunksInWork] = Slot();
    Proceed();
    over = IsOver();
  }
  if (over) Delete();
}

void EchoStream::Proceed() {
  if (!writing_ && !finishing_) {
    const bool all_written = written_count_ == read_count_;
    Slot& next = slots_[written_count_ % kMaxChunksInWork];
    if (broken_ || (input_ended_ && all_written)) {
      finishing_ = true;
      stream_.Finish(grpc::Status::OK, &finished_);
    } else if (!all_written && next.done) {
      writing_ = true;
      stream_.Write(next.answer, &written_);
    }
  }
  if (started_ && !reading_ && !input_ended_ && !finishing_ &&
      read_count_ - written_count_ < kMaxChunksInWork) {
    reading_ = true;
    stream_.Read(&slots_[read_count_ % kMaxChunksInWork].request, &read_);
  }
}

void EchoStream::OnFinished(bool /*ok*/) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    finished_event_ = true;
    over = IsOver();
  }
  if (over) Delete();
}

void EchoStream::OnDone(bool /*ok*/) {
  bool over = false;
  {
    absl::MutexLock lock(&mu_);
    done_event_ = true;
    broken_ = broken_ || context_.IsCancelled();
    Proceed();
    over = IsOver();
  }
  if (over) Delete();
}

bool EchoStream::IsOver() const {
  return finished_event_ && done_event_ && !reading_ && !writing_ && in_work_ == 0;
}

void EchoStream::Delete() {
  Lane* const lane = lane_;
  delete this;
  lane->EndCall();
}

}  // namespace bantam
