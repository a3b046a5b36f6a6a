#include "client/output/card.h"

#include <unicode/unistr.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/labels.h"
#include "client/output/table.h"
#include "client/output/words.h"

namespace bantam {
namespace {

constexpr int kBarWidth = 30;

// What a status looks like at the start of a line.
struct Sign {
  absl::string_view text;
  Ink ink;
};

Sign RuleSign(v1::RuleStatus status) {
  switch (status) {
    case v1::RULE_STATUS_MATCHED:
    case v1::RULE_STATUS_MET:
      return {"✓", Ink::kGreen};
    case v1::RULE_STATUS_PARTIAL:
    case v1::RULE_STATUS_LIMITED:
      return {"◐", Ink::kYellow};
    case v1::RULE_STATUS_MISSED:
    case v1::RULE_STATUS_UNMET:
      return {"✗", Ink::kRed};
    default:
      return {"?", Ink::kCyan};
  }
}

Sign BantSign(v1::BantState state) {
  switch (state) {
    case v1::BANT_STATE_MET:
      return {"✓", Ink::kGreen};
    case v1::BANT_STATE_PARTIAL:
      return {"◐", Ink::kYellow};
    case v1::BANT_STATE_UNMET:
      return {"✗", Ink::kRed};
    default:
      return {"?", Ink::kCyan};
  }
}

Sign GateSign(v1::GateStatus status) {
  switch (status) {
    case v1::GATE_STATUS_MET:
      return {"✓", Ink::kGreen};
    case v1::GATE_STATUS_NOT_MET:
      return {"✗", Ink::kRed};
    default:
      return {"?", Ink::kCyan};
  }
}

std::string UpperCase(const std::string& text) {
  std::string upper;
  icu::UnicodeString::fromUTF8(text).toUpper().toUTF8String(upper);
  return upper;
}

// Writes one card.
class CardWriter {
 public:
  CardWriter(absl::string_view language_code, const Style& style, absl::TimeZone zone)
      : labels_(language_code), style_(style), zone_(zone) {}

  std::string Write(absl::string_view lead, const v1::Evaluation& evaluation) {
    WriteHead(lead, evaluation);
    if (evaluation.has_score()) WriteScore(evaluation.score());
    WriteVerdict(evaluation);
    if (evaluation.has_qualification()) {
      WriteBant(evaluation.qualification());
      WriteGaps(evaluation.qualification());
      WriteActions(evaluation.qualification());
    }
    if (evaluation.has_advancement()) WriteAdvancement(evaluation.advancement());
    if (evaluation.score().trace_size() > 0) WriteTrace(evaluation.score());
    WriteFoot(evaluation);
    return std::move(text_);
  }

 private:
  void Line(absl::string_view line) { absl::StrAppend(&text_, line, "\n"); }

  void Section(absl::string_view title) {
    absl::StrAppend(&text_, "\n", Paint(style_, Ink::kBold, title), "\n");
  }

  // A paragraph that is wrapped and indented.
  void Paragraph(int indent, absl::string_view text, Ink ink = Ink::kPlain) {
    const int width = style_.width > 0 ? std::max(20, style_.width - indent) : 0;
    Line(absl::StrCat(std::string(static_cast<size_t>(indent), ' '),
                      Paint(style_, ink, Wrap(Printable(text), width, indent))));
  }

  void WriteHead(absl::string_view lead, const v1::Evaluation& evaluation) {
    Line(absl::StrCat(Paint(style_, Ink::kBold, Printable(lead)), "  ",
                      Paint(style_, Ink::kDim, evaluation.icp())));
  }

