#include "server/rpc/status.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bantam/v1/error_details.pb.h"
#include "gmock/gmock.h"
#include "server/rpc/parse.h"

namespace bantam {
namespace {

struct Row {
  absl::StatusCode code;
  grpc::StatusCode want;
  bool shows_text;
};

class StatusTableTest : public ::testing::TestWithParam<Row> {};

TEST_P(StatusTableTest, CallersSeeWhatIsMeantForThem) {
  const grpc::Status status = ToGrpcStatus(absl::Status(GetParam().code, "what\nhappened"));
  EXPECT_EQ(status.error_code(), GetParam().want);
  if (GetParam().shows_text) {
    EXPECT_EQ(status.error_message(), "what happened");
  } else {
    EXPECT_THAT(status.error_message(), ::testing::Not(::testing::HasSubstr("happened")));
  }
  EXPECT_EQ(status.error_details(), "");
}

// The table of proto/README.md.
INSTANTIATE_TEST_SUITE_P(
    Codes, StatusTableTest,
    ::testing::Values(
        Row{absl::StatusCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT, true},
        Row{absl::StatusCode::kNotFound, grpc::StatusCode::NOT_FOUND, true},
        Row{absl::StatusCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION, true},
        Row{absl::StatusCode::kAborted, grpc::StatusCode::ABORTED, true},
        Row{absl::StatusCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS, true},
        Row{absl::StatusCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE, true},
        Row{absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED, true},
        Row{absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE, true},
        Row{absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED, true},
        Row{absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED, true},
        Row{absl::StatusCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED, true},
        Row{absl::StatusCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED, true},
        Row{absl::StatusCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED, true},
        Row{absl::StatusCode::kInternal, grpc::StatusCode::INTERNAL, false},
        Row{absl::StatusCode::kUnknown, grpc::StatusCode::INTERNAL, false},
        Row{absl::StatusCode::kDataLoss, grpc::StatusCode::INTERNAL, false}),
    [](const auto& info) { return absl::StatusCodeToString(info.param.code); });

TEST(StatusTest, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(StatusTest, OneViolationIsTheMessage) {
  const absl::Status status = InvalidRequest({{"lead", "must be set"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "lead: must be set");
}

TEST(StatusTest, DetailsAreAStandardBadRequest) {
  const grpc::Status status =
      ToGrpcStatus(InvalidRequest({{"lead", "must be set"}, {"settings", "must be set too"}}));
  v1::RpcStatus details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), 3);
  EXPECT_EQ(details.message(), status.error_message());
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.BadRequest");
  v1::BadRequest bad_request;
  ASSERT_TRUE(bad_request.ParseFromString(details.details(0).value()));
  ASSERT_EQ(bad_request.field_violations_size(), 2);
  EXPECT_EQ(bad_request.field_violations(1).field(), "settings");
  EXPECT_EQ(bad_request.field_violations(1).description(), "must be set too");
}

// What a message takes in the trailers, where what is not printable ASCII, and %, becomes %XX.
size_t EscapedBytes(const std::string& message) {
  const auto escaped = std::count_if(message.begin(), message.end(),
                                     [](char c) { return c < ' ' || c > '~' || c == '%'; });
  return message.size() + 2 * static_cast<size_t>(escaped);
}

// As long as a tiny quota takes to have room.
TEST(StatusTest, ARetryIsNeverPutOffForLongerThanTwoDays) {
  for (const absl::Duration delay : {absl::InfiniteDuration(), absl::Seconds(1e16)}) {
    const grpc::Status status = ToGrpcStatus(RetryLater("later", delay));
    v1::RpcStatus details;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    v1::RetryInfo info;
    ASSERT_EQ(details.details_size(), 1);
    ASSERT_TRUE(info.ParseFromString(details.details(0).value()));
    EXPECT_GE(info.retry_delay().seconds(), 24 * 3600);
    EXPECT_LE(info.retry_delay().seconds(), 48 * 3600);
  }
}

// Clients refuse trailers of more than 8 KiB, and then see nothing of the error.
TEST(StatusTest, TrailersStayUnderTheBoundOfClients) {
  for (const char* const letter : {"f", "ü", "%"}) {
    for (const size_t length : {10, 100, 140, 299, 5000}) {
      std::string field;
      while (field.size() < length) field += letter;
      const std::vector<Violation> violations(1000, {field, field});
      const grpc::Status status = ToGrpcStatus(InvalidRequest(violations));
      const size_t on_the_wire =
          EscapedBytes(status.error_message()) + status.error_details().size() * 4 / 3;
      EXPECT_LT(on_the_wire, 7000) << letter << " " << length;
      v1::RpcStatus details;
      ASSERT_TRUE(details.ParseFromString(status.error_details()));
      v1::BadRequest bad_request;
      ASSERT_TRUE(bad_request.ParseFromString(details.details(0).value()));
      EXPECT_GT(bad_request.field_violations_size(), 0) << letter << " " << length;
    }
  }
}

TEST(StatusTest, LongTextsAreCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "ü";
  const grpc::Status status = ToGrpcStatus(absl::NotFoundError(text));
  EXPECT_LT(status.error_message().size(), 2000);
  EXPECT_TRUE(IsUtf8(status.error_message()));
  EXPECT_TRUE(IsUtf8(ToGrpcStatus(absl::NotFoundError("x" + text)).error_message()));
}

TEST(StatusTest, WhoAsksForTooMuchIsToldWhichFieldAndNeverToTryAgain) {
  const absl::Status status = AskForLess({"leads", "must be fewer"});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "leads: must be fewer");
  EXPECT_EQ(RetryDelayOf(status), absl::InfiniteDuration());
  v1::RpcStatus details;
  ASSERT_TRUE(details.ParseFromString(ToGrpcStatus(status).error_details()));
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.BadRequest");
  EXPECT_EQ(RetryDelayOf(InvalidRequest({{"lead", "must be set"}})), absl::nullopt);
}

TEST(StatusTest, RefusedLeadsMayComeAgainLaterOrNever) {
  const absl::Status later = RefusedLeads(absl::ResourceExhaustedError("full"));
  EXPECT_EQ(later.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_GE(RetryDelayOf(later), kRetryDelay);
  const absl::Status never = RefusedLeads(absl::InvalidArgumentError("must be fewer"));
  EXPECT_EQ(never.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(never.message(), "request: must be fewer");
}

TEST(StatusTest, ALeadsErrorHasTheViolations) {
  const v1::LeadError error =
      ToLeadError({{"leads[1].id", "must be set"}, {"leads[1].stage", "no"}});
  EXPECT_EQ(error.code(), 3);
  EXPECT_EQ(error.message(), "2 fields are invalid: leads[1].id: must be set; leads[1].stage: no");
  ASSERT_EQ(error.violations_size(), 2);
  EXPECT_EQ(error.violations(0).field(), "leads[1].id");
  EXPECT_EQ(error.violations(1).description(), "no");
}

// A call's trailers have no room for so many; an answer has.
TEST(StatusTest, ALeadsErrorHasAllViolationsThoughItsTextNamesSome) {
  std::vector<Violation> violations;
  for (int i = 0; i < 1200; ++i) {
    violations.push_back({absl::StrCat("lead.events[", i, "].type"), "must be set"});
  }
  const v1::LeadError error = ToLeadError({violations.begin(), violations.begin() + 120});
  ASSERT_EQ(error.violations_size(), 120);
  EXPECT_EQ(error.violations(119).field(), "lead.events[119].type");
  EXPECT_THAT(error.message(),
              ::testing::StartsWith("120 fields are invalid: lead.events[0].type: must be"));
  EXPECT_LT(error.message().size(), 2000);
  EXPECT_EQ(ToLeadError(violations).violations_size(), 1000);
}

}  // namespace
}  // namespace bantam
