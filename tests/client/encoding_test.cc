#include "client/input/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/input/text_source.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

struct DecodedText {
  std::string text;
  std::string encoding;
  bool guessed = false;
};

absl::StatusOr<DecodedText> DecodeText(std::string bytes, absl::string_view encoding) {
  const auto source = TextSource::Open(std::make_unique<ByteSource>(std::move(bytes)), encoding);
  if (!source.ok()) return source.status();
  DecodedText decoded;
  while (true) {
    const auto piece = (*source)->Next();
    if (!piece.ok()) return piece.status();
    if (piece->empty()) break;
    absl::StrAppend(&decoded.text, *piece);
  }
  decoded.encoding = (*source)->encoding().name;
  decoded.guessed = (*source)->encoding().guessed;
  return decoded;
}

std::string Bytes(absl::string_view bytes) { return std::string(bytes); }

TEST(DecodeTextTest, ByteOrderMarksTell) {
  struct Case {
    std::string bytes;
    std::string encoding;
  };
  const Case cases[] = {
      {Bytes("\xEF\xBB\xBF"
             "a\xC3\xA9"),
       "UTF-8"},
      {Bytes({"\xFF\xFE"
              "a\0\xE9\0",
              6}),
       "UTF-16LE"},
      {Bytes({"\xFE\xFF\0a\0\xE9", 6}), "UTF-16BE"},
      {Bytes({"\xFF\xFE\0\0a\0\0\0\xE9\0\0\0", 12}), "UTF-32LE"},
      {Bytes({"\0\0\xFE\xFF\0\0\0a\0\0\0\xE9", 12}), "UTF-32BE"},
  };
  for (const Case& c : cases) {
    const auto decoded = DecodeText(c.bytes, "");
    ASSERT_TRUE(decoded.ok()) << c.encoding << decoded.status();
    EXPECT_EQ(decoded->text, "aé") << c.encoding;
    EXPECT_EQ(decoded->encoding, c.encoding);
    EXPECT_FALSE(decoded->guessed);
  }
}

TEST(DecodeTextTest, Utf8NeedsNoMark) {
  const auto decoded = DecodeText("Müller 株式会社", "");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->text, "Müller 株式会社");
  EXPECT_FALSE(decoded->guessed);
}

TEST(DecodeTextTest, AnythingElseIsTakenAsWindows1252AndSaidSo) {
  const auto decoded = DecodeText("M\xFCller \x80 5", "");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->text, "Müller € 5");
  EXPECT_TRUE(decoded->guessed);
}

TEST(DecodeTextTest, Utf16WithoutAMarkIsSeenByItsZeros) {
  const auto decoded = DecodeText(Bytes({"i\0d\0,\0x\0\n\0", 10}), "");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->text, "id,x\n");
  EXPECT_EQ(decoded->encoding, "UTF-16LE");
  EXPECT_TRUE(decoded->guessed);
}

TEST(DecodeTextTest, AnOptionDecides) {
  const auto decoded = DecodeText("\xA4", "iso-8859-15");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->text, "€");
  EXPECT_FALSE(decoded->guessed);
}

TEST(DecodeTextTest, LongTextsAreWhole) {
  const std::string bytes(100000, '\xFC');
  const auto decoded = DecodeText(bytes, "windows-1252");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->text.size(), 200000u);
}

// Texts come in pieces of 64 KiB, which end anywhere.
TEST(DecodeTextTest, PiecesMayEndWithinACharacter) {
  for (const size_t ascii : {65533, 65534, 65535, 65536, 131070, 131071}) {
    const std::string text = absl::StrCat(std::string(ascii, 'x'), "€😀é\n");
    const auto decoded = DecodeText(text, "");
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->text, text);
    EXPECT_EQ(decoded->encoding, "UTF-8");
    // The same as UTF-16 with a mark, so that a piece ends within 😀.
    std::string wide("\xFF\xFE");
    for (size_t i = 0; i < ascii / 2; ++i) wide.append("x\0", 2);
    wide.append("\x3D\xD8\x00\xDE\n\0", 6);
    const auto narrow = DecodeText(wide, "");
    ASSERT_TRUE(narrow.ok()) << narrow.status();
    EXPECT_EQ(narrow->text, absl::StrCat(std::string(ascii / 2, 'x'), "😀\n"));
  }
}

TEST(DecodeTextTest, OneBadByteFarBehindMakesItWindows1252) {
  const auto decoded = DecodeText(absl::StrCat(std::string(200000, 'x'), "\xFC"), "");
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(decoded->guessed);
  EXPECT_EQ(decoded->text, absl::StrCat(std::string(200000, 'x'), "ü"));
  EXPECT_THAT(
      DecodeText(absl::StrCat(std::string(200000, '\n'), "\xFC"), "utf-8").status().message(),
      HasSubstr("not valid utf-8 at byte 200001 (line 200001)"));
}

TEST(DecodeTextTest, NulsAreNoText) {
  for (const size_t size : {1, 4096, 100000}) {
    EXPECT_THAT(DecodeText(std::string(size, '\0'), "").status().message(),
                HasSubstr("is not text; expected YAML, JSON, NDJSON or CSV"));
  }
}

TEST(TextSourceTest, CountsLinesAndKnowsBlankFiles) {
  const auto open = [](const std::string& text) {
    return *TextSource::Open(std::make_unique<ByteSource>(text), "");
  };
  EXPECT_EQ(open("a\nb\n")->line_count(), 2);
  EXPECT_EQ(open("a\n\nb")->line_count(), 3);
  EXPECT_FALSE(open(" \n a")->is_blank());
  EXPECT_TRUE(open(std::string(100000, '\n'))->is_blank());
  EXPECT_TRUE(open("")->is_blank());
}

TEST(DecodeTextTest, SaysWhatIsWrong) {
  EXPECT_THAT(DecodeText("a", "utf-9").status().message(),
              HasSubstr("unknown encoding 'utf-9'; try utf-8"));
  EXPECT_THAT(DecodeText("a\nb\xFC", "utf-8").status().message(),
              HasSubstr("not valid utf-8 at byte 4 (line 2); name the right encoding"));
  EXPECT_THAT(DecodeText("PK\x03\x04 and so on", "").status().message(),
              HasSubstr("is a spreadsheet or an archive, not text; export the sheet as CSV"));
  EXPECT_THAT(DecodeText(Bytes({"ab\0\x01\x02zzzzzzzzzzzzzzz", 20}), "").status().message(),
              HasSubstr("is not text"));
}

}  // namespace
}  // namespace bantam
