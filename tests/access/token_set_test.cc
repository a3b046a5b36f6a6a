#include "server/access/token_set.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// As `printf %s secret | sha256sum` gives it.
constexpr absl::string_view kSecret =
    "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

std::string Hex(absl::string_view token) {
  const TokenDigest digest = DigestOfToken(token);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

TEST(TokenSetTest, FindsTokensByTheirText) {
  const ParsedTokens parsed = ParseTokens(absl::StrCat("\xEF\xBB\xBF# Ours.\r\n"
                                                       "  crm-import \t",
                                                       kSecret,
                                                       "  \r\n"
                                                       "\n"
                                                       "Billing_2.x ",
                                                       absl::AsciiStrToUpper(Hex("other"))),
                                          "tokens");
  EXPECT_THAT(parsed.problems, IsEmpty());
  ASSERT_NE(parsed.tokens, nullptr);
  EXPECT_EQ(parsed.tokens->size(), 2u);
  ASSERT_TRUE(parsed.tokens->Find("secret").has_value());
  EXPECT_EQ(parsed.tokens->Find("secret")->name, "crm-import");
  EXPECT_EQ(parsed.tokens->Find("other")->name, "Billing_2.x");
  for (const absl::string_view wrong :
       {absl::string_view(""), absl::string_view("secre"), absl::string_view("secret "),
        absl::string_view("secret\0", 7), absl::string_view("Secret"), kSecret}) {
    EXPECT_FALSE(parsed.tokens->Find(wrong).has_value()) << wrong;
  }
}

TEST(TokenSetTest, ANameMayHaveSeveralTokens) {
  const ParsedTokens parsed =
      ParseTokens(absl::StrCat("crm ", Hex("old"), "\ncrm ", Hex("new"), "\n"), "tokens");
  ASSERT_NE(parsed.tokens, nullptr);
  EXPECT_EQ(parsed.tokens->Find("old")->name, "crm");
  EXPECT_EQ(parsed.tokens->Find("new")->name, "crm");
  EXPECT_TRUE(parsed.tokens->Contains({"crm", DigestOfToken("old")}));
  EXPECT_FALSE(parsed.tokens->Contains({"CRM", DigestOfToken("old")}));
  EXPECT_FALSE(parsed.tokens->Contains({"crm", DigestOfToken("older")}));
}

TEST(TokenSetTest, AFileMayHoldNone) {
  const ParsedTokens parsed = ParseTokens("# Nobody yet.\n", "tokens");
  ASSERT_NE(parsed.tokens, nullptr);
  EXPECT_EQ(parsed.tokens->size(), 0u);
  EXPECT_FALSE(parsed.tokens->Find("secret").has_value());
}

TEST(TokenSetTest, AllProblemsAreToldButNotWithoutEnd) {
  const ParsedTokens parsed = ParseTokens("a\nb c\n", "tokens");
  EXPECT_EQ(parsed.tokens, nullptr);
  EXPECT_THAT(
      parsed.problems,
      ElementsAre("tokens:1: expected two words, a name and the SHA-256 of the token in "
                  "hexadecimal digits, not 1",
                  "tokens:2: the second word must be the SHA-256 of the token, 64 hexadecimal "
                  "digits; make it by: printf %s \"$TOKEN\" | sha256sum"));
  std::string many;
  for (int i = 0; i < 10000; ++i) many += "a\n";
  EXPECT_EQ(ParseTokens(many, "tokens").problems.size(), 100u);
}

TEST(TokenSetTest, ManyTokensAreFound) {
  std::vector<Caller::Token> tokens;
  for (int i = 0; i < 5000; ++i) {
    tokens.push_back({absl::StrCat("t", i), DigestOfToken(absl::StrCat("token ", i))});
  }
  const TokenSet set(tokens);
  for (int i = 0; i < 5000; i += 499) {
    EXPECT_EQ(set.Find(absl::StrCat("token ", i))->name, absl::StrCat("t", i));
  }
}

}  // namespace
}  // namespace bantam
