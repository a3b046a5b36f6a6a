#include "tests/definition/random_message.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using google::protobuf::Duration;
using google::protobuf::DynamicCastToGenerated;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

constexpr const char* kAwkwardTexts[] = {
    "",
    " ",
    "a b",
    " leading",
    "trailing ",
    "35",
    "-1.5",
    "1e3",
    "0x1F",
    "007",
    "1_000",
    ".inf",
    "true",
    "False",
    "yes",
    "NO",
    "on",
    "null",
    "~",
    "<<",
    "=",
    "2026-01-31",
    "2026-01-31T09:00Z",
    "09:00",
    "12:30:45",
    "a: b",
    "a:b",
    "a:",
    ": a",
    "a #b",
    "#a",
    "a#b",
    "- a",
    "-a",
    "-",
    "---",
    "...",
    "? a",
    "?",
    "[a]",
    "{a}",
    "a, b",
    "a]",
    "a}",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "'",
    "\"",
    "it's",
    "say \"hi\"",
    "%a",
    "@a",
    "`a`",
    "^\\d+$",
    "a\\'b",
    "a\nb",
    "a\n",
    "a\n\n",
    "\n",
    "\na",
    "a\n b",
    " a\nb",
    "a\n  \nb",
    "a\nb ",
    "a\t",
    "\ta",
    "a\tb",
    "a\n\tb",
    "a\r\nb",
    "ü",
    "日本語",
    "😀",
    "a\u2028b",
    "\u0085",
    "\uFEFFa",
    "\x7F",
    "\x01",
    "a\n---\nb",
    "a\n...\n",
    "a\n# b",
    "10 EUR",
    "90d",
    "texts",
    "min",
    "en",
    "very: [odd, {text}] & *",
};

int Below(int bound, std::mt19937_64* random) {
  return static_cast<int>((*random)() % static_cast<uint64_t>(bound));
}

// Any finite double, or a short one.
double RandomDouble(std::mt19937_64* random) {
  if (Below(2, random) == 0) return (Below(200001, random) - 100000) / 100.0;
  const uint64_t bits = (*random)();
  double number;
  std::memcpy(&number, &bits, sizeof(number));
  return std::isfinite(number) ? number : 0.5;
}

int64_t RandomInteger(std::mt19937_64* random) {
  return static_cast<int64_t>((*random)()) >> Below(64, random);
}

void FillTime(std::mt19937_64* random, Timestamp* time) {
  time->set_seconds(Below(2, random) == 0 ? int64_t{Below(40000, random)} * 86400
                                          : RandomInteger(random));
  if (Below(2, random) == 0) time->set_nanos(Below(1000, random) * 1000000);
}

void FillDuration(std::mt19937_64* random, Duration* duration) {
  duration->set_seconds(Below(2, random) == 0 ? int64_t{Below(2000, random) - 1000} * 3600
                                              : RandomInteger(random));
  if (Below(3, random) == 0) duration->set_nanos(Below(1999999999, random) - 999999999);
}

int RandomEnumNumber(const EnumDescriptor* descriptor, std::mt19937_64* random) {
  return descriptor->value(Below(descriptor->value_count(), random))->number();
}

std::string RandomValue(const FieldDescriptor* field, std::mt19937_64* random) {
  std::string value = RandomText(random);
  if (field->type() == FieldDescriptor::TYPE_BYTES) value += static_cast<char>(Below(256, random));
  return value;
}

// Sets a field, or adds an element to it.
void FillField(int depth, std::mt19937_64* random, const FieldDescriptor* field, Message* message) {
  const Reflection& r = *message->GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto n = static_cast<int32_t>(RandomInteger(random));
      return many ? r.AddInt32(message, field, n) : r.SetInt32(message, field, n);
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      const int64_t n = RandomInteger(random);
      return many ? r.AddInt64(message, field, n) : r.SetInt64(message, field, n);
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const double n = RandomDouble(random);
      return many ? r.AddDouble(message, field, n) : r.SetDouble(message, field, n);
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool yes = Below(2, random) == 0;
      return many ? r.AddBool(message, field, yes) : r.SetBool(message, field, yes);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int n = RandomEnumNumber(field->enum_type(), random);
      return many ? r.AddEnumValue(message, field, n) : r.SetEnumValue(message, field, n);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = RandomValue(field, random);
      return many ? r.AddString(message, field, text) : r.SetString(message, field, text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillRandomly(depth - 1, random,
                          many ? r.AddMessage(message, field) : r.MutableMessage(message, field));
    default:
      GTEST_FAIL() << "the contract has a type that this test does not know: "
                   << field->full_name();
  }
}

}  // namespace

std::string RandomText(std::mt19937_64* random) {
  const auto pick = [&] {
    return std::string(kAwkwardTexts[Below(static_cast<int>(std::size(kAwkwardTexts)), random)]);
  };
  std::string text = pick();
  while (Below(4, random) == 0) text += pick();
  if (Below(50, random) == 0) text += std::string(900, 'x');
  return text;
}

void FillRandomly(int depth, std::mt19937_64* random, Message* message) {
  if (auto* time = DynamicCastToGenerated<Timestamp>(message)) return FillTime(random, time);
  if (auto* duration = DynamicCastToGenerated<Duration>(message)) {
    return FillDuration(random, duration);
  }
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (Below(2, random) == 0) continue;
    if (depth == 0 && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_map()) {
      const FieldDescriptor* key = field->message_type()->map_key();
      for (int n = Below(3, random); n > 0; --n) {
        Message* entry = message->GetReflection()->AddMessage(message, field);
        entry->GetReflection()->SetString(entry, key, RandomText(random) + std::to_string(n));
        FillField(depth, random, field->message_type()->map_value(), entry);
      }
      continue;
    }
    const int count = field->is_repeated() ? Below(4, random) : 1;
    for (int n = 0; n < count; ++n) FillField(depth, random, field, message);
  }
}

}  // namespace bantam
