#include "server/telemetry/log.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace bantam {
namespace {

TEST(FormatEventTest, ForPeopleQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(FormatEvent(LogFormat::kHuman, "call failed",
                        {{"code", "NOT_FOUND"}, {"cause", "no \"x\"\nhere"}, {"empty", ""}}),
            "call failed code=NOT_FOUND cause=\"no \\\"x\\\"\\nhere\" empty=\"\"");
}

TEST(FormatEventTest, JsonEscapesEverything) {
  EXPECT_EQ(FormatEvent(LogFormat::kJson, "a \"message\"", {{"key", "back\\slash\ttab\x01ü"}}),
            "\"message\":\"a \\\"message\\\"\",\"key\":\"back\\\\slash\\ttab\\u0001ü\"");
}

TEST(LogTest, WritesWhatIsAtOrAboveItsLevelBeforeItEnds) {
  testing::internal::CaptureStderr();
  {
    Log log(LogFormat::kHuman, LogLevel::kWarning);
    log.Write(LogLevel::kInfo, "unseen");
    for (int i = 0; i < 100; ++i) log.Write(LogLevel::kWarning, "seen");
  }
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 100);
  EXPECT_EQ(written.find("unseen"), std::string::npos);
  EXPECT_NE(written.find("Z warning seen\n"), std::string::npos);
}

}  // namespace
}  // namespace bantam
