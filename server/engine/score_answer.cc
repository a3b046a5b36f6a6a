#include "server/engine/score_answer.h"

#include <algorithm>

#include "server/engine/phrases/names.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

// Writes trace lines.
class Trace {
 public:
  Trace(const Profile& profile, const Assessment& assessment, const Texts& texts, WireWriter* out)
      : profile_(profile), a_(assessment), texts_(texts), out_(out) {}

  void Write() {
    WriteCriteria();
    WriteEngagement();
    for (int i = 0; i < 4; ++i) {
      const BantOutcome& outcome = a_.bant[i];
      Add(v1::SCORE_PART_BANT, BantId(i), StatusOf(outcome.state), outcome.points,
          kLongestBantReason,
          [&](char* reason) { return WriteBantReason(profile_, outcome, i, texts_, reason); });
    }
    AddPartLimit(v1::SCORE_PART_BANT, a_.bant_part);
  }

 private:
  using Line = v1::TraceLine;

  // What a phrase with up to two numbers or points takes at most.
  static constexpr size_t kLongestReason = kLongestPhrase + 2 * PointsText::kLongest;

  // A line whose reason takes `most` bytes at most.
  template <typename WriteReason>
  void Add(v1::ScorePart part, absl::string_view rule, v1::RuleStatus status, Points points,
           size_t most, WriteReason write_reason) {
    constexpr size_t kFields = 6;  // With the line itself.
    out_->Fields(kFields * WireFields::kLongestField + rule.size() + most, [&](WireFields* line) {
      line->Message(v1::Score::kTraceFieldNumber, [&] {
        line->Integer(Line::kPartFieldNumber, part);
        line->TextElement(Line::kRuleFieldNumber, rule);  // Not empty.
        line->Integer(Line::kStatusFieldNumber, status);
        line->Number(Line::kPointsFieldNumber, ToWire(points));
        line->WrittenText(Line::kReasonFieldNumber, write_reason);
      });
    });
  }

  void AddPartLimit(v1::ScorePart part, const PartSums& sums) {
    if (sums.points == sums.raw) return;
    Add(part, "limit", v1::RULE_STATUS_LIMITED, sums.points - sums.raw, kLongestReason,
        [&](char* reason) {
          if (sums.raw < 0) return texts_.Write(reason, Phrase::kTracePartFloor);
          return texts_.Write(reason, Phrase::kTracePartCap, PointsText(sums.points));
        });
  }

  void WriteCriteria() {
    const CriterionOutcome* outcome = a_.criteria.data();
    for (const CompiledCriterion& criterion : profile_.criteria) {
      AddCriterion(criterion, *outcome++);
    }
    AddPartLimit(v1::SCORE_PART_FIT, a_.fit);
  }

  void AddCriterion(const CompiledCriterion& criterion, const CriterionOutcome& outcome) {
    const absl::string_view title = CriterionTitle(criterion, texts_);
    if (outcome.truth == Truth::kUnknown) return AddUnknown(criterion, title);
    const bool matched = outcome.truth == Truth::kMatched;
    Add(v1::SCORE_PART_FIT, criterion.id, StatusOf(outcome.truth), outcome.points,
        kLongestReason + title.size(), [&](char* reason) {
          if (matched && criterion.has_bands) {
            return texts_.Write(reason, Phrase::kTraceBand, title, PointsText(outcome.points));
          }
          return texts_.Write(reason, matched ? Phrase::kTraceMatched : Phrase::kTraceMissed,
                              title);
        });
  }

  // Where attributes are not known. It earns no points.
  void AddUnknown(const CompiledCriterion& criterion, absl::string_view title) {
    AttributeList paths;
    criterion.test.CollectUnknown(*a_.lead, a_.now, &paths);
    const absl::string_view known = KnownText(criterion, a_, texts_);
    ByteBuffer names;
    texts_.AppendAttributeNames(paths, &names);
    Add(v1::SCORE_PART_FIT, criterion.id, v1::RULE_STATUS_UNKNOWN, 0,
        kLongestReason + title.size() + known.size() + names.size(), [&](char* reason) {
          return texts_.Write(reason, Phrase::kTraceUnknown, title, known, names.view());
        });
  }

  void WriteEngagement() {
    const EngagementModel& model = profile_.engagement;
    const auto* with_events = a_.engagement.rules.begin();
    for (int i = 0; i < static_cast<int>(model.rules.size()); ++i) {
      const CompiledEngagementRule& rule = model.rules[i];
      const bool has_events = with_events != a_.engagement.rules.end() && with_events->rule == i;
      const RuleOutcome outcome = has_events ? *with_events++ : RuleOutcome();
      const std::string& id = rule.definition->id();
      const absl::string_view title = texts_.Own(rule.title, id);
      Add(v1::SCORE_PART_ENGAGEMENT, id,
          outcome.counted > 0 ? v1::RULE_STATUS_MATCHED : v1::RULE_STATUS_MISSED, outcome.sum,
          title.size() + 2 + kLongestReason, [&](char* reason) {
            return WriteReason(rule, outcome, PutBytes(": ", PutBytes(title, reason)));
          });
      AddCapLimit(id, outcome.sum, outcome.limited, Phrase::kTraceRuleCap);
    }
    for (size_t i = 0; i < model.groups.size(); ++i) {
      const GroupOutcome& outcome = a_.engagement.groups[i];
      AddCapLimit(model.groups[i].definition->id(), outcome.sum, outcome.limited,
                  Phrase::kTraceGroupCap);
    }
    AddPartLimit(v1::SCORE_PART_ENGAGEMENT, a_.engagement_part);
  }

