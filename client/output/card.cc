#include "client/output/card.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

// Writes one card.
class CardWriter {
 public:
  CardWriter(const Style& style, absl::TimeZone zone) : style_(style), zone_(zone) {}

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
        Paint(style_, TemperatureInk(score.temperature()), Words(score.temperature())),
        absl::StrFormat("  range %s–%s, %.0f %% known", TwoDecimals(score.range_min()),
                        TwoDecimals(score.range_max()), score.completeness() * 100)));
    WritePart("fit", score.fit(),
              score.grade().empty() ? "" : absl::StrCat("grade ", score.grade()));
    WritePart("engagement", score.engagement(), absl::StrCat("level ", score.level()));
    WritePart("BANT", score.bant(), "");
  }

  void WritePart(absl::string_view name, const v1::PartScore& part, absl::string_view remark) {
    std::string line =
        absl::StrFormat("  %s  of %s  %s", PadLeft(TwoDecimals(part.points()), 6),
                        PadLeft(absl::StrFormat("%g", part.cap()), 3), PadRight(name, 11));
    if (part.range_min() != part.range_max()) {
      absl::StrAppendFormat(&line, "%s–%s  ", TwoDecimals(part.range_min()),
                            TwoDecimals(part.range_max()));
    }
    absl::StrAppend(&line, remark);
    Line(absl::StripTrailingAsciiWhitespace(line));
  }

  void WriteVerdict(const v1::Evaluation& evaluation) {
    if (evaluation.verdict() == v1::VERDICT_UNSPECIFIED) return;
    Section(absl::StrCat("Verdict: ", Paint(style_, VerdictInk(evaluation.verdict()),
                                            absl::AsciiStrToUpper(Words(evaluation.verdict())))));
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
      if (bant.conflict()) absl::StrAppend(&reason, " (conflicting evidence)");
      std::vector<std::string> origin;
      for (const std::string& part : {bant.contact_id(), bant.source()}) {
        if (!part.empty()) origin.push_back(Printable(part));
      }
      if (!origin.empty()) absl::StrAppend(&reason, " [", absl::StrJoin(origin, ", "), "]");
      table.AddRow({{absl::StrCat("  ", sign.text), sign.ink},
                    {Words(bant.dimension())},
                    {Words(bant.state()), sign.ink},
                    {TwoDecimals(bant.points())},
                    {reason}});
    }
    WriteRows(table);
  }

  void WriteGaps(const v1::Qualification& qualification) {
    if (qualification.gaps().empty()) return;
    Section("Gaps");
    for (const v1::Gap& gap : qualification.gaps()) {
      const Sign sign = RuleSign(gap.status());
      std::string head = absl::StrCat("  ", Paint(style_, sign.ink, sign.text), " ",
                                      Paint(style_, Ink::kBold, gap.id()), ": ",
                                      TwoDecimals(gap.points_at_stake()), " at stake");
      if (gap.knockout_possible()) {
        absl::StrAppend(&head, ", ", Paint(style_, Ink::kRed, "knockout possible"));
      }
      Line(head);
      std::string facts = gap.known();
      if (!gap.required().empty()) {
        absl::StrAppend(&facts, facts.empty() ? "" : "; ", "required: ", gap.required());
      }
      if (!facts.empty()) Paragraph(4, facts, Ink::kDim);
      if (!gap.question().empty()) Paragraph(4, absl::StrCat("→ ", gap.question()));
    }
  }

  void WriteActions(const v1::Qualification& qualification) {
    if (!qualification.actions().empty()) Section("Next actions");
    int number = 0;
    for (const v1::NextAction& action : qualification.actions()) {
      WriteAction(++number, action);
    }
    if (!qualification.withheld_actions().empty()) Section("Withheld");
    for (const v1::WithheldAction& action : qualification.withheld_actions()) {
      Paragraph(2, absl::StrCat(Words(action.kind()), " by ", Words(action.channel()), ": ",
                                action.reason()));
    }
    if (qualification.nurture_level() != v1::NURTURE_LEVEL_UNSPECIFIED) {
      std::string care = absl::StrCat("Nurture: ", Words(qualification.nurture_level()));
      if (qualification.has_touch_interval()) {
        absl::StrAppendFormat(&care, ", a touch every %d days",
                              qualification.touch_interval().seconds() / 86400);
      }
      Line("");
      Line(Paint(style_, Ink::kDim, care));
    }
  }

  void WriteAction(int number, const v1::NextAction& action) {
    std::string head = absl::StrCat(
        "  ", number, ". ",
        Paint(style_, Ink::kBold,
              Printable(action.title().empty() ? Words(action.kind()) : action.title())));
    if (action.channel() != v1::CHANNEL_UNSPECIFIED) {
      absl::StrAppend(&head, " by ", Words(action.channel()));
    }
    if (action.has_due_time()) {
      absl::StrAppend(&head, ", due ", ReadableTime(action.due_time(), zone_));
      if (action.overdue()) absl::StrAppend(&head, " ", Paint(style_, Ink::kRed, "(overdue)"));
    }
    Line(head);
    std::string why = action.reason();
    if (action.replaced_channel() != v1::CHANNEL_UNSPECIFIED) {
      absl::StrAppend(&why, why.empty() ? "" : "; ", "instead of ",
                      Words(action.replaced_channel()), ", for which there is no consent");
    }
    if (!why.empty()) Paragraph(5, why, Ink::kDim);
    if (!action.script().empty()) Paragraph(5, action.script());
    for (const std::string& question : action.questions()) {
      Paragraph(5, absl::StrCat("→ ", question));
    }
    if (!action.asset().empty()) Paragraph(5, absl::StrCat("send: ", action.asset()));
  }

  void WriteAdvancement(const v1::Advancement& advancement) {
    const bool moves = advancement.from_stage() != advancement.to_stage();
    Section(moves ? absl::StrCat("Stage: ", advancement.from_stage(), " → ", advancement.to_stage(),
                                 " (", Words(advancement.reason()), ")")
                  : absl::StrCat("Stage: stays in ", advancement.from_stage(), " (",
                                 Words(advancement.reason()), ")"));
    for (const v1::GateResult& gate : advancement.gates()) {
      Line(absl::StrCat("  gate ", gate.from_stage(), " → ", gate.to_stage(), ": ",
                        Paint(style_, GateSign(gate.status()).ink, Words(gate.status()))));
      for (const v1::GateConditionResult& condition : gate.conditions()) {
        WriteCondition(4, condition);
      }
    }
    if (advancement.has_transition()) {
      Line(absl::StrCat("  transition ", advancement.transition().id()));
    }
    if (advancement.has_first_action_due_time()) {
      Line(absl::StrCat("  first action due ",
                        ReadableTime(advancement.first_action_due_time(), zone_)));
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
    Section("Trace");
    Table table({{""}, {""}, {""}, {"", true}, {"", false, true}});
    for (const v1::TraceLine& line : score.trace()) {
      // What did not happen is no bad sign.
      const bool nothing_happened =
          line.part() == v1::SCORE_PART_ENGAGEMENT && line.status() == v1::RULE_STATUS_MISSED;
      const Sign sign = nothing_happened ? Sign{"·", Ink::kDim} : RuleSign(line.status());
      table.AddRow({{absl::StrCat("  ", sign.text), sign.ink},
                    {line.part() == v1::SCORE_PART_BANT ? "BANT" : Words(line.part())},
                    {line.rule()},
                    {TwoDecimals(line.points())},
                    {Printable(line.reason())}});
    }
    WriteRows(table);
  }

  void WriteFoot(const v1::Evaluation& evaluation) {
    if (!evaluation.other_icps().empty()) Section("Other ICPs");
    for (const v1::OtherIcp& other : evaluation.other_icps()) {
      Line(absl::StrCat("  ", other.has_total() ? PadLeft(TwoDecimals(other.total()), 6) : "     –",
                        "  ", other.icp(), other.verdict() == v1::VERDICT_UNSPECIFIED ? "" : "  ",
                        other.verdict() == v1::VERDICT_UNSPECIFIED ? "" : Words(other.verdict())));
    }
    if (!evaluation.notes().empty()) Section("Notes");
    for (const std::string& note : evaluation.notes()) Paragraph(2, note);
    std::string foot =
        absl::StrCat("evaluated at ", ReadableTime(evaluation.evaluate_time(), zone_),
                     ", revision ", evaluation.icp_revision());
    if (evaluation.has_reevaluate_time()) {
      absl::StrAppend(&foot, ", look again at ", ReadableTime(evaluation.reevaluate_time(), zone_));
    }
    Line("");
    Paragraph(0, foot, Ink::kDim);
  }

  // A table without its header.
  void WriteRows(const Table& table) {
    const std::string rows = table.Render(style_);
    absl::StrAppend(&text_, rows.substr(rows.find('\n') + 1));
  }

  const Style& style_;
  const absl::TimeZone zone_;
  std::string text_;
};

}  // namespace

std::string RenderCard(absl::string_view lead, const v1::Evaluation& evaluation, const Style& style,
                       absl::TimeZone zone) {
  return CardWriter(style, zone).Write(lead, evaluation);
}

}  // namespace bantam
