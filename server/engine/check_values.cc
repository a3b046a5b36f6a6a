#include <cmath>

#include "absl/strings/ascii.h"
#include "server/engine/check.h"
#include "server/engine/points.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

constexpr size_t kLongestId = 64;
constexpr size_t kLongestText = 4096;

// "[a-z][a-z0-9_…]{0,63}" with `extra` among the later characters.
bool IsWord(absl::string_view word, absl::string_view extra) {
  if (word.empty() || word.size() > kLongestId || !absl::ascii_islower(word[0])) return false;
  for (const char c : word) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && extra.find(c) == extra.npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string Path(absl::string_view parent, absl::string_view field) {
  return parent.empty() ? std::string(field) : absl::StrCat(parent, ".", field);
}

std::string Path(absl::string_view parent, absl::string_view field, int index) {
  return absl::StrCat(Path(parent, field), "[", index, "]");
}

void CheckId(absl::string_view id, absl::string_view path, std::set<std::string>* seen,
             Issues* issues) {
  if (id.empty()) {
    issues->Error(path, "must be set: an id such as 'industry'");
  } else if (!IsWord(id, "_-")) {
    issues->Error(path, "'", id.substr(0, kLongestId),
                  "' is not an id: expected a lower-case letter, then at most 63 lower-case "
                  "letters, digits, '_' or '-'");
  } else if (!seen->insert(std::string(id)).second) {
    issues->Error(path, "the id '", id, "' is used twice; ids must be unique");
  }
}

void CheckPoints(double points, double least, double most, absl::string_view path, Issues* issues) {
  if (!std::isfinite(points) || points < least || points > most) {
    issues->Error(path, "must be from ", least, " to ", most, " points");
  } else if (!HasTwoDecimals(points)) {
    issues->Error(path, "must have at most two decimals: points are exact hundredths");
  }
}

void CheckPercent(double percent, absl::string_view path, Issues* issues) {
  if (!std::isfinite(percent) || percent < 0 || percent > 100) {
    issues->Error(path, "must be from 0 to 100 percent");
  } else if (!HasTwoDecimals(percent)) {
    issues->Error(path, "must have at most two decimals");
  }
}

void CheckSpan(const google::protobuf::Duration& span, int64_t least_seconds,
               absl::string_view path, Issues* issues) {
  const bool whole_positive = span.seconds() >= 0 && span.nanos() >= 0;
  const bool enough =
      least_seconds == 0 ? whole_positive : whole_positive && span.seconds() >= least_seconds;
  if (!enough || span.seconds() > kLongestSpanSeconds ||
      (span.seconds() == kLongestSpanSeconds && span.nanos() > 0)) {
    issues->Error(path, "must be from ", least_seconds, "s to 36500d");
  }
}

void CheckCount(int count, int most, absl::string_view path, Issues* issues) {
  if (count > most) {
    issues->Error(path, "has ", count, " entries; at most ", most, " are allowed");
  }
}

void CheckInt(int64_t value, int64_t least, int64_t most, absl::string_view path, Issues* issues) {
  if (value < least || value > most) {
    issues->Error(path, "must be from ", least, " to ", most);
  }
}

void CheckText(const v1::LocalizedText& text, absl::string_view path, Issues* issues) {
  constexpr int kMostLanguages = 20;
  CheckCount(text.texts_size(), kMostLanguages, path, issues);
  std::set<std::string> languages;
  for (const auto& [language, unused] : text.texts()) languages.insert(language);
  for (const std::string& language : languages) {
    const std::string& content = text.texts().at(language);
    const std::string place = absl::StrCat(path, "[", language, "]");
    const bool two_letters = language.size() == 2 && absl::ascii_islower(language[0]) &&
                             absl::ascii_islower(language[1]);
    if (!two_letters) {
      issues->Error(place, "'", language.substr(0, kLongestId),
                    "' is not a language: expected a lower-case ISO 639-1 code such as 'en'");
    }
    if (Trim(content).empty()) issues->Error(place, "must not be empty");
    if (content.find('\0') != std::string::npos) {
      issues->Error(place, "must not hold NUL characters");
    }
    if (content.size() > kLongestText) {
      issues->Error(place, "must be at most ", kLongestText, " bytes long");
    }
  }
}

bool IsCurrencyCode(absl::string_view code) {
  constexpr size_t kLetters = 3;
  if (code.size() != kLetters) return false;
  for (const char c : code) {
    if (!absl::ascii_isupper(c)) return false;
  }
  return true;
}

bool IsEventType(absl::string_view type) { return IsWord(type, "_"); }

void CheckEventTypes(const google::protobuf::RepeatedPtrField<std::string>& types,
                     absl::string_view path, Issues* issues) {
  constexpr int kMostTypes = 200;
  CheckCount(types.size(), kMostTypes, path, issues);
  std::set<absl::string_view> seen;
  for (int i = 0; i < types.size(); ++i) {
    const std::string place = absl::StrCat(path, "[", i, "]");
    if (!IsEventType(types[i])) {
      issues->Error(place, "'", types[i].substr(0, kLongestId),
                    "' is not an event type: expected a lower-case letter, then at most 63 "
                    "lower-case letters, digits or '_'");
    } else if (!seen.insert(types[i]).second) {
      issues->Error(place, "the event type '", types[i], "' is listed twice");
    }
  }
}

}  // namespace bantam
