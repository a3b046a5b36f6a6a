#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "google/protobuf/arena.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/engine/check.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/defaults.h"
#include "server/engine/profile.h"
#include "server/engine/sha256.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

void Check(const v1::Icp& icp, const v1::Icp& written, const TimeZones& zones, Issues* issues) {
  if (!IsIcpName(icp.name())) {
    issues->Error(written.name().empty() ? "" : "name",
                  "needs a 'name' of the form tenants/{tenant}/icps/{icp}, both of at most 63 "
                  "lower-case letters, digits and '-', such as tenants/acme/icps/software");
  }
  CheckText(icp.title(), "title", issues);
  CheckText(icp.description(), "description", issues);
  CheckMoney(icp, issues);
  CheckAliases(icp, issues);
  CheckCaps(icp, issues);
  CheckFit(icp, written, issues);
  CheckEngagement(icp, issues);
  CheckBant(icp, issues);
  CheckGrading(icp, issues);
  CheckTemperature(icp, issues);
  CheckFunnel(icp, issues);
  CheckPlaybook(icp, issues);
  CheckBusinessHours(icp, written, zones, issues);
}

// Hash of the definition: fields in order of number, map entries in order of key.
std::string Revision(const v1::Icp& icp) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    icp.SerializeToCodedStream(&coded);
  }
  const Sha256Digits digits = Sha256Prefix(bytes);
  return std::string(digits.data(), digits.size());
}

// Adds the words that a test looks for in a lead's technologies.
void AddTechnologies(const v1::Test& test, WordBits::Texts* words) {
  for (const v1::Test& child : test.all_of().tests()) AddTechnologies(child, words);
  for (const v1::Test& child : test.any_of().tests()) AddTechnologies(child, words);
  if (test.has_not_()) AddTechnologies(test.not_(), words);
  if (test.attribute() != kTechnologies) return;
  words->MergeFrom(test.contains_any().values());
  words->MergeFrom(test.contains_all().values());
}

// Adds the custom attributes that a test asks for.
void AddCustom(const v1::Test& test, TestEnvironment* environment) {
  for (const v1::Test& child : test.all_of().tests()) AddCustom(child, environment);
  for (const v1::Test& child : test.any_of().tests()) AddCustom(child, environment);
  if (test.has_not_()) AddCustom(test.not_(), environment);
  const std::optional<std::string> name = CustomName(test.attribute());
  if (name.has_value()) environment->AddCustom(*name);
}

TestEnvironment MakeTestEnvironment(const v1::Icp& icp) {
  TestEnvironment environment;
  std::map<std::string, int64_t> rates;
  for (const auto& [code, rate] : icp.exchange_rates()) rates[code] = *ParseRate(rate);
  environment.currencies = CurrencyTable(icp.currency(), std::move(rates));
  environment.aliases = MakeAliasTables(icp.aliases());
  WordBits::Texts technologies;
  for (const v1::Criterion& criterion : icp.fit().criteria()) {
    AddTechnologies(criterion.test(), &technologies);
    AddCustom(criterion.test(), &environment);
  }
  environment.custom_numbers.Spread();
  environment.technologies = WordBits(technologies, environment.AliasesOf(kTechnologies));
  return environment;
}

CompiledCriterion MakeCriterion(const v1::Criterion& definition,
                                const TestEnvironment* environment) {
  CompiledCriterion criterion(CompiledTest(definition.test(), environment));
  criterion.id = definition.id();
  criterion.title = OwnText(definition.title());
  criterion.question = OwnText(definition.question());
  if (criterion.title.empty()) {
    criterion.tested = DescribeTest(definition.test(), environment->currencies.currency());
  }
  criterion.required = definition.required();
  criterion.has_bands = definition.test().has_bands();
  const Points if_matched = criterion.has_bands ? 0 : FromWire(definition.points());
  const Points if_missed = FromWire(definition.points_if_missed());
  criterion.points = {static_cast<int32_t>(if_missed), 0, static_cast<int32_t>(if_matched)};
  std::vector<Points> outcomes = {0, if_matched, if_missed};
  for (const v1::Band& band : definition.test().bands().bands()) {
    outcomes.push_back(FromWire(band.points()));
  }
  criterion.least = *std::min_element(outcomes.begin(), outcomes.end());
  criterion.most = *std::max_element(outcomes.begin(), outcomes.end());
  return criterion;
}

