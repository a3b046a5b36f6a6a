#include "server/engine/actions.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/engine/action_answer.h"
#include "server/engine/consent.h"
#include "server/engine/situation.h"

namespace bantam {
namespace {

using Candidates = absl::InlinedVector<Candidate, 16>;

// Usual playbooks need no heap.
using GapSets = absl::InlinedVector<GapSet, 24>;

// What is due when.
struct KnownDueTime {
  Instant start;
  BusinessTime sla;
  Instant due;
};

struct IsBetter {
  bool operator()(const Candidate& a, const Candidate& b) const {
    if (a.closes->worth != b.closes->worth) return a.closes->worth > b.closes->worth;
    if (a.priority != b.priority) return a.priority > b.priority;
    return a.rule->id_rank < b.rule->id_rank;
  }
};

// Content is sent; it cannot be moved to the telephone.
bool IsContent(v1::ActionKind kind) {
  return kind == v1::ACTION_KIND_ROI_CALCULATOR || kind == v1::ACTION_KIND_ATTRIBUTE_FORM ||
         kind == v1::ACTION_KIND_NURTURE_CONTENT;
}

// One call of Recommend().
class Recommendation {
 public:
  Recommendation(const Situation& situation, const BusinessHoursCalendar& hours, WireWriter* out)
      : context_(situation.context),
        situation_(situation),
        hours_(hours),
        consents_(context_.lead, context_.events, context_.now),
        out_(out),
        usual_sla_(UsualSla()),
        activity_start_(StartAfter(situation.triggers.activity)),
        hand_raise_start_(StartAfter(situation.triggers.hand_raise)) {}

  // Returns the due time of the first action that has one.
  std::optional<absl::Time> Run(absl::Span<const RuleFilter> filters,
                                absl::Span<const CompiledRule> rules) {
    sets_.reserve(rules.size());  // They must stay where they are.
    for (size_t i = 0; i < filters.size(); ++i) {
      if (!Passes(filters[i], situation_)) continue;
      if (filters[i].has_more && !HoldsInFull(rules[i], situation_)) continue;
      candidates_.push_back(MakeCandidate(rules[i]));
    }
    std::sort(candidates_.begin(), candidates_.end(), IsBetter());
    KeepPermitted();
    for (const Candidate& candidate : candidates_) {
      out_->LongMessage(v1::Qualification::kActionsFieldNumber,
                        [&] { WriteAction(context_, candidate, out_); });
    }
    for (const Candidate& candidate : withheld_) {
      out_->Message(v1::Qualification::kWithheldActionsFieldNumber,
                    [&] { WriteWithheldAction(context_, consents_, candidate, out_); });
    }
    for (const Candidate& candidate : candidates_) {
      if (candidate.due.has_value()) return candidate.due.ToTime();
    }
    return std::nullopt;
  }

 private:
  Candidate MakeCandidate(const CompiledRule& rule) {
    Candidate candidate;
    candidate.rule = &rule;
    candidate.kind = rule.kind;
    candidate.channel = rule.channel;
    candidate.closes = Weigh(rule);
    candidate.priority = rule.priority;
    candidate.due = DueTime(rule.answers_hand_raise ? hand_raise_start_ : activity_start_,
                            rule.sla.value_or(usual_sla_));
    return candidate;
  }

  // The gaps that the rule works on. Several rules tend to work on the same ones: each set is
  // weighed once.
  const GapSet* Weigh(const CompiledRule& rule) {
    const bool names_criteria = !rule.gap_criteria.empty();
    const Bits kinds = rule.gap_kinds & situation_.open_gaps;
    if (kinds == 0 && !names_criteria) return &no_gaps_;
    for (const GapSet& set : sets_) {
      if (set.kinds == kinds && !names_criteria) return &set;
    }
    GapSet& set = sets_.emplace_back();
    if (!names_criteria) set.kinds = kinds;
    for (size_t i = 0; i < context_.gaps.size(); ++i) {
      if (WorksOn(rule, context_.gaps[i])) set.gaps.push_back(static_cast<int>(i));
    }
    if (const GapSet* const same = names_criteria ? FindSame(set) : nullptr) {
      sets_.pop_back();
      return same;
    }
    constexpr Points kAboveAll = Points{1} << 40;
    set.points = context_.points_if_closed(set.gaps);
    set.unlocks_stage = context_.stage_if_closed(set.gaps);
    set.worth = set.points + (set.unlocks_stage.empty() ? 0 : kAboveAll);
    return &set;
  }

  // The set before the last one, `set`, with the same gaps; null: there is none.
  const GapSet* FindSame(const GapSet& set) const {
    if (set.gaps.empty()) return &no_gaps_;
    const auto same = std::find_if(sets_.begin(), sets_.end(), [&](const GapSet& other) {
      return other.gaps == set.gaps;  // At the latest, it is itself.
    });
    return &*same == &set ? nullptr : &*same;
  }

