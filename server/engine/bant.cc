#include "server/engine/bant.h"

#include <algorithm>

#include "absl/base/attributes.h"
#include "server/engine/text.h"
#include "server/engine/words.h"

namespace bantam {
namespace {

// Of evidence with a statement.
int DimensionOf(const v1::Evidence& evidence) {
  static_assert(v1::Evidence::kAuthority - v1::Evidence::kBudget == kAuthority &&
                v1::Evidence::kNeed - v1::Evidence::kBudget == kNeed &&
                v1::Evidence::kTimeline - v1::Evidence::kBudget == kTimeline);
  return evidence.statement_case() - v1::Evidence::kBudget;
}

// None ranks oldest.
Instant Observed(const v1::Evidence& evidence) {
  return evidence.has_observed_time() ? Instant(evidence.observed_time()) : Instant();
}

constexpr int64_t kSecondsOfDay = 86400;

// Days since 1970-01-01, by UTC, rounded down: counted from a day before all instants, where
// nothing is negative.
int64_t UtcDay(Instant time) {
  constexpr int64_t kDay = kSecondsOfDay * kNanosPerSecond;
  constexpr int64_t kBefore = 30000;  // Days; 1900 is 25,567 before 1970.
  const auto nanos = static_cast<uint64_t>(time.nanos()) + static_cast<uint64_t>(kBefore * kDay);
  return static_cast<int64_t>(nanos / kDay) - kBefore;
}

Instant StartOfUtcDay(int64_t day) { return Instant::FromSecond(day * kSecondsOfDay); }

}  // namespace

absl::string_view BantId(int dimension) {
  constexpr absl::string_view kIds[] = {"budget", "authority", "need", "timeline"};
  return kIds[dimension];
}

constexpr absl::string_view kRoleIds[] = {"decision_maker", "economic_buyer", "influencer",
                                          "champion",       "evaluator",      "user"};

absl::string_view RoleId(int role) { return kRoleIds[role]; }

BantModel::BantModel(const v1::BantProfile& bant, const TestEnvironment& tests)
    : points_{FromWire(bant.budget().points()), FromWire(bant.authority().points()),
              FromWire(bant.need().points()), FromWire(bant.timeline().points())},
      valid_for_{TimeSpan(bant.budget().valid_for()), TimeSpan(bant.authority().valid_for()),
                 TimeSpan(bant.need().valid_for()), TimeSpan(bant.timeline().valid_for())},
      questions_{OwnText(bant.budget().question()), OwnText(bant.authority().question()),
                 OwnText(bant.need().question()), OwnText(bant.timeline().question())},
      tests_(&tests),
      window_days_(bant.timeline().window_days()),
      wider_window_days_(bant.timeline().wider_window_days()) {
  for (int i = 0; i < 4; ++i) half_points_[i] = DivideRounded(points_[i], 2);
  if (bant.budget().has_minimum()) minimum_ = ToNanos(bant.budget().minimum());
  AddRoles();
  AddTitles(bant.authority());
  for (const std::string& problem : bant.need().solved_problems()) {
    solved_problems_.Add(Fold(problem));
  }
}

// Undated evidence never expires.
bool BantModel::Expired(int dimension, Instant observed, Instant time, Until* until) const {
  if (!observed.has_value()) return false;
  if (time - observed > valid_for_[dimension]) return true;
  until->Ends(observed, valid_for_[dimension]);
  return false;
}

BantModel::Judgement BantModel::JudgeBudget(const v1::BudgetEvidence& budget) const {
  if (budget.none()) return {v1::BANT_STATE_UNMET, BantCause::kTooLittle};
  if (!budget.has_amount() || budget.amount().currency_code().empty()) {
    return {v1::BANT_STATE_UNKNOWN, BantCause::kNoAmount};
  }
  const int64_t rate = tests_->currencies.Rate(budget.amount().currency_code());
  if (rate == CurrencyTable::kNoRate) return {v1::BANT_STATE_UNKNOWN, BantCause::kNoRate};
  const absl::int128 amount = ToNanos(budget.amount());
  if (amount <= 0 || (minimum_.has_value() && !CurrencyTable::AtLeast(amount, rate, *minimum_))) {
    return {v1::BANT_STATE_UNMET, BantCause::kTooLittle};
  }
  if (budget.approval() == v1::BUDGET_APPROVAL_APPROVED) {
    return {v1::BANT_STATE_MET, BantCause::kEnoughApproved};
  }
  return {v1::BANT_STATE_PARTIAL, BantCause::kEnoughOpen};
}

void BantModel::AddRoles() {
  for (const absl::string_view role : kRoleIds) roles_.Add(role);
  constexpr Judgement kDecides = {v1::BANT_STATE_MET, BantCause::kDecides};
  constexpr Judgement kInfluences = {v1::BANT_STATE_PARTIAL, BantCause::kInfluences};
  constexpr Judgement kUses = {v1::BANT_STATE_UNMET, BantCause::kUsesOnly};
  role_judgements_ = {kDecides, kDecides, kInfluences, kInfluences, kInfluences, kUses};
}

void BantModel::AddTitles(const v1::AuthorityRule& authority) {
  google::protobuf::RepeatedPtrField<std::string> titles;
  TextTable numbers;  // As the word tables number them.
  for (const auto& [title, role] : authority.title_roles()) {
    *titles.Add() = title;
    const size_t number = numbers.Add(Fold(title));
    if (number == title_roles_.size()) title_roles_.emplace_back();
    title_roles_[number] = static_cast<int16_t>(FindNormalizedRole(role));
  }
  titles_ = WordTable(titles, tests_->AliasesOf("contact.title"));
  seniorities_ = WordTable(titles, tests_->AliasesOf("contact.seniority"));
}

int BantModel::FindNormalizedRole(absl::string_view role) const {
  FoldBuffer buffer;
  return roles_.Find(NormalizeRoleInto(role, &buffer));
}

BantModel::Judgement BantModel::JudgeRole(absl::string_view role) const {
  int number = roles_.Find(role);  // Mostly it is spelt as rules name it.
  if (number < 0) number = FindNormalizedRole(role);
  if (number >= 0) return role_judgements_[number];
  return {v1::BANT_STATE_UNKNOWN, BantCause::kUnheardOfRole};
}

BantModel::Judgement BantModel::JudgeTimeline(const v1::TimelineEvidence& timeline, Instant time,
                                              Until* until) const {
  if (!timeline.has_planned_purchase_time()) {
    return {v1::BANT_STATE_UNKNOWN, BantCause::kNothingKnown};
  }
  const int64_t planned = UtcDay(Instant(timeline.planned_purchase_time()));
  const int64_t days = planned - UtcDay(time);
  if (days < 0) return {v1::BANT_STATE_STALE, BantCause::kInThePast};
  if (days <= window_days_) {
    until->Begins(StartOfUtcDay(planned + 1));
    return {v1::BANT_STATE_MET, BantCause::kWithinWindow};
  }
  if (days <= wider_window_days_) {
    until->Begins(StartOfUtcDay(planned - window_days_));
    return {v1::BANT_STATE_PARTIAL, BantCause::kWithinWiderWindow};
  }
  until->Begins(StartOfUtcDay(planned - wider_window_days_));
  return {v1::BANT_STATE_UNMET, BantCause::kTooLate};
}

// Keeps in `newest` what the newest evidence says; of several dated pieces of the same instant the
// lowest state, with a conflict where they differ; of several undated ones the last.
template <typename Judge>
void BantModel::Offer(int dimension, const Piece& piece, Instant time, const Judge& judge,
                      BantOutcome* newest, Until* until) const {
  const bool first = newest->evidence == nullptr;
  if (!first && piece.observed < newest->observed) return;
  Judgement judgement = {v1::BANT_STATE_STALE, BantCause::kExpired};
  if (!Expired(dimension, piece.observed, time, until)) judgement = judge();
  const bool same_instant =
      !first && piece.observed.has_value() && piece.observed == newest->observed;
  const bool conflict = same_instant && (newest->conflict || judgement.state != newest->state);
  if (!same_instant || judgement.state < newest->state) {
    newest->state = judgement.state;
    newest->cause = judgement.cause;
    newest->evidence = piece.evidence;
    newest->observed = piece.observed;
    newest->contact_id = piece.evidence->contact_id();
  }
  newest->conflict = conflict;
}

// What title and seniority imply: partial at most. UNSPECIFIED: nothing.
BantOutcome BantModel::JudgeTitle(const v1::Contact& contact) const {
  BantOutcome implied;
  implied.state = v1::BANT_STATE_UNSPECIFIED;
  const auto offer = [&](const WordTable& titles, absl::string_view text) {
    const int title = titles.Find(text);
    if (title < 0) return;
    const int16_t role = title_roles_[title];
    const v1::BantState state = std::min(role_judgements_[role].state, v1::BANT_STATE_PARTIAL);
    if (state <= implied.state) return;
    implied.state = state;
    implied.role = role;
    implied.cause = BantCause::kImpliedByTitle;
    implied.contact_id = contact.id();
  };
  offer(titles_, contact.title());
  offer(seniorities_, contact.seniority());
  return implied;
}

// The newest evidence of one contact (empty: of none); false: there is none.
bool BantModel::FindNewest(const Pieces& spoken, absl::string_view contact_id, Instant time,
                           BantOutcome* newest, Until* until) const {
  bool found = false;
  for (const Piece& piece : spoken) {
    if (!SameText(piece.evidence->contact_id(), contact_id)) continue;
    found = true;
    const auto judge = [&] { return JudgeRole(piece.evidence->authority().role()); };
    Offer(kAuthority, piece, time, judge, newest, until);
  }
  return found;
}

// For each contact the newest evidence counts, or else the title; across contacts the best, of
// equally good ones the first in the lead's order, evidence without a contact last.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void BantModel::EvaluateAuthority(const v1::Lead& lead,
                                                                      const Pieces& spoken,
                                                                      Instant time,
                                                                      BantOutcome* best,
                                                                      Until* until) const {
  bool known = false;
  bool all_heard = false;  // Whether no other contact can have said anything.
  bool conflict = false;
  const auto consider = [&](const BantOutcome& outcome) {
    conflict = conflict || outcome.conflict;
    if (known && outcome.state <= best->state) return;
    *best = outcome;
    known = true;
  };
  for (const v1::Contact& contact : lead.contacts()) {
    BantOutcome newest;
    if (!contact.id().empty() && FindNewest(spoken, contact.id(), time, &newest, until)) {
      consider(newest);
      all_heard = spoken.size() == 1;
      if (all_heard && best->state >= v1::BANT_STATE_PARTIAL) break;  // Titles imply no more.
    } else if (!known || best->state < v1::BANT_STATE_PARTIAL) {      // A title never implies more.
      const BantOutcome implied = JudgeTitle(contact);
      if (implied.state != v1::BANT_STATE_UNSPECIFIED) consider(implied);
    }
  }
  if (!all_heard) {
    BantOutcome newest;
    if (FindNewest(spoken, "", time, &newest, until)) consider(newest);
  }
  best->conflict = conflict;
}

