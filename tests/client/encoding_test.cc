#include "client/input/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bantam {
namespace {

using ::testing::HasSubstr;

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
