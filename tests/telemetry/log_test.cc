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

// What callers send gets into lines, such as the path of a call that was denied.
constexpr char kHostile[] = "a\x1b[2Jb\r\x7f\xc2\x9b\xff\xfe\xe2\x82ü";

TEST(FormatEventTest, NoBytesReachTheTerminalAsControlCharacters) {
  EXPECT_EQ(FormatEvent(LogFormat::kHuman, "call failed", {{"method", kHostile}}),
            "call failed "
            "method=\"a\\u001b[2Jb\\u000d\\u007f\\u009b\uFFFD\uFFFD\uFFFD\uFFFDü\"");
  EXPECT_EQ(FormatEvent(LogFormat::kHuman, "a\x1b[2Jb", {}), "\"a\\u001b[2Jb\"");
}

TEST(FormatEventTest, JsonIsUtf8WhateverTheBytesAre) {
  EXPECT_EQ(FormatEvent(LogFormat::kJson, "call failed", {{"method", kHostile}}),
            "\"message\":\"call failed\",\"method\":"
            "\"a\\u001b[2Jb\\u000d\\u007f\\u009b\uFFFD\uFFFD\uFFFD\uFFFDü\"");
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