namespace {

// The newest "no need", and what it cancels.
struct NoNeed {
  const v1::Evidence* evidence = nullptr;
  Instant observed;
  size_t index = 0;

  // A dated one cancels what is not newer; an undated one what is undated and before it.
  bool Cancels(Instant need, size_t need_index) const {
    if (evidence == nullptr) return false;
    if (observed.has_value()) return need <= observed;
    return !need.has_value() && need_index < index;
  }
};

}  // namespace

// Needs add up until a newer "no need"; each expires by itself.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void BantModel::EvaluateNeed(const Pieces& needs,
                                                                 Instant newest_need_event,
                                                                 Instant time, BantOutcome* best,
                                                                 Until* until) const {
  NoNeed no_need;
  for (size_t i = 0; i < needs.size(); ++i) {
    if (!needs[i].evidence->need().none()) continue;
    if (no_need.evidence != nullptr && needs[i].observed < no_need.observed) continue;
    no_need = {needs[i].evidence, needs[i].observed, i};
  }
  bool known = false;
  bool same_instant = false;  // A need of the very instant of the newest "no need".
  const auto consider = [&](const v1::Evidence* evidence, Instant observed, size_t index) {
    if (no_need.Cancels(observed, index)) {
      same_instant = same_instant || (observed.has_value() && observed == no_need.observed);
      return;
    }
    Judgement judgement = {v1::BANT_STATE_PARTIAL, BantCause::kImpliedNeed};
    if (Expired(kNeed, observed, time, until)) {
      judgement = {v1::BANT_STATE_STALE, BantCause::kExpired};
    } else if (evidence != nullptr) {
      const int problem = solved_problems_.FindFolded(evidence->need().need());
      judgement.cause =
          problem == TextTable::kNoText ? BantCause::kGeneralNeed : BantCause::kOtherNeed;
      if (problem >= 0) judgement = {v1::BANT_STATE_MET, BantCause::kSolvedNeed};
    }
    const bool better = !known || judgement.state > best->state;
    if (!better && (judgement.state < best->state || best->observed >= observed)) return;
    known = true;
    best->state = judgement.state;
    best->cause = judgement.cause;
    best->evidence = evidence;
    best->observed = observed;
    best->contact_id = evidence != nullptr ? absl::string_view(evidence->contact_id()) : "";
  };
  for (size_t i = 0; i < needs.size(); ++i) {
    if (!needs[i].evidence->need().none()) consider(needs[i].evidence, needs[i].observed, i);
  }
  if (newest_need_event.has_value()) consider(nullptr, newest_need_event, needs.size());
  if (known || no_need.evidence == nullptr) return;
  const bool expired = Expired(kNeed, no_need.observed, time, until);
  best->state = expired ? v1::BANT_STATE_STALE : v1::BANT_STATE_UNMET;
  best->cause = expired ? BantCause::kExpired : BantCause::kNoNeed;
  best->evidence = no_need.evidence;
  best->observed = no_need.observed;
  best->contact_id = no_need.evidence->contact_id();
  best->conflict = same_instant && !expired;
}

