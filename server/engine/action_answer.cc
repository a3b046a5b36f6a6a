#include "server/engine/action_answer.h"

#include <algorithm>
#include <optional>
#include <string>

#include "server/engine/phrases/names.h"

namespace bantam {
namespace {

constexpr size_t kMostQuestions = 3;  // Never read out a list.

bool AsksQuestions(v1::ActionKind kind) {
  return kind == v1::ACTION_KIND_REPLY || kind == v1::ACTION_KIND_DISCOVERY_CALL ||
         kind == v1::ACTION_KIND_FIND_DECISION_MAKER || kind == v1::ACTION_KIND_ATTRIBUTE_FORM ||
         kind == v1::ACTION_KIND_OTHER;
}

class ActionWriter {
 public:
  ActionWriter(const ActionContext& context, WireWriter* out) : context_(context), out_(out) {}

  void Write(const Candidate& candidate) {
    using N = v1::NextAction;
    const GapSet& closes = *candidate.closes;
    out_->Text(N::kRuleFieldNumber, candidate.rule->id);
    out_->Integer(N::kKindFieldNumber, candidate.kind);
    WriteTitle(candidate);
    out_->Integer(N::kChannelFieldNumber, candidate.channel);
    WriteScript(candidate);
    if (AsksQuestions(candidate.kind) && candidate.may_ask) {
      for (size_t i = 0; i < std::min(closes.gaps.size(), kMostQuestions); ++i) {
        out_->WrittenTextElement(N::kQuestionsFieldNumber, [&](ByteBuffer* question) {
          context_.append_question(closes.gaps[i], question);
        });
      }
    }
    if (HasOwnTexts(candidate)) {
      out_->Text(N::kAssetFieldNumber, candidate.rule->asset);
    }
    if (candidate.due.has_value()) {
      WriteTime(N::kDueTimeFieldNumber, candidate.due);
      out_->Flag(N::kOverdueFieldNumber, candidate.due < context_.now);
    }
    for (const int gap : closes.gaps) {
      out_->TextElement(N::kGapsFieldNumber, context_.gaps[gap].id);
    }
    out_->Number(N::kPointsAtStakeFieldNumber, ToWire(closes.points));
    out_->Text(N::kUnlocksStageFieldNumber, closes.unlocks_stage);
    out_->WrittenText(N::kReasonFieldNumber,
                      [&](ByteBuffer* reason) { AppendReason(candidate, reason); });
    out_->Integer(N::kReplacedChannelFieldNumber, candidate.replaced_channel);
  }

  void WriteWithheld(const Consents& consents, const Candidate& candidate) {
    using W = v1::WithheldAction;
    const Texts& texts = context_.texts;
    const Permission permission = consents.For(candidate.replaced_channel);
    const Phrase why = permission == Permission::kDenied         ? Phrase::kWithheldDenied
                       : permission == Permission::kUnsubscribed ? Phrase::kWithheldUnsubscribed
                                                                 : Phrase::kWithheldUnknown;
    const auto append_why = [&](ByteBuffer* out) {
      texts.Append(out, why, NameOf(candidate.replaced_channel));
    };
    out_->Text(W::kRuleFieldNumber, candidate.rule->id);
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

 private:
  // Whether the rule's own texts and asset are meant, and no request for consent took its place.
  static bool HasOwnTexts(const Candidate& candidate) {
    return candidate.kind == candidate.rule->kind;
  }

  // A Timestamp has the same fields as a Duration.
  void WriteTime(int field, Instant time) {
    const int64_t second = time.Second();
    out_->Duration(field, second, static_cast<int32_t>(time.nanos() - second * kNanosPerSecond));
  }

  void WriteTitle(const Candidate& candidate) {
    const CompiledRule& rule = *candidate.rule;
    const Texts& texts = context_.texts;
    const auto write = [&](absl::string_view title) {
      out_->Text(v1::NextAction::kTitleFieldNumber, title);
    };
    if (!HasOwnTexts(candidate)) return write(texts.Text(Phrase::kTitleAskForConsent));
    if (!rule.title.empty() || !rule.usual_title.has_value()) {
      return write(texts.Own(rule.title, rule.id));
    }
    write(texts.Text(*rule.usual_title));
  }

  void WriteScript(const Candidate& candidate) {
    const CompiledRule& rule = *candidate.rule;
    const Texts& texts = context_.texts;
    constexpr int kField = v1::NextAction::kScriptFieldNumber;
    if (HasOwnTexts(candidate) && (!rule.script.empty() || !rule.usual_script.has_value())) {
      out_->Text(kField, texts.Own(rule.script, ""));
    } else if (candidate.kind == v1::ACTION_KIND_ASK_FOR_CONSENT) {
      out_->WrittenText(kField, [&](ByteBuffer* text) {
        texts.Append(text, Phrase::kScriptAskForConsent,
                     [&](ByteBuffer* names) { AppendAskedChannels(candidate, names); });
      });
    } else if (!candidate.may_ask) {
      out_->Text(kField, texts.Text(Phrase::kScriptLookUpDecisionMaker));
    } else {
      out_->Text(kField, texts.Text(*rule.usual_script));
    }
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
    texts.Append(out, Phrase::kActionUnlocks, context_.stage_title(stage),
                 [&](ByteBuffer* reason) { AppendPointsReason(*candidate.closes, reason); });
  }

  // Appends "+12.5 if the budget is confirmed".
  void AppendPointsReason(const GapSet& closes, ByteBuffer* out) const {
    const Texts& texts = context_.texts;
    const auto append_names = [&](ByteBuffer* names) { AppendGapNames(closes, names); };
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

  // Appends the names of dimensions and of unknown attributes, each once, though several criteria
  // may ask for it.
  void AppendGapNames(const GapSet& closes, ByteBuffer* out) const {
    const Texts& texts = context_.texts;
    bool first = true;
    const auto begin_name = [&] {
      if (!first) out->Append(", ");
      first = false;
    };
    absl::InlinedVector<absl::string_view, 16> named;
    for (const int index : closes.gaps) {
      const OpenGap& gap = context_.gaps[index];
      if (gap.dimension != v1::BANT_DIMENSION_UNSPECIFIED) {
        begin_name();
        texts.Append(out, DimensionName(gap.dimension));
      } else if (gap.unknown_attributes.empty()) {
        begin_name();
        out->Append(gap.id);
      }
      for (const absl::string_view attribute : gap.unknown_attributes) {
        if (std::find(named.begin(), named.end(), attribute) != named.end()) continue;
        named.push_back(attribute);
        begin_name();
        texts.AppendAttributeName(attribute, out);
      }
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
  WireWriter* const out_;
};

}  // namespace

void WriteAction(const ActionContext& context, const Candidate& candidate, WireWriter* out) {
  ActionWriter(context, out).Write(candidate);
}

void WriteWithheldAction(const ActionContext& context, const Consents& consents,
                         const Candidate& candidate, WireWriter* out) {
  ActionWriter(context, out).WriteWithheld(consents, candidate);
}

}  // namespace bantam