void CompileFit(Profile* profile) {
  const v1::Icp& icp = profile->definition;
  profile->criteria.reserve(icp.fit().criteria_size());
  for (const v1::Criterion& definition : icp.fit().criteria()) {
    profile->criteria.push_back(MakeCriterion(definition, &profile->tests));
    const CompiledCriterion& criterion = profile->criteria.back();
    const int index = static_cast<int>(profile->criteria.size()) - 1;
    profile->fit_spread += criterion.most - criterion.least;
    if (criterion.required) profile->required_criteria.push_back(index);
    if (criterion.test.can_be_unusable()) profile->criteria_to_note.push_back(index);
    if (criterion.test.depends_on_time()) profile->timed_criteria.push_back(index);
  }
  profile->fit_floor = FromWire(icp.fit().floor_percent());
  profile->caps = {0, FromWire(icp.caps().fit()), FromWire(icp.caps().engagement()),
                   FromWire(icp.caps().bant()), FromWire(100)};
}

void CompileEngagement(Profile* profile) {
  const v1::EngagementProfile& engagement = profile->definition.engagement();
  EventTypeTable& types = profile->event_types;
  for (const std::string& type : engagement.hand_raises().types()) {
    types.AddRoles(type, kRoleHandRaise | kRoleInterest);
  }
  for (const v1::EngagementRule& rule : engagement.rules()) {
    if (!rule.hand_raise()) continue;
    for (const std::string& type : rule.event_types()) {
      types.AddRoles(type, kRoleHandRaise | kRoleInterest);
    }
  }
  for (const std::string& type : engagement.interest().types()) {
    types.AddRoles(type, kRoleInterest);
  }
  for (const std::string& type : engagement.conversations().types()) {
    types.AddRoles(type, kRoleConversation);
  }
  for (const std::string& type : profile->definition.bant().need().implying_events().types()) {
    types.AddRoles(type, kRoleNeed);
  }
  profile->engagement = EngagementModel(engagement, &types);
  types.Spread();
  profile->interest_window = TimeSpan(engagement.interest_window());
  profile->conversation_window = TimeSpan(engagement.conversation_window());
  profile->bot_window = TimeSpan(engagement.bot_window());
}

void CompileScales(Profile* profile) {
  const v1::GradeThresholds& grades = profile->definition.grading().grades();
  profile->grades = {FromWire(grades.a_percent()), FromWire(grades.b_percent()),
                     FromWire(grades.c_percent()), FromWire(grades.d_percent())};
  const v1::LevelThresholds& levels = profile->definition.grading().levels();
  profile->levels = {FromWire(levels.level_1_percent()), FromWire(levels.level_2_percent()),
                     FromWire(levels.level_3_percent())};
  const v1::TemperatureRules& temperature = profile->definition.temperature();
  profile->hot_window = TimeSpan(temperature.hot_window());
  profile->unanswered_attempts = temperature.unanswered_attempts();
  profile->unanswered_for = TimeSpan(temperature.unanswered_for());
}

// Options of an arena that a copy of `icp` fits into, mostly with its first block: an eighth is for
// the notes that texts are to be destroyed.
google::protobuf::ArenaOptions ArenaFor(const v1::Icp& icp) {
  google::protobuf::ArenaOptions options;
  options.start_block_size = icp.SpaceUsedLong() * 9 / 8;
  options.max_block_size = 1024;
  return options;
}

const v1::Icp* CopyInto(const v1::Icp& icp, google::protobuf::Arena* arena) {
  auto* const copy = google::protobuf::Arena::CreateMessage<v1::Icp>(arena);
  *copy = icp;
  return copy;
}

// Everything has been checked. The parts refer to `profile->definition`, which does not move.
std::unique_ptr<const Profile> Build(const v1::Icp& icp, const TimeZones& zones) {
  auto profile = std::make_unique<Profile>(icp);
  profile->revision = Revision(profile->definition);
  profile->time_zone_version = zones.version();
  profile->tests = MakeTestEnvironment(profile->definition);
  CompileFit(profile.get());
  CompileEngagement(profile.get());
  profile->bant = BantModel(profile->definition.bant(), profile->tests);
  CompileScales(profile.get());
  profile->funnel = Funnel(profile->definition.funnel());
  const v1::BusinessHours& hours = profile->definition.business_hours();
  profile->advisor = std::make_unique<ActionAdvisor>(
      profile->definition.playbook(),
      BusinessHoursCalendar(hours, zones.Find(hours.time_zone()).value_or(absl::UTCTimeZone())));
  return profile;
}

}  // namespace

Profile::Profile(const v1::Icp& full)
    : arena(ArenaFor(full)), definition(*CopyInto(full, &arena)) {}

CompileResult Compile(const v1::Icp& icp, const TimeZones& zones) {
  v1::Icp full = WithDefaults(icp);
  Issues issues;
  Check(full, icp, zones, &issues);
  CompileResult result;
  if (!issues.has_errors()) {
    result.icp = std::make_shared<CompiledIcp>(Build(full, zones));
  }
  result.issues = std::move(issues.list());
  return result;
}

}  // namespace bantam
