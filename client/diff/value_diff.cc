// The wording of values and of lists of values.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cases/values.h"
#include "client/diff/flow_text.h"
#include "client/diff/message_diff.h"
#include "client/diff/words.h"

namespace bantam {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What is beyond is counted.
constexpr size_t kMaxNamed = 20;

std::string Enumerate(const std::vector<std::string>& values) {
  const size_t named = std::min(values.size(), kMaxNamed);
  std::string text = absl::StrJoin(values.begin(), values.begin() + named, ", ");
  if (values.size() > named) absl::StrAppend(&text, " and ", values.size() - named, " more");
  return text;
}

void AppendItem(const char* verb, const std::vector<std::string>& values,
                std::vector<std::string>* items) {
  if (!values.empty()) items->push_back(absl::StrCat(verb, " ", Enumerate(values)));
}

// A value without the quotes that YAML might want.
std::string PlainText(const Message& message, const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return FlowValue(message, field, -1);
  return message.GetReflection()->GetString(message, &field);
}

// The elements of `all` that are not in `others`, counted like coins.
std::vector<std::string> Missing(const std::vector<std::string>& all,
                                 std::vector<std::string> others) {
  std::sort(others.begin(), others.end());
  std::vector<std::string> missing;
  std::map<std::string, long> used;
  for (const std::string& value : all) {
    const auto range = std::equal_range(others.begin(), others.end(), value);
    if (++used[value] > range.second - range.first) missing.push_back(value);
  }
  return missing;
}

}  // namespace

std::string ValueWords(const FieldDescriptor& field, const DiffSide& side) {
  const Reflection& reflection = *side.full.GetReflection();
  const bool is_switch = field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  if (!reflection.HasField(side.full, &field)) {
    // Absent, or a number whose zero cannot be told from that.
    const bool is_number = !is_switch && !field.has_presence() &&
                           field.cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
                           field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM;
    if (is_switch && !field.has_presence()) return "no";
    return is_number ? absl::StrCat(FlowValue(side.full, field, -1), UnitOf(field)) : "none";
  }
  std::string text = is_switch ? (reflection.GetBool(side.full, &field) ? "yes" : "no")
                               : FlowValue(side.full, field, -1);
  absl::StrAppend(&text, UnitOf(field));
  if (!reflection.HasField(side.written, &field)) text += " (default)";
  return text;
}

std::vector<std::string> ListValues(const FieldDescriptor& field, const Message& message) {
  std::vector<std::string> values;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    values.push_back(FlowValue(message, field, i));
  }
  return values;
}

std::map<std::string, std::string> MapValues(const FieldDescriptor& field, const Message& message) {
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::map<std::string, std::string> values;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    values[PlainText(entry, key)] = PlainText(entry, value);
  }
  return values;
}

std::string ListDifference(const std::vector<std::string>& before,
                           const std::vector<std::string>& after) {
  if (before == after) return "";
  std::vector<std::string> items;
  AppendItem("added", Missing(after, before), &items);
  AppendItem("removed", Missing(before, after), &items);
  return items.empty() ? "order changed" : absl::StrJoin(items, "; ");
}

std::string MapDifference(const std::map<std::string, std::string>& before,
                          const std::map<std::string, std::string>& after) {
  std::vector<std::string> changed;
  std::vector<std::string> added;
  std::vector<std::string> removed;
  for (const auto& [key, value] : after) {
    const auto old = before.find(key);
    if (old == before.end()) {
      added.push_back(absl::StrCat(key, ": ", value));
    } else if (old->second != value) {
      changed.push_back(absl::StrCat(key, ": ", old->second, " → ", value));
    }
  }
  for (const auto& [key, value] : before) {
    if (after.count(key) == 0) removed.push_back(absl::StrCat(key, ": ", value));
  }
  std::vector<std::string> items;
  if (!changed.empty()) items.push_back(Enumerate(changed));
  AppendItem("added", added, &items);
  AppendItem("removed", removed, &items);
  return absl::StrJoin(items, "; ");
}

}  // namespace bantam
