#include "server/engine/localization.h"

#include <limits>

#include "gtest/gtest.h"
#include "server/engine/points.h"

namespace bantam {
namespace {

v1::LocalizedText Text(std::initializer_list<std::pair<const char*, const char*>> texts) {
  v1::LocalizedText text;
  for (const auto& [code, value] : texts) (*text.mutable_texts())[code] = value;
  return text;
}

TEST(LocalizationTest, OnlyTheFirstPartOfATagCounts) {
  EXPECT_EQ(LanguagePart("de-AT"), "de");
  EXPECT_EQ(LanguagePart("RO"), "ro");
  EXPECT_EQ(LanguagePart("zh-Hant-TW"), "zh");
  EXPECT_EQ(LanguagePart(""), "en");
}

TEST(LocalizationTest, OwnTextFallsBackToEnglishThenToTheFirstCode) {
  const v1::LocalizedText all = Text({{"fr", "oui"}, {"en", "yes"}, {"de", "ja"}});
  EXPECT_EQ(PickText(all, "de"), "ja");
  EXPECT_EQ(PickText(all, "ro"), "yes");
  EXPECT_EQ(PickText(Text({{"it", "si"}, {"fr", "oui"}}), "de"), "oui");
  EXPECT_EQ(PickText(Text({}), "de"), "");
}

TEST(LocalizationTest, BuiltInTextsComeInTheLanguageAskedForElseInEnglish) {
  EXPECT_EQ(Texts("").Say(Phrase::kAttributeCompanyIndustry), "industry");
  EXPECT_EQ(Texts("de-CH").Say(Phrase::kAttributeCompanyIndustry), "Branche");
  EXPECT_EQ(Texts("ro").Say(Phrase::kAttributeCompanyIndustry), "domeniul de activitate");
  EXPECT_EQ(Texts("fr").Say(Phrase::kAttributeCompanyIndustry), "industry");
}

TEST(LocalizationTest, PlaceholdersAreFilledIn) {
  EXPECT_EQ(Texts("en").Say(Phrase::kActionBudget, "12.5"), "+12.5 if the budget is confirmed");
  EXPECT_EQ(Texts("de").Say(Phrase::kActionBudget, "12.5"), "+12.5, wenn das Budget bestätigt ist");
}

TEST(LocalizationTest, PlaceholdersTakeTextsNumbersAndWriters) {
  const Texts english("en");
  EXPECT_EQ(english.Say(Phrase::kTraceTooFew, 2, int64_t{3}), "2 of at least 3 events");
  ByteBuffer text;
  english.Append(&text, Phrase::kTraceUnknown, absl::string_view("Size"),
                 english.Text(Phrase::kKnownNothing),
                 [](ByteBuffer* out) { out->Append("employees, revenue"); });
  EXPECT_EQ(text.view(), "Size: not known (employees, revenue)");
}

TEST(LocalizationTest, NumbersAreWrittenInFull) {
  const Texts english("en");
  EXPECT_EQ(english.Say(Phrase::kTraceEvents, 0), "0 events count");
  EXPECT_EQ(english.Say(Phrase::kTraceEvents, size_t{1234567}), "1234567 events count");
  EXPECT_EQ(english.Say(Phrase::kTraceEvents, std::numeric_limits<int64_t>::min()),
            "-9223372036854775808 events count");
}

TEST(LocalizationTest, PhrasesAreWrittenToAPlaceAsTheyAreAppended) {
  const Texts german("de");
  char room[2 * kLongestPhrase];
  const char* const end = german.Write(room, Phrase::kTraceBand, "Größe", PointsText(1250));
  EXPECT_EQ(absl::string_view(room, end - room), "Größe: im Bereich mit 12.5 Punkten");
  EXPECT_EQ(german.Write(room, Phrase::kTraceNoEvents) - room,
            static_cast<ptrdiff_t>(german.Text(Phrase::kTraceNoEvents).size()));
}

TEST(LocalizationTest, OwnTextsOfOtherLanguagesThanTheBuiltInOnesAreUsed) {
  const Texts french("fr-FR");
  EXPECT_EQ(french.Own(Text({{"fr", "Le titre"}, {"en", "The title"}}), "id"), "Le titre");
  EXPECT_EQ(french.Own(Text({}), "id"), "id");
  EXPECT_EQ(french.OwnOr(Text({{"fr", "Bonjour"}}), Phrase::kTitleReply), "Bonjour");
  EXPECT_EQ(french.OwnOr(Text({}), Phrase::kTitleReply), "Reply to the request");
}

TEST(LocalizationTest, ALanguageOfThreeLettersHasNoTextsOfItsOwn) {
  EXPECT_EQ(Texts("yue-HK").Own(Text({{"yu", "a"}, {"zh", "b"}}), "id"), "a");
  EXPECT_EQ(Texts("yue").Own(Text({{"zh", "b"}, {"en", "c"}}), "id"), "c");
}

TEST(LocalizationTest, AttributesAreNamedForPeople) {
  const Texts german("de");
  ByteBuffer names;
  german.AppendAttributeNames({"company.employee_count", "custom.household_income"}, &names);
  EXPECT_EQ(names.view(), "Anzahl der Mitarbeitenden, household income");
  ByteBuffer question;
  german.AppendAttributeQuestion({"company.industry", "custom.age"}, &question);
  EXPECT_EQ(question.view(), "Was können Sie uns dazu sagen: Branche, age?");
}

TEST(LocalizationTest, SpansAreToldInTheLargestUnitOfWhichTheyHaveTwo) {
  const auto say = [](const char* language, absl::Duration span) {
    const Texts texts(language);
    return std::string(absl::string_view(SpanText(texts, span)));
  };
  EXPECT_EQ(say("en", absl::Hours(90 * 24)), "90 days");
  EXPECT_EQ(say("en", absl::Hours(49)), "2 days");
  EXPECT_EQ(say("en", absl::Hours(47)), "47 hours");
  EXPECT_EQ(say("en", absl::Minutes(119)), "119 minutes");
  EXPECT_EQ(say("en", absl::Seconds(119)), "119 seconds");
  EXPECT_EQ(say("de", absl::Hours(12)), "12 Stunden");
  EXPECT_EQ(say("ro", absl::Hours(12)), "ore: 12");
}

TEST(LocalizationTest, StagesOfTheIcpKeepTheirIds) {
  EXPECT_EQ(Texts("en").StageTitle("mql"), "Marketing-qualified lead");
  EXPECT_EQ(Texts("de").StageTitle("opportunity"), "Verkaufschance");
  EXPECT_EQ(Texts("de").StageTitle("pilot"), "pilot");
}

}  // namespace
}  // namespace bantam