  // Several rules tend to be due at the same time, too.
  Instant DueTime(Instant start, BusinessTime sla) {
    for (const KnownDueTime& known : due_times_) {
      if (known.start == start && known.sla == sla) return known.due;
    }
    due_times_.push_back({start, sla, hours_.Due(start, sla)});
    return due_times_.back().due;
  }

  // The newest of what set an action off and the stage's entry.
  Instant StartAfter(Instant trigger) const {
    Instant start = trigger;
    if (context_.stage_entered.has_value()) {
      const Instant entered = *context_.stage_entered;
      if (entered <= context_.now) start = std::max(start, entered);
    }
    return start.has_value() ? start : context_.now;
  }

  // That of a rule without one.
  BusinessTime UsualSla() const {
    constexpr TimeSpan kFresh(uint64_t{24 * 3600} * kNanosPerSecond);
    const Instant hand_raise = situation_.triggers.hand_raise;
    const bool hand_is_fresh = hand_raise.has_value() && context_.now - hand_raise <= kFresh;
    if (context_.temperature == v1::TEMPERATURE_HOT || hand_is_fresh) return {0, 15};
    return context_.temperature == v1::TEMPERATURE_WARM ? BusinessTime(0, 4 * 60)
                                                        : BusinessTime(1, 0);
  }

  bool MayUse(v1::ActionKind kind, v1::Channel channel) const {
    return kind == v1::ACTION_KIND_REPLY ? consents_.MayReply(channel)
                                         : consents_.MayContact(channel);
  }

  // Leaves what may be done, on channels that may be used, and requests for consent; in order.
  void KeepPermitted() {
    size_t kept = 0;
    bool in_order = true;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      Candidate& candidate = candidates_[i];
      const v1::ActionKind wanted = candidate.kind;
      if (!Permit(&candidate)) continue;
      if (candidate.kind == v1::ACTION_KIND_FIND_DECISION_MAKER) {
        candidate.may_ask = Replacement(candidate.kind) != v1::CHANNEL_UNSPECIFIED;
      }
      if (candidate.kind == v1::ACTION_KIND_ASK_FOR_CONSENT) {
        // At the next inbound contact, whenever that is.
        if (candidate.channel == v1::CHANNEL_UNSPECIFIED) candidate.due = Instant();
        const bool merged = Merge(candidate, absl::MakeSpan(candidates_.data(), kept));
        in_order = in_order && !merged && candidate.kind == wanted;
        if (merged) continue;
      }
      if (kept < i) candidates_[kept] = candidate;
      ++kept;
    }
    candidates_.erase(candidates_.begin() + kept, candidates_.end());
    if (!in_order) std::sort(candidates_.begin(), candidates_.end(), IsBetter());
  }

  // Puts the candidate on a channel that may be used, or turns it into a request for consent.
  // False: there is nothing to ask for.
  bool Permit(Candidate* candidate) {
    const bool asks = candidate->kind == v1::ACTION_KIND_ASK_FOR_CONSENT;
    if (asks && !AskForAllMissing(candidate)) return false;
    const v1::Channel named = candidate->channel;
    if (named == v1::CHANNEL_UNSPECIFIED || MayUse(candidate->kind, named)) return true;
    candidate->replaced_channel = named;
    candidate->channel = Replacement(candidate->kind);
    withheld_.push_back(*candidate);
    if (candidate->channel == v1::CHANNEL_UNSPECIFIED && !asks) TurnIntoRequest(candidate);
    return true;
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
  static bool Merge(const Candidate& candidate, absl::Span<Candidate> permitted) {
    for (Candidate& other : permitted) {
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
  const Situation& situation_;
  const BusinessHoursCalendar& hours_;
  const Consents consents_;
  WireWriter* const out_;
  const GapSet no_gaps_;
  const BusinessTime usual_sla_;

  // What business time is counted from, after any activity and after a hand-raise.
  const Instant activity_start_;
  const Instant hand_raise_start_;

  GapSets sets_;
  Candidates candidates_;
  Candidates withheld_;  // With the channels that took the place of theirs.
  absl::InlinedVector<KnownDueTime, 4> due_times_;
};

}  // namespace

ActionAdvisor::ActionAdvisor(const v1::Playbook& playbook, BusinessHoursCalendar hours)
    : rules_(CompileRules(playbook, &stage_bits_)), hours_(std::move(hours)) {
  for (const CompiledRule& rule : rules_) filters_.push_back(rule.filter);
}

std::optional<absl::Time> ActionAdvisor::Recommend(const ActionContext& context,
                                                   WireWriter* out) const {
  if (context.verdict == v1::VERDICT_RESTRICTED) return std::nullopt;
  const Situation situation(context, stage_bits_);
  return Recommendation(situation, hours_, out).Run(filters_, rules_);
}

}  // namespace bantam
