// What an ICP makes of a lead at one instant: points, verdict, temperature.
#ifndef BANTAM_TESTS_REFERENCE_PICTURE_H_
#define BANTAM_TESTS_REFERENCE_PICTURE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "tests/reference/activity.h"
#include "tests/reference/bant.h"
#include "tests/reference/criteria.h"
#include "tests/reference/engagement.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// What is asked about; the same at all instants.
struct Case {
  // Fills in the ICP's defaults and makes the events ready. `lead` must outlive it.
  Case(const v1::Icp& icp_without_defaults, const v1::Lead& lead);

  // The current stage.
  std::string stage() const { return lead.stage().empty() ? "lead" : lead.stage(); }

  const v1::Icp icp;
  const v1::Lead& lead;
  const std::vector<Happening> events;
};

// One part of the score, or the total. Points in hundredths.
struct Part {
  int64_t sum = 0;     // Before the limits.
  int64_t points = 0;  // After the limits, as lowest and highest.
  int64_t lowest = 0;
  int64_t highest = 0;
  int64_t cap = 0;
};

// A code and what it refers to.
using Reason = std::pair<v1::VerdictReasonCode, std::string>;

struct Picture {
  Nanos now = 0;
  std::vector<CriterionOutcome> criteria;
  std::vector<BantOutcome> bant;
  Activity activity;
  Part fit, engagement, bant_part, total;
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  std::vector<Reason> reasons;
  v1::Temperature temperature = v1::TEMPERATURE_UNSPECIFIED;

  const Part& part(v1::ScorePart which) const;
};

// Everything at `now`. Without `with_engagement` the engagement's points are left at 0; verdict and
// temperature do not depend on them.
Picture Look(const Case& subject, Nanos now, bool with_engagement);

// Adds up again, and finds verdict and temperature again, after criteria or BANT outcomes have been
// changed.
void Reconsider(const Case& subject, Picture* picture);

// `points` limited to 0 and `cap`.
int64_t LimitToPart(int64_t points, int64_t cap);

// Whether a fact with this optional time is in force.
template <typename Message>
bool InForce(bool present, const Message& fact, Nanos now) {
  return present && (!fact.has_time() || ToNanos(fact.time()) <= now);
}

// What sales decided by `now`; UNSPECIFIED: nothing.
v1::SalesDecisionKind DecisionOfSales(const v1::Lead& lead, Nanos now);

// How long `stage` of the ICP's funnel may be quiet; 0: for ever.
Nanos QuietLimit(const v1::Icp& icp, const std::string& stage);

// Position in the funnel; -1: beside the way.
int StageIndex(const v1::Icp& icp, const std::string& stage);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_PICTURE_H_
