#include "tests/rpc/raw_stream.h"

#include "server/rpc/parse.h"

namespace bantam {

RawStream::RawStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const Headers& headers) {
  grpc::GenericStub stub(channel);
  for (const auto& [name, value] : headers) context_.AddMetadata(name, value);
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
  stream_ = stub.PrepareCall(&context_, "/" + method, &queue_);
  stream_->StartCall(this);
  Wait();
}

RawStream::~RawStream() {
  context_.TryCancel();
  queue_.Shutdown();
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool RawStream::Write(const google::protobuf::Message& message) {
  stream_->Write(SerializeMessage(message), this);
  return Wait();
}

bool RawStream::WritesDone() {
  stream_->WritesDone(this);
  return Wait();
}

bool RawStream::Read(google::protobuf::Message* message) {
  grpc::ByteBuffer bytes;
  stream_->Read(&bytes, this);
  return Wait() && ParseMessage(bytes, message);
}

grpc::Status RawStream::Finish() {
  grpc::Status status;
  stream_->Finish(&status, this);
  Wait();
  return status;
}

bool RawStream::Wait() {
  void* tag;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

}  // namespace bantam
