#ifndef BANTAM_TESTS_RPC_RAW_STREAM_H_
#define BANTAM_TESTS_RPC_RAW_STREAM_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace bantam {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A header with a token.
inline Headers Bearer(const std::string& token) { return {{"authorization", "Bearer " + token}}; }

// A stream of any messages to any method, for services without a generated client. Every call
// waits; a stream waits for at most a minute.
class RawStream {
 public:
  // `method` is such as "grpc.health.v1.Health/Watch".
  RawStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
            const Headers& headers = {});

  // Cancels it, if it has not ended.
  ~RawStream();

  bool Write(const google::protobuf::Message& message);
  bool WritesDone();

  // False: the stream has ended.
  bool Read(google::protobuf::Message* message);

  grpc::Status Finish();

 private:
  // Waits for the one operation that is on its way.
  bool Wait();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_RPC_RAW_STREAM_H_
