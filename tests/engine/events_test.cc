#include "server/engine/events.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

constexpr TimeSpan kBotWindow(uint64_t{10} * kNanosPerSecond);

bool IsOpen(const v1::Event& event) {
  return event.type() == "email_open" || event.type() == "email_click";
}

// Ids of every length in which hash and comparison differ, many of them twice.
std::string RandomId(std::mt19937* random) {
  const std::string prefixes[] = {"", "event-", "2026-01-", "2026-01-20-",
                                  "a longer prefix of an id "};
  return absl::StrCat(prefixes[(*random)() % 5], (*random)() % 100);
}

v1::Lead RandomLead(int events, std::mt19937* random) {
  const char* const types[] = {"email_sent", "email_open", "email_click", "call_attempt", "note"};
  v1::Lead lead;
  for (int i = 0; i < events; ++i) {
    v1::Event* const event = lead.add_events();
    if ((*random)() % 4 != 0) event->set_id(RandomId(random));
    event->set_type(types[(*random)() % 5]);
    event->mutable_time()->set_seconds((*random)() % 200);
    if ((*random)() % 3 != 0) event->set_message_id(absl::StrCat("message-", (*random)() % 5));
  }
  return lead;
}

// What EventLog's comments say, word for word and slowly.
struct Naive {
  explicit Naive(const v1::Lead& lead) {
    std::vector<const v1::Event*> unique;
    std::set<std::string> ids;
    for (const v1::Event& event : lead.events()) {
      if (event.id().empty() || ids.insert(event.id()).second) unique.push_back(&event);
    }
    duplicates = lead.events_size() - static_cast<int>(unique.size());
    for (const v1::Event* event : unique) {
      if (!IsNoise(*event, unique)) kept.push_back(event);
    }
    bot_noise = static_cast<int>(unique.size() - kept.size());
  }

  static bool IsNoise(const v1::Event& open, const std::vector<const v1::Event*>& all) {
    if (!IsOpen(open)) return false;
    Instant newest;
    for (const v1::Event* send : all) {
      if (send->type() != "email_sent") continue;
      if (!open.message_id().empty() && send->message_id() != open.message_id()) continue;
      const Instant sent(send->time());
      if (sent <= Instant(open.time())) newest = std::max(newest, sent);
    }
    return newest.has_value() && Instant(open.time()) - newest <= kBotWindow;
  }

  int duplicates = 0;
  int bot_noise = 0;
  std::vector<const v1::Event*> kept;
};

TEST(EventLogTest, DropsDuplicatesAndBotNoiseOfFewAndOfManyEvents) {
  std::mt19937 random(20260210);
  const Instant now = Instant::FromSecond(150);
  for (const int events : {0, 1, 2, 5, 10, 16, 17, 40, 100, 300}) {
    for (int i = 0; i < 200; ++i) {
      const v1::Lead lead = RandomLead(events, &random);
      const EventLog log(lead, EventTypeTable(), kBotWindow, now);
      const Naive naive(lead);
      ASSERT_EQ(log.duplicates(), naive.duplicates) << lead.DebugString();
      ASSERT_EQ(log.bot_noise(), naive.bot_noise) << lead.DebugString();
      std::vector<const v1::Event*> past;
      for (const v1::Event* event : naive.kept) {
        if (Instant(event->time()) <= now) past.push_back(event);
      }
      ASSERT_EQ(log.past().size(), past.size());
      for (size_t at = 0; at < past.size(); ++at) ASSERT_EQ(log.past()[at].event, past[at]);
      ASSERT_EQ(log.future().size(), naive.kept.size() - past.size());
    }
  }
}

TEST(EventLogTest, ActivityKnowsNothingOfBotNoiseAndOfTheFuture) {
  v1::Lead lead;
  const auto add = [&lead](const char* type, int64_t second) {
    v1::Event* const event = lead.add_events();
    event->set_type(type);
    event->mutable_time()->set_seconds(second);
  };
  add("email_open", 50);
  add("email_sent", 100);
  add("email_open", 105);
  add("call_attempt", 60);
  add("page_view", 300);
  add("call_attempt", 250);
  const EventLog log(lead, EventTypeTable(), kBotWindow, Instant::FromSecond(200));
  const Activity now = log.ActivityAt(Instant::FromSecond(200));
  EXPECT_EQ(now.inbound, Instant::FromSecond(50));
  EXPECT_EQ(now.attempt, Instant::FromSecond(60));
  EXPECT_EQ(now.unanswered_attempts, 1);
  const Activity soon = log.ActivityAt(Instant::FromSecond(250));
  EXPECT_EQ(soon.inbound, Instant::FromSecond(50));
  EXPECT_EQ(soon.attempt, Instant::FromSecond(250));
  EXPECT_EQ(soon.unanswered_attempts, 2);
  const Activity later = log.ActivityAt(Instant::FromSecond(300));
  EXPECT_EQ(later.inbound, Instant::FromSecond(300));
  EXPECT_EQ(later.unanswered_attempts, 0);
}

}  // namespace
}  // namespace bantam
