#include "server/engine/check.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "re2/re2.h"
#include "server/engine/attributes.h"
#include "server/engine/points.h"
#include "server/engine/suggest.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr int kMostValues = 10000;
constexpr int kMostBands = 100;
constexpr int kMostTests = 100;
constexpr int kDeepestTest = 16;
constexpr size_t kLongestPattern = 1024;

// The name of the test, as it is written.
std::string KindName(const v1::Test& test) {
  const auto* oneof = v1::Test::descriptor()->FindOneofByName("kind");
  const auto* field = test.GetReflection()->GetOneofFieldDescriptor(test, oneof);
  return field == nullptr ? "" : field->name();
}

void CheckTexts(const v1::TextList& list, absl::string_view path, Issues* issues) {
  if (list.values().empty()) issues->Error(path, "must name at least one value");
  CheckCount(list.values_size(), kMostValues, path, issues);
  std::map<std::string, int> seen;
  for (int i = 0; i < list.values_size(); ++i) {
    const std::string place = absl::StrCat(path, "[", i, "]");
    const std::string folded = Fold(list.values(i));
    if (folded.empty()) {
      issues->Error(place, "must not be empty: empty text counts as absent");
    } else if (!seen.emplace(folded, i).second) {
      issues->Warning(place, "'", list.values(i),
                      "' is listed twice (upper and lower case count "
                      "as equal)");
    }
  }
}

bool CheckEnds(bool has_min, double min, bool has_max, double max, absl::string_view path,
               bool money, Issues* issues) {
  if (!has_min && !has_max) {
    issues->Error(path, "must have 'min', 'max' or both");
    return false;
  }
  if ((has_min && !std::isfinite(min)) || (has_max && !std::isfinite(max))) {
    issues->Error(path, "'min' and 'max' must be finite numbers");
    return false;
  }
  if (has_min && has_max && min > max) {
    issues->Error(path, "'min' ", min, " is above 'max' ", max);
    return false;
  }
  if (money && ((has_min && !HasTwoDecimals(min)) || (has_max && !HasTwoDecimals(max)))) {
    issues->Error(path,
                  "bounds of an amount of money must lie between -7 × 10^13 and 7 × 10^13 and have "
                  "at most two decimals");
    return false;
  }
  return true;
}

std::string DescribeBand(const v1::Band& band) {
  return absl::StrCat(band.has_min() ? absl::StrCat(band.min()) : "…", " to ",
                      band.has_max() ? absl::StrCat(band.max()) : "…");
}

void CheckBands(const v1::BandList& list, absl::string_view path, bool money, Issues* issues) {
  if (list.bands().empty()) issues->Error(path, "must have at least one band");
  CheckCount(list.bands_size(), kMostBands, path, issues);
  const auto low = [](const v1::Band& band) { return band.has_min() ? band.min() : -INFINITY; };
  const auto high = [](const v1::Band& band) { return band.has_max() ? band.max() : INFINITY; };
  for (int i = 0; i < std::min(list.bands_size(), kMostBands); ++i) {
    const v1::Band& band = list.bands(i);
    const std::string place = absl::StrCat(path, "[", i, "]");
    CheckPoints(band.points(), -kMostPoints, kMostPoints, Path(place, "points"), issues);
    if (!CheckEnds(band.has_min(), band.min(), band.has_max(), band.max(), place, money, issues)) {
      continue;
    }
    for (int j = 0; j < i; ++j) {
      const v1::Band& other = list.bands(j);
      if (low(band) <= high(other) && low(other) <= high(band)) {
        issues->Error(place, "the band ", DescribeBand(band), " shares values with the band ",
                      DescribeBand(other), "; bands must not overlap (both ends are included)");
      }
    }
  }
}

// The types of value that a kind of test can use.
bool Usable(v1::Test::KindCase kind, ValueType type) {
  switch (kind) {
    case v1::Test::kIn:
    case v1::Test::kNotIn:
    case v1::Test::kMatches:
      return type == ValueType::kText;
    case v1::Test::kRange:
    case v1::Test::kBands:
      return type == ValueType::kNumber || type == ValueType::kMoney;
    case v1::Test::kContainsAny:
    case v1::Test::kContainsAll:
      return type == ValueType::kTextList;
    case v1::Test::kBefore:
    case v1::Test::kAfter:
    case v1::Test::kWithinLast:
    case v1::Test::kWithinNext:
      return type == ValueType::kTime;
    case v1::Test::kIs:
      return type == ValueType::kBoolean;
    default:
      return true;
  }
}

