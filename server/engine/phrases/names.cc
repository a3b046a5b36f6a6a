#include "server/engine/phrases/names.h"

#include <array>
#include <cstdint>
#include <utility>

namespace bantam {
namespace {

struct NamedPhrase {
  absl::string_view name;
  Phrase phrase;
};

// Phrases by the names they stand for, none of which is empty. Sorted by length when the program is
// compiled, since few names have the same.
template <size_t N>
class NameTable {
 public:
  constexpr explicit NameTable(const std::array<NamedPhrase, N>& rows) : rows_(rows) {
    size_t sorted = 0;
    for (size_t size = 0; size < kMostBytes; ++size) {
      first_of_size_[size] = static_cast<uint8_t>(sorted);
      for (const NamedPhrase& row : rows) {
        if (row.name.size() == size) rows_[sorted++] = row;
      }
    }
    first_of_size_[kMostBytes] = static_cast<uint8_t>(sorted);
  }

  std::optional<Phrase> Find(absl::string_view name) const {
    const size_t size = name.size();
    if (size >= kMostBytes) return std::nullopt;
    for (int i = first_of_size_[size]; i < first_of_size_[size + 1]; ++i) {
      if (rows_[i].name.back() == name.back() && rows_[i].name == name) return rows_[i].phrase;
    }
    return std::nullopt;
  }

 private:
  static constexpr size_t kMostBytes = 32;  // All names have fewer.

