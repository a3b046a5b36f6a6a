#include "server/engine/actions.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/engine/action_answer.h"
#include "server/engine/consent.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/situation.h"

namespace bantam {
namespace {

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
      out_->Message(v1::Qualification::kActionsFieldNumber,
                    [&] { WriteAction(context_, candidate, out_); });
    }
    for (const Candidate& candidate : withheld_) {
      out_->Message(v1::Qualification::kWithheldActionsFieldNumber,
                    [&] { WriteWithheldAction(context_, consents_, candidate, out_); });
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
    CompiledRule& compiled = rules_.back();
    if (rule.when().has_hand_raised_within()) {
      compiled.hand_raised_within = ToDuration(rule.when().hand_raised_within());
    }
    for (const int verdict : rule.when().verdicts()) compiled.verdicts |= 1u << verdict;
    for (const int temperature : rule.when().temperatures()) {
      compiled.temperatures |= 1u << temperature;
    }
  }
}

std::optional<absl::Time> ActionAdvisor::Recommend(const ActionContext& context,
                                                   WireWriter* out) const {
  if (context.verdict == v1::VERDICT_RESTRICTED) return std::nullopt;
  return Recommendation(context, hours_, out).Run(rules_);
}

}  // namespace bantam
