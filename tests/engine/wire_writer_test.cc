#include "server/engine/wire_writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "bantam/v1/evaluation.pb.h"

namespace bantam {
namespace {

using Score = v1::Score;

std::string Bytes(WireWriter* out) { return std::string(out->bytes().view()); }

TEST(WireWriterTest, WritesWhatTheGeneratedCodeWrites) {
  v1::NextAction want;
  want.set_rule("reply");
  want.set_kind(v1::ACTION_KIND_REPLY);
  want.set_title(std::string(127, 't'));
  want.set_script(std::string(128, 's'));
  want.add_questions("");
  want.add_questions("why?");
  want.mutable_due_time()->set_seconds(-1);
  want.mutable_due_time()->set_nanos(999999999);
  want.set_overdue(true);
  want.set_points_at_stake(12.5);
  want.set_reason(std::string(20000, 'r'));

  WireWriter out;
  out.Text(v1::NextAction::kRuleFieldNumber, "reply");
  out.Integer(v1::NextAction::kKindFieldNumber, v1::ACTION_KIND_REPLY);
  out.Text(v1::NextAction::kTitleFieldNumber, std::string(127, 't'));
  out.WrittenText(v1::NextAction::kScriptFieldNumber,
                  [](ByteBuffer* text) { text->Append(std::string(128, 's')); });
  out.TextElement(v1::NextAction::kQuestionsFieldNumber, "");
  out.WrittenTextElement(v1::NextAction::kQuestionsFieldNumber,
                         [](ByteBuffer* text) { text->Append("why?"); });
  out.Time(v1::NextAction::kDueTimeFieldNumber, absl::UnixEpoch() - absl::Nanoseconds(1));
  out.Flag(v1::NextAction::kOverdueFieldNumber, true);
  out.Number(v1::NextAction::kPointsAtStakeFieldNumber, 12.5);
  out.WrittenText(v1::NextAction::kReasonFieldNumber, [](ByteBuffer* text) {
    for (int i = 0; i < 20000; ++i) text->Append('r');
  });
  EXPECT_EQ(Bytes(&out), want.SerializeAsString());
}

TEST(WireWriterTest, LeavesOutWhatIsZeroOrEmpty) {
  WireWriter out;
  out.Text(Score::kGradeFieldNumber, "");
  out.WrittenText(Score::kLabelFieldNumber, [](ByteBuffer*) {});
  out.Integer(Score::kLevelFieldNumber, 0);
  out.Flag(Score::kLevelFieldNumber, false);
  out.Number(Score::kTotalFieldNumber, 0);
  EXPECT_EQ(Bytes(&out), "");
}

TEST(WireWriterTest, WritesWhatHasPresenceThoughItIsZero) {
  v1::Score want;
  want.mutable_fit();
  v1::Transition transition;
  transition.set_total(0);
  WireWriter out;
  out.Message(Score::kFitFieldNumber, [] {});
  EXPECT_EQ(Bytes(&out), want.SerializeAsString());
  WireWriter other;
  other.PresentNumber(v1::Transition::kTotalFieldNumber, 0);
  EXPECT_EQ(Bytes(&other), transition.SerializeAsString());
}

TEST(WireWriterTest, CopiesTextsOfEveryLength) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    std::string room(text.size() + 2, '-');
    EXPECT_EQ(PutBytes(text, &room[1]), room.data() + 1 + text.size());
    EXPECT_EQ(room, "-" + text + "-");
    text.push_back(static_cast<char>('0' + i % 70));
  }
}

TEST(WireWriterTest, WritesFieldsOfKnownBounds) {
  for (const size_t length : {0, 1, 127, 128, 200, 20000}) {
    const std::string text(length, 'x');
    v1::BantAssessment want;
    want.set_state(v1::BANT_STATE_MET);
    want.set_points(-0.5);
    want.set_reason(text);
    want.mutable_observed_time()->set_seconds(-1);
    want.mutable_observed_time()->set_nanos(999999999);
    want.mutable_expire_time()->set_seconds(1000000);
    want.mutable_expire_time()->set_nanos(1);
    want.set_conflict(true);
    v1::Qualification qualification;
    *qualification.add_bant() = want;

    using B = v1::BantAssessment;
    WireWriter out;
    out.Fields(8 * WireFields::kLongestField + 2 * WireFields::kLongestTime + length,
               [&](WireFields* fields) {
                 fields->Message(v1::Qualification::kBantFieldNumber, [&] {
                   const Instant before(-1);
                   fields->Integer(B::kDimensionFieldNumber, 0);
                   fields->Integer(B::kStateFieldNumber, v1::BANT_STATE_MET);
                   fields->Number(B::kPointsFieldNumber, -0.5);
                   fields->WrittenText(B::kReasonFieldNumber,
                                       [&](char* reason) { return PutBytes(text, reason); });
                   fields->Text(B::kContactIdFieldNumber, "");
                   fields->Time(B::kObservedTimeFieldNumber, before, TimeSpan());
                   fields->Time(B::kExpireTimeFieldNumber, before,
                                TimeSpan(uint64_t{1000000} * kNanosPerSecond + 2));
                   fields->Flag(B::kConflictFieldNumber, true);
                 });
               });
    EXPECT_EQ(Bytes(&out), qualification.SerializeAsString()) << length;
  }
}

// Evidence that stays valid for longer than instants can be told apart.
TEST(WireWriterTest, WritesTimesBeyondThoseOfInstants) {
  v1::BantAssessment want;
  want.mutable_expire_time()->set_seconds(7258118400 + 18446744073);
  want.mutable_expire_time()->set_nanos(709551615);
  WireWriter out;
  out.Fields(WireFields::kLongestTime, [&](WireFields* fields) {
    fields->Time(v1::BantAssessment::kExpireTimeFieldNumber, Instant::FromSecond(7258118400),
                 TimeSpan::Unlimited());
  });
  EXPECT_EQ(Bytes(&out), want.SerializeAsString());
}

// Lengths of one, two and three bytes, at every depth.
TEST(WireWriterTest, NestsMessagesOfAnyLength) {
  for (const size_t length : {0, 1, 100, 127, 128, 140, 16383, 16384, 70000}) {
    v1::GateConditionResult want;
    want.add_any_of()->add_any_of()->set_reason(std::string(length, 'x'));
    WireWriter out;
    out.Message(v1::GateConditionResult::kAnyOfFieldNumber, [&] {
      out.Message(v1::GateConditionResult::kAnyOfFieldNumber, [&] {
        out.Text(v1::GateConditionResult::kReasonFieldNumber, std::string(length, 'x'));
      });
    });
    EXPECT_EQ(Bytes(&out), want.SerializeAsString()) << length;

    WireWriter long_out;
    long_out.LongMessage(v1::GateConditionResult::kAnyOfFieldNumber, [&] {
      long_out.LongMessage(v1::GateConditionResult::kAnyOfFieldNumber, [&] {
        long_out.Text(v1::GateConditionResult::kReasonFieldNumber, std::string(length, 'x'));
      });
    });
    EXPECT_EQ(Bytes(&long_out), want.SerializeAsString()) << length;
  }
}

}  // namespace
}  // namespace bantam
