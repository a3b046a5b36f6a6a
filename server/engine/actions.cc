#include "server/engine/actions.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/engine/consent.h"
#include "server/engine/phrases/names.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/situation.h"

namespace bantam {
namespace {

constexpr size_t kMostQuestions = 3;  // Never read out a list.

// A set of gaps, by their indexes in the answer's order, and what closing them would bring.
struct GapSet {
  absl::InlinedVector<int, 8> gaps;
  Points points = 0;
  absl::string_view unlocks_stage;  // Empty: none.
};

// An action on its way into the answer.
struct Candidate {
  const CompiledRule* rule = nullptr;
  v1::ActionKind kind = v1::ACTION_KIND_UNSPECIFIED;  // ASK_FOR_CONSENT where that replaces it.
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  v1::Channel replaced_channel = v1::CHANNEL_UNSPECIFIED;
  const GapSet* closes = nullptr;
  int priority = 0;
  absl::Time due;
  std::array<bool, v1::Channel_ARRAYSIZE> asks_for = {};  // ASK_FOR_CONSENT only.

  const std::string& id() const { return rule->definition->id(); }
};

using Candidates = absl::InlinedVector<Candidate, 16>;

// Usual playbooks need no heap.
using GapSets = absl::InlinedVector<GapSet, 24>;

// What is due when.
struct KnownDueTime {
  absl::Time start;
  int business_days;
  int business_minutes;
  absl::Time due;
};

bool IsBetter(const Candidate& a, const Candidate& b) {
  const auto key = [](const Candidate& c) {
    return std::make_tuple(c.closes->unlocks_stage.empty(), -c.closes->points, -c.priority,
                           absl::string_view(c.id()));
  };
  return key(a) < key(b);
}

// Content is sent; it cannot be moved to the telephone.
bool IsContent(v1::ActionKind kind) {
  return kind == v1::ACTION_KIND_ROI_CALCULATOR || kind == v1::ACTION_KIND_ATTRIBUTE_FORM ||
         kind == v1::ACTION_KIND_NURTURE_CONTENT;
}

bool AsksQuestions(v1::ActionKind kind) {
  return kind == v1::ACTION_KIND_REPLY || kind == v1::ACTION_KIND_DISCOVERY_CALL ||
         kind == v1::ACTION_KIND_FIND_DECISION_MAKER || kind == v1::ACTION_KIND_ATTRIBUTE_FORM ||
         kind == v1::ACTION_KIND_OTHER;
}

// Whether an action of this kind works on the gap where its rule names no gaps.
bool WorksOn(v1::ActionKind kind, const OpenGap& gap) {
  const v1::BantDimension dimension = gap.dimension;
  switch (kind) {
    case v1::ACTION_KIND_REPLY:
    case v1::ACTION_KIND_DISCOVERY_CALL:
      return dimension != v1::BANT_DIMENSION_UNSPECIFIED;
    case v1::ACTION_KIND_FIND_DECISION_MAKER:
      return dimension == v1::BANT_DIMENSION_AUTHORITY;
    case v1::ACTION_KIND_ROI_CALCULATOR:
      return dimension == v1::BANT_DIMENSION_BUDGET || dimension == v1::BANT_DIMENSION_NEED;
    case v1::ACTION_KIND_ATTRIBUTE_FORM:
      return dimension == v1::BANT_DIMENSION_UNSPECIFIED;
    default:
      return false;
  }
}

// One call of Recommend().
class Recommendation {
 public:
  Recommendation(const ActionContext& context, const BusinessHoursCalendar& hours, WireWriter* out)
      : context_(context),
        hours_(hours),
        triggers_(FindTriggers(context)),
        consents_(context.lead, context.events, context.now),
        out_(out) {}

