// The twins in raw_batch.proto have the fields of the contract, but for leads and evaluations as
// bytes.
#include "bantam/v1/qualification_service.pb.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "server/rpc/raw_batch.pb.h"

namespace bantam {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

struct Twin {
  const Descriptor* raw;
  const Descriptor* contract;
};

class RawBatchTest : public ::testing::TestWithParam<Twin> {};

TEST_P(RawBatchTest, HasTheFieldsOfTheContract) {
  const Descriptor* const raw = GetParam().raw;
  const Descriptor* const contract = GetParam().contract;
  ASSERT_EQ(raw->field_count(), contract->field_count());
  for (int i = 0; i < contract->field_count(); ++i) {
    const FieldDescriptor* const field = contract->field(i);
    const FieldDescriptor* const twin = raw->FindFieldByNumber(field->number());
    ASSERT_NE(twin, nullptr) << field->full_name();
    EXPECT_EQ(twin->name(), field->name());
    EXPECT_EQ(twin->label(), field->label());
    EXPECT_EQ(twin->containing_oneof() == nullptr, field->containing_oneof() == nullptr);
    if (field->name() == "leads" || field->name() == "items" || field->name() == "evaluation") {
      EXPECT_EQ(field->type(), FieldDescriptor::TYPE_MESSAGE);
      EXPECT_EQ(twin->type(), FieldDescriptor::TYPE_BYTES);
    } else if (field->name() == "chunk") {
      EXPECT_EQ(twin->message_type(), rpc::RawBulkChunk::descriptor());
    } else if (field->name() == "results") {
      EXPECT_EQ(twin->message_type(), rpc::RawLeadResult::descriptor());
    } else {
      EXPECT_EQ(twin->type(), field->type());
      EXPECT_EQ(twin->message_type(), field->message_type());
      EXPECT_EQ(twin->enum_type(), field->enum_type());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Twins, RawBatchTest,
    ::testing::Values(
        Twin{rpc::RawBatchScoreRequest::descriptor(), v1::BatchScoreRequest::descriptor()},
        Twin{rpc::RawBatchQualifyRequest::descriptor(), v1::BatchQualifyRequest::descriptor()},
        Twin{rpc::RawBatchAdvanceRequest::descriptor(), v1::BatchAdvanceRequest::descriptor()},
        Twin{rpc::RawBulkEvaluateRequest::descriptor(), v1::BulkEvaluateRequest::descriptor()},
        Twin{rpc::RawBulkChunk::descriptor(), v1::BulkChunk::descriptor()},
        Twin{rpc::RawEvaluationResponse::descriptor(), v1::ScoreResponse::descriptor()},
        Twin{rpc::RawEvaluationResponse::descriptor(), v1::QualifyResponse::descriptor()},
        Twin{rpc::RawEvaluationResponse::descriptor(), v1::AdvanceResponse::descriptor()},
        Twin{rpc::RawBatchResponse::descriptor(), v1::BatchScoreResponse::descriptor()},
        Twin{rpc::RawBatchResponse::descriptor(), v1::BatchQualifyResponse::descriptor()},
        Twin{rpc::RawBatchResponse::descriptor(), v1::BatchAdvanceResponse::descriptor()},
        Twin{rpc::RawBulkEvaluateResponse::descriptor(), v1::BulkEvaluateResponse::descriptor()},
        Twin{rpc::RawLeadResult::descriptor(), v1::LeadResult::descriptor()}),
    [](const auto& info) { return info.param.contract->name(); });

}  // namespace
}  // namespace bantam
