#include "server/rpc/parse.h"

#include <cstdint>
#include <map>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/stubs/common.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace bantam {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kMaxDepth = 100;  // Protobuf's own limit.

// Walks serialised messages the way the parser does, but goes on after a bad text.
class Explainer {
 public:
  explicit Explainer(std::vector<Violation>* violations) : violations_(violations) {}

  void Walk(absl::string_view bytes, const Descriptor& type, const std::string& path, int depth) {
    if (depth > kMaxDepth) return Add(path, "must not be nested deeper than 100 messages");
    CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                           static_cast<int>(bytes.size()));
    std::map<int, int> seen;  // Field number → how often.
    while (violations_->size() < kMaxParseViolations) {
      const uint32_t tag = input.ReadTag();
      if (tag == 0) {
        if (!input.ConsumedEntireMessage()) AddDamaged(type, path);
        return;
      }
      const int number = WireFormatLite::GetTagFieldNumber(tag);
      const FieldDescriptor* field = type.FindFieldByNumber(number);
      if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        if (!WireFormatLite::SkipField(&input, tag)) return AddDamaged(type, path);
        continue;
      }
      uint32_t size;
      if (!input.ReadVarint32(&size) || size > bytes.size() - input.CurrentPosition()) {
        return AddDamaged(type, path);
      }
      const absl::string_view value = bytes.substr(input.CurrentPosition(), size);
      input.Skip(static_cast<int>(size));
      if (field != nullptr) WalkField(value, *field, path, seen[number]++, depth);
    }
  }

 private:
  void WalkField(absl::string_view value, const FieldDescriptor& field, const std::string& path,
                 int index, int depth) {
    std::string field_path = path;
    if (!path.empty()) field_path += '.';
    field_path += field.name();
    if (field.is_repeated()) absl::StrAppend(&field_path, "[", index, "]");
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      Walk(value, *field.message_type(), field_path, depth + 1);
    } else if (field.type() == FieldDescriptor::TYPE_STRING && !IsUtf8(value)) {
      Add(field_path,
          "must be UTF-8; convert text in another encoding, such as Windows-1252, first");
    }
  }

  void AddDamaged(const Descriptor& type, const std::string& path) {
    Add(path, absl::StrCat("must be a serialised ", type.full_name(),
                           "; these bytes are cut off, damaged or of another type"));
  }

  void Add(const std::string& path, std::string description) {
    violations_->push_back({path.empty() ? "request" : path, std::move(description)});
  }

  std::vector<Violation>* const violations_;
};

}  // namespace

bool ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* message) {
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) {
    return message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  }
  if (!bytes.Valid() || bytes.Length() == 0) {
    message->Clear();
    return true;
  }
  grpc::ByteBuffer copy = bytes;  // Shares the slices; the reader wants a mutable one.
  grpc::ProtoBufferReader reader(&copy);
  return reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
}

grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

std::string Flatten(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string flat;
  if (!bytes.Dump(&slices).ok()) return flat;
  flat.reserve(bytes.Length());
  for (const grpc::Slice& slice : slices) {
    flat.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return flat;
}

std::vector<Violation> ExplainParseFailure(absl::string_view bytes, const Descriptor& type,
                                           absl::string_view path) {
  std::vector<Violation> violations;
  Explainer explainer(&violations);
  explainer.Walk(bytes, type, std::string(path), 0);
  if (violations.empty()) {
    violations.push_back({path.empty() ? "request" : std::string(path),
                          absl::StrCat("must be a serialised ", type.full_name())});
  }
  return violations;
}

bool IsUtf8(absl::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto byte = [&text](size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || i + more >= text.size()) return false;
    const unsigned char second = byte(i + 1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    for (int k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

void SilenceProtobuf() { google::protobuf::SetLogHandler(nullptr); }

}  // namespace bantam
