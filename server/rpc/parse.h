#ifndef BANTAM_SERVER_RPC_PARSE_H_
#define BANTAM_SERVER_RPC_PARSE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/engine/validate.h"

namespace bantam {

// Parses `bytes` into `message`, which is cleared first. False: they are not such a message.
bool ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* message);

// `message` on the wire, in one slice.
grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message);

// All of `bytes` in one piece.
std::string Flatten(const grpc::ByteBuffer& bytes);

// The most that is told of one message: so one of nothing but bad texts takes no more memory to
// explain than itself.
constexpr size_t kMaxParseViolations = 1000;

// Why `bytes` did not parse as a message of type `type`: every text that is not UTF-8, by its path
// (which starts with `path`; empty: the request), and where the bytes are cut off or damaged. Never
// empty, at most kMaxParseViolations, and never with anything of the bytes themselves.
std::vector<Violation> ExplainParseFailure(absl::string_view bytes,
                                           const google::protobuf::Descriptor& type,
                                           absl::string_view path);

// Whether `text` is valid UTF-8 (no surrogates, nothing overlong).
bool IsUtf8(absl::string_view text);

// Makes protobuf log nothing in this process: its messages are not ours to vouch for.
void SilenceProtobuf();

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_PARSE_H_
