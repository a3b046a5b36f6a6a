#include "tests/reference/bant.h"

#include <algorithm>
#include <map>
#include <set>

#include "tests/reference/facts.h"

namespace bantam {
namespace reference {
namespace {

// One statement, with the state that it would lead to if it is not too old.
struct Piece {
  v1::BantState state = v1::BANT_STATE_UNKNOWN;
  std::optional<Nanos> observed;
  std::string contact_id;
  std::string source;
  bool none = false;  // An explicit "no need".
};

bool IsFact(const v1::Evidence& evidence, Nanos now) {
  return !evidence.has_observed_time() || ToNanos(evidence.observed_time()) <= now;
}

Piece PieceOf(const v1::Evidence& evidence, v1::BantState state) {
  Piece piece;
  piece.state = state;
  if (evidence.has_observed_time()) piece.observed = ToNanos(evidence.observed_time());
  piece.contact_id = evidence.contact_id();
  piece.source = Trim(evidence.source());
  return piece;
}

bool Stale(const Piece& piece, Nanos valid_for, Nanos now) {
  // CHOICE: at the very instant of expiry the evidence is still valid.
  return piece.observed.has_value() && now - *piece.observed > valid_for;
}

// Undated ranks oldest.
bool Newer(const Piece& a, const Piece& b) {
  if (!b.observed.has_value()) return a.observed.has_value();
  return a.observed.has_value() && *a.observed > *b.observed;
}

void Decide(const Piece& piece, v1::BantState state, Nanos valid_for, BantOutcome* outcome) {
  outcome->state = state;
  outcome->contact_id = piece.contact_id;
  outcome->source = piece.source;
  outcome->observed = piece.observed;
  outcome->expires.reset();
  if (piece.observed.has_value()) outcome->expires = *piece.observed + valid_for;
}

// The newest piece decides; then it is validated. CHOICE: of pieces of the same instant that lead
// to the same state the first in the request decides; stale pieces do not conflict.
BantOutcome NewestDecides(const std::vector<Piece>& pieces, Nanos valid_for, Nanos now) {
  BantOutcome outcome;
  std::vector<Piece> newest;  // Those of the newest instant; of undated ones only the last.
  for (const Piece& piece : pieces) {
    if (!newest.empty() && Newer(newest[0], piece)) continue;
    const bool same_instant =
        !newest.empty() && piece.observed.has_value() && piece.observed == newest[0].observed;
    if (!same_instant) newest.clear();
    newest.push_back(piece);
  }
  if (newest.empty()) return outcome;
  if (Stale(newest[0], valid_for, now)) {
    Decide(newest[0], v1::BANT_STATE_STALE, valid_for, &outcome);
    return outcome;
  }
  Piece deciding = newest[0];
  for (const Piece& piece : newest) {
    outcome.conflict = outcome.conflict || piece.state != deciding.state;
    if (piece.state < deciding.state) deciding = piece;
  }
  Decide(deciding, deciding.state, valid_for, &outcome);
  return outcome;
}

// CHOICE: zero in a currency without a rate is unknown like any other amount.
v1::BantState BudgetState(const v1::Icp& icp, const v1::BudgetEvidence& budget) {
  if (budget.none()) return v1::BANT_STATE_UNMET;
  if (!budget.has_amount()) return v1::BANT_STATE_UNKNOWN;
  const std::optional<Amount> amount = InIcpCurrency(icp, budget.amount());
  if (!amount.has_value()) return v1::BANT_STATE_UNKNOWN;
  if (*amount == Amount(0, 0)) return v1::BANT_STATE_UNMET;
  if (icp.bant().budget().has_minimum()) {
    const std::optional<Amount> minimum = InIcpCurrency(icp, icp.bant().budget().minimum());
    if (minimum.has_value() && *amount < *minimum) return v1::BANT_STATE_UNMET;
  }
  return budget.approval() == v1::BUDGET_APPROVAL_APPROVED ? v1::BANT_STATE_MET
                                                           : v1::BANT_STATE_PARTIAL;
}

BantOutcome JudgeBudget(const v1::Icp& icp, const v1::Lead& lead, Nanos now) {
  std::vector<Piece> pieces;
  for (const v1::Evidence& evidence : lead.evidence()) {
    if (!evidence.has_budget() || !IsFact(evidence, now)) continue;
    pieces.push_back(PieceOf(evidence, BudgetState(icp, evidence.budget())));
  }
  return NewestDecides(pieces, ToNanos(icp.bant().budget().valid_for()), now);
}

v1::BantState RoleState(const std::string& text) {
  std::string role = Fold(text);
  std::replace(role.begin(), role.end(), ' ', '_');
  std::replace(role.begin(), role.end(), '-', '_');
  if (role == "decision_maker" || role == "economic_buyer") return v1::BANT_STATE_MET;
  if (role == "influencer" || role == "champion" || role == "evaluator") {
    return v1::BANT_STATE_PARTIAL;
  }
  return role == "user" ? v1::BANT_STATE_UNMET : v1::BANT_STATE_UNKNOWN;
}

// What the ICP's table says about a contact's title and seniority, partial at most; nullopt if
// nothing. CHOICE: aliases of contact.title and contact.seniority are applied before.
std::optional<v1::BantState> ImpliedState(const v1::Icp& icp, const v1::Contact& contact) {
  std::optional<v1::BantState> best;
  for (const auto& entry : icp.bant().authority().title_roles()) {
    for (const std::string& text : {Aliased(icp, "contact.title", contact.title()),
                                    Aliased(icp, "contact.seniority", contact.seniority())}) {
      if (Fold(text).empty() || Fold(text) != Fold(entry.first)) continue;
      const v1::BantState state = std::min(RoleState(entry.second), v1::BANT_STATE_PARTIAL);
      if (!best.has_value() || state > *best) best = state;
    }
  }
  return best;
}

// Per contact the newest counts; across contacts the best. CHOICE: of equally good contacts the
// first of the lead's list is named, the unnamed one last; a conflict is reported whichever
// contact's it is.
BantOutcome JudgeAuthority(const v1::Icp& icp, const v1::Lead& lead, Nanos now) {
  const Nanos valid_for = ToNanos(icp.bant().authority().valid_for());
  std::map<std::string, std::vector<Piece>> by_contact;
  for (const v1::Evidence& evidence : lead.evidence()) {
    if (!evidence.has_authority() || !IsFact(evidence, now)) continue;
    by_contact[evidence.contact_id()].push_back(
        PieceOf(evidence, RoleState(evidence.authority().role())));
  }
  std::vector<BantOutcome> candidates;
  for (const v1::Contact& contact : lead.contacts()) {
    const bool spoken_of = !contact.id().empty() && by_contact.count(contact.id()) > 0;
    if (spoken_of) {
      candidates.push_back(NewestDecides(by_contact[contact.id()], valid_for, now));
    } else if (const std::optional<v1::BantState> implied = ImpliedState(icp, contact)) {
      BantOutcome outcome;
      outcome.state = *implied;
      outcome.contact_id = contact.id();
      candidates.push_back(outcome);
    }
  }
  if (by_contact.count("") > 0) {
    candidates.push_back(NewestDecides(by_contact[""], valid_for, now));
  }
  if (candidates.empty()) return BantOutcome();
  BantOutcome best = candidates.front();
  bool conflict = false;
  for (const BantOutcome& candidate : candidates) {
    conflict = conflict || candidate.conflict;
    if (candidate.state > best.state) best = candidate;
  }
  best.conflict = conflict;
  return best;
}

// Everything said about needs, oldest first; the request's order among equals, what is stated
// before what events imply.
std::vector<Piece> NeedPieces(const v1::Icp& icp, const v1::Lead& lead,
                              const std::vector<Happening>& events, Nanos now) {
  std::vector<Piece> pieces;
  std::set<std::string> solved;
  for (const std::string& problem : icp.bant().need().solved_problems()) {
    solved.insert(Fold(problem));
  }
  for (const v1::Evidence& evidence : lead.evidence()) {
    if (!evidence.has_need() || !IsFact(evidence, now)) continue;
    const std::string need = Fold(evidence.need().need());
    const bool listed = !need.empty() && solved.count(need) > 0;
    Piece piece = PieceOf(evidence, listed ? v1::BANT_STATE_MET : v1::BANT_STATE_PARTIAL);
    piece.none = evidence.need().none();
    pieces.push_back(piece);
  }
  std::set<std::string> implying(icp.bant().need().implying_events().types().begin(),
                                 icp.bant().need().implying_events().types().end());
  for (const Happening& event : events) {
    if (event.time > now || implying.count(event.type) == 0) continue;
    Piece piece;
    piece.state = v1::BANT_STATE_PARTIAL;
    piece.observed = event.time;
    pieces.push_back(piece);
  }
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const Piece& a, const Piece& b) { return Newer(b, a); });
  return pieces;
}

// Needs add up until a newer "no need". CHOICE: undated pieces have the request's order as their
// age; a dated "no need" also beats needs of its own instant, which is a conflict as long as it
// decides; needs of one instant add up without conflict.
BantOutcome JudgeNeed(const v1::Icp& icp, const v1::Lead& lead,
                      const std::vector<Happening>& events, Nanos now) {
  const Nanos valid_for = ToNanos(icp.bant().need().valid_for());
  const std::vector<Piece> pieces = NeedPieces(icp, lead, events, now);
  std::optional<Piece> none;
  size_t after_none = 0;  // The first piece that is newer than the newest "no need".
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (!pieces[i].none) continue;
    none = pieces[i];
    after_none = i + 1;
  }
  bool needs_at_its_instant = false;
  if (none.has_value() && none->observed.has_value()) {
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (pieces[i].observed != none->observed) continue;
      needs_at_its_instant = needs_at_its_instant || !pieces[i].none;
      after_none = std::max(after_none, i + 1);
    }
  }
  BantOutcome outcome;
  if (none.has_value() && after_none == pieces.size()) {
    const bool stale = Stale(*none, valid_for, now);
    outcome.conflict = needs_at_its_instant && !stale;
    Decide(*none, stale ? v1::BANT_STATE_STALE : v1::BANT_STATE_UNMET, valid_for, &outcome);
    return outcome;
  }
  // CHOICE: of equally good needs the newest decides, then the first.
  for (size_t i = after_none; i < pieces.size(); ++i) {
    const bool stale = Stale(pieces[i], valid_for, now);
    const v1::BantState state = stale ? v1::BANT_STATE_STALE : pieces[i].state;
    const bool first = i == after_none;
    const bool same_instant = !first && outcome.observed == pieces[i].observed;
    if (!first && (outcome.state > state || (outcome.state == state && same_instant))) continue;
    Decide(pieces[i], state, valid_for, &outcome);
  }
  return outcome;
}

