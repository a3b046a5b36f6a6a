#include <algorithm>

#include "absl/strings/str_split.h"
#include "server/engine/check.h"
#include "server/engine/points.h"

namespace bantam {
namespace {

constexpr int kMostCriteria = 1000;

// Attributes that speak of what anti-discrimination law protects.
constexpr absl::string_view kProtectedWords[] = {
    "sex",        "gender",   "age",         "birth",     "birthday", "birthdate", "birthyear",
    "birthplace", "dob",      "family",      "marital",   "married",  "children",  "pregnant",
    "pregnancy",  "religion", "religious",   "ethnicity", "ethnic",   "race",      "nationality",
    "disability", "disabled", "orientation", "political", "union",    "health"};

// Whether the test can be matched, or missed, by anybody.
bool Possible(const v1::Test& test, bool matched) {
  const auto possible = [](bool want) {
    return [want](const v1::Test& child) { return Possible(child, want); };
  };
  switch (test.kind_case()) {
    case v1::Test::kAllOf: {
      const auto& tests = test.all_of().tests();
      return matched ? std::all_of(tests.begin(), tests.end(), possible(true))
                     : std::any_of(tests.begin(), tests.end(), possible(false));
    }
    case v1::Test::kAnyOf: {
      const auto& tests = test.any_of().tests();
      return matched ? std::any_of(tests.begin(), tests.end(), possible(true))
                     : std::all_of(tests.begin(), tests.end(), possible(false));
    }
    case v1::Test::kNot:
      return Possible(test.not_(), !matched);
    case v1::Test::kPresent:
      return matched;
    default:
      return true;
  }
}

void CollectAttributes(const v1::Test& test, std::vector<std::string>* attributes) {
  if (!test.attribute().empty()) attributes->push_back(test.attribute());
  for (const v1::Test& child : test.all_of().tests()) CollectAttributes(child, attributes);
  for (const v1::Test& child : test.any_of().tests()) CollectAttributes(child, attributes);
  if (test.has_not_()) CollectAttributes(test.not_(), attributes);
}

void WarnOfProtected(const v1::Test& test, absl::string_view path, Issues* issues) {
  std::vector<std::string> attributes;
  CollectAttributes(test, &attributes);
  for (const std::string& attribute : attributes) {
    const std::vector<std::string> words = absl::StrSplit(attribute, absl::ByAnyChar("._"));
    const auto is_protected = [](const std::string& word) {
      return std::find(std::begin(kProtectedWords), std::end(kProtectedWords), word) !=
             std::end(kProtectedWords);
    };
    if (std::any_of(words.begin(), words.end(), is_protected)) {
      issues->Warning(path, attribute,
                      " looks like a protected characteristic; scoring people by "
                      "it may be unlawful, so make sure that you may");
    }
  }
}

void CheckCriterion(const v1::Criterion& criterion, const v1::Criterion& written,
                    absl::string_view path, const AliasTables& aliases, Issues* issues) {
  CheckText(criterion.title(), Path(path, "title"), issues);
  CheckText(criterion.question(), Path(path, "question"), issues);
  CheckPoints(criterion.points_if_missed(), -kMostPoints, kMostPoints,
              Path(path, "points_if_missed"), issues);
  if (!written.has_test()) {
    issues->Error(path, "needs a 'test', such as test: {attribute: company.country, in: [DE]}");
    return;
  }
  const v1::Test& test = criterion.test();
  bool earns = criterion.points_if_missed() != 0;
  if (test.has_bands()) {
    if (written.has_points()) {
      issues->Error(Path(path, "points"),
                    "must not be set beside bands, which carry their own "
                    "points");
    }
    for (const v1::Band& band : test.bands().bands()) earns = earns || band.points() != 0;
  } else {
    CheckPoints(criterion.points(), -kMostPoints, kMostPoints, Path(path, "points"), issues);
    earns = earns || criterion.points() != 0;
  }
  CheckTest(test, Path(path, "test"), 0, aliases, issues);
  if (!Possible(test, true)) {
    issues->Warning(Path(path, "test"), "nobody can match this test: 'present' is never missed");
  }
  if (criterion.required() && !Possible(test, false)) {
    issues->Warning(Path(path, "required"), "has no effect: this test can never be missed");
  }
  if (!earns && !criterion.required()) {
    issues->Warning(path, "has no effect: it earns no points and is not required");
  } else {
    WarnOfProtected(test, path, issues);
  }
}

}  // namespace

void CheckFit(const v1::Icp& icp, const v1::Icp& written, Issues* issues) {
  const v1::FitProfile& fit = icp.fit();
  CheckCount(fit.criteria_size(), kMostCriteria, "fit.criteria", issues);
  const AliasTables aliases = MakeAliasTables(icp.aliases());
  std::set<std::string> ids;
  Points best = 0;
  for (int i = 0; i < std::min(fit.criteria_size(), kMostCriteria); ++i) {
    const v1::Criterion& criterion = fit.criteria(i);
    const std::string path = Path("fit", "criteria", i);
    CheckId(criterion.id(), Path(path, "id"), &ids, issues);
    for (const absl::string_view taken :
         {"budget", "authority", "need", "timeline", "criteria", "limit"}) {
      if (criterion.id() == taken) {
        issues->Error(Path(path, "id"), "'", taken, "' is reserved; choose another id");
      }
    }
    CheckCriterion(criterion, written.fit().criteria(i), path, aliases, issues);
    Points most = std::max(FromWire(criterion.points()), FromWire(criterion.points_if_missed()));
    for (const v1::Band& band : criterion.test().bands().bands()) {
      most = std::max(most, FromWire(band.points()));
    }
    best += std::max<Points>(0, most);
  }
  CheckPercent(fit.floor_percent(), "fit.floor_percent", issues);
  if (issues->has_errors()) return;
  const Points cap = FromWire(icp.caps().fit());
  if (best * 100 < FromWire(fit.floor_percent()) * cap / 100) {
    issues->Warning("fit.floor_percent", "everybody is disqualified: the criteria can earn ",
                    FormatPoints(best), " points at most, which is below the floor");
  }
}

}  // namespace bantam
