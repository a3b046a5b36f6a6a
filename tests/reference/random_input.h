// Random ICPs and leads for comparing the engine with the reference evaluator. Vocabularies and
// times are small sets, so that values meet bounds, windows and each other often. All input keeps
// the contract's bounds.
#ifndef BANTAM_TESTS_REFERENCE_RANDOM_INPUT_H_
#define BANTAM_TESTS_REFERENCE_RANDOM_INPUT_H_

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// Random choices; the same for the same seed on every platform.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}

  // In [0, sides).
  int Roll(int sides) { return static_cast<int>(random_() % static_cast<uint64_t>(sides)); }

  bool Chance(int percent) { return Roll(100) < percent; }

  template <typename T>
  T Pick(const std::vector<T>& choices) {
    return choices[Roll(static_cast<int>(choices.size()))];
  }

  std::string Pick(std::initializer_list<const char*> choices) {
    return choices.begin()[Roll(static_cast<int>(choices.size()))];
  }

 private:
  std::mt19937_64 random_;
};

// What attributes hold, by type, and the words that tests and leads use for them.
struct Vocabulary {
  static const std::vector<std::string>& TextAttributes();
  static const std::vector<std::string>& ListAttributes();
  static const std::vector<std::string>& NumberAttributes();
  static const std::vector<std::string>& FlagAttributes();
  static const std::vector<std::string>& TimeAttributes();
  static const std::vector<std::string>& Words();  // Of texts and lists.
  static const std::vector<double>& Numbers();     // Bounds and values.
  static const std::vector<std::string>& EventTypes();
  static const std::vector<std::string>& Problems();  // Needs.
  static const std::vector<int64_t>& Seconds();       // Windows and ages.
};

// The finest step of random times: the engine's exponential decay is exact up to a relative error
// of 1e-15, which a nanosecond in a half-life of a year is below.
inline constexpr Nanos kMicrosecond = 1000;

// The first and nearly the last instant of the years 1900 to 2200, in which all times lie.
inline constexpr Nanos kFirstTime = -2208988800 * kSecond;
inline constexpr Nanos kLastTime = 7289650000 * kSecond;

// The instant that random times lie around.
Nanos Anchor();

// An ICP without errors, by the name `tenants/t/icps/{id}`.
v1::Icp RandomIcp(const std::string& id, Dice* dice);

// Business hours with all fields, and a playbook: the default one, or rules with ids "a0" to "a9".
// To be added last, since rules name stages and criteria.
void AddRandomPlaybook(Dice* dice, v1::Icp* icp);

// Business hours in one of several zones, all fields set.
v1::BusinessHours RandomHours(Dice* dice);

// A lead that is valid for the operation Advance and for `icp`.
v1::Lead RandomLead(const v1::Icp& icp, Dice* dice);

// An instant to evaluate at.
Nanos RandomNow(Dice* dice);

// The stages of the funnel of `icp`, and those beside the way.
std::vector<std::string> AllStages(const v1::Icp& icp);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_RANDOM_INPUT_H_