  void AddCapLimit(const std::string& id, Points sum, Points limited, Phrase phrase) {
    if (limited == sum) return;
    Add(v1::SCORE_PART_ENGAGEMENT, id, v1::RULE_STATUS_LIMITED, limited - sum, kLongestReason,
        [&](char* reason) { return texts_.Write(reason, phrase, PointsText(limited)); });
  }

  char* WriteReason(const CompiledEngagementRule& rule, const RuleOutcome& outcome, char* reason) {
    if (outcome.in_window == 0) return texts_.Write(reason, Phrase::kTraceNoEvents);
    if (outcome.counted == 0) {
      return texts_.Write(reason, Phrase::kTraceTooFew, outcome.in_window, rule.min_count);
    }
    if (outcome.counted < outcome.in_window) {
      return texts_.Write(reason, Phrase::kTraceNewestEvents, outcome.counted, outcome.in_window);
    }
    if (outcome.counted == 1) return texts_.Write(reason, Phrase::kTraceOneEvent);
    return texts_.Write(reason, Phrase::kTraceEvents, outcome.counted);
  }

  const Profile& profile_;
  const Assessment& a_;
  const Texts& texts_;
  WireWriter* const out_;
};

void WritePart(int field, const PartSums& sums, Points cap, WireFields* out) {
  out->Message(field, [&] {
    out->Number(v1::PartScore::kPointsFieldNumber, ToWire(sums.points));
    out->Number(v1::PartScore::kCapFieldNumber, ToWire(cap));
    out->Number(v1::PartScore::kRangeMinFieldNumber, ToWire(sums.least));
    out->Number(v1::PartScore::kRangeMaxFieldNumber, ToWire(sums.most));
  });
}

int Level(const Profile& profile, const Assessment& a) {
  const Points cap = profile.caps[v1::SCORE_PART_ENGAGEMENT];
  constexpr int kLowest = 4;
  if (cap == 0) return kLowest;
  for (size_t i = 0; i < profile.levels.size(); ++i) {
    if (Reaches(a.engagement_part.points, profile.levels[i], cap)) return static_cast<int>(i) + 1;
  }
  return kLowest;
}

Phrase CausePhrase(BantCause cause, int dimension) {
  switch (cause) {
    case BantCause::kEnoughApproved:
      return Phrase::kBudgetMet;
    case BantCause::kEnoughOpen:
      return Phrase::kBudgetPartial;
    case BantCause::kTooLittle:
      return Phrase::kBudgetUnmet;
    case BantCause::kNoAmount:
      return Phrase::kBudgetUnknown;
    case BantCause::kNoRate:
      return Phrase::kBudgetNoRate;
    case BantCause::kDecides:
      return Phrase::kAuthorityMet;
    case BantCause::kInfluences:
      return Phrase::kAuthorityPartial;
    case BantCause::kImpliedByTitle:
      return Phrase::kAuthorityImplied;
    case BantCause::kUsesOnly:
      return Phrase::kAuthorityUnmet;
    case BantCause::kUnheardOfRole:
      return Phrase::kAuthorityUnknown;
    case BantCause::kSolvedNeed:
      return Phrase::kNeedMet;
    case BantCause::kOtherNeed:
      return Phrase::kNeedPartial;
    case BantCause::kGeneralNeed:
      return Phrase::kNeedGeneral;
    case BantCause::kImpliedNeed:
      return Phrase::kNeedImplied;
    case BantCause::kNoNeed:
      return Phrase::kNeedUnmet;
    case BantCause::kWithinWindow:
      return Phrase::kTimelineMet;
    case BantCause::kWithinWiderWindow:
      return Phrase::kTimelinePartial;
    case BantCause::kTooLate:
      return Phrase::kTimelineUnmet;
    case BantCause::kInThePast:
      return Phrase::kTimelinePast;
    case BantCause::kExpired:
      return Phrase::kEvidenceStale;
    case BantCause::kNothingKnown:
      break;
  }
  constexpr Phrase kUnknown[] = {Phrase::kBudgetUnknown, Phrase::kAuthorityUnknown,
                                 Phrase::kNeedUnknown, Phrase::kTimelineUnknown};
  return kUnknown[dimension];
}

}  // namespace

