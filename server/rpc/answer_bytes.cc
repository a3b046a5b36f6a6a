#include "server/rpc/answer_bytes.h"

#include <cstring>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace bantam {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr size_t kMostTagBytes = 5;
constexpr size_t kMostLengthBytes = 5;
constexpr size_t kMostIntegerBytes = 10;

// Each writes to `out`, where there is room, and returns the end of what it wrote: what stands
// before `size` bytes of a field, and a field of an integer that is not negative.
uint8_t* PutHeader(int field, size_t size, uint8_t* out) {
  out = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, out);
  return CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), out);
}

uint8_t* PutInteger(int field, int64_t value, uint8_t* out) {
  out = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_VARINT, out);
  return CodedOutputStream::WriteVarint64ToArray(static_cast<uint64_t>(value), out);
}

void AppendHeader(int field, size_t size, std::string* bytes) {
  uint8_t header[kMostTagBytes + kMostLengthBytes];
  const uint8_t* const end = PutHeader(field, size, header);
  bytes->append(reinterpret_cast<const char*>(header), end - header);
}

// As serialisation does, both leave out what is zero or empty.
void AppendInteger(int field, int64_t value, std::string* bytes) {
  if (value == 0) return;
  uint8_t integer[kMostTagBytes + kMostIntegerBytes];
  const uint8_t* const end = PutInteger(field, value, integer);
  bytes->append(reinterpret_cast<const char*>(integer), end - integer);
}

void AppendBytes(int field, const std::string& value, std::string* bytes) {
  if (value.empty()) return;
  AppendHeader(field, value.size(), bytes);
  bytes->append(value);
}

}  // namespace

grpc::ByteBuffer SerializeEvaluation(absl::string_view evaluation) {
  uint8_t header[kMostTagBytes + kMostLengthBytes];
  const uint8_t* const end =
      PutHeader(rpc::RawEvaluationResponse::kEvaluationFieldNumber, evaluation.size(), header);
  const size_t header_size = end - header;
  grpc::Slice slice(header_size + evaluation.size());
  auto* const out = const_cast<uint8_t*>(slice.begin());
  std::memcpy(out, header, header_size);
  std::memcpy(out + header_size, evaluation.data(), evaluation.size());
  return grpc::ByteBuffer(&slice, 1);
}

void AppendNumber(int64_t number, std::string* response) {
  AppendInteger(rpc::RawBulkEvaluateResponse::kNumberFieldNumber, number, response);
}

void AppendResult(const rpc::RawLeadResult& result, std::string* response) {
  using R = rpc::RawLeadResult;
  AppendHeader(rpc::RawBulkEvaluateResponse::kResultsFieldNumber, result.ByteSizeLong(), response);
  AppendInteger(R::kIndexFieldNumber, result.index(), response);
  AppendBytes(R::kLeadIdFieldNumber, result.lead_id(), response);
  if (result.has_error()) {
    AppendBytes(R::kErrorFieldNumber, result.error().SerializeAsString(), response);
  }
  AppendBytes(R::kEvaluationFieldNumber, result.evaluation(), response);
}

grpc::ByteBuffer HandOver(std::string bytes) {
  auto* const held = new std::string(std::move(bytes));
  grpc::Slice slice(
      &(*held)[0], held->size(), [](void* text) { delete static_cast<std::string*>(text); }, held);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace bantam