Until BantModel::Evaluate(const v1::Lead& lead, Instant newest_need_event, Instant time,
                          BantOutcomes* outcomes) const {
  Until until;
  Pieces spoken;
  Pieces needs;
  for (const v1::Evidence& evidence : lead.evidence()) {
    if (evidence.statement_case() == v1::Evidence::STATEMENT_NOT_SET) continue;
    const int dimension = DimensionOf(evidence);
    const Piece piece = {&evidence, Observed(evidence)};
    if (piece.observed > time) {
      until.Begins(piece.observed);
      continue;
    }
    BantOutcome& outcome = (*outcomes)[dimension];
    if (dimension == kBudget) {
      const auto judge = [&] { return JudgeBudget(evidence.budget()); };
      Offer(kBudget, piece, time, judge, &outcome, &until);
    } else if (dimension == kTimeline) {
      const auto judge = [&] { return JudgeTimeline(evidence.timeline(), time, &until); };
      Offer(kTimeline, piece, time, judge, &outcome, &until);
    } else {
      (dimension == kAuthority ? spoken : needs).Add(piece);
    }
  }
  EvaluateAuthority(lead, spoken, time, &(*outcomes)[kAuthority], &until);
  EvaluateNeed(needs, newest_need_event, time, &(*outcomes)[kNeed], &until);
  for (int i = 0; i < 4; ++i) {
    BantOutcome& outcome = (*outcomes)[i];
    if (outcome.state == v1::BANT_STATE_MET) outcome.points = points_[i];
    if (outcome.state == v1::BANT_STATE_PARTIAL) outcome.points = half_points_[i];
  }
  return until;
}

}  // namespace bantam