absl::string_view KnownText(const CompiledCriterion& criterion, const Assessment& assessment,
                            const Texts& texts) {
  switch (criterion.test.KnownOf(*assessment.lead, assessment.now)) {
    case Knowledge::kNothing:
      break;
    case Knowledge::kRange:
      return texts.Text(Phrase::kKnownRange);
    case Knowledge::kNoRate:
      return texts.Text(Phrase::kKnownNoRate);
    case Knowledge::kWrongType:
      return texts.Text(Phrase::kKnownWrongType);
    case Knowledge::kPart:
      return texts.Text(Phrase::kKnownPart);
  }
  return texts.Text(Phrase::kKnownNothing);
}

absl::string_view GradeOf(const Profile& profile, const Assessment& assessment) {
  const Points cap = profile.caps[v1::SCORE_PART_FIT];
  if (!assessment.any_fit_known || cap == 0) return "";
  for (size_t i = 0; i < profile.grades.size(); ++i) {
    if (Reaches(assessment.fit.points, profile.grades[i], cap)) {
      return absl::string_view("ABCD").substr(i, 1);
    }
  }
  return "F";
}

void WriteScore(const Profile& profile, const Assessment& assessment, const Texts& texts,
                bool omit_trace, WireWriter* out) {
  using S = v1::Score;
  const Assessment& a = assessment;
  constexpr int64_t kWholeInHundredths = 100;
  const Points known = a.fit.known_spread + a.bant_part.known_spread;
  const Points all = a.fit.all_spread + a.bant_part.all_spread;
  const Points completeness =
      all == 0 ? kWholeInHundredths : DivideRounded(known * kWholeInHundredths, all);
  const absl::string_view grade = GradeOf(profile, a);
  const int level = Level(profile, a);
  constexpr size_t kFields = 11 + 3 * 4;  // With those of the parts.
  out->Fields(kFields * WireFields::kLongestField, [&](WireFields* score) {
    score->Number(S::kTotalFieldNumber, ToWire(a.total()));
    WritePart(S::kFitFieldNumber, a.fit, profile.caps[v1::SCORE_PART_FIT], score);
    WritePart(S::kEngagementFieldNumber, a.engagement_part, profile.caps[v1::SCORE_PART_ENGAGEMENT],
              score);
    WritePart(S::kBantFieldNumber, a.bant_part, profile.caps[v1::SCORE_PART_BANT], score);
    score->Number(S::kRangeMinFieldNumber, ToWire(a.total_least()));
    score->Number(S::kRangeMaxFieldNumber, ToWire(a.total_most()));
    score->Number(S::kCompletenessFieldNumber, ToWire(completeness));
    score->Text(S::kGradeFieldNumber, grade);
    score->Integer(S::kLevelFieldNumber, level);
    score->WrittenText(S::kLabelFieldNumber, [&](char* label) {
      label = PutBytes(grade, label);
      *label++ = static_cast<char>('0' + level);
      return label;
    });
    score->Integer(S::kTemperatureFieldNumber, a.temperature);
  });
  if (!omit_trace) Trace(profile, a, texts, out).Write();
}

char* WriteBantReason(const Profile& profile, const BantOutcome& outcome, int dimension,
                      const Texts& texts, char* out) {
  const v1::TimelineRule& timeline = profile.definition.bant().timeline();
  const Phrase phrase = CausePhrase(outcome.cause, dimension);
  switch (outcome.cause) {
    case BantCause::kExpired:
      out = texts.Write(out, phrase, SpanText(texts, profile.bant.valid_for(dimension)));
      break;
    case BantCause::kWithinWindow:
      out = texts.Write(out, phrase, timeline.window_days());
      break;
    case BantCause::kWithinWiderWindow:
      out = texts.Write(out, phrase, timeline.wider_window_days(), timeline.window_days());
      break;
    case BantCause::kTooLate:
      out = texts.Write(out, phrase, timeline.wider_window_days());
      break;
    case BantCause::kInfluences: {
      FoldBuffer buffer;
      const std::optional<Phrase> role =
          RoleName(NormalizeRoleInto(outcome.evidence->authority().role(), &buffer));
      out = texts.Write(out, phrase, texts.Text(*role));
      break;
    }
    case BantCause::kImpliedByTitle:
      out = texts.Write(out, phrase, texts.Text(*RoleName(RoleId(outcome.role))));
      break;
    default:
      out = texts.Write(out, phrase);
  }
  if (!outcome.conflict) return out;
  return texts.Write(PutBytes("; ", out), Phrase::kConflict);
}

v1::RuleStatus StatusOf(v1::BantState state) {
  switch (state) {
    case v1::BANT_STATE_MET:
      return v1::RULE_STATUS_MET;
    case v1::BANT_STATE_PARTIAL:
      return v1::RULE_STATUS_PARTIAL;
    case v1::BANT_STATE_UNMET:
      return v1::RULE_STATUS_UNMET;
    case v1::BANT_STATE_STALE:
      return v1::RULE_STATUS_STALE;
    default:
      return v1::RULE_STATUS_UNKNOWN;
  }
}

}  // namespace bantam
