// Rows of a table → leads.
#ifndef BANTAM_CLIENT_INPUT_LEAD_MAPPER_H_
#define BANTAM_CLIENT_INPUT_LEAD_MAPPER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/lead.pb.h"
#include "client/input/attribute_setter.h"
#include "client/input/bound_source.h"
#include "client/mapping.pb.h"
#include "server/definition/yaml.h"

namespace bantam {

// A mapping file, read.
struct LoadedMapping {
  std::string
      file;  // Path it was read from; of one that was made from a header, where that stands.
  std::string text;  // Empty: it was made from a header.
  client::Mapping content;
  SourceMap positions;
};

// Parses a mapping and checks what can be checked without a header. INVALID_ARGUMENT: the message
// holds every error, rendered with file, line and column.
absl::StatusOr<LoadedMapping> ParseMapping(absl::string_view text, const std::string& file);

// Whether a mapping says nothing but how cells are read and which columns are left out.
bool LeavesColumnsToHeader(const client::Mapping& mapping);

// The mapping for a file without one: columns that are called like our paths (id, contact.id,
// stage, stage_entered_time and all attributes), in small or capital letters, are these. Of columns
// that differ in capital letters only, none is but the one in small letters. `place`
// ("leads.csv:1") is where the header stands, for messages. What `base`, if not null, says
// besides is taken over. INVALID_ARGUMENT: there is none.
absl::StatusOr<LoadedMapping> MappingFromHeader(const std::vector<std::string>& header,
                                                const std::string& place,
                                                const LoadedMapping* base = nullptr);

// Turns the rows of one file into leads. Immutable; safe for concurrent use.
class LeadMapper {
 public:
  // Binds `mapping` to `header` (trimmed). `default_zone` serves where the mapping names no time
  // zone. INVALID_ARGUMENT: columns are missing, or the mapping contradicts itself; the message
  // holds every error, rendered.
  static absl::StatusOr<std::unique_ptr<LeadMapper>> Create(const LoadedMapping& mapping,
                                                            const std::vector<std::string>& header,
                                                            absl::TimeZone default_zone);

  // Fills `lead` (cleared first) from a row that has as many cells as the header. Returns what is
  // wrong with the row; empty: nothing. Names columns and what was expected, never the value.
  std::vector<std::string> Map(const std::vector<std::string>& cells, v1::Lead* lead) const;

  // Columns that nothing is taken from, for a note.
  const std::vector<std::string>& unused_columns() const { return unused_columns_; }

 private:
  struct EventBinding {
    BoundCondition when;
    BoundSource type, time, id, count;
    bool type_from_column;
    v1::EventDirection direction;
    std::vector<v1::Channel> reply_channels;
  };
  struct BudgetBinding {
    BoundCondition when;
    BoundSource amount, currency, approval, none, observed;
    std::string source;
  };
  struct AuthorityBinding {
    BoundCondition when;
    BoundSource role, observed;
    std::string source;
  };
  struct NeedBinding {
    BoundCondition when;
    BoundSource need, stated, observed;
    std::string source;
  };
  struct TimelineBinding {
    BoundCondition when;
    BoundSource planned, observed;
    std::string source;
  };
  struct ConsentBinding {
    v1::Channel channel;
    BoundSource granted, time;
  };
  struct ClosureBinding {
    bool given = false;
    BoundCondition when;
    BoundSource time, reason;
  };

  LeadMapper(const client::Mapping& mapping, CellFormats formats, HeaderBinder* binder);
  void BindAttributes(const client::Mapping& mapping, HeaderBinder* binder);
  void BindEvents(const client::Mapping& mapping, HeaderBinder* binder);
  void BindEvidence(const client::Mapping& mapping, HeaderBinder* binder);
  void BindFacts(const client::Mapping& mapping, HeaderBinder* binder);
  static ClosureBinding BindClosure(const client::ClosureSource& closure, const std::string& path,
                                    HeaderBinder* binder);

  void MapEvents(const RowContext& row, v1::Lead* lead) const;
  void MapEvidence(const RowContext& row, v1::Lead* lead) const;
  void MapBudget(const BudgetBinding& binding, const RowContext& row, v1::Lead* lead) const;
  void MapNeed(const NeedBinding& binding, const RowContext& row, v1::Lead* lead) const;
  void MapConsents(const RowContext& row, v1::Lead* lead) const;
  void MapSalesDecision(const RowContext& row, v1::Lead* lead) const;
  static void MapClosure(const ClosureBinding& binding, const RowContext& row,
                         v1::Closure* (v1::Lead::*mutable_closure)(), v1::Lead* lead);

  CellFormats formats_;
  BoundSource id_, contact_id_, objection_, stage_, stage_entered_;
  std::vector<AttributeSetter> attributes_;
  std::vector<EventBinding> events_;
  std::vector<BudgetBinding> budget_;
  std::vector<AuthorityBinding> authority_;
  std::vector<NeedBinding> need_;
  std::vector<TimelineBinding> timeline_;
  std::vector<ConsentBinding> consents_;
  BoundSource decision_kind_, decision_time_, decision_reason_, decision_final_;
  ClosureBinding won_, lost_;
  std::vector<std::string> unused_columns_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_LEAD_MAPPER_H_