  // Returns the due time of the first action.
  std::optional<absl::Time> Run(absl::Span<const CompiledRule> rules) {
    sets_.reserve(rules.size());  // They must stay where they are.
    Candidates wanted;
    for (const CompiledRule& rule : rules) {
      if (Applies(rule, context_, triggers_)) wanted.push_back(MakeCandidate(rule));
    }
    std::sort(wanted.begin(), wanted.end(), IsBetter);
    Candidates permitted;
    for (const Candidate& candidate : wanted) Permit(candidate, &permitted);
    std::sort(permitted.begin(), permitted.end(), IsBetter);
    for (const Candidate& candidate : permitted) {
      out_->Message(v1::Qualification::kActionsFieldNumber, [&] { Write(candidate); });
    }
    for (const Candidate& candidate : withheld_) {
      out_->Message(v1::Qualification::kWithheldActionsFieldNumber,
                    [&] { WriteWithheld(candidate); });
    }
    if (permitted.empty()) return std::nullopt;
    return permitted.front().due;
  }

 private:
  Candidate MakeCandidate(const CompiledRule& rule) {
    const v1::PlaybookRule& definition = *rule.definition;
    Candidate candidate;
    candidate.rule = &rule;
    candidate.kind = definition.action().kind();
    candidate.channel = definition.action().channel();
    candidate.closes = Weigh(GapsOf(definition));
    candidate.priority = definition.priority();
    candidate.due = DueTime(StartOf(definition), SlaOf(definition));
    return candidate;
  }

  // The gaps that the rule names, else those that its kind of action works on.
  absl::InlinedVector<int, 8> GapsOf(const v1::PlaybookRule& rule) const {
    const auto& names = rule.when().gaps();
    absl::InlinedVector<int, 8> gaps;
    for (size_t i = 0; i < context_.gaps.size(); ++i) {
      const OpenGap& gap = context_.gaps[i];
      const bool works_on =
          names.empty() ? WorksOn(rule.action().kind(), gap)
                        : std::any_of(names.begin(), names.end(),
                                      [&](const std::string& name) { return NamesGap(name, gap); });
      if (works_on) gaps.push_back(static_cast<int>(i));
    }
    return gaps;
  }

  // Several rules tend to work on the same gaps: each set is weighed once.
  const GapSet* Weigh(const absl::InlinedVector<int, 8>& gaps) {
    if (gaps.empty()) return &no_gaps_;
    for (const GapSet& set : sets_) {
      if (set.gaps == gaps) return &set;
    }
    sets_.push_back({gaps, context_.points_if_closed(gaps), context_.stage_if_closed(gaps)});
    return &sets_.back();
  }

  // Several rules tend to be due at the same time, too.
  absl::Time DueTime(absl::Time start, const v1::Sla& sla) {
    for (const KnownDueTime& known : due_times_) {
      if (known.start == start && known.business_days == sla.business_days() &&
          known.business_minutes == sla.business_minutes()) {
        return known.due;
      }
    }
    due_times_.push_back(
        {start, sla.business_days(), sla.business_minutes(), hours_.Due(start, sla)});
    return due_times_.back().due;
  }

  // The newest of what set the action off and the stage's entry.
  absl::Time StartOf(const v1::PlaybookRule& rule) const {
    const bool is_for_hand_raise =
        rule.action().kind() == v1::ACTION_KIND_REPLY || rule.when().has_hand_raised_within();
    std::optional<absl::Time> start = is_for_hand_raise ? triggers_.hand_raise : triggers_.activity;
    const std::optional<absl::Time> entered = context_.stage_entered;
    if (entered.has_value() && *entered <= context_.now && (!start || *entered > *start)) {
      start = entered;
    }
    return start.value_or(context_.now);
  }

  v1::Sla SlaOf(const v1::PlaybookRule& rule) const {
    if (rule.action().has_sla()) return rule.action().sla();
    const bool hand_is_fresh =
        triggers_.hand_raise.has_value() && context_.now - *triggers_.hand_raise <= absl::Hours(24);
    v1::Sla sla;
    if (context_.temperature == v1::TEMPERATURE_HOT || hand_is_fresh) {
      sla.set_business_minutes(15);
    } else if (context_.temperature == v1::TEMPERATURE_WARM) {
      sla.set_business_minutes(4 * 60);
    } else {
      sla.set_business_days(1);
    }
    return sla;
  }

