#include "client/cases/compare.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/cases/values.h"
#include "google/protobuf/descriptor.h"

namespace bantam {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What a list's element is called in a difference: its first text, else its first enum.
std::string ElementName(const Message& element) {
  for (const auto type : {FieldDescriptor::CPPTYPE_STRING, FieldDescriptor::CPPTYPE_ENUM}) {
    for (int i = 0; i < element.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *element.GetDescriptor()->field(i);
      if (field.cpp_type() != type || field.is_repeated()) continue;
      const std::string name = FormatScalar(element, field, -1);
      if (name != "\"\"" && name != "unspecified") return name;
    }
  }
  return "…";
}

// "3 elements (country, need, budget)".
std::string DescribeList(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  if (size == 0) return "no elements";
  std::string names;
  for (int i = 0; i < size; ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ",
                    IsScalarField(field)
                        ? FormatScalar(message, field, i)
                        : ElementName(reflection.GetRepeatedMessage(message, &field, i)));
  }
  return absl::StrCat(size, size == 1 ? " element (" : " elements (", names, ")");
}

void CompareList(const Message& want, const Message& got, const FieldDescriptor& field,
                 const std::string& path, const SourceMap& written,
                 std::vector<Difference>* differences) {
  const Reflection& reflection = *want.GetReflection();
  const int want_size = reflection.FieldSize(want, &field);
  const int got_size = reflection.FieldSize(got, &field);
  if (want_size != got_size) {
    differences->push_back({path, DescribeList(want, field), DescribeList(got, field)});
  }
  for (int i = 0; i < std::min(want_size, got_size); ++i) {
    const std::string element = absl::StrCat(path, "[", i, "]");
    if (IsScalarField(field)) {
      std::string want_value = FormatScalar(want, field, i);
      std::string got_value = FormatScalar(got, field, i);
      if (want_value != got_value) {
        differences->push_back({element, std::move(want_value), std::move(got_value)});
      }
    } else {
      Compare(reflection.GetRepeatedMessage(want, &field, i),
              reflection.GetRepeatedMessage(got, &field, i), element, written, differences);
    }
  }
}

void CompareMessageField(const Message& want, const Message& got, const FieldDescriptor& field,
                         const std::string& path, const SourceMap& written,
                         std::vector<Difference>* differences) {
  const Reflection& reflection = *want.GetReflection();
  const bool wanted = reflection.HasField(want, &field);
  const bool given = reflection.HasField(got, &field);
  if (wanted != given) {
    differences->push_back({path, wanted ? "present" : "absent", given ? "present" : "absent"});
  } else if (wanted) {
    Compare(reflection.GetMessage(want, &field), reflection.GetMessage(got, &field), path, written,
            differences);
  }
}

}  // namespace

void Compare(const Message& want, const Message& got, const std::string& path,
             const SourceMap& written, std::vector<Difference>* differences) {
  for (int i = 0; i < want.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *want.GetDescriptor()->field(i);
    const std::string field_path = absl::StrCat(path, ".", field.name());
    if (!written.Contains(field_path)) continue;
    if (field.is_repeated()) {
      CompareList(want, got, field, field_path, written, differences);
    } else if (!IsScalarField(field)) {
      CompareMessageField(want, got, field, field_path, written, differences);
    } else {
      std::string want_value = FormatScalar(want, field, -1);
      std::string got_value = FormatScalar(got, field, -1);
      if (want_value == got_value) continue;
      if (want_value == "null") want_value = "absent";
      if (got_value == "null") got_value = "absent";
      differences->push_back({field_path, std::move(want_value), std::move(got_value)});
    }
  }
}

}  // namespace bantam
