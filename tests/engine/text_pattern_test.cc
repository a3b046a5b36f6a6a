#include "server/engine/text_pattern.h"

#include <string>

#include "gtest/gtest.h"

namespace bantam {
namespace {

TEST(TextPatternTest, AgreesWithRe2) {
  const std::string patterns[] = {
      "(?i)(chief|head|director|vp|leiter)",
      "(?i)(?:head of it|vice-president)",
      "(?i)head|chief",
      "(?i)k",
      "(?i)(s_1)",
      "(?i)(a|)",
      "(?i)(a|b)|(c)",
      "(?i)(head)?",
      "(?i)^head|it$",
      "(?i)h.ad",
      "(?i)()",
      "(?i)",
      "(head|chief)",
      "\\bIT\\b",
  };
  const std::string texts[] = {
      "",
      "Head of IT",
      "CHIEF EXECUTIVE",
      "it director",
      "Vice-President",
      "directo",
      "hea d",
      "\xE2\x84\xAA",  // The Kelvin sign, a k of another case.
      "a\xC5\xBF_1",   // ſ, a small s of another case.
      "S_1",
      "Gesch\xC3\xA4"
      "ftsleiter",
      std::string(300, 'x') + "VP",
      std::string(127, 'x') + "k",
      std::string("a\0head", 6),
  };
  for (const std::string& pattern : patterns) {
    const RE2 re2(pattern, RE2::Quiet);
    ASSERT_TRUE(re2.ok()) << pattern;
    const TextPattern own(pattern);
    for (const std::string& text : texts) {
      EXPECT_EQ(own.Matches(text), RE2::PartialMatch(text, re2)) << pattern << " in " << text;
    }
  }
}

}  // namespace
}  // namespace bantam