  bool MayUse(v1::ActionKind kind, v1::Channel channel) const {
    return kind == v1::ACTION_KIND_REPLY ? consents_.MayReply(channel)
                                         : consents_.MayContact(channel);
  }

  // Moves `candidate` to `permitted`, on a channel that may be used, or as a request for consent.
  void Permit(Candidate candidate, Candidates* permitted) {
    const bool asks = candidate.kind == v1::ACTION_KIND_ASK_FOR_CONSENT;
    if (asks && !AskForAllMissing(&candidate)) return;
    const v1::Channel named = candidate.channel;
    if (named != v1::CHANNEL_UNSPECIFIED && !MayUse(candidate.kind, named)) {
      candidate.replaced_channel = named;
      candidate.channel = Replacement(candidate.kind);
      const bool is_replaced = candidate.channel != v1::CHANNEL_UNSPECIFIED;
      withheld_.push_back(candidate);
      if (!is_replaced && !asks) TurnIntoRequest(&candidate);
    }
    if (candidate.kind != v1::ACTION_KIND_ASK_FOR_CONSENT || !Merge(candidate, permitted)) {
      permitted->push_back(candidate);
    }
  }

  // Whether consent is missing for anything.
  bool AskForAllMissing(Candidate* candidate) const {
    bool missing = false;
    for (const v1::Channel channel : kChannels) {
      candidate->asks_for[channel] = !consents_.MayContact(channel);
      missing = missing || candidate->asks_for[channel];
    }
    return missing;
  }

  // The most suitable channel that may be used; unspecified: there is none.
  v1::Channel Replacement(v1::ActionKind kind) const {
    for (const v1::Channel channel : kChannels) {
      if (IsContent(kind) && channel == v1::CHANNEL_PHONE) continue;
      if (MayUse(kind, channel)) return channel;
    }
    return v1::CHANNEL_UNSPECIFIED;
  }

  // On a permitted channel, else at the next inbound contact. It closes no gap by itself.
  void TurnIntoRequest(Candidate* candidate) const {
    candidate->kind = v1::ACTION_KIND_ASK_FOR_CONSENT;
    candidate->channel = Replacement(candidate->kind);
    candidate->asks_for[candidate->replaced_channel] = true;
    candidate->closes = &no_gaps_;
  }

  // Adds a request for consent to one on the same channel, if there is any.
  static bool Merge(const Candidate& candidate, Candidates* permitted) {
    for (Candidate& other : *permitted) {
      if (other.kind != candidate.kind || other.channel != candidate.channel) continue;
      for (const v1::Channel channel : kChannels) {
        other.asks_for[channel] = other.asks_for[channel] || candidate.asks_for[channel];
      }
      other.due = std::min(other.due, candidate.due);
      other.priority = std::max(other.priority, candidate.priority);
      return true;
    }
    return false;
  }

  void WriteWithheld(const Candidate& candidate) {
    using W = v1::WithheldAction;
    const Texts& texts = context_.texts;
    const Permission permission = consents_.For(candidate.replaced_channel);
    const Phrase why = permission == Permission::kDenied         ? Phrase::kWithheldDenied
                       : permission == Permission::kUnsubscribed ? Phrase::kWithheldUnsubscribed
                                                                 : Phrase::kWithheldUnknown;
    const auto append_why = [&](ByteBuffer* out) {
      texts.Append(out, why, NameOf(candidate.replaced_channel));
    };
    out_->Text(W::kRuleFieldNumber, candidate.id());
    out_->Integer(W::kKindFieldNumber, candidate.kind);
    out_->Integer(W::kChannelFieldNumber, candidate.replaced_channel);
    out_->WrittenText(W::kReasonFieldNumber, [&](ByteBuffer* reason) {
      if (candidate.channel != v1::CHANNEL_UNSPECIFIED) {
        texts.Append(reason, Phrase::kWithheldReplaced, append_why, NameOf(candidate.channel));
      } else {
        texts.Append(reason, Phrase::kWithheldAsk, append_why);
      }
    });
  }

