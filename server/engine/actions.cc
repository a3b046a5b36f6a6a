#include "server/engine/actions.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_join.h"
#include "server/engine/consent.h"
#include "server/engine/phrases/names.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/situation.h"

namespace bantam {
namespace {

constexpr size_t kMostQuestions = 3;  // Never read out a list.

// What closing gaps would bring.
struct Stake {
  Points points = 0;
  std::string unlocks_stage;
};

// An action on its way into the answer.
struct Candidate {
  const v1::PlaybookRule* rule = nullptr;
  v1::ActionKind kind = v1::ACTION_KIND_UNSPECIFIED;  // ASK_FOR_CONSENT where that replaces it.
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  v1::Channel replaced_channel = v1::CHANNEL_UNSPECIFIED;
  std::vector<int> gaps;  // Indexes, in the answer's order.
  Stake stake;
  int priority = 0;
  absl::Time due;
  std::array<bool, v1::Channel_ARRAYSIZE> asks_for = {};  // ASK_FOR_CONSENT only.
};

bool IsBetter(const Candidate& a, const Candidate& b) {
  const auto key = [](const Candidate& c) {
    return std::make_tuple(c.stake.unlocks_stage.empty(), -c.stake.points, -c.priority,
                           absl::string_view(c.rule->id()));
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
  Recommendation(const ActionContext& context, const BusinessHoursCalendar& hours,
                 v1::Qualification* qualification)
      : context_(context),
        hours_(hours),
        triggers_(FindTriggers(context)),
        consents_(context.lead, context.events, context.now),
        qualification_(qualification) {}

  void Run(const v1::Playbook& playbook) {
    std::vector<Candidate> wanted;
    for (const v1::PlaybookRule& rule : playbook.rules()) {
      if (Applies(rule, context_, triggers_)) wanted.push_back(MakeCandidate(rule));
    }
    std::sort(wanted.begin(), wanted.end(), IsBetter);
    std::vector<Candidate> permitted;
    for (Candidate& candidate : wanted) Permit(std::move(candidate), &permitted);
    std::sort(permitted.begin(), permitted.end(), IsBetter);
    for (const Candidate& candidate : permitted) Write(candidate);
  }

 private:
  Candidate MakeCandidate(const v1::PlaybookRule& rule) {
    Candidate candidate;
    candidate.rule = &rule;
    candidate.kind = rule.action().kind();
    candidate.channel = rule.action().channel();
    candidate.gaps = GapsOf(rule);
    candidate.stake = StakeOf(candidate.gaps);
    candidate.priority = rule.priority();
    candidate.due = hours_.Due(StartOf(rule), SlaOf(rule));
    return candidate;
  }

  // The gaps that the rule names, else those that its kind of action works on.
  std::vector<int> GapsOf(const v1::PlaybookRule& rule) const {
    const auto& names = rule.when().gaps();
    std::vector<int> gaps;
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
  Stake StakeOf(const std::vector<int>& gaps) {
    if (gaps.empty()) return {};
    for (const auto& [known_gaps, stake] : stakes_) {
      if (known_gaps == gaps) return stake;
    }
    stakes_.push_back({gaps, {context_.points_if_closed(gaps), context_.stage_if_closed(gaps)}});
    return stakes_.back().second;
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
  void Permit(Candidate candidate, std::vector<Candidate>* permitted) {
    const bool asks = candidate.kind == v1::ACTION_KIND_ASK_FOR_CONSENT;
    if (asks && !AskForAllMissing(&candidate)) return;
    const v1::Channel named = candidate.channel;
    if (named != v1::CHANNEL_UNSPECIFIED && !MayUse(candidate.kind, named)) {
      candidate.replaced_channel = named;
      candidate.channel = Replacement(candidate.kind);
      const bool is_replaced = candidate.channel != v1::CHANNEL_UNSPECIFIED;
      Withhold(candidate, is_replaced);
      if (!is_replaced && !asks) TurnIntoRequest(&candidate);
    }
    if (candidate.kind != v1::ACTION_KIND_ASK_FOR_CONSENT || !Merge(candidate, permitted)) {
      permitted->push_back(std::move(candidate));
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
    candidate->gaps.clear();
    candidate->stake = {};
  }

  // Adds a request for consent to one on the same channel, if there is any.
  static bool Merge(const Candidate& candidate, std::vector<Candidate>* permitted) {
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

  void Withhold(const Candidate& candidate, bool is_replaced) {
    const Texts& texts = context_.texts;
    const Permission permission = consents_.For(candidate.replaced_channel);
    const Phrase why = permission == Permission::kDenied         ? Phrase::kWithheldDenied
                       : permission == Permission::kUnsubscribed ? Phrase::kWithheldUnsubscribed
                                                                 : Phrase::kWithheldUnknown;
    const std::string reason = texts.Say(why, NameOf(candidate.replaced_channel));
    v1::WithheldAction* withheld = qualification_->add_withheld_actions();
    withheld->set_rule(candidate.rule->id());
    withheld->set_kind(candidate.kind);
    withheld->set_channel(candidate.replaced_channel);
    withheld->set_reason(
        is_replaced ? texts.Say(Phrase::kWithheldReplaced, reason, NameOf(candidate.channel))
                    : texts.Say(Phrase::kWithheldAsk, reason));
  }

  void Write(const Candidate& candidate) {
    v1::NextAction* action = qualification_->add_actions();
    action->set_rule(candidate.rule->id());
    action->set_kind(candidate.kind);
    action->set_channel(candidate.channel);
    action->set_replaced_channel(candidate.replaced_channel);
    SetTime(candidate.due, action->mutable_due_time());
    action->set_overdue(candidate.due < context_.now);
    action->set_points_at_stake(ToWire(candidate.stake.points));
    action->set_unlocks_stage(candidate.stake.unlocks_stage);
    for (const int gap : candidate.gaps) {
      action->add_gaps(context_.gaps[gap].id);
      if (AsksQuestions(candidate.kind) &&
          static_cast<size_t>(action->questions_size()) < kMostQuestions) {
        action->add_questions(context_.gaps[gap].question);
      }
    }
    action->set_reason(ReasonFor(candidate));
    WriteTexts(candidate, action);
  }

  // The rule's own texts and asset, unless a request for consent took its place.
  void WriteTexts(const Candidate& candidate, v1::NextAction* action) const {
    static const v1::Action& kNoTexts = v1::Action::default_instance();
    const bool is_own = candidate.kind == candidate.rule->action().kind();
    const v1::Action& own = is_own ? candidate.rule->action() : kNoTexts;
    const Texts& texts = context_.texts;
    const std::optional<Phrase> title = ActionTitle(candidate.kind, own.asset());
    const std::optional<Phrase> script = ActionScript(candidate.kind);
    action->set_title(title.has_value() ? texts.OwnOr(own.title(), *title)
                                        : texts.Own(own.title(), candidate.rule->id()));
    action->set_script(script.has_value()
                           ? texts.OwnOr(own.script(), *script, AskedChannels(candidate))
                           : texts.Own(own.script(), ""));
    action->set_asset(own.asset());
  }

  std::string ReasonFor(const Candidate& candidate) const {
    const Texts& texts = context_.texts;
    switch (candidate.kind) {
      case v1::ACTION_KIND_ASK_FOR_CONSENT:
        return texts.Say(candidate.channel == v1::CHANNEL_UNSPECIFIED
                             ? Phrase::kActionConsentInbound
                             : Phrase::kActionConsent,
                         AskedChannels(candidate));
      case v1::ACTION_KIND_REPLY:
        if (candidate.gaps.empty()) return texts.Say(Phrase::kActionHandRaise);
        break;
      case v1::ACTION_KIND_NURTURE_CONTENT:
        if (candidate.gaps.empty()) return texts.Say(Phrase::kActionNurture);
        break;
      default:
        if (candidate.gaps.empty()) return texts.Say(Phrase::kActionSituation);
    }
    const std::string& stage = candidate.stake.unlocks_stage;
    if (stage.empty()) return PointsReason(candidate);
    return texts.Say(Phrase::kActionUnlocks, texts.StageTitle(stage), PointsReason(candidate));
  }

  // "+12.5 if the budget is confirmed".
  std::string PointsReason(const Candidate& candidate) const {
    const Texts& texts = context_.texts;
    const std::string names = absl::StrJoin(
        candidate.gaps, ", ",
        [this](std::string* out, int gap) { out->append(GapName(context_.gaps[gap])); });
    if (candidate.stake.points == 0) return texts.Say(Phrase::kActionCloses, names);
    const std::string points = FormatPoints(candidate.stake.points);
    if (candidate.gaps.size() > 1) return texts.Say(Phrase::kActionSeveral, points, names);
    switch (context_.gaps[candidate.gaps[0]].dimension) {
      case v1::BANT_DIMENSION_BUDGET:
        return texts.Say(Phrase::kActionBudget, points);
      case v1::BANT_DIMENSION_AUTHORITY:
        return texts.Say(Phrase::kActionAuthority, points);
      case v1::BANT_DIMENSION_NEED:
        return texts.Say(Phrase::kActionNeed, points);
      case v1::BANT_DIMENSION_TIMELINE:
        return texts.Say(Phrase::kActionTimeline, points);
      default:
        return texts.Say(Phrase::kActionCriterion, points, names);
    }
  }

  std::string GapName(const OpenGap& gap) const {
    const Texts& texts = context_.texts;
    if (gap.dimension != v1::BANT_DIMENSION_UNSPECIFIED) {
      return texts.Say(DimensionName(gap.dimension));
    }
    if (gap.unknown_attributes.empty()) return gap.id;
    return absl::StrJoin(gap.unknown_attributes, ", ",
                         [&texts](std::string* out, const std::string& attribute) {
                           out->append(texts.AttributeName(attribute));
                         });
  }

  std::string NameOf(v1::Channel channel) const { return context_.texts.Say(ChannelName(channel)); }

  std::string AskedChannels(const Candidate& candidate) const {
    std::vector<std::string> names;
    for (const v1::Channel channel : kChannels) {
      if (candidate.asks_for[channel]) names.push_back(NameOf(channel));
    }
    return absl::StrJoin(names, ", ");
  }

  const ActionContext& context_;
  const BusinessHoursCalendar& hours_;
  const Triggers triggers_;
  const Consents consents_;
  v1::Qualification* const qualification_;
  std::vector<std::pair<std::vector<int>, Stake>> stakes_;
};

}  // namespace

ActionAdvisor::ActionAdvisor(const v1::Playbook& playbook, BusinessHoursCalendar hours)
    : playbook_(playbook), hours_(std::move(hours)) {}

void ActionAdvisor::Recommend(const ActionContext& context,
                              v1::Qualification* qualification) const {
  qualification->clear_actions();
  qualification->clear_withheld_actions();
  if (context.verdict == v1::VERDICT_RESTRICTED) return;
  Recommendation(context, hours_, qualification).Run(playbook_);
}

}  // namespace bantam