// Checks the attribute; null if it is custom or wrong.
const Attribute* CheckAttribute(const v1::Test& test, absl::string_view path, Issues* issues) {
  const std::string place = Path(path, "attribute");
  if (test.attribute().empty()) {
    issues->Error(path, "'", KindName(test), "' needs an 'attribute', such as company.industry");
    return nullptr;
  }
  if (CustomName(test.attribute()).has_value()) return nullptr;
  const Attribute* attribute = FindAttribute(test.attribute());
  if (attribute == nullptr) {
    const bool custom = absl::StartsWith(test.attribute(), "custom.");
    issues->Error(place, "unknown attribute '", test.attribute(), "'",
                  custom ? "; a custom attribute's name is a lower-case letter, then at most 63 "
                           "lower-case letters, digits or '_'"
                         : "; a fact of your own is written custom.{name}",
                  custom ? "" : DidYouMean(test.attribute(), AttributePaths()));
    return nullptr;
  }
  if (!Usable(test.kind_case(), attribute->type)) {
    issues->Error(Path(path, KindName(test)), "'", KindName(test), "' cannot test ",
                  test.attribute(), ", which is a ", TypeName(attribute->type));
  }
  return attribute;
}

// A value outside the attribute's vocabulary is never matched.
void WarnOfVocabulary(const v1::Test& test, const Attribute& attribute, absl::string_view path,
                      Issues* issues) {
  if (attribute.vocabulary.empty() || !test.has_in()) return;
  const std::vector<std::string> words = absl::StrSplit(attribute.vocabulary, ", ");
  for (int i = 0; i < test.in().values_size(); ++i) {
    const std::string& value = test.in().values(i);
    if (std::find(words.begin(), words.end(), Fold(value)) != words.end()) continue;
    issues->Warning(absl::StrCat(path, ".in[", i, "]"), "nobody can match '", value,
                    "': ", attribute.path, " is one of ", attribute.vocabulary,
                    DidYouMean(value, words));
  }
}

// A range that no value of the attribute can lie in is never matched.
void WarnOfImpossible(const Attribute& attribute, bool has_min, double min, bool has_max,
                      double max, absl::string_view place, Issues* issues) {
  if ((!has_max || max >= attribute.least) && (!has_min || min <= attribute.most)) return;
  issues->Warning(place, "nobody can match this: ", attribute.path, " is never ",
                  has_max && max < attribute.least
                      ? absl::StrCat("below ", FormatPoints(FromWire(attribute.least)))
                      : absl::StrCat("above ", FormatPoints(FromWire(attribute.most))));
}

void WarnOfImpossible(const v1::Test& test, const Attribute& attribute, absl::string_view path,
                      Issues* issues) {
  if (test.has_range()) {
    const v1::NumberRange& range = test.range();
    WarnOfImpossible(attribute, range.has_min(), range.min(), range.has_max(), range.max(),
                     Path(path, "range"), issues);
  }
  for (int i = 0; i < test.bands().bands_size(); ++i) {
    const v1::Band& band = test.bands().bands(i);
    WarnOfImpossible(attribute, band.has_min(), band.min(), band.has_max(), band.max(),
                     Path(path, "bands", i), issues);
  }
}

// The words that a test looks for; null: it is of another kind.
const v1::TextList* WantedWords(const v1::Test& test) {
  switch (test.kind_case()) {
    case v1::Test::kIn:
      return &test.in();
    case v1::Test::kContainsAny:
      return &test.contains_any();
    case v1::Test::kContainsAll:
      return &test.contains_all();
    default:
      return nullptr;
  }
}

// Aliases are applied to the lead's values, not to the test's: a word that is itself an alias of
// another, and that no other alias stands for, is never met with.
void WarnOfAliases(const v1::Test& test, const AliasTables& aliases, absl::string_view path,
                   Issues* issues) {
  const v1::TextList* const words = WantedWords(test);
  const auto table = aliases.find(test.attribute());
  if (words == nullptr || table == aliases.end()) return;
  for (int i = 0; i < words->values_size(); ++i) {
    const std::string& word = words->values(i);
    const int alias = table->second.Find(Trim(word));
    if (alias < 0 || table->second.StandsFor(word)) continue;
    const absl::string_view value = table->second.value(alias);
    issues->Warning(absl::StrCat(path, ".", KindName(test), "[", i, "]"), "nobody can match '",
                    word, "': the aliases of ", test.attribute(), " turn it into '", value,
                    "'; write '", value, "'");
  }
}

void CheckPattern(const std::string& pattern, absl::string_view path, Issues* issues) {
  if (pattern.empty()) {
    issues->Error(path, "must not be empty; to ask whether there is a value use 'present: true'");
  } else if (pattern.size() > kLongestPattern) {
    issues->Error(path, "must be at most ", kLongestPattern, " bytes long");
  } else {
    const RE2 compiled(pattern, RE2::Quiet);
    if (!compiled.ok()) {
      issues->Error(path, "not a regular expression that RE2 understands: ", compiled.error());
    }
  }
}