  void Write(const Candidate& candidate) {
    using N = v1::NextAction;
    const GapSet& closes = *candidate.closes;
    out_->Text(N::kRuleFieldNumber, candidate.id());
    out_->Integer(N::kKindFieldNumber, candidate.kind);
    WriteTitle(candidate);
    out_->Integer(N::kChannelFieldNumber, candidate.channel);
    WriteScript(candidate);
    if (AsksQuestions(candidate.kind)) {
      for (size_t i = 0; i < std::min(closes.gaps.size(), kMostQuestions); ++i) {
        out_->WrittenTextElement(N::kQuestionsFieldNumber, [&](ByteBuffer* question) {
          context_.append_question(closes.gaps[i], question);
        });
      }
    }
    if (HasOwnTexts(candidate)) {
      out_->Text(N::kAssetFieldNumber, candidate.rule->definition->action().asset());
    }
    out_->Time(N::kDueTimeFieldNumber, candidate.due);
    out_->Flag(N::kOverdueFieldNumber, candidate.due < context_.now);
    for (const int gap : closes.gaps) {
      out_->TextElement(N::kGapsFieldNumber, context_.gaps[gap].id);
    }
    out_->Number(N::kPointsAtStakeFieldNumber, ToWire(closes.points));
    out_->Text(N::kUnlocksStageFieldNumber, closes.unlocks_stage);
    out_->WrittenText(N::kReasonFieldNumber,
                      [&](ByteBuffer* reason) { AppendReason(candidate, reason); });
    out_->Integer(N::kReplacedChannelFieldNumber, candidate.replaced_channel);
  }

  // Whether the rule's own texts and asset are meant, and no request for consent took its place.
  static bool HasOwnTexts(const Candidate& candidate) {
    return candidate.kind == candidate.rule->definition->action().kind();
  }

  void WriteTitle(const Candidate& candidate) {
    const CompiledRule& rule = *candidate.rule;
    const bool is_own = HasOwnTexts(candidate);
    const absl::string_view asset = rule.definition->action().asset();
    const std::optional<Phrase> title = ActionTitle(candidate.kind, is_own ? asset : "");
    const bool takes_own = is_own && (!rule.title.empty() || !title.has_value());
    out_->Text(
        v1::NextAction::kTitleFieldNumber,
        takes_own ? context_.texts.Own(rule.title, candidate.id()) : context_.texts.Text(*title));
  }

  void WriteScript(const Candidate& candidate) {
    const CompiledRule& rule = *candidate.rule;
    const std::optional<Phrase> script = ActionScript(candidate.kind);
    if (HasOwnTexts(candidate) && (!rule.script.empty() || !script.has_value())) {
      out_->Text(v1::NextAction::kScriptFieldNumber, context_.texts.Own(rule.script, ""));
      return;
    }
    out_->WrittenText(v1::NextAction::kScriptFieldNumber, [&](ByteBuffer* text) {
      context_.texts.Append(text, *script,
                            [&](ByteBuffer* names) { AppendAskedChannels(candidate, names); });
    });
  }

  void AppendReason(const Candidate& candidate, ByteBuffer* out) const {
    const Texts& texts = context_.texts;
    const bool closes_nothing = candidate.closes->gaps.empty();
    switch (candidate.kind) {
      case v1::ACTION_KIND_ASK_FOR_CONSENT:
        return texts.Append(out,
                            candidate.channel == v1::CHANNEL_UNSPECIFIED
                                ? Phrase::kActionConsentInbound
                                : Phrase::kActionConsent,
                            [&](ByteBuffer* names) { AppendAskedChannels(candidate, names); });
      case v1::ACTION_KIND_REPLY:
        if (closes_nothing) return texts.Append(out, Phrase::kActionHandRaise);
        break;
      case v1::ACTION_KIND_NURTURE_CONTENT:
        if (closes_nothing) return texts.Append(out, Phrase::kActionNurture);
        break;
      default:
        if (closes_nothing) return texts.Append(out, Phrase::kActionSituation);
    }
    const absl::string_view stage = candidate.closes->unlocks_stage;
    if (stage.empty()) return AppendPointsReason(*candidate.closes, out);
    texts.Append(out, Phrase::kActionUnlocks, texts.StageTitle(stage),
                 [&](ByteBuffer* reason) { AppendPointsReason(*candidate.closes, reason); });
  }

