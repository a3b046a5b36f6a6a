// Reading and checking mappings: ParseMapping(), MappingFromHeader(), LeadMapper::Create().
#include <algorithm>
#include <map>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/input/bound_source.h"
#include "client/input/encoding.h"
#include "client/input/lead_mapper.h"
#include "server/engine/attributes.h"

namespace bantam {
namespace {

// Collects the errors of a mapping, with their places.
class MappingErrors {
 public:
  explicit MappingErrors(const LoadedMapping& mapping) : mapping_(mapping) {}

  void Add(const std::string& path, const std::string& message) {
    if (mapping_.text.empty()) {  // It was made from a header.
      rendered_.push_back(absl::StrCat(mapping_.file, ": ", message));
      return;
    }
    rendered_.push_back(LocateIssue(v1::ISSUE_SEVERITY_ERROR, path, message, mapping_.text,
                                    mapping_.file, mapping_.positions)
                            .rendered());
  }

  absl::Status ToStatus() const {
    return rendered_.empty() ? absl::OkStatus()
                             : absl::InvalidArgumentError(absl::StrJoin(rendered_, "\n"));
  }

 private:
  const LoadedMapping& mapping_;
  std::vector<std::string> rendered_;
};

bool IsCurrency(absl::string_view code) {
  return code.size() == 3 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

void CheckFormats(const client::Formats& formats, MappingErrors* errors) {
  if (!formats.encoding().empty()) {
    const absl::Status known = Decoder::Create(formats.encoding()).status();
    if (!known.ok()) errors->Add("formats.encoding", std::string(known.message()));
  }
  if (!formats.separator().empty() && formats.separator().size() != 1 &&
      formats.separator() != "tab") {
    errors->Add("formats.separator", "expected one character, or 'tab'");
  }
  if (!formats.decimal_separator().empty() && formats.decimal_separator() != "." &&
      formats.decimal_separator() != ",") {
    errors->Add("formats.decimal_separator", "expected '.' or ','");
  }
  const std::string decimal =
      formats.decimal_separator().empty() ? "." : formats.decimal_separator();
  constexpr absl::string_view kThousands = ",.' ";
  if (!formats.thousands_separator().empty() &&
      (formats.thousands_separator().size() != 1 ||
       !absl::StrContains(kThousands, formats.thousands_separator()))) {
    errors->Add("formats.thousands_separator", "expected ',', '.', \"'\" or a space");
  } else if (formats.thousands_separator() == decimal) {
    errors->Add("formats.thousands_separator",
                "must differ from the decimal separator (which is '.' unless decimal_separator "
                "says otherwise)");
  }
  for (int i = 0; i < formats.time_formats_size(); ++i) {
    if (!absl::StrContains(formats.time_formats(i), '%')) {
      errors->Add(absl::StrCat("formats.time_formats[", i, "]"),
                  "expected the letters of strptime, such as %d.%m.%Y or %m/%d/%Y %H:%M");
    }
  }
  if (!formats.currency().empty() && !IsCurrency(formats.currency())) {
    errors->Add("formats.currency", "expected an ISO 4217 code, such as EUR");
  }
}

// What of a lead the columns are called like, by place in the header; empty: nothing. Capital
// letters count only among columns that differ in nothing else: one that is written like our path
// is it, else none of them.
std::vector<std::string> PathsOfColumns(const std::vector<std::string>& header) {
  std::vector<std::string> paths;
  std::map<std::string, int> columns_of;
  for (const std::string& name : header) {
    paths.push_back(absl::AsciiStrToLower(name));
    ++columns_of[paths.back()];
  }
  for (size_t i = 0; i < header.size(); ++i) {
    if (paths[i] != header[i] && columns_of[paths[i]] > 1) paths[i].clear();
  }
  return paths;
}

}  // namespace

absl::StatusOr<LoadedMapping> ParseMapping(absl::string_view text, const std::string& file) {
  LoadedMapping mapping;
  mapping.file = file;
  mapping.text = std::string(text);
  std::vector<std::string> errors;
  for (const v1::Issue& issue :
       ParseYaml(mapping.text, file, &mapping.content, &mapping.positions)) {
    errors.push_back(issue.rendered());
  }
  if (!errors.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
  return mapping;
}

bool LeavesColumnsToHeader(const client::Mapping& mapping) {
  client::Mapping rest = mapping;
  rest.clear_formats();
  rest.clear_ignored_columns();
  return rest.ByteSizeLong() == 0;
}

absl::StatusOr<LoadedMapping> MappingFromHeader(const std::vector<std::string>& header,
                                                const std::string& place,
                                                const LoadedMapping* base) {
  LoadedMapping mapping;
  mapping.file = place;
  if (base != nullptr) mapping = *base;
  client::Mapping& content = mapping.content;
  int found = 0;
  const std::vector<std::string> paths = PathsOfColumns(header);
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string& path = paths[i];
    client::Source* source = nullptr;
    if (path == "id") source = content.mutable_id();
    if (path == "contact.id") source = content.mutable_contact_id();
    if (path == "stage") source = content.mutable_stage();
    if (path == "stage_entered_time") source = content.mutable_stage_entered_time();
    if (source != nullptr) {
      source->set_column(header[i]);
    } else if (FindAttribute(path) != nullptr || CustomName(path).has_value()) {
      (*content.mutable_columns())[path] = header[i];
    } else {
      continue;
    }
    ++found;
  }
  if (found == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        place,
        ": no column is called like an attribute (id, company.industry, contact.title, custom.age "
        "…); say with --mapping=FILE which column is what. The header has ",
        ListColumns(header)));
  }
  return mapping;
}

absl::StatusOr<std::unique_ptr<LeadMapper>> LeadMapper::Create(
    const LoadedMapping& mapping, const std::vector<std::string>& header,
    absl::TimeZone default_zone) {
  MappingErrors errors(mapping);
  const client::Formats& formats = mapping.content.formats();
  CheckFormats(formats, &errors);
  absl::TimeZone zone = default_zone;
  if (!formats.time_zone().empty() && !absl::LoadTimeZone(formats.time_zone(), &zone)) {
    errors.Add("formats.time_zone", absl::StrCat("unknown time zone '", formats.time_zone(),
                                                 "'; expected an IANA name such as Europe/Berlin"));
  }
  HeaderBinder binder(header, [&errors](const std::string& path, const std::string& message) {
    errors.Add(path, message);
  });
  auto mapper =
      absl::WrapUnique(new LeadMapper(mapping.content, CellFormats(formats, zone), &binder));
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  // What is wrong with an empty row is wrong with a constant, and so with every row.
  v1::Lead lead;
  for (const std::string& problem : mapper->Map(std::vector<std::string>(header.size()), &lead)) {
    errors.Add("", problem);
  }
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  return mapper;
}

}  // namespace bantam
