// What the client writes around an answer, in the language of the answer. What the engine names
// itself (channels, states, dimensions, titles of actions) is taken from there.
#ifndef BANTAM_CLIENT_OUTPUT_LABELS_H_
#define BANTAM_CLIENT_OUTPUT_LABELS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/value.pb.h"
#include "server/engine/localization.h"

namespace bantam {

// One text, with what is filled in at $0, $1 …
struct Label {
  absl::string_view english;
  absl::string_view german;
  absl::string_view romanian;
};

namespace label {

// The parts of a score.
inline constexpr Label kRange = {"range $0–$1, $2 % known", "Spanne $0–$1, $2 % bekannt",
                                 "interval $0–$1, $2 % cunoscut"};
inline constexpr Label kOf = {"of", "von", "din"};
inline constexpr Label kGrade = {"grade $0", "Note $0", "nota $0"};
inline constexpr Label kLevel = {"level $0", "Niveau $0", "nivelul $0"};

// Headings and lines of a card.
inline constexpr Label kVerdict = {"Verdict: $0", "Urteil: $0", "Verdict: $0"};
inline constexpr Label kConflict = {"conflicting evidence", "Angaben widersprechen sich",
                                    "dovezi contradictorii"};
inline constexpr Label kGaps = {"Gaps", "Lücken", "Lacune"};
inline constexpr Label kAtStake = {"$0 at stake", "es geht um $0", "în joc: $0"};
inline constexpr Label kKnockoutPossible = {"knockout possible", "Ausschluss möglich",
                                            "excludere posibilă"};
inline constexpr Label kRequired = {"required: $0", "verlangt: $0", "se cere: $0"};
inline constexpr Label kNextActions = {"Next actions", "Nächste Schritte", "Pașii următori"};
inline constexpr Label kWithheld = {"Withheld", "Zurückgehalten", "Reținute"};
inline constexpr Label kByChannel = {"$0 by $1", "$0 per $1", "$0 prin $1"};
inline constexpr Label kDue = {"due $0", "fällig $0", "termen $0"};
inline constexpr Label kOverdue = {"overdue", "überfällig", "termen depășit"};
inline constexpr Label kInsteadOf = {"instead of $0, for which there is no consent",
                                     "statt $0, wofür keine Einwilligung vorliegt",
                                     "în loc de $0, pentru care nu există acord"};
inline constexpr Label kSend = {"send: $0", "senden: $0", "de trimis: $0"};
inline constexpr Label kNurture = {"Nurture: $0", "Kontaktpflege: $0", "Cultivare: $0"};
// Romanian numerals stand beside their nouns, as in the engine.
inline constexpr Label kTouchInterval = {"a touch every $0 days", "ein Kontakt alle $0 Tage",
                                         "zile între contacte: $0"};
inline constexpr Label kStageMoves = {"Stage: $0 → $1 ($2)", "Stufe: $0 → $1 ($2)",
                                      "Etapă: $0 → $1 ($2)"};
inline constexpr Label kStageStays = {"Stage: stays in $0 ($1)", "Stufe: bleibt in $0 ($1)",
                                      "Etapă: rămâne în $0 ($1)"};
inline constexpr Label kGate = {"gate $0 → $1: $2", "Übergang $0 → $1: $2", "trecere $0 → $1: $2"};
inline constexpr Label kTransition = {"transition $0", "Wechsel $0", "tranziție $0"};
inline constexpr Label kFirstActionDue = {"first action due $0", "erster Schritt fällig $0",
                                          "termenul primului pas: $0"};
inline constexpr Label kTrace = {"Trace", "Herleitung", "Detaliere"};
inline constexpr Label kOtherIcps = {"Other ICPs", "Andere ICPs", "Alte ICP-uri"};
inline constexpr Label kNotes = {"Notes", "Hinweise", "Observații"};
inline constexpr Label kEvaluatedAt = {"evaluated at $0, revision $1",
                                       "bewertet zum Zeitpunkt $0, Revision $1",
                                       "evaluat la $0, revizia $1"};
inline constexpr Label kLookAgain = {"look again at $0", "erneut ansehen am $0",
                                     "de revăzut la $0"};

// Heads of a table's columns, and the line below it.
inline constexpr Label kLead = {"lead", "Lead", "lead"};
inline constexpr Label kTotal = {"total", "gesamt", "total"};
inline constexpr Label kRangeHead = {"range", "Spanne", "interval"};
inline constexpr Label kLabelHead = {"label", "Klasse", "clasă"};
inline constexpr Label kTemperature = {"temperature", "Temperatur", "temperatură"};
inline constexpr Label kVerdictHead = {"verdict", "Urteil", "verdict"};
inline constexpr Label kStage = {"stage", "Stufe", "etapă"};
inline constexpr Label kGapsHead = {"gaps", "Lücken", "lacune"};
inline constexpr Label kNextAction = {"next action", "nächster Schritt", "pasul următor"};
inline constexpr Label kOverdueFirst = {"overdue: $0", "überfällig: $0", "depășit: $0"};
inline constexpr Label kOneLead = {"1 lead", "1 Lead", "1 lead"};
inline constexpr Label kLeads = {"$0 leads", "$0 Leads", "leaduri ($0)"};
inline constexpr Label kFailed = {"failed", "fehlgeschlagen", "eșuate"};

}  // namespace label

// The labels of one language. Cheap to make; safe for concurrent use.
class Labels {
 public:
  // `language_code` is what was asked for; other languages than the engine's give English, as
  // there.
  explicit Labels(absl::string_view language_code);

  template <typename... Args>
  std::string Say(const Label& label, const Args&... args) const {
    return absl::Substitute(Text(label), args...);
  }

  // A value that this build does not know gives its number.
  std::string Name(v1::Verdict verdict) const;
  std::string Name(v1::Temperature temperature) const;
  std::string Name(v1::NurtureLevel level) const;
  std::string Name(v1::AdvanceReason reason) const;
  std::string Name(v1::GateStatus status) const;
  std::string Name(v1::BantDimension dimension) const;
  std::string Name(v1::BantState state) const;
  std::string Name(v1::ScorePart part) const;
  std::string Name(v1::Channel channel) const;

  // What an action is called that has no title of its own.
  std::string Name(v1::ActionKind kind) const;

 private:
  absl::string_view Text(const Label& label) const { return label.*language_; }

  absl::string_view Label::*const language_;
  const Texts phrases_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_LABELS_H_
