#include "client/input/lead_reader.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/input/byte_source.h"
#include "client/input/csv_reader.h"
#include "client/input/encoding.h"
#include "client/input/input_file.h"
#include "client/input/text_source.h"
#include "client/mapping.pb.h"

namespace bantam {
namespace {

// By so much of a text its format is told.
constexpr size_t kHeadBytes = size_t{1} << 20;

LeadFormat FormatByName(absl::string_view file) {
  const std::string name = absl::AsciiStrToLower(file);
  if (absl::EndsWith(name, ".yaml") || absl::EndsWith(name, ".yml")) return LeadFormat::kYaml;
  if (absl::EndsWith(name, ".json")) return LeadFormat::kJson;
  if (absl::EndsWith(name, ".ndjson") || absl::EndsWith(name, ".jsonl")) return LeadFormat::kNdjson;
  if (absl::EndsWith(name, ".csv")) return LeadFormat::kCsv;
  if (absl::EndsWith(name, ".tsv") || absl::EndsWith(name, ".tab")) return LeadFormat::kTsv;
  return LeadFormat::kDetect;
}

// JSON objects on lines of their own.
bool LooksLikeNdjson(absl::string_view text) {
  const absl::string_view first = FirstLine(text);
  if (!absl::StartsWith(first, "{") || !absl::EndsWith(absl::StripAsciiWhitespace(first), "}")) {
    return false;
  }
  const absl::string_view start = absl::StripLeadingAsciiWhitespace(text);
  const absl::string_view rest = absl::StripLeadingAsciiWhitespace(start.substr(first.size()));
  return absl::StartsWith(rest, "{");
}

LeadFormat FormatByContent(absl::string_view text) {
  if (LooksLikeNdjson(text)) return LeadFormat::kNdjson;
  return LooksLikeTable(text) ? LeadFormat::kCsv : LeadFormat::kYaml;
}

// The separator that is asked for; 0: detect it.
char SeparatorOf(const InputOptions& options, LeadFormat format) {
  std::string separator = options.separator;
  if (separator.empty() && options.mapping != nullptr) {
    separator = options.mapping->content.formats().separator();
  }
  if (separator.empty()) return format == LeadFormat::kTsv ? '\t' : '\0';
  return separator == "tab" || separator == "\\t" ? '\t' : separator[0];
}

// The encoding that is asked for; empty: detect it. What the mapping misspells is LeadMapper's to
// tell, with its other mistakes.
std::string EncodingOf(const InputOptions& options) {
  if (!options.encoding.empty() || options.mapping == nullptr) return options.encoding;
  const std::string& encoding = options.mapping->content.formats().encoding();
  return !encoding.empty() && Decoder::Create(encoding).ok() ? encoding : "";
}

absl::Status ReadHead(InputFile* file) {
  while (file->head.size() < kHeadBytes) {
    const absl::StatusOr<absl::string_view> piece = file->rest->Next();
    if (!piece.ok()) return piece.status();
    if (piece->empty()) break;
    file->head.append(piece->data(), piece->size());
  }
  return absl::OkStatus();
}

absl::StatusOr<InputFile> OpenText(std::unique_ptr<ByteSource> bytes, const std::string& name,
                                   const InputOptions& options) {
  InputFile file;
  file.name = name;
  absl::StatusOr<std::unique_ptr<TextSource>> text =
      TextSource::Open(std::move(bytes), EncodingOf(options));
  if (!text.ok()) return text.status();
  file.rest = *std::move(text);
  if (file.rest->is_blank()) return absl::InvalidArgumentError("is empty");
  const FoundEncoding& encoding = file.rest->encoding();
  if (encoding.guessed) {
    file.notes.push_back(absl::StrCat(name, ": is not UTF-8; read as ", encoding.name,
                                      " (if that is wrong, name it with --encoding)"));
  }
  const absl::Status status = ReadHead(&file);
  if (!status.ok()) return status;
  return file;
}

absl::StatusOr<std::unique_ptr<LeadReader>> OpenBytes(std::unique_ptr<ByteSource> bytes,
                                                      const std::string& name,
                                                      const InputOptions& options) {
  absl::StatusOr<InputFile> file = OpenText(std::move(bytes), name, options);
  if (!file.ok()) return InFile(name, file.status());
  LeadFormat format = options.format;
  if (format == LeadFormat::kDetect) format = FormatByName(name);
  if (format == LeadFormat::kDetect) format = FormatByContent(file->head);
  if (format == LeadFormat::kCsv || format == LeadFormat::kTsv) {
    return ReadTable(*std::move(file), SeparatorOf(options, format), options);
  }
  for (const char* const unused : {options.mapping == nullptr ? "" : "--mapping",
                                   options.separator.empty() ? "" : "--separator"}) {
    if (*unused == '\0') continue;
    file->notes.push_back(absl::StrCat(name, ": is no table; ", unused, " is not used for it"));
  }
  if (format == LeadFormat::kNdjson) return ReadNdjson(*std::move(file));
  return ReadDocument(*std::move(file));
}

}  // namespace

absl::Status InFile(absl::string_view file, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
}

absl::string_view FirstLine(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return text.substr(0, text.find_first_of("\r\n"));
}

bool LooksLikeTable(absl::string_view text) {
  if (SeparatorLine(text, nullptr) != '\0') return true;
  const absl::string_view line = FirstLine(text);
  return line.find_first_of(",;\t|") != absl::string_view::npos && !absl::StrContains(line, ": ") &&
         !absl::EndsWith(line, ":") && !absl::StartsWith(line, "- ") &&
         !absl::StartsWith(line, "{") && !absl::StartsWith(line, "[") &&
         !absl::StartsWith(line, "#");
}

absl::StatusOr<std::unique_ptr<LeadReader>> ReadLeads(std::string bytes, const std::string& file,
                                                      const InputOptions& options) {
  return OpenBytes(std::make_unique<ByteSource>(std::move(bytes)), file, options);
}

absl::StatusOr<std::unique_ptr<LeadReader>> OpenLeads(const std::string& path,
                                                      const InputOptions& options) {
  absl::StatusOr<std::unique_ptr<ByteSource>> bytes = ByteSource::Open(path);
  if (!bytes.ok()) return InFile(path, bytes.status());
  return OpenBytes(*std::move(bytes), path == "-" ? "(standard input)" : path, options);
}

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  const absl::StatusOr<std::unique_ptr<ByteSource>> bytes = ByteSource::Open(path);
  if (!bytes.ok()) return InFile(path, bytes.status());
  std::string all;
  while (true) {
    const absl::StatusOr<absl::string_view> block = (*bytes)->Next();
    if (!block.ok()) return InFile(path, block.status());
    if (block->empty()) return all;
    all.append(block->data(), block->size());
  }
}

}  // namespace bantam
