#include "server/rpc/call_metadata.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/rpc/server_credentials.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

constexpr size_t kMaxRequestIdBytes = 128;

// The only value of `key`; empty: there is none, or more than one.
absl::string_view ValueOf(const grpc::ServerContext& context, const char* key) {
  const auto range = context.client_metadata().equal_range(key);
  if (range.first == range.second || std::next(range.first) != range.second) return "";
  const grpc::string_ref value = range.first->second;
  return absl::string_view(value.data(), value.size());
}

std::string MakeRequestId() {
  thread_local absl::BitGen random;
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16));
}

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

bool IsZero(absl::string_view digits) {
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c == '0'; });
}

}  // namespace

bool IsRequestId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxRequestIdBytes &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool IsTraceparent(absl::string_view text) {
  // 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
  if (text.size() != 55 || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-') {
    return false;
  }
  const absl::string_view trace = text.substr(3, 32);
  const absl::string_view parent = text.substr(36, 16);
  return IsLowerHex(trace) && IsLowerHex(parent) && IsLowerHex(text.substr(53)) && !IsZero(trace) &&
         !IsZero(parent);
}

CallIds CheckedIds(absl::string_view request_id, absl::string_view traceparent) {
  CallIds ids;
  ids.request_id = IsRequestId(request_id) ? std::string(request_id) : MakeRequestId();
  if (IsTraceparent(traceparent)) ids.traceparent = std::string(traceparent);
  return ids;
}

absl::string_view CallMetadata::caller() const {
  absl::Status identified;
  const Caller* const caller = access_ == nullptr ? nullptr : Identify(&identified);
  return caller == nullptr ? absl::string_view("anonymous") : absl::string_view(caller->name());
}

const Caller* CallMetadata::Identify(absl::Status* identified) const {
  absl::call_once(caller_found_, &CallMetadata::FindCaller, this);
  *identified = identified_;
  return caller_.get();
}

absl::string_view CallMetadata::request_id() const {
  id_asked_ = true;
  absl::call_once(found_, &CallMetadata::Find, this);
  return ids_.request_id;
}

absl::string_view CallMetadata::traceparent() const {
  absl::call_once(found_, &CallMetadata::Find, this);
  return ids_.traceparent;
}

void CallMetadata::TellEnd(const absl::Status& status) const {
  if (!status.ok() || id_asked_) {
    context_->AddTrailingMetadata(kRequestIdKey, std::string(request_id()));
  }
  const absl::optional<absl::Duration> delay = RetryDelayOf(status);
  if (delay.has_value()) {
    // Negative: never.
    const int64_t ms = delay == absl::InfiniteDuration() ? -1 : absl::ToInt64Milliseconds(*delay);
    context_->AddTrailingMetadata(kRetryPushbackKey, absl::StrCat(ms));
  }
}

void CallMetadata::Find() const {
  ids_ = CheckedIds(ValueOf(*context_, kRequestIdKey), ValueOf(*context_, kTraceparentKey));
}

void CallMetadata::FindCaller() const {
  absl::StatusOr<std::shared_ptr<const Caller>> caller =
      access_->Identify(CredentialsOf(*context_));
  identified_ = caller.status();
  if (caller.ok()) caller_ = *std::move(caller);
}

}  // namespace bantam
