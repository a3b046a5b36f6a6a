#ifndef BANTAM_SERVER_RPC_QUALIFICATION_HANDLERS_H_
#define BANTAM_SERVER_RPC_QUALIFICATION_HANDLERS_H_

#include <string>

#include "bantam/v1/qualification_service.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "server/catalog/catalog.h"
#include "server/rpc/evaluate_leads.h"
#include "server/rpc/unary_call.h"

namespace bantam {

// A batch request of any kind, with leads yet to be parsed as `Scratch`.
template <typename Scratch>
struct Batch {
  const google::protobuf::RepeatedPtrField<std::string>* leads;
  const char* path;  // Of `leads`.
  bool has_settings;
  const v1::EvaluationSettings* settings;
  Operation operation;
  v1::AdvanceMode mode;
  bool rank;
  // Evaluates one of them.
  absl::optional<EvaluationSummary> (LeadEvaluator::*evaluate)(const std::string& bytes,
                                                               const std::string& path,
                                                               Scratch* scratch,
                                                               rpc::RawLeadResult* result) const;
};

// QualificationService but for its stream: validate, get, evaluate, answer. Each function answers
// its call exactly once. Safe for concurrent use.
class QualificationHandlers {
 public:
  // `max_batch_leads`: most leads of a batch.
  QualificationHandlers(Catalog* catalog, Clock clock, int max_batch_leads);

  void Score(UnaryCall* call) const;
  void Qualify(UnaryCall* call) const;
  void Advance(UnaryCall* call) const;
  void BatchScore(UnaryCall* call) const;
  void BatchQualify(UnaryCall* call) const;
  void BatchAdvance(UnaryCall* call) const;

 private:
  // The calls for one lead; `override_by` may be null.
  template <typename Request>
  void EvaluateOne(UnaryCall* call, const Request& request, Operation operation,
                   v1::AdvanceMode mode = v1::ADVANCE_MODE_UNSPECIFIED,
                   const v1::StageOverride* override_by = nullptr) const;

  // All batches. `Scratch` is the type of one unparsed lead.
  template <typename Scratch>
  void EvaluateBatch(UnaryCall* call, const Batch<Scratch>& batch) const;

  // Evaluates the leads of a batch that was admitted. Error: the call is to fail so.
  template <typename Scratch>
  absl::Status EvaluateLeads(UnaryCall* call, const Batch<Scratch>& batch, const IcpList& icps,
                             rpc::RawBatchResponse* response) const;

  Catalog* const catalog_;
  const Clock clock_;
  const int max_batch_leads_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_QUALIFICATION_HANDLERS_H_
