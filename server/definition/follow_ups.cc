#include "server/definition/follow_ups.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bantam/v1/icp.pb.h"
#include "google/protobuf/descriptor.h"

namespace bantam {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

// A list whose elements have ids, and the fields that name such ids.
struct IdList {
  absl::string_view list;
  absl::string_view referring_message;
  absl::string_view referring_field;
};
constexpr std::array<IdList, 3> kIdLists = {{
    {"fit.criteria", "playbook[", ".when.gaps"},
    {"funnel.stages", "playbook[", ".when.stages"},
    {"engagement.groups", "engagement.rules[", ".group"},
}};

// The path without the names of fields that are the only one of their message, which authors may
// leave out: "playbook.rules[0]" → "playbook[0]", "title.texts[en]" → "title[en]".
std::string Canonical(absl::string_view path) {
  const Descriptor* descriptor = v1::Icp::descriptor();
  std::string canonical;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    const size_t bracket = std::min(part.find('['), part.size());
    const FieldDescriptor* field =
        descriptor == nullptr ? nullptr
                              : descriptor->FindFieldByName(std::string(part.substr(0, bracket)));
    const bool is_only = field != nullptr && field->is_repeated() && descriptor->field_count() == 1;
    absl::StrAppend(&canonical, canonical.empty() || is_only ? "" : ".",
                    is_only ? part.substr(bracket) : part);
    // Within a short form the field that it leaves out.
    if (field != nullptr && field->message_type() != nullptr && bracket < part.size() &&
        !field->is_repeated() && field->message_type()->field_count() == 1) {
      field = field->message_type()->field(0);
    }
    descriptor = field == nullptr ? nullptr : field->message_type();
  }
  return canonical;
}

// Whether `inner` is `outer` or lies within it.
bool IsWithin(absl::string_view inner, absl::string_view outer) {
  if (outer.empty()) return true;
  return absl::ConsumePrefix(&inner, outer) &&
         (inner.empty() || inner.front() == '.' || inner.front() == '[');
}

// Whether a mistake at `field` may have cost `list` an id: in the list itself, in what encloses it,
// or in an element or its id.
bool MayCostIds(absl::string_view field, absl::string_view list) {
  if (IsWithin(list, field)) return true;
  if (!absl::ConsumePrefix(&field, list)) return false;
  return absl::EndsWith(field, "]") || absl::EndsWith(field, "].id");
}

}  // namespace

FollowUps::FollowUps(const FoundIssues& parse_issues) {
  for (const auto& [position, issue] : parse_issues.kept()) {
    if (issue.unknown_key) {
      bad_messages_.push_back(Canonical(issue.field));
      if (!issue.meant.empty()) bad_fields_.push_back(Canonical(issue.meant));
    } else if (!issue.field.empty()) {
      bad_fields_.push_back(Canonical(issue.field));
    }
  }
}

bool FollowUps::Echoes(absl::string_view compiled_field) const {
  const std::string field = Canonical(compiled_field);
  for (const std::string& bad : bad_messages_) {
    if (field == bad) return true;
  }
  for (const std::string& bad : bad_fields_) {
    if (IsWithin(field, bad) || IsWithin(bad, field)) return true;
  }
  for (const IdList& ids : kIdLists) {
    const bool refers = absl::StartsWith(field, ids.referring_message) &&
                        absl::StrContains(field, ids.referring_field);
    if (!refers) continue;
    for (const std::string& bad : bad_fields_) {
      if (MayCostIds(bad, ids.list)) return true;
    }
    for (const std::string& bad : bad_messages_) {
      if (absl::StartsWith(bad, ids.list)) return true;
    }
  }
  return false;
}

}  // namespace bantam
