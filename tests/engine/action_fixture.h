// What the tests of actions, consent and the default playbook share.
#ifndef BANTAM_TESTS_ENGINE_ACTION_FIXTURE_H_
#define BANTAM_TESTS_ENGINE_ACTION_FIXTURE_H_

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "server/engine/actions.h"
#include "server/engine/protobuf_time.h"

namespace bantam {

// A Wednesday.
inline const absl::Time kNow =
    absl::FromCivil(absl::CivilMinute(2026, 1, 28, 12, 0), absl::UTCTimeZone());
inline constexpr absl::Duration kDay = absl::Hours(24);

inline v1::Playbook Playbook(const std::string& text) {
  v1::Playbook playbook;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &playbook)) << text;
  return playbook;
}

// Monday to Friday, 09:00–17:00, UTC.
inline BusinessHoursCalendar WeekdayHours() {
  v1::BusinessHours hours;
  for (int day = v1::WEEKDAY_MONDAY; day <= v1::WEEKDAY_FRIDAY; ++day) {
    hours.add_days(static_cast<v1::Weekday>(day));
  }
  hours.set_opens("09:00");
  hours.set_closes("17:00");
  return BusinessHoursCalendar(hours, absl::UTCTimeZone());
}

// A warm, open lead at mql without gaps, events or consent; tests change what they are about. The
// stakes of gaps add up; closing "authority" unlocks `unlocked_stage`.
// "01-28 16:00".
inline std::string Due(const v1::NextAction& action) {
  return absl::FormatTime("%m-%d %H:%M", ToTime(action.due_time()), absl::UTCTimeZone());
}

class ActionsTest : public ::testing::Test {
 protected:
  struct TestGap {
    std::string id;
    v1::BantDimension dimension;
    Points stake = 0;
    std::vector<absl::string_view> unknown_attributes = {};
  };

  void AddGap(const std::string& id, v1::BantDimension dimension, Points stake) {
    gaps_.push_back({id, dimension, stake});
  }

  void AddBantGaps() {
    AddGap("budget", v1::BANT_DIMENSION_BUDGET, 1250);
    AddGap("authority", v1::BANT_DIMENSION_AUTHORITY, 800);
    AddGap("need", v1::BANT_DIMENSION_NEED, 700);
    AddGap("timeline", v1::BANT_DIMENSION_TIMELINE, 500);
  }

  void AddEvent(EventRoles roles, absl::Duration age,
                std::vector<v1::Channel> reply_channels = {}) {
    auto event = std::make_unique<v1::Event>();
    for (const v1::Channel channel : reply_channels) event->add_reply_channels(channel);
    events_.push_back({kNow - age, event.get(), roles, -1});
    owned_events_.push_back(std::move(event));
  }

  void AddHandRaise(absl::Duration age, std::vector<v1::Channel> reply_channels = {}) {
    AddEvent(kRoleHandRaise | kRoleInterest | kRoleInboundActivity, age, std::move(reply_channels));
  }

  void AddConsent(v1::Channel channel, v1::ConsentState state = v1::CONSENT_STATE_GRANTED) {
    v1::Consent* consent = lead_.add_consents();
    consent->set_channel(channel);
    consent->set_state(state);
  }

  void AddConsent(v1::Channel channel, v1::ConsentState state, absl::Duration age) {
    AddConsent(channel, state);
    SetTime(kNow - age, lead_.mutable_consents(lead_.consents_size() - 1)->mutable_time());
  }

  void PermitEverything() {
    for (int i = 1; i < v1::Channel_ARRAYSIZE; ++i) AddConsent(static_cast<v1::Channel>(i));
  }

  v1::Qualification Recommend(const v1::Playbook& playbook) {
    const auto points = [this](absl::Span<const int> gaps) {
      Points sum = 0;
      for (const int gap : gaps) sum += gaps_[gap].stake;
      return sum;
    };
    const auto stage = [this](absl::Span<const int> gaps) -> absl::string_view {
      const bool decides = std::any_of(gaps.begin(), gaps.end(),
                                       [this](int gap) { return gaps_[gap].id == "authority"; });
      return decides ? absl::string_view(unlocked_stage_) : absl::string_view();
    };
    const auto question = [this](int gap, ByteBuffer* out) {
      out->Append(absl::StrCat("Ask about ", gaps_[gap].id, "?"));
    };
    std::vector<OpenGap> open;
    for (const TestGap& gap : gaps_) {
      open.push_back({gap.id, gap.dimension, gap.unknown_attributes});
    }
    const Texts texts(language_);
    const auto title = [&texts](absl::string_view id) { return texts.StageTitle(id); };
    const ActionContext context = {lead_,  events_,  kNow,  verdict_, temperature_,
                                   stage_, entered_, open,  question, points_,
                                   caps_,  points,   stage, title,    texts};
    WireWriter written;
    ActionAdvisor(playbook, WeekdayHours()).Recommend(context, &written);
    v1::Qualification qualification;
    EXPECT_TRUE(qualification.ParseFromString(std::string(written.bytes().view())));
    return qualification;
  }

  // Ids of the rules of the actions, in their order.
  std::vector<std::string> Rules(const v1::Playbook& playbook) {
    std::vector<std::string> rules;
    const v1::Qualification qualification = Recommend(playbook);
    for (const v1::NextAction& action : qualification.actions()) rules.push_back(action.rule());
    return rules;
  }

  // The single action of a playbook with a single rule.
  v1::NextAction Only(const std::string& playbook) {
    const v1::Qualification qualification = Recommend(Playbook(playbook));
    EXPECT_EQ(qualification.actions_size(), 1);
    return qualification.actions_size() == 1 ? qualification.actions(0) : v1::NextAction();
  }

  v1::Lead lead_;
  std::vector<EventFact> events_;
  v1::Verdict verdict_ = v1::VERDICT_OPEN;
  v1::Temperature temperature_ = v1::TEMPERATURE_WARM;
  std::string stage_ = "mql";
  std::optional<absl::Time> entered_;
  std::vector<TestGap> gaps_;
  std::array<Points, 5> points_ = {0, 2000, 600, 1000, 3600};
  std::array<Points, 5> caps_ = {0, 4000, 3000, 3000, 10000};
  std::string unlocked_stage_;
  std::string language_ = "en";

 private:
  std::vector<std::unique_ptr<v1::Event>> owned_events_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_ENGINE_ACTION_FIXTURE_H_
