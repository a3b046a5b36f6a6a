#include "client/cases/values.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bantam {
namespace {

using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

std::string FormatTimestamp(const Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ",
                          absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos()),
                          absl::UTCTimeZone());
}

std::string FormatDuration(const Duration& duration) {
  if (duration.nanos() != 0) {
    return absl::StrFormat("%.9gs", static_cast<double>(duration.seconds()) +
                                        static_cast<double>(duration.nanos()) / 1e9);
  }
  const int64_t seconds = duration.seconds();
  if (seconds == 0) return "0s";
  if (seconds % 86400 == 0) return absl::StrCat(seconds / 86400, "d");
  if (seconds % 3600 == 0) return absl::StrCat(seconds / 3600, "h");
  if (seconds % 60 == 0) return absl::StrCat(seconds / 60, "min");
  return absl::StrCat(seconds, "s");
}

std::string FormatNumber(double number) { return absl::StrFormat("%.15g", number); }

std::string FormatMessage(const Message& value) {
  if (value.GetDescriptor() == Timestamp::descriptor()) {
    return FormatTimestamp(static_cast<const Timestamp&>(value));
  }
  return FormatDuration(static_cast<const Duration&>(value));
}

// Whether plain `text` would be read as something else than a text.
bool LooksLikeAnotherType(absl::string_view text) {
  double number;
  if (absl::SimpleAtod(text, &number)) return true;
  for (absl::string_view word : {"null", "~", "true", "false", "yes", "no", "on", "off"}) {
    if (absl::EqualsIgnoreCase(text, word)) return true;
  }
  return false;
}

}  // namespace

bool IsScalarField(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
  return field.message_type() == Timestamp::descriptor() ||
         field.message_type() == Duration::descriptor();
}

std::string FormatScalar(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool repeated = index >= 0;
  if (!repeated && field.has_presence() && !reflection.HasField(message, &field)) return "null";
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return (repeated ? reflection.GetRepeatedBool(message, &field, index)
                       : reflection.GetBool(message, &field))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(repeated ? reflection.GetRepeatedInt32(message, &field, index)
                                   : reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(repeated ? reflection.GetRepeatedInt64(message, &field, index)
                                   : reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(repeated ? reflection.GetRepeatedUInt32(message, &field, index)
                                   : reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(repeated ? reflection.GetRepeatedUInt64(message, &field, index)
                                   : reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return FormatNumber(repeated ? reflection.GetRepeatedFloat(message, &field, index)
                                   : reflection.GetFloat(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return FormatNumber(repeated ? reflection.GetRepeatedDouble(message, &field, index)
                                   : reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumWord(*(repeated ? reflection.GetRepeatedEnum(message, &field, index)
                                 : reflection.GetEnum(message, &field)));
    case FieldDescriptor::CPPTYPE_STRING:
      return QuoteScalar(
          repeated ? reflection.GetRepeatedStringReference(message, &field, index, &scratch)
                   : reflection.GetStringReference(message, &field, &scratch));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FormatMessage(repeated ? reflection.GetRepeatedMessage(message, &field, index)
                                    : reflection.GetMessage(message, &field));
  }
  return "";
}

std::string EnumWord(const google::protobuf::EnumValueDescriptor& value) {
  // "BANT_STATE_MET" of "BantState" becomes "met".
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(c);
  }
  prefix += '_';
  return absl::AsciiStrToLower(absl::StripPrefix(value.name(), prefix));
}

std::string QuoteScalar(absl::string_view text) {
  constexpr absl::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@` ";
  const bool plain =
      !text.empty() && !absl::StrContains(kIndicators, text.substr(0, 1)) && text.back() != ' ' &&
      text.back() != ':' && !absl::StrContains(text, ": ") && !absl::StrContains(text, " #") &&
      text.find_first_of(",[]{}\"") == absl::string_view::npos && !LooksLikeAnotherType(text) &&
      std::none_of(text.begin(), text.end(),
                   [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&quoted, "\\", absl::string_view(&c, 1));
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppendFormat(&quoted, "\\x%02x", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace bantam
