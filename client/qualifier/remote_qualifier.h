#ifndef BANTAM_CLIENT_QUALIFIER_REMOTE_QUALIFIER_H_
#define BANTAM_CLIENT_QUALIFIER_REMOTE_QUALIFIER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "client/qualifier.h"
#include "client/qualifier/chunk_queue.h"

namespace bantam {

// Asks a server over gRPC; for many leads through the bulk stream.
class RemoteQualifier : public Qualifier {
 public:
  // `timeout` limits a call for one lead. A stream may take as long as it needs, but `timeout`
  // limits each wait for its next answer: the time that the caller waits while the server owes one,
  // or has not opened the stream, or has not ended it though all is answered. Leads that are slow
  // to come and answers that are slow to be taken do not count.
  RemoteQualifier(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout);

  absl::StatusOr<v1::Evaluation> Ask(const v1::Lead& lead, const Question& question) override;

  // Sends chunks of 64 leads and keeps up to 64 of them in flight. After a failure that passes
  // (IsPassing()) another stream goes on behind the last chunk that was answered: up to five times
  // in a row without an answer, with growing random pauses of up to 2 s, or those that the server
  // asks for, up to a minute. So it does after DEADLINE_EXCEEDED, unless nothing was answered yet
  // by any stream: that is returned at once.
  absl::Status AskMany(const Question& question, NextLead next, TakeResult take) override;
  absl::optional<absl::Duration> data_age() const override { return data_age_; }

 private:
  // One stream: sends what has no answer yet and takes what is answered. `*answered`: whether
  // anything was. DEADLINE_EXCEEDED: the server owed something for longer than the timeout.
  absl::Status AskStream(const Question& question, TakeResult take, grpc::ClientContext* context,
                         ChunkQueue* chunks, bool* answered);

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::QualificationService::Stub> stub_;
  const absl::Duration timeout_;
  absl::optional<absl::Duration> data_age_;
};

// Whether a call failed in a way that passes, so that it is worth asking again: the server was away
// (UNAVAILABLE), ended meanwhile (CANCELLED), or had too much to do or no room
// (RESOURCE_EXHAUSTED).
bool IsPassing(const absl::Status& status);

// How old the data of an answer was (metadata `bantam-data-age-ms`); absent: the server did not
// say. To be asked once an answer has come.
absl::optional<absl::Duration> DataAge(const grpc::ClientContext& context);

// What a call came to, with the invalid fields of its standard details attached.
absl::Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context);

// Whether a server sent this status of FromGrpc(); else gRPC made it here, as it found no server or
// lost the connection.
bool CameFromServer(const absl::Status& status);

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_REMOTE_QUALIFIER_H_