void CheckTime(const google::protobuf::Timestamp& time, absl::string_view path, Issues* issues) {
  constexpr int64_t kFirst = -2208988800;  // 1900-01-01
  constexpr int64_t kLast = 7289654399;    // 2200-12-31T23:59:59Z
  constexpr int32_t kMostNanos = 999999999;
  if (time.seconds() < kFirst || time.seconds() > kLast || time.nanos() < 0 ||
      time.nanos() > kMostNanos) {
    issues->Error(path, "must lie in the years 1900 to 2200");
  }
}

void CheckLeaf(const v1::Test& test, absl::string_view path, bool money, Issues* issues) {
  const std::string place = Path(path, KindName(test));
  switch (test.kind_case()) {
    case v1::Test::kIn:
      CheckTexts(test.in(), place, issues);
      break;
    case v1::Test::kNotIn:
      CheckTexts(test.not_in(), place, issues);
      break;
    case v1::Test::kContainsAny:
      CheckTexts(test.contains_any(), place, issues);
      break;
    case v1::Test::kContainsAll:
      CheckTexts(test.contains_all(), place, issues);
      break;
    case v1::Test::kRange:
      CheckEnds(test.range().has_min(), test.range().min(), test.range().has_max(),
                test.range().max(), place, money, issues);
      break;
    case v1::Test::kBands:
      CheckBands(test.bands(), place, money, issues);
      break;
    case v1::Test::kMatches:
      CheckPattern(test.matches(), place, issues);
      break;
    case v1::Test::kPresent:
      if (!test.present()) {
        issues->Error(place,
                      "must be true; that a fact is absent cannot be asked for, since "
                      "unknown is never the same as no");
      }
      break;
    case v1::Test::kBefore:
      CheckTime(test.before(), place, issues);
      break;
    case v1::Test::kAfter:
      CheckTime(test.after(), place, issues);
      break;
    case v1::Test::kWithinLast:
      CheckSpan(test.within_last(), 1, place, issues);
      break;
    case v1::Test::kWithinNext:
      CheckSpan(test.within_next(), 1, place, issues);
      break;
    default:
      break;
  }
}

void CheckList(const v1::TestList& list, absl::string_view path, int depth,
               const AliasTables& aliases, Issues* issues) {
  if (list.tests().empty()) issues->Error(path, "must hold at least one test");
  CheckCount(list.tests_size(), kMostTests, path, issues);
  for (int i = 0; i < std::min(list.tests_size(), kMostTests); ++i) {
    CheckTest(list.tests(i), absl::StrCat(path, "[", i, "]"), depth + 1, aliases, issues);
  }
}

}  // namespace

void CheckTest(const v1::Test& test, absl::string_view path, int depth, const AliasTables& aliases,
               Issues* issues) {
  if (depth > kDeepestTest) {
    issues->Error(path, "is nested more than ", kDeepestTest, " deep");
    return;
  }
  const bool composite = test.has_all_of() || test.has_any_of() || test.has_not_();
  if (composite && !test.attribute().empty()) {
    issues->Error(Path(path, "attribute"), "must not stand beside '", KindName(test),
                  "'; each test inside names its own");
  }
  switch (test.kind_case()) {
    case v1::Test::KIND_NOT_SET:
      issues->Error(path,
                    "needs a kind of test: in, not_in, range, bands, matches, contains_any, "
                    "contains_all, present, before, after, within_last, within_next, is, all_of, "
                    "any_of or not");
      return;
    case v1::Test::kAllOf:
      CheckList(test.all_of(), Path(path, "all_of"), depth, aliases, issues);
      return;
    case v1::Test::kAnyOf:
      CheckList(test.any_of(), Path(path, "any_of"), depth, aliases, issues);
      return;
    case v1::Test::kNot:
      CheckTest(test.not_(), Path(path, "not"), depth + 1, aliases, issues);
      return;
    case v1::Test::kBands:
      if (depth > 0) {
        issues->Error(Path(path, "bands"),
                      "must not stand inside all_of, any_of or not, where "
                      "nothing earns points; use 'range'");
      }
      break;
    default:
      break;
  }
  const Attribute* attribute = CheckAttribute(test, path, issues);
  const bool money = attribute != nullptr && attribute->type == ValueType::kMoney;
  CheckLeaf(test, path, money, issues);
  WarnOfAliases(test, aliases, path, issues);
  if (attribute == nullptr) return;
  WarnOfVocabulary(test, *attribute, path, issues);
  WarnOfImpossible(test, *attribute, path, issues);
}

}  // namespace bantam
