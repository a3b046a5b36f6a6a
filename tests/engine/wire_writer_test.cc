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
  }
}

}  // namespace
}  // namespace bantam
