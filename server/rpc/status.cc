#include "server/rpc/status.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/error_details.pb.h"
#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";
constexpr char kInternalText[] =
    "the server failed; its log names the cause. Try again, and tell its operators if it stays";

// Message and details travel in the call's trailers, which clients limit to 8 KiB together (base64
// adds a third to the details, which repeat the message). So each byte takes 3.7 of them; one that
// the message escapes as %XX, 2 more.
constexpr size_t kMaxViolationBytes = 1500;

// Before callers are told to come back, at most (twice that at random); a quota may be tiny.
constexpr absl::Duration kMaxRetryDelay = absl::Hours(24);

// Of one violation.
constexpr size_t kMaxFieldBytes = 300;
constexpr size_t kMaxDescriptionBytes = 500;

// Of one lead, whose error is part of an answer.
constexpr size_t kMaxLeadViolations = 1000;

// What `text` takes of kMaxViolationBytes.
size_t ViolationBytes(absl::string_view text) {
  const auto escaped = std::count_if(text.begin(), text.end(),
                                     [](char c) { return c < ' ' || c > '~' || c == '%'; });
  return text.size() + static_cast<size_t>(escaped) * 3 / 5;
}

// `text` without what could break a line, at most `max_bytes` long and still valid UTF-8.
std::string OneLine(const std::string& text, size_t max_bytes) {
  std::string line = text;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  if (line.size() <= max_bytes) return line;
  while (max_bytes > 0 && (static_cast<unsigned char>(line[max_bytes]) & 0xC0) == 0x80) --max_bytes;
  line.resize(max_bytes);
  return line + "…";
}

// Whether the text of an error with this code was written for the caller.
bool IsForCaller(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

// Code and text a caller sees.
absl::Status ForCaller(const absl::Status& status) {
  if (status.ok() || IsForCaller(status.code())) return status;
  return absl::InternalError(kInternalText);
}

}  // namespace

absl::Status InvalidRequest(const std::vector<Violation>& violations) {
  v1::BadRequest details;
  std::string list;
  size_t shown = 0;
  size_t bytes = 0;
  for (const Violation& violation : violations) {
    const std::string field = OneLine(violation.field, kMaxFieldBytes);
    const std::string description = OneLine(violation.description, kMaxDescriptionBytes);
    const std::string item = absl::StrCat(list.empty() ? "" : "; ", field, ": ", description);
    bytes += ViolationBytes(item);
    if (bytes > kMaxViolationBytes) break;
    list += item;
    v1::BadRequestFieldViolation* detail = details.add_field_violations();
    detail->set_field(field);
    detail->set_description(description);
    ++shown;
  }
  std::string message = std::move(list);
  if (violations.size() > 1) {
    message = absl::StrCat(violations.size(), " fields are invalid: ", message);
  }
  if (shown < violations.size())
    absl::StrAppend(&message, "; and ", violations.size() - shown, " more");
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kBadRequestUrl, absl::Cord(details.SerializeAsString()));
  return status;
}

absl::Status RetryLater(absl::string_view message, absl::Duration delay) {
  thread_local absl::InsecureBitGen random;
  const int64_t least =
      std::max<int64_t>(1, absl::ToInt64Milliseconds(std::min(delay, kMaxRetryDelay)));
  const int64_t ms = absl::Uniform(absl::IntervalClosed, random, least, 2 * least);
  v1::RetryInfo details;
  details.mutable_retry_delay()->set_seconds(ms / 1000);
  details.mutable_retry_delay()->set_nanos(static_cast<int32_t>(ms % 1000) * 1000000);
  absl::Status status = absl::ResourceExhaustedError(message);
  status.SetPayload(kRetryInfoUrl, absl::Cord(details.SerializeAsString()));
  return status;
}

absl::Status AskForLess(const Violation& violation) {
  const absl::Status invalid = InvalidRequest({violation});
  absl::Status status = absl::ResourceExhaustedError(invalid.message());
  invalid.ForEachPayload(
      [&status](absl::string_view url, const absl::Cord& value) { status.SetPayload(url, value); });
  return status;
}

absl::Status RefusedLeads(const absl::Status& refusal) {
  if (absl::IsResourceExhausted(refusal)) return RetryLater(refusal.message());
  return InvalidRequest({{"request", std::string(refusal.message())}});
}

absl::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kResourceExhausted) return absl::nullopt;
  if (status.GetPayload(kBadRequestUrl).has_value()) return absl::InfiniteDuration();
  const absl::optional<absl::Cord> payload = status.GetPayload(kRetryInfoUrl);
  v1::RetryInfo details;
  if (!payload.has_value() || !details.ParseFromString(std::string(*payload))) return absl::nullopt;
  return ToDuration(details.retry_delay());
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const absl::Status shown = ForCaller(status);
  const std::string message = OneLine(std::string(shown.message()), kMaxViolationBytes + 100);
  v1::RpcStatus details;
  shown.ForEachPayload([&details](absl::string_view url, const absl::Cord& value) {
    v1::RpcAny* any = details.add_details();
    any->set_type_url(std::string(url));
    any->set_value(std::string(value));
  });
  const auto code = static_cast<grpc::StatusCode>(shown.code());
  if (details.details().empty()) return grpc::Status(code, message);
  details.set_code(static_cast<int>(shown.code()));
  details.set_message(message);
  return grpc::Status(code, message, details.SerializeAsString());
}

v1::LeadError ToLeadError(const std::vector<Violation>& violations) {
  const absl::Status status = InvalidRequest(violations);
  v1::LeadError error;
  error.set_code(static_cast<int>(status.code()));
  error.set_message(OneLine(std::string(status.message()), kMaxViolationBytes + 100));
  for (size_t i = 0; i < std::min(violations.size(), kMaxLeadViolations); ++i) {
    v1::FieldViolation* shown = error.add_violations();
    shown->set_field(OneLine(violations[i].field, kMaxFieldBytes));
    shown->set_description(OneLine(violations[i].description, kMaxDescriptionBytes));
  }
  return error;
}

}  // namespace bantam
