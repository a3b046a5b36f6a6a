#include "client/output/labels.h"

#include <optional>

#include "client/output/words.h"
#include "server/engine/phrases/names.h"

namespace bantam {

namespace {

absl::string_view Label::*LanguageOf(absl::string_view language_code) {
  const std::string language = LanguagePart(language_code);
  return language == "de" ? &Label::german : language == "ro" ? &Label::romanian : &Label::english;
}

// The row of `value`, which stand from 1 on. Null: there is none.
template <typename Enum, size_t N>
const Label* Row(const Label (&rows)[N], Enum value) {
  const auto number = static_cast<int>(value);
  return number >= 1 && number <= static_cast<int>(N) ? &rows[number - 1] : nullptr;
}

constexpr Label kVerdicts[] = {
    {"restricted", "gesperrt", "restricționat"},
    {"disqualified", "disqualifiziert", "descalificat"},
    {"nurture", "Kontaktpflege", "cultivare"},
    {"qualified", "qualifiziert", "calificat"},
    {"open", "offen", "deschis"},
};
constexpr Label kTemperatures[] = {
    {"cold", "kalt", "rece"}, {"warm", "warm", "cald"}, {"hot", "heiß", "fierbinte"}};
constexpr Label kNurtureLevels[] = {
    {"none", "keine", "fără"}, {"medium", "mittel", "medie"}, {"high", "hoch", "ridicată"}};
constexpr Label kAdvanceReasons[] = {
    {"override", "von Hand", "decizie manuală"},
    {"closed", "abgeschlossen", "încheiat"},
    {"disqualified", "disqualifiziert", "descalificat"},
    {"recycled", "zurück in die Kontaktpflege", "înapoi la cultivare"},
    {"moved back", "zurückgestuft", "mutat înapoi"},
    {"moved forward", "weitergekommen", "mutat înainte"},
    {"stayed", "geblieben", "rămas"},
};
constexpr Label kGateStatuses[] = {{"met", "erfüllt", "îndeplinit"},
                                   {"not met", "nicht erfüllt", "neîndeplinit"},
                                   {"unknown", "unbekannt", "necunoscut"}};

}  // namespace

Labels::Labels(absl::string_view language_code)
    : language_(LanguageOf(language_code)), phrases_(language_code) {}

std::string Labels::Name(v1::Verdict verdict) const {
  const Label* row = Row(kVerdicts, verdict);
  return row == nullptr ? Words(verdict) : Say(*row);
}

std::string Labels::Name(v1::Temperature temperature) const {
  const Label* row = Row(kTemperatures, temperature);
  return row == nullptr ? Words(temperature) : Say(*row);
}

std::string Labels::Name(v1::NurtureLevel level) const {
  const Label* row = Row(kNurtureLevels, level);
  return row == nullptr ? Words(level) : Say(*row);
}

std::string Labels::Name(v1::AdvanceReason reason) const {
  const Label* row = Row(kAdvanceReasons, reason);
  return row == nullptr ? Words(reason) : Say(*row);
}

std::string Labels::Name(v1::GateStatus status) const {
  const Label* row = Row(kGateStatuses, status);
  return row == nullptr ? Words(status) : Say(*row);
}

std::string Labels::Name(v1::BantDimension dimension) const {
  return std::string(phrases_.Text(DimensionName(dimension)));
}

std::string Labels::Name(v1::BantState state) const {
  return std::string(phrases_.Text(StateName(state)));
}

std::string Labels::Name(v1::ScorePart part) const {
  return std::string(phrases_.Text(PartName(part)));
}

std::string Labels::Name(v1::Channel channel) const {
  return std::string(phrases_.Text(ChannelName(channel)));
}

std::string Labels::Name(v1::ActionKind kind) const {
  const std::optional<Phrase> title = ActionTitle(kind, "");
  return title.has_value() ? std::string(phrases_.Text(*title)) : Words(kind);
}

}  // namespace bantam
