#include "client/input/encoding.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

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
  if (many(zeros[1]) && many(zeros[2]) && many(zeros[3])) return "UTF-32LE";
  if (many(zeros[0]) && many(zeros[1]) && many(zeros[2])) return "UTF-32BE";
  if (many(zeros[1]) && many(zeros[3]) && zeros[0] + zeros[2] == 0) return "UTF-16LE";
  if (many(zeros[0]) && many(zeros[2]) && zeros[1] + zeros[3] == 0) return "UTF-16BE";
  return "";
}

bool IsUtf8(absl::string_view bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto length = static_cast<int64_t>(bytes.size());
  int64_t i = 0;
  while (i < length) {
    UChar32 c;
    U8_NEXT(data, i, length, c);
    if (c < 0) return false;
  }
  return true;
}

// "line 3": where the byte stands, as far as encodings of single-byte line ends can tell.
absl::Status InvalidBytes(absl::string_view bytes, size_t offset, absl::string_view encoding) {
  const auto line = 1 + std::count(bytes.begin(), bytes.begin() + offset, '\n');
  return absl::InvalidArgumentError(
      absl::StrCat("not valid ", encoding, " at byte ", offset + 1, " (line ", line,
                   "); name the right encoding with --encoding, such as windows-1252 or utf-16"));
}

absl::StatusOr<std::string> Convert(absl::string_view bytes, const std::string& encoding) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(ucnv_open(encoding.c_str(), &error),
                                                               &ucnv_close);
  if (U_FAILURE(error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown encoding '", encoding,
                     "'; try utf-8, utf-16, utf-32, windows-1252, iso-8859-15 …"));
  }
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  std::string text;
  UChar buffer[4096];
  const char* source = bytes.data();
  const char* const end = source + bytes.size();
  do {
    error = U_ZERO_ERROR;
    UChar* target = buffer;
    ucnv_toUnicode(converter.get(), &target, buffer + 4096, &source, end, nullptr, /*flush=*/true,
                   &error);
    icu::UnicodeString(false, buffer, static_cast<int32_t>(target - buffer)).toUTF8String(text);
  } while (error == U_BUFFER_OVERFLOW_ERROR);
  if (U_FAILURE(error)) {
    return InvalidBytes(bytes, static_cast<size_t>(source - bytes.data()) - (source > bytes.data()),
                        encoding);
  }
  if (absl::StartsWith(text, kUtf8Mark)) text.erase(0, kUtf8Mark.size());
  return text;
}

}  // namespace

absl::StatusOr<DecodedText> DecodeText(std::string bytes, absl::string_view encoding) {
  DecodedText decoded;
  if (absl::StartsWith(bytes, "PK\x03\x04") || absl::StartsWith(bytes, "\xD0\xCF\x11\xE0")) {
    return absl::InvalidArgumentError(
        "is a spreadsheet or an archive, not text; export the sheet as CSV first");
  }
  if (!encoding.empty()) {
    decoded.encoding = std::string(encoding);
  } else if (const Mark mark = FindMark(bytes); mark.length > 0) {
    decoded.encoding = std::string(mark.encoding);
    bytes.erase(0, mark.length);
    // Some programs put the mark of UTF-16, in either order, before UTF-32.
    const absl::string_view told = EncodingByZeros(bytes);
    if (mark.length == 2 && absl::StartsWith(told, "UTF-32")) {
      decoded.encoding = std::string(told);
      decoded.guessed = true;
    }
  } else if (const absl::string_view told = EncodingByZeros(bytes); !told.empty()) {
    decoded.encoding = std::string(told);
    decoded.guessed = true;
  } else if (absl::StrContains(bytes, '\0')) {
    return absl::InvalidArgumentError("is not text; expected YAML, JSON, NDJSON or CSV");
  } else if (IsUtf8(bytes)) {
    decoded.encoding = "UTF-8";
    decoded.text = std::move(bytes);
    return decoded;
  } else {
    decoded.encoding = "windows-1252";
    decoded.guessed = true;
  }
  absl::StatusOr<std::string> text = Convert(bytes, decoded.encoding);
  if (!text.ok()) return text.status();
  decoded.text = *std::move(text);
  return decoded;
}

}  // namespace bantam