  void WriteScore(const v1::Score& score) {
    const auto filled = static_cast<int>(std::lround(score.total() / 100 * kBarWidth));
    const auto possible = static_cast<int>(std::lround(score.range_max() / 100 * kBarWidth));
    std::string full, open, rest;
    for (int i = 0; i < kBarWidth; ++i) {
      absl::StrAppend(i < filled     ? &full
                      : i < possible ? &open
                                     : &rest,
                      i < filled     ? "█"
                      : i < possible ? "▒"
                                     : "░");
    }
    Line(absl::StrCat(
        "  ", Paint(style_, Ink::kBold, PadLeft(TwoDecimals(score.total()), 6)), "  ",
        Paint(style_, Ink::kGreen, full), Paint(style_, Ink::kYellow, open),
        Paint(style_, Ink::kDim, rest), "  ", Paint(style_, Ink::kBold, score.label()), "  ",
        Paint(style_, TemperatureInk(score.temperature()), labels_.Name(score.temperature())), "  ",
        labels_.Say(label::kRange, TwoDecimals(score.range_min()), TwoDecimals(score.range_max()),
                    std::lround(score.completeness() * 100))));
    WritePart(v1::SCORE_PART_FIT, score.fit(),
              score.grade().empty() ? "" : labels_.Say(label::kGrade, score.grade()));
    WritePart(v1::SCORE_PART_ENGAGEMENT, score.engagement(),
              labels_.Say(label::kLevel, score.level()));
    WritePart(v1::SCORE_PART_BANT, score.bant(), "");
  }

  void WritePart(v1::ScorePart name, const v1::PartScore& part, absl::string_view remark) {
    std::string line = absl::StrFormat(
        "  %s  %s %s  %s", PadLeft(TwoDecimals(part.points()), 6), labels_.Say(label::kOf),
        PadLeft(absl::StrFormat("%g", part.cap()), 3), PadRight(labels_.Name(name), 11));
    if (part.range_min() != part.range_max()) {
      absl::StrAppendFormat(&line, "%s–%s  ", TwoDecimals(part.range_min()),
                            TwoDecimals(part.range_max()));
    }
    absl::StrAppend(&line, remark);
    Line(absl::StripTrailingAsciiWhitespace(line));
  }

  void WriteVerdict(const v1::Evaluation& evaluation) {
    if (evaluation.verdict() == v1::VERDICT_UNSPECIFIED) return;
    Section(labels_.Say(label::kVerdict, Paint(style_, VerdictInk(evaluation.verdict()),
                                               UpperCase(labels_.Name(evaluation.verdict())))));
    for (const v1::VerdictReason& reason : evaluation.verdict_reasons()) {
      Paragraph(2, reason.text().empty() ? absl::StrCat(Words(reason.code()), " ", reason.subject())
                                         : reason.text());
    }
  }

  void WriteBant(const v1::Qualification& qualification) {
    if (qualification.bant().empty()) return;
    Section("BANT");
    Table table({{""}, {""}, {""}, {"", true}, {"", false, true}});
    for (const v1::BantAssessment& bant : qualification.bant()) {
      const Sign sign = BantSign(bant.state());
      std::string reason = Printable(bant.reason());
      if (bant.conflict()) absl::StrAppend(&reason, " (", labels_.Say(label::kConflict), ")");
      std::vector<std::string> origin;
      for (const std::string& part : {bant.contact_id(), bant.source()}) {
        if (!part.empty()) origin.push_back(Printable(part));
      }
      if (!origin.empty()) absl::StrAppend(&reason, " [", absl::StrJoin(origin, ", "), "]");
      table.AddRow({{absl::StrCat("  ", sign.text), sign.ink},
                    {labels_.Name(bant.dimension())},
                    {labels_.Name(bant.state()), sign.ink},
                    {TwoDecimals(bant.points())},
                    {reason}});
    }
    WriteRows(table);
  }