  std::array<NamedPhrase, N> rows_;
  std::array<uint8_t, kMostBytes + 1> first_of_size_ = {};
};

constexpr NameTable<6> kRoles({{
    {"decision_maker", Phrase::kRoleDecisionMaker},
    {"economic_buyer", Phrase::kRoleEconomicBuyer},
    {"influencer", Phrase::kRoleInfluencer},
    {"champion", Phrase::kRoleChampion},
    {"evaluator", Phrase::kRoleEvaluator},
    {"user", Phrase::kRoleUser},
}});

constexpr NameTable<7> kStages({{
    {"lead", Phrase::kStageLead},
    {"mql", Phrase::kStageMql},
    {"sql", Phrase::kStageSql},
    {"opportunity", Phrase::kStageOpportunity},
    {"customer", Phrase::kStageCustomer},
    {"nurture", Phrase::kStageNurture},
    {"disqualified", Phrase::kStageDisqualified},
}});

constexpr NameTable<25> kAttributes({{
    {"company.name", Phrase::kAttributeCompanyName},
    {"company.industry", Phrase::kAttributeCompanyIndustry},
    {"company.employee_count", Phrase::kAttributeCompanyEmployeeCount},
    {"company.annual_revenue", Phrase::kAttributeCompanyAnnualRevenue},
    {"company.country", Phrase::kAttributeCompanyCountry},
    {"company.region", Phrase::kAttributeCompanyRegion},
    {"company.city", Phrase::kAttributeCompanyCity},
    {"company.technologies", Phrase::kAttributeCompanyTechnologies},
    {"company.domain", Phrase::kAttributeCompanyDomain},
    {"company.founded_year", Phrase::kAttributeCompanyFoundedYear},
    {"company.ownership", Phrase::kAttributeCompanyOwnership},
    {"company.revenue_rank", Phrase::kAttributeCompanyRevenueRank},
    {"contact.title", Phrase::kAttributeContactTitle},
    {"contact.seniority", Phrase::kAttributeContactSeniority},
    {"contact.department", Phrase::kAttributeContactDepartment},
    {"contact.country", Phrase::kAttributeContactCountry},
    {"contact.language", Phrase::kAttributeContactLanguage},
    {"contact.time_zone", Phrase::kAttributeContactTimeZone},
    {"contact.email_domain", Phrase::kAttributeContactEmailDomain},
    {"contact.free_email_domain", Phrase::kAttributeContactFreeEmailDomain},
    {"source.channel", Phrase::kAttributeSourceChannel},
    {"source.medium", Phrase::kAttributeSourceMedium},
    {"source.referrer", Phrase::kAttributeSourceReferrer},
    {"source.first_contact_time", Phrase::kAttributeSourceFirstContactTime},
    {"source.campaign", Phrase::kAttributeSourceCampaign},
}});

constexpr NameTable<7> kContents({{
    {"blog", Phrase::kTitleNurtureBlog},
    {"ebook", Phrase::kTitleNurtureEbook},
    {"podcast", Phrase::kTitleNurturePodcast},
    {"video", Phrase::kTitleNurtureVideo},
    {"infographic", Phrase::kTitleNurtureInfographic},
    {"webinar", Phrase::kTitleNurtureWebinar},
    {"newsletter", Phrase::kTitleNurtureNewsletter},
}});

Phrase ByStatus(v1::GateStatus status, Phrase met, Phrase not_met, Phrase unknown) {
  if (status == v1::GATE_STATUS_MET) return met;
  return status == v1::GATE_STATUS_NOT_MET ? not_met : unknown;
}

}  // namespace

Phrase PartName(v1::ScorePart part) {
  switch (part) {
    case v1::SCORE_PART_FIT:
      return Phrase::kPartFit;
    case v1::SCORE_PART_ENGAGEMENT:
      return Phrase::kPartEngagement;
    case v1::SCORE_PART_BANT:
      return Phrase::kPartBant;
    default:
      return Phrase::kPartTotal;
  }
}

Phrase DimensionName(v1::BantDimension dimension) {
  switch (dimension) {
    case v1::BANT_DIMENSION_BUDGET:
      return Phrase::kDimensionBudget;
    case v1::BANT_DIMENSION_AUTHORITY:
      return Phrase::kDimensionAuthority;
    case v1::BANT_DIMENSION_NEED:
      return Phrase::kDimensionNeed;
    default:
      return Phrase::kDimensionTimeline;
  }
}

Phrase StateName(v1::BantState state) {
  switch (state) {
    case v1::BANT_STATE_UNMET:
      return Phrase::kStateUnmet;
    case v1::BANT_STATE_STALE:
      return Phrase::kStateStale;
    case v1::BANT_STATE_PARTIAL:
      return Phrase::kStatePartial;
    case v1::BANT_STATE_MET:
      return Phrase::kStateMet;
    default:
      return Phrase::kStateUnknown;
  }
}

std::optional<Phrase> RoleName(absl::string_view role) { return kRoles.Find(role); }

std::optional<Phrase> StageTitle(absl::string_view stage) { return kStages.Find(stage); }

Phrase ChannelName(v1::Channel channel) {
  switch (channel) {
    case v1::CHANNEL_PHONE:
      return Phrase::kChannelPhone;
    case v1::CHANNEL_SMS:
      return Phrase::kChannelSms;
    case v1::CHANNEL_POST:
      return Phrase::kChannelPost;
    default:
      return Phrase::kChannelEmail;
  }
}

std::optional<Phrase> AttributePhrase(absl::string_view attribute) {
  return kAttributes.Find(attribute);
}

Phrase DimensionQuestion(v1::BantDimension dimension) {
  switch (dimension) {
    case v1::BANT_DIMENSION_BUDGET:
      return Phrase::kQuestionBudget;
    case v1::BANT_DIMENSION_AUTHORITY:
      return Phrase::kQuestionAuthority;
    case v1::BANT_DIMENSION_NEED:
      return Phrase::kQuestionNeed;
    default:
      return Phrase::kQuestionTimeline;
  }
}

Phrase GateFactText(v1::GateFact fact, v1::GateStatus status) {
  switch (fact) {
    case v1::GATE_FACT_INTEREST:
      return ByStatus(status, Phrase::kGateInterestMet, Phrase::kGateInterestNotMet,
                      Phrase::kGateInterestUnknown);
    case v1::GATE_FACT_INTEREST_AFTER_ENTRY:
      return ByStatus(status, Phrase::kGateInterestAfterEntryMet,
                      Phrase::kGateInterestAfterEntryNotMet,
                      Phrase::kGateInterestAfterEntryUnknown);
    case v1::GATE_FACT_CONVERSATION:
      return ByStatus(status, Phrase::kGateConversationMet, Phrase::kGateConversationNotMet,
                      Phrase::kGateConversationUnknown);
    case v1::GATE_FACT_REQUIRED_CRITERIA_KNOWN:
      return ByStatus(status, Phrase::kGateRequiredCriteriaKnownMet,
                      Phrase::kGateRequiredCriteriaKnownNotMet,
                      Phrase::kGateRequiredCriteriaKnownUnknown);
    case v1::GATE_FACT_VERDICT_QUALIFIED:
      return ByStatus(status, Phrase::kGateVerdictQualifiedMet, Phrase::kGateVerdictQualifiedNotMet,
                      Phrase::kGateVerdictQualifiedUnknown);
    case v1::GATE_FACT_ACCEPTED_BY_SALES:
      return ByStatus(status, Phrase::kGateAcceptedBySalesMet, Phrase::kGateAcceptedBySalesNotMet,
                      Phrase::kGateAcceptedBySalesUnknown);
    case v1::GATE_FACT_NOT_REJECTED_BY_SALES:
      return ByStatus(status, Phrase::kGateNotRejectedBySalesMet,
                      Phrase::kGateNotRejectedBySalesNotMet,
                      Phrase::kGateNotRejectedBySalesUnknown);
    case v1::GATE_FACT_CLOSED_WON:
      return ByStatus(status, Phrase::kGateClosedWonMet, Phrase::kGateClosedWonNotMet,
                      Phrase::kGateClosedWonUnknown);
    default:
      return ByStatus(status, Phrase::kGateNotDisqualifiedMet, Phrase::kGateNotDisqualifiedNotMet,
                      Phrase::kGateNotDisqualifiedUnknown);
  }
}

std::optional<Phrase> ActionTitle(v1::ActionKind kind, absl::string_view asset) {
  switch (kind) {
    case v1::ACTION_KIND_REPLY:
      return Phrase::kTitleReply;
    case v1::ACTION_KIND_DISCOVERY_CALL:
      return Phrase::kTitleDiscoveryCall;
    case v1::ACTION_KIND_FIND_DECISION_MAKER:
      return Phrase::kTitleFindDecisionMaker;
    case v1::ACTION_KIND_ROI_CALCULATOR:
      return Phrase::kTitleRoiCalculator;
    case v1::ACTION_KIND_ATTRIBUTE_FORM:
      return Phrase::kTitleAttributeForm;
    case v1::ACTION_KIND_NURTURE_CONTENT:
      return kContents.Find(asset).value_or(Phrase::kTitleNurtureContent);
    case v1::ACTION_KIND_SALES_PRESENTATION:
      return Phrase::kTitleSalesPresentation;
    case v1::ACTION_KIND_ASK_FOR_CONSENT:
      return Phrase::kTitleAskForConsent;
    case v1::ACTION_KIND_BOOK_MEETING:
      return Phrase::kTitleBookMeeting;
    case v1::ACTION_KIND_HAND_OVER:
      return Phrase::kTitleHandOver;
    default:
      return std::nullopt;
  }
}

std::optional<Phrase> ActionScript(v1::ActionKind kind) {
  switch (kind) {
    case v1::ACTION_KIND_REPLY:
      return Phrase::kScriptReply;
    case v1::ACTION_KIND_DISCOVERY_CALL:
      return Phrase::kScriptDiscoveryCall;
    case v1::ACTION_KIND_FIND_DECISION_MAKER:
      return Phrase::kScriptFindDecisionMaker;
    case v1::ACTION_KIND_ROI_CALCULATOR:
      return Phrase::kScriptRoiCalculator;
    case v1::ACTION_KIND_ATTRIBUTE_FORM:
      return Phrase::kScriptAttributeForm;
    case v1::ACTION_KIND_NURTURE_CONTENT:
      return Phrase::kScriptNurtureContent;
    case v1::ACTION_KIND_SALES_PRESENTATION:
      return Phrase::kScriptSalesPresentation;
    case v1::ACTION_KIND_ASK_FOR_CONSENT:
      return Phrase::kScriptAskForConsent;
    case v1::ACTION_KIND_BOOK_MEETING:
      return Phrase::kScriptBookMeeting;
    case v1::ACTION_KIND_HAND_OVER:
      return Phrase::kScriptHandOver;
    default:
      return std::nullopt;
  }
}

}  // namespace bantam
