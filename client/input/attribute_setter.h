#ifndef BANTAM_CLIENT_INPUT_ATTRIBUTE_SETTER_H_
#define BANTAM_CLIENT_INPUT_ATTRIBUTE_SETTER_H_

#include <optional>
#include <string>

#include "bantam/v1/lead.pb.h"
#include "client/input/bound_source.h"
#include "client/mapping.pb.h"
#include "google/protobuf/descriptor.h"

namespace bantam {

// Sets one attribute of a lead from a row. Immutable after construction.
class AttributeSetter {
 public:
  // Reports to `binder` what is wrong with `source`, which stands at `place` in the mapping and
  // is for the attribute at `path`.
  AttributeSetter(const std::string& path, const client::AttributeSource& source,
                  const std::string& place, HeaderBinder* binder);

  // Leaves the lead as it is where the value is not known.
  void Set(const RowContext& row, v1::Lead* lead) const;

 private:
  // What a field of Company, Contact or LeadSource holds.
  enum class Kind { kCustom, kText, kInteger, kMoney, kBoolean, kTime, kList, kEnum };

  static Kind KindOf(const google::protobuf::FieldDescriptor& field);
  void SetCustom(const RowContext& row, v1::Lead* lead) const;
  void SetField(const RowContext& row, google::protobuf::Message* owner) const;
  void SetInteger(const RowContext& row, google::protobuf::Message* owner) const;
  void SetMoney(const RowContext& row, google::protobuf::Message* owner) const;
  void SetEnum(const RowContext& row, google::protobuf::Message* owner) const;
  v1::TextList SplitList(const std::string& cell) const;

  // The sibling field that holds a range, such as employee_count_range; null if there is none.
  const google::protobuf::FieldDescriptor* RangeField() const;

  BoundSource source_;
  BoundSource currency_;
  Kind kind_ = Kind::kCustom;
  std::string custom_name_;
  client::ValueType type_ = client::VALUE_TYPE_UNSPECIFIED;
  std::string list_separator_;
  const google::protobuf::FieldDescriptor* owner_ = nullptr;  // Of Lead; null: custom.
  const google::protobuf::FieldDescriptor* field_ = nullptr;  // Of the owner's message.
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_ATTRIBUTE_SETTER_H_