  void WriteGaps(const v1::Qualification& qualification) {
    if (qualification.gaps().empty()) return;
    Section(labels_.Say(label::kGaps));
    for (const v1::Gap& gap : qualification.gaps()) {
      const Sign sign = RuleSign(gap.status());
      std::string head = absl::StrCat(
          "  ", Paint(style_, sign.ink, sign.text), " ", Paint(style_, Ink::kBold, gap.id()), ": ",
          labels_.Say(label::kAtStake, TwoDecimals(gap.points_at_stake())));
      if (gap.knockout_possible()) {
        absl::StrAppend(&head, ", ",
                        Paint(style_, Ink::kRed, labels_.Say(label::kKnockoutPossible)));
      }
      Line(head);
      std::string facts = gap.known();
      if (!gap.required().empty()) {
        absl::StrAppend(&facts, facts.empty() ? "" : "; ",
                        labels_.Say(label::kRequired, gap.required()));
      }
      if (!facts.empty()) Paragraph(4, facts, Ink::kDim);
      if (!gap.question().empty()) Paragraph(4, absl::StrCat("→ ", gap.question()));
    }
  }

  void WriteActions(const v1::Qualification& qualification) {
    if (!qualification.actions().empty()) Section(labels_.Say(label::kNextActions));
    int number = 0;
    for (const v1::NextAction& action : qualification.actions()) {
      WriteAction(++number, action);
    }
    if (!qualification.withheld_actions().empty()) Section(labels_.Say(label::kWithheld));
    for (const v1::WithheldAction& action : qualification.withheld_actions()) {
      Paragraph(2, absl::StrCat(labels_.Say(label::kByChannel, labels_.Name(action.kind()),
                                            labels_.Name(action.channel())),
                                ": ", action.reason()));
    }
    if (qualification.nurture_level() != v1::NURTURE_LEVEL_UNSPECIFIED) {
      std::string care = labels_.Say(label::kNurture, labels_.Name(qualification.nurture_level()));
      if (qualification.has_touch_interval()) {
        absl::StrAppend(
            &care, ", ",
            labels_.Say(label::kTouchInterval, qualification.touch_interval().seconds() / 86400));
      }
      Line("");
      Line(Paint(style_, Ink::kDim, care));
    }
  }

  void WriteAction(int number, const v1::NextAction& action) {
    std::string head =
        Paint(style_, Ink::kBold,
              Printable(action.title().empty() ? labels_.Name(action.kind()) : action.title()));
    if (action.channel() != v1::CHANNEL_UNSPECIFIED) {
      head = labels_.Say(label::kByChannel, head, labels_.Name(action.channel()));
    }
    if (action.has_due_time()) {
      absl::StrAppend(&head, ", ",
                      labels_.Say(label::kDue, ReadableTime(action.due_time(), zone_)));
      if (action.overdue()) {
        absl::StrAppend(&head, " (", Paint(style_, Ink::kRed, labels_.Say(label::kOverdue)), ")");
      }
    }
    Line(absl::StrCat("  ", number, ". ", head));
    std::string why = action.reason();
    if (action.replaced_channel() != v1::CHANNEL_UNSPECIFIED) {
      absl::StrAppend(&why, why.empty() ? "" : "; ",
                      labels_.Say(label::kInsteadOf, labels_.Name(action.replaced_channel())));
    }
    if (!why.empty()) Paragraph(5, why, Ink::kDim);
    if (!action.script().empty()) Paragraph(5, action.script());
    for (const std::string& question : action.questions()) {
      Paragraph(5, absl::StrCat("→ ", question));
    }
    if (!action.asset().empty()) Paragraph(5, labels_.Say(label::kSend, action.asset()));
  }

