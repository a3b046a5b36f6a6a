#include "server/engine/phrases/phrases.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/engine/attributes.h"
#include "server/engine/phrases/names.h"

namespace bantam {
namespace {

struct NamedPhrase {
  const char* name;
  Phrase phrase;
};

const NamedPhrase kAll[] = {
#define BANTAM_PHRASE(name, english) {#name, Phrase::k##name},
#include "server/engine/phrases/phrase_list.inc"
#undef BANTAM_PHRASE
};

// "$0 of $1" → {0, 1}; fails on a dollar sign that is no placeholder.
std::set<int> Placeholders(absl::string_view text) {
  std::set<int> found;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') continue;
    if (i + 1 < text.size() && absl::ascii_isdigit(text[i + 1])) {
      found.insert(text[i + 1] - '0');
    } else {
      ADD_FAILURE() << "lone dollar sign in: " << text;
    }
  }
  return found;
}

class PhrasesTest : public ::testing::TestWithParam<Language> {};

TEST_P(PhrasesTest, HasEveryPhrase) {
  for (const NamedPhrase& entry : kAll) {
    EXPECT_FALSE(PhraseText(GetParam(), entry.phrase).empty()) << entry.name;
  }
}

TEST_P(PhrasesTest, HasTheSamePlaceholdersAsEnglish) {
  for (const NamedPhrase& entry : kAll) {
    EXPECT_EQ(Placeholders(PhraseText(GetParam(), entry.phrase)),
              Placeholders(PhraseText(Language::kEnglish, entry.phrase)))
        << entry.name;
  }
}

// The placeholders that were found at compile time are those of the text, in its order.
TEST_P(PhrasesTest, KnowsWhereItsPlaceholdersAre) {
  for (const PhraseForm& form : PhrasesOf(GetParam())) {
    std::vector<size_t> positions;
    for (int i = 0; i < form.slot_count; ++i) {
      const PhraseForm::Slot slot = form.slots[i];
      positions.push_back(slot.position);
      EXPECT_EQ(form.text.substr(slot.position, PhraseForm::kSlotSize),
                "$" + std::to_string(slot.number));
    }
    std::vector<size_t> want;
    for (size_t i = 0; i < form.text.size(); ++i) {
      if (form.text[i] == '$') want.push_back(i);
    }
    EXPECT_EQ(positions, want) << form.text;
  }
}

TEST_P(PhrasesTest, HasNoStraySpacesOrLineBreaks) {
  for (const NamedPhrase& entry : kAll) {
    const absl::string_view text = PhraseText(GetParam(), entry.phrase);
    EXPECT_EQ(text, absl::StripAsciiWhitespace(text)) << entry.name;
    EXPECT_EQ(text.find("  "), absl::string_view::npos) << entry.name;
    EXPECT_EQ(text.find('\n'), absl::string_view::npos) << entry.name;
  }
}

std::string NameOf(const ::testing::TestParamInfo<Language>& info) {
  constexpr const char* kNames[] = {"English", "German", "Romanian"};
  return kNames[static_cast<int>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Languages, PhrasesTest,
                         ::testing::Values(Language::kEnglish, Language::kGerman,
                                           Language::kRomanian),
                         NameOf);

TEST(TranslationsTest, DifferFromEnglishExceptWhereTheWordIsTheSame) {
  std::set<std::string> same;
  for (const NamedPhrase& entry : kAll) {
    const absl::string_view english = PhraseText(Language::kEnglish, entry.phrase);
    if (PhraseText(Language::kGerman, entry.phrase) == english ||
        PhraseText(Language::kRomanian, entry.phrase) == english) {
      same.insert(entry.name);
    }
  }
  // The last two join others.
  EXPECT_THAT(same, ::testing::UnorderedElementsAre("PartBant", "PartTotal", "StageLead",
                                                    "RoleEvaluator", "ChannelEmail", "ChannelSms",
                                                    "TraceUnknown", "ReasonStated"));
}

// Every value of an enum has a name, and no two share one.
TEST(NamesTest, StandardThingsHaveDistinctNames) {
  std::vector<Phrase> phrases;
  for (int i = 1; i < v1::ScorePart_ARRAYSIZE; ++i) {
    phrases.push_back(PartName(static_cast<v1::ScorePart>(i)));
  }
  for (int i = 1; i < v1::BantDimension_ARRAYSIZE; ++i) {
    phrases.push_back(DimensionName(static_cast<v1::BantDimension>(i)));
    phrases.push_back(DimensionQuestion(static_cast<v1::BantDimension>(i)));
  }
  for (int i = 1; i < v1::BantState_ARRAYSIZE; ++i) {
    phrases.push_back(StateName(static_cast<v1::BantState>(i)));
  }
  for (int i = 1; i < v1::Channel_ARRAYSIZE; ++i) {
    phrases.push_back(ChannelName(static_cast<v1::Channel>(i)));
  }
  for (int i = 1; i < v1::GateFact_ARRAYSIZE; ++i) {
    for (int status = 1; status < v1::GateStatus_ARRAYSIZE; ++status) {
      phrases.push_back(
          GateFactText(static_cast<v1::GateFact>(i), static_cast<v1::GateStatus>(status)));
    }
  }
  for (int i = 1; i < v1::ACTION_KIND_OTHER; ++i) {
    phrases.push_back(*ActionTitle(static_cast<v1::ActionKind>(i), ""));
    phrases.push_back(*ActionScript(static_cast<v1::ActionKind>(i)));
  }
  const std::set<Phrase> distinct(phrases.begin(), phrases.end());
  EXPECT_EQ(distinct.size(), phrases.size());
}

TEST(NamesTest, EveryStandardAttributeHasANameOfItsOwn) {
  std::set<Phrase> names;
  for (const Attribute& attribute : Attributes()) {
    const std::optional<Phrase> name = AttributePhrase(attribute.path);
    ASSERT_TRUE(name.has_value()) << attribute.path;
    names.insert(*name);
  }
  EXPECT_EQ(names.size(), Attributes().size());
  EXPECT_EQ(AttributePhrase("contact.time_zone"), Phrase::kAttributeContactTimeZone);
}

TEST(NamesTest, AnActionOfNoStandardKindHasNoBuiltInTexts) {
  EXPECT_FALSE(ActionTitle(v1::ACTION_KIND_OTHER, "").has_value());
  EXPECT_FALSE(ActionScript(v1::ACTION_KIND_OTHER).has_value());
}

TEST(NamesTest, NurtureContentIsTitledByItsAsset) {
  std::set<Phrase> titles;
  for (const char* asset :
       {"blog", "ebook", "podcast", "video", "infographic", "webinar", "newsletter", "other.pdf"}) {
    titles.insert(*ActionTitle(v1::ACTION_KIND_NURTURE_CONTENT, asset));
  }
  EXPECT_EQ(titles.size(), 8u);
}

TEST(NamesTest, UnheardOfNamesHaveNoPhrase) {
  EXPECT_FALSE(RoleName("janitor").has_value());
  EXPECT_FALSE(StageTitle("evaluation").has_value());
  EXPECT_FALSE(AttributePhrase("company.mood").has_value());
  EXPECT_FALSE(AttributePhrase("company.nome").has_value());
  EXPECT_FALSE(AttributePhrase("").has_value());
  EXPECT_FALSE(AttributePhrase(std::string(100, 'e')).has_value());
  EXPECT_EQ(RoleName("economic_buyer"), Phrase::kRoleEconomicBuyer);
  EXPECT_EQ(StageTitle("nurture"), Phrase::kStageNurture);
}

}  // namespace
}  // namespace bantam
