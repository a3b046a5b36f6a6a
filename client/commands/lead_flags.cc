#include "client/commands/lead_flags.h"

#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/failure.h"
#include "client/commands/option_checks.h"

namespace bantam {
namespace {

CLI::Validator IsLeadFormat() {
  return OneOf<LeadFormat>({{"auto", LeadFormat::kDetect},
                            {"yaml", LeadFormat::kYaml},
                            {"json", LeadFormat::kJson},
                            {"ndjson", LeadFormat::kNdjson},
                            {"csv", LeadFormat::kCsv},
                            {"tsv", LeadFormat::kTsv}});
}

// False: it cannot be used, which is printed.
bool LoadMapping(const std::string& file, LoadedMapping* mapping) {
  const absl::StatusOr<std::string> text = ReadInput(file);
  absl::StatusOr<LoadedMapping> loaded = text.ok() ? ParseMapping(*text, file) : text.status();
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return false;
  }
  *mapping = *std::move(loaded);
  return true;
}

}  // namespace

void LeadFlags::AddTo(CLI::App* command) {
  command
      ->add_option("FILE", files,
                   "Files of leads: YAML, JSON, NDJSON, CSV; - is "
                   "standard input")
      ->required()
      ->option_text("...");
  command
      ->add_option("--format", format,
                   "auto (by name, then content), yaml, json, ndjson, csv or tsv [auto]")
      ->transform(IsLeadFormat())
      ->type_name("FORMAT")
      ->group(kLeadGroup);
  command
      ->add_option("--mapping", mapping,
                   "File that says which column of a CSV file is what [headers are attributes]")
      ->check(NotEmpty())
      ->type_name("FILE")
      ->group(kLeadGroup);
  command
      ->add_option(
          "--separator", separator,
          "What separates cells: one character, or tab [what a first line sep=; says, else the "
          "mapping's, else detected]")
      ->check(NotEmpty())
      ->type_name("CHAR")
      ->group(kLeadGroup);
  command
      ->add_option("--encoding", encoding,
                   "Such as windows-1252 or utf-16 [the mapping's, else byte-order mark, UTF-8, "
                   "Windows-1252]")
      ->check(NotEmpty())
      ->type_name("NAME")
      ->group(kLeadGroup);
  command
      ->add_option("--time-zone", time_zone,
                   "Zone of times that name none, and of times shown to people")
      ->type_name("ZONE")
      ->capture_default_str()
      ->group(kLeadGroup);
}

bool FindZone(const LeadFlags& flags, absl::TimeZone* zone) {
  if (absl::LoadTimeZone(flags.time_zone, zone)) return true;
  PrintError(absl::StrCat("unknown time zone '", flags.time_zone,
                          "'; expected an IANA name such as Europe/Berlin"));
  return false;
}

bool AddLeadFiles(const LeadFlags& flags, absl::TimeZone zone, LoadedMapping* mapping,
                  LeadQueue* leads) {
  std::vector<std::string> read = flags.files;
  read.push_back(flags.mapping);
  if (!StandardInputIsReadOnce(read)) return false;
  if (!flags.mapping.empty() && !LoadMapping(flags.mapping, mapping)) return false;
  InputOptions options;
  options.format = flags.format;
  options.encoding = flags.encoding;
  options.separator = flags.separator;
  options.mapping = flags.mapping.empty() ? nullptr : mapping;
  options.time_zone = zone;
  if (!options.separator.empty() && options.separator.size() != 1 && options.separator != "tab" &&
      options.separator != "\\t") {
    PrintError("--separator: expected one character, or tab");
    return false;
  }
  bool good = true;
  for (const std::string& file : flags.files) {
    absl::StatusOr<std::unique_ptr<LeadReader>> reader = OpenLeads(file, options);
    if (!reader.ok()) {
      PrintError(reader.status().message());
      good = false;
      continue;
    }
    for (const std::string& note : (*reader)->notes()) std::cerr << "note: " << note << "\n";
    leads->Add(*std::move(reader));
  }
  return good;
}

void PrintNoLeads(const LeadFlags& flags) {
  PrintError(absl::StrCat(absl::StrJoin(flags.files, ", "), ": no leads, only a header"));
}

}  // namespace bantam