  // Appends "+12.5 if the budget is confirmed".
  void AppendPointsReason(const GapSet& closes, ByteBuffer* out) const {
    const Texts& texts = context_.texts;
    const auto append_names = [&](ByteBuffer* names) {
      for (size_t i = 0; i < closes.gaps.size(); ++i) {
        if (i > 0) names->Append(", ");
        AppendGapName(context_.gaps[closes.gaps[i]], names);
      }
    };
    if (closes.points == 0) return texts.Append(out, Phrase::kActionCloses, append_names);
    const std::string points = FormatPoints(closes.points);
    if (closes.gaps.size() > 1) {
      return texts.Append(out, Phrase::kActionSeveral, points, append_names);
    }
    switch (context_.gaps[closes.gaps[0]].dimension) {
      case v1::BANT_DIMENSION_BUDGET:
        return texts.Append(out, Phrase::kActionBudget, points);
      case v1::BANT_DIMENSION_AUTHORITY:
        return texts.Append(out, Phrase::kActionAuthority, points);
      case v1::BANT_DIMENSION_NEED:
        return texts.Append(out, Phrase::kActionNeed, points);
      case v1::BANT_DIMENSION_TIMELINE:
        return texts.Append(out, Phrase::kActionTimeline, points);
      default:
        return texts.Append(out, Phrase::kActionCriterion, points, append_names);
    }
  }

  void AppendGapName(const OpenGap& gap, ByteBuffer* out) const {
    const Texts& texts = context_.texts;
    if (gap.dimension != v1::BANT_DIMENSION_UNSPECIFIED) {
      texts.Append(out, DimensionName(gap.dimension));
    } else if (gap.unknown_attributes.empty()) {
      out->Append(gap.id);
    } else {
      texts.AppendAttributeNames(gap.unknown_attributes, out);
    }
  }

  absl::string_view NameOf(v1::Channel channel) const {
    return context_.texts.Text(ChannelName(channel));
  }

  void AppendAskedChannels(const Candidate& candidate, ByteBuffer* out) const {
    bool first = true;
    for (const v1::Channel channel : kChannels) {
      if (!candidate.asks_for[channel]) continue;
      if (!first) out->Append(", ");
      first = false;
      out->Append(NameOf(channel));
    }
  }

  const ActionContext& context_;
  const BusinessHoursCalendar& hours_;
  const Triggers triggers_;
  const Consents consents_;
  WireWriter* const out_;
  const GapSet no_gaps_;
  GapSets sets_;
  Candidates withheld_;  // With the channels that took the place of theirs.
  absl::InlinedVector<KnownDueTime, 4> due_times_;
};

}  // namespace

ActionAdvisor::ActionAdvisor(const v1::Playbook& playbook, BusinessHoursCalendar hours)
    : playbook_(playbook), hours_(std::move(hours)) {
  for (const v1::PlaybookRule& rule : playbook_.rules()) {
    rules_.push_back(
        {&rule, OwnText(rule.action().title()), OwnText(rule.action().script()), std::nullopt});
    if (rule.when().has_hand_raised_within()) {
      rules_.back().hand_raised_within = ToDuration(rule.when().hand_raised_within());
    }
  }
}

std::optional<absl::Time> ActionAdvisor::Recommend(const ActionContext& context,
                                                   WireWriter* out) const {
  if (context.verdict == v1::VERDICT_RESTRICTED) return std::nullopt;
  return Recommendation(context, hours_, out).Run(rules_);
}

}  // namespace bantam
