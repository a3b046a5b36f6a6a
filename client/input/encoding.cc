#include "client/input/encoding.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr absl::string_view kUtf8Mark = "\xEF\xBB\xBF";

// The encoding that a byte-order mark tells, and the mark's length.
struct Mark {
  absl::string_view encoding;
  size_t length = 0;
};

Mark FindMark(absl::string_view bytes) {
  // UTF-32LE before UTF-16LE, whose mark it starts with.
  if (absl::StartsWith(bytes, absl::string_view("\xFF\xFE\0\0", 4))) return {"UTF-32LE", 4};
  if (absl::StartsWith(bytes, absl::string_view("\0\0\xFE\xFF", 4))) return {"UTF-32BE", 4};
  if (absl::StartsWith(bytes, "\xFF\xFE")) return {"UTF-16LE", 2};
  if (absl::StartsWith(bytes, "\xFE\xFF")) return {"UTF-16BE", 2};
  if (absl::StartsWith(bytes, kUtf8Mark)) return {"UTF-8", 3};
  return {"", 0};
}

// Text in Latin letters has its zero bytes at the same place of every character.
absl::string_view EncodingByZeros(absl::string_view bytes) {
  const absl::string_view head = bytes.substr(0, 4096);
  size_t zeros[4] = {};
  for (size_t i = 0; i < head.size(); ++i) zeros[i % 4] += head[i] == '\0' ? 1 : 0;
  const size_t most = head.size() / 8;  // Half of the places of one kind.
  const auto many = [most](size_t count) { return count > most; };
  if (many(zeros[1]) && many(zeros[2]) && many(zeros[3]) && !many(zeros[0])) return "UTF-32LE";
  if (many(zeros[0]) && many(zeros[1]) && many(zeros[2]) && !many(zeros[3])) return "UTF-32BE";
  if (many(zeros[1]) && many(zeros[3]) && zeros[0] + zeros[2] == 0) return "UTF-16LE";
  if (many(zeros[0]) && many(zeros[2]) && zeros[1] + zeros[3] == 0) return "UTF-16BE";
  return "";
}

bool IsAscii(absl::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return (c & 0x80) == 0; });
}

UConverter* OpenConverter(const std::string& encoding) {
  UErrorCode error = U_ZERO_ERROR;
  UConverter* const converter = ucnv_open(encoding.c_str(), &error);
  if (U_FAILURE(error)) return nullptr;
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  return converter;
}

// UTF-8, or else Windows-1252: by all bytes, of which `block` are the first.
absl::StatusOr<FoundEncoding> FindByAll(absl::string_view block, ByteSource* bytes) {
  const absl::StatusOr<std::unique_ptr<Decoder>> decoder = Decoder::Create("UTF-8");
  if (!decoder.ok()) return decoder.status();
  bool is_utf8 = true;
  while (true) {
    if (absl::StrContains(block, '\0')) {
      return absl::InvalidArgumentError("is not text; expected YAML, JSON, NDJSON or CSV");
    }
    const bool is_last = block.empty();
    std::string text;
    is_utf8 = is_utf8 && (*decoder)->Decode(block, is_last, &text).ok();
    if (is_last) break;
    const absl::StatusOr<absl::string_view> next = bytes->Next();
    if (!next.ok()) return next.status();
    block = *next;
  }
  FoundEncoding found;
  found.name = is_utf8 ? "UTF-8" : "windows-1252";
  found.guessed = !is_utf8;
  return found;
}

}  // namespace

absl::StatusOr<FoundEncoding> FindEncoding(absl::string_view encoding, ByteSource* bytes) {
  const absl::StatusOr<absl::string_view> head = bytes->Next();
  if (!head.ok()) return head.status();
  if (absl::StartsWith(*head, "PK\x03\x04") || absl::StartsWith(*head, "\xD0\xCF\x11\xE0")) {
    return absl::InvalidArgumentError(
        "is a spreadsheet or an archive, not text; export the sheet as CSV first");
  }
  FoundEncoding found;
  found.name = std::string(encoding);
  if (!encoding.empty()) return found;
  const Mark mark = FindMark(*head);
  const absl::string_view told = EncodingByZeros(head->substr(mark.length));
  found.name = std::string(mark.encoding);
  found.mark_length = mark.length;
  // Some programs put the mark of UTF-16, in either order, before UTF-32.
  if (mark.length == 0 || (mark.length == 2 && absl::StartsWith(told, "UTF-32"))) {
    if (!told.empty()) found.name = std::string(told);
    found.guessed = !told.empty();
  }
  return found.name.empty() ? FindByAll(*head, bytes) : found;
}

absl::StatusOr<std::unique_ptr<Decoder>> Decoder::Create(const std::string& encoding) {
  Converter converter(OpenConverter(encoding), &ucnv_close);
  if (converter == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown encoding '", encoding,
                     "'; try utf-8, utf-16, utf-32, windows-1252, iso-8859-15 …"));
  }
  return std::unique_ptr<Decoder>(new Decoder(encoding, std::move(converter)));
}

Decoder::Decoder(std::string encoding, Converter converter)
    : encoding_(std::move(encoding)),
      is_utf8_(ucnv_getType(converter.get()) == UCNV_UTF8),
      converter_(std::move(converter)) {}

absl::Status Decoder::Decode(absl::string_view bytes, bool is_last, std::string* text) {
  // Most texts: nothing to do, and much faster so.
  if (is_utf8_ && !within_character_ && IsAscii(bytes)) {
    text->append(bytes.data(), bytes.size());
  } else {
    UErrorCode error;
    UChar buffer[4096];
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    do {
      error = U_ZERO_ERROR;
      UChar* target = buffer;
      ucnv_toUnicode(converter_.get(), &target, buffer + 4096, &source, end, nullptr, is_last,
                     &error);
      icu::UnicodeString(false, buffer, static_cast<int32_t>(target - buffer)).toUTF8String(*text);
    } while (error == U_BUFFER_OVERFLOW_ERROR);
    if (U_FAILURE(error)) {
      return InvalidAt(bytes, static_cast<size_t>(source - bytes.data()));
    }
    within_character_ = ucnv_toUCountPending(converter_.get(), &error) > 0;
  }
  offset_ += bytes.size();
  lines_ += std::count(bytes.begin(), bytes.end(), '\n');
  return absl::OkStatus();
}

// "line 3": where the byte before `offset` stands, as far as encodings of single-byte line ends can
// tell.
absl::Status Decoder::InvalidAt(absl::string_view bytes, size_t offset) const {
  if (offset > 0) --offset;
  const auto line = 1 + lines_ + std::count(bytes.begin(), bytes.begin() + offset, '\n');
  return absl::InvalidArgumentError(
      absl::StrCat("not valid ", encoding_, " at byte ", offset_ + offset + 1, " (line ", line,
                   "); name the right encoding with --encoding, such as windows-1252 or utf-16"));
}

}  // namespace bantam
