// Answers that are written as bytes round those of the engine: each evaluation is copied as it is,
// and nothing is built up only to be serialised.
#ifndef BANTAM_SERVER_RPC_ANSWER_BYTES_H_
#define BANTAM_SERVER_RPC_ANSWER_BYTES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/raw_batch.pb.h"

namespace bantam {

// A RawEvaluationResponse on the wire, in one slice.
grpc::ByteBuffer SerializeEvaluation(absl::string_view evaluation);

// Appends the number of a RawBulkEvaluateResponse, which is not negative, to its bytes.
void AppendNumber(int64_t number, std::string* response);

// Appends one of its results.
void AppendResult(const rpc::RawLeadResult& result, std::string* response);

// `bytes` in one slice, which takes them over: they are not copied.
grpc::ByteBuffer HandOver(std::string bytes);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_ANSWER_BYTES_H_
