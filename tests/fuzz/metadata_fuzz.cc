// What callers say of themselves: request id, traceparent, names in a certificate; and all of it in
// the decision log, as one line of JSON that says the same.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/decision.pb.h"
#include "server/access/caller.h"
#include "server/rpc/call_metadata.h"
#include "server/rpc/parse.h"
#include "server/telemetry/decision_json.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void FuzzNames(absl::string_view text) {
  Require(!IsRequestId(text) || (IsPrintable(text) && text.size() <= 128), "ids can be logged");
  Require(!IsTraceparent(text) || (IsPrintable(text) && text.size() == 55),
          "a traceparent can be logged");
  Credentials credentials;
  credentials.spiffe_ids = {std::string(text)};
  credentials.dns_names = {std::string(text)};
  const Caller caller(credentials, absl::nullopt);
  for (const std::string& identity : caller.identities()) {
    Require(IsPrintable(identity), "identities can be logged");
  }
  Require(!caller.name().empty(), "everybody has a name");
}

void FuzzDecision(absl::string_view text) {
  QueuedDecision decision;
  decision.record.time = absl::FromUnixMicros(1769817600123456);
  decision.record.evaluate_time = absl::FromUnixSeconds(1769817600);
  decision.record.lead_id = text;
  decision.record.caller = text.substr(text.size() / 2);
  decision.record.stage = text.substr(0, text.size() / 2);
  decision.record.score = 59.25;
  std::string json;
  AppendDecisionJson(decision, &json);
  Require(!absl::StrContains(json, '\n') && IsUtf8(json), "a decision is a line of UTF-8");
  v1::Decision read;
  Require(google::protobuf::util::JsonStringToMessage(json, &read).ok(), "it is JSON");
  Require(read.score() == 59.25, "it has the score");
  // Halves of it may cut a character in two.
  Require(!IsUtf8(text) || read.lead_id() == text, "it says the same");
  Require(!IsUtf8(decision.record.caller) || read.caller() == decision.record.caller,
          "it says the same");
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  bantam::FuzzNames(text);
  bantam::FuzzDecision(text);
  return 0;
}