v1::BantState TimelineState(const v1::TimelineRule& rule, const v1::TimelineEvidence& timeline,
                            Nanos now) {
  if (!timeline.has_planned_purchase_time()) return v1::BANT_STATE_UNKNOWN;
  const int64_t days = UtcDate(ToNanos(timeline.planned_purchase_time())) - UtcDate(now);
  if (days < 0) return v1::BANT_STATE_STALE;
  if (days <= rule.window_days()) return v1::BANT_STATE_MET;
  return days <= rule.wider_window_days() ? v1::BANT_STATE_PARTIAL : v1::BANT_STATE_UNMET;
}

BantOutcome JudgeTimeline(const v1::Icp& icp, const v1::Lead& lead, Nanos now) {
  const v1::TimelineRule& rule = icp.bant().timeline();
  std::vector<Piece> pieces;
  for (const v1::Evidence& evidence : lead.evidence()) {
    if (!evidence.has_timeline() || !IsFact(evidence, now)) continue;
    pieces.push_back(PieceOf(evidence, TimelineState(rule, evidence.timeline(), now)));
  }
  return NewestDecides(pieces, ToNanos(rule.valid_for()), now);
}

}  // namespace

std::vector<BantOutcome> JudgeBant(const v1::Icp& icp, const v1::Lead& lead,
                                   const std::vector<Happening>& events, Nanos now) {
  std::vector<BantOutcome> outcomes = {JudgeBudget(icp, lead, now), JudgeAuthority(icp, lead, now),
                                       JudgeNeed(icp, lead, events, now),
                                       JudgeTimeline(icp, lead, now)};
  const double points[] = {icp.bant().budget().points(), icp.bant().authority().points(),
                           icp.bant().need().points(), icp.bant().timeline().points()};
  for (int i = 0; i < 4; ++i) {
    outcomes[i].dimension = static_cast<v1::BantDimension>(i + 1);
    outcomes[i].full_points = Hundredths(points[i]);
    if (outcomes[i].state == v1::BANT_STATE_MET) outcomes[i].points = outcomes[i].full_points;
    if (outcomes[i].state == v1::BANT_STATE_PARTIAL) {
      outcomes[i].points = RoundedQuotient(outcomes[i].full_points, 2);
    }
  }
  return outcomes;
}

}  // namespace reference
}  // namespace bantam