  void WriteAdvancement(const v1::Advancement& advancement) {
    const bool moves = advancement.from_stage() != advancement.to_stage();
    const std::string reason = labels_.Name(advancement.reason());
    Section(moves ? labels_.Say(label::kStageMoves, advancement.from_stage(),
                                advancement.to_stage(), reason)
                  : labels_.Say(label::kStageStays, advancement.from_stage(), reason));
    for (const v1::GateResult& gate : advancement.gates()) {
      const std::string status =
          Paint(style_, GateSign(gate.status()).ink, labels_.Name(gate.status()));
      Line(absl::StrCat("  ",
                        labels_.Say(label::kGate, gate.from_stage(), gate.to_stage(), status)));
      for (const v1::GateConditionResult& condition : gate.conditions()) {
        WriteCondition(4, condition);
      }
    }
    if (advancement.has_transition()) {
      Line(absl::StrCat("  ", labels_.Say(label::kTransition, advancement.transition().id())));
    }
    if (advancement.has_first_action_due_time()) {
      Line(absl::StrCat("  ",
                        labels_.Say(label::kFirstActionDue,
                                    ReadableTime(advancement.first_action_due_time(), zone_))));
    }
  }

  void WriteCondition(int indent, const v1::GateConditionResult& condition) {
    const Sign sign = GateSign(condition.status());
    Line(absl::StrCat(std::string(static_cast<size_t>(indent), ' '),
                      Paint(style_, sign.ink, sign.text), " ", condition.condition(),
                      condition.reason().empty() ? "" : ": ", Printable(condition.reason())));
    for (const v1::GateConditionResult& part : condition.any_of()) {
      WriteCondition(indent + 2, part);
    }
  }

  void WriteTrace(const v1::Score& score) {
    Section(labels_.Say(label::kTrace));
    Table table({{""}, {""}, {""}, {"", true}, {"", false, true}});
    for (const v1::TraceLine& line : score.trace()) {
      // What did not happen is no bad sign.
      const bool nothing_happened =
          line.part() == v1::SCORE_PART_ENGAGEMENT && line.status() == v1::RULE_STATUS_MISSED;
      const Sign sign = nothing_happened ? Sign{"·", Ink::kDim} : RuleSign(line.status());
      table.AddRow({{absl::StrCat("  ", sign.text), sign.ink},
                    {labels_.Name(line.part())},
                    {line.rule()},
                    {TwoDecimals(line.points())},
                    {Printable(line.reason())}});
    }
    WriteRows(table);
  }

  void WriteFoot(const v1::Evaluation& evaluation) {
    if (!evaluation.other_icps().empty()) Section(labels_.Say(label::kOtherIcps));
    for (const v1::OtherIcp& other : evaluation.other_icps()) {
      Line(absl::StrCat(
          "  ", other.has_total() ? PadLeft(TwoDecimals(other.total()), 6) : "     –", "  ",
          other.icp(), other.verdict() == v1::VERDICT_UNSPECIFIED ? "" : "  ",
          other.verdict() == v1::VERDICT_UNSPECIFIED ? "" : labels_.Name(other.verdict())));
    }
    if (!evaluation.notes().empty()) Section(labels_.Say(label::kNotes));
    for (const std::string& note : evaluation.notes()) Paragraph(2, note);
    std::string foot =
        labels_.Say(label::kEvaluatedAt, ReadableTime(evaluation.evaluate_time(), zone_),
                    evaluation.icp_revision());
    if (evaluation.has_reevaluate_time()) {
      absl::StrAppend(
          &foot, ", ",
          labels_.Say(label::kLookAgain, ReadableTime(evaluation.reevaluate_time(), zone_)));
    }
    Line("");
    Paragraph(0, foot, Ink::kDim);
  }

  // A table without its header.
  void WriteRows(const Table& table) {
    const std::string rows = table.Render(style_);
    absl::StrAppend(&text_, rows.substr(rows.find('\n') + 1));
  }

  const Labels labels_;
  const Style& style_;
  const absl::TimeZone zone_;
  std::string text_;
};

}  // namespace

std::string RenderCard(absl::string_view lead, const v1::Evaluation& evaluation,
                       absl::string_view language_code, const Style& style, absl::TimeZone zone) {
  return CardWriter(language_code, style, zone).Write(lead, evaluation);
}

}  // namespace bantam
