#include "client/input/attribute_setter.h"

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cases/values.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/engine/attributes.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/suggest.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The part of an AttributeSource that every source has.
client::Source ToSource(const client::AttributeSource& attribute) {
  client::Source source;
  source.set_column(attribute.column());
  source.set_constant(attribute.constant());
  *source.mutable_values() = attribute.values();
  source.set_other_values(attribute.other_values());
  *source.mutable_absent_values() = attribute.absent_values();
  return source;
}

// A number as people write it: no leading zeros (which postal codes and ids have).
bool LooksLikeNumber(absl::string_view text, const CellFormats& formats) {
  if (text.size() > 1 && text[0] == '0' && text[1] != formats.decimal_separator) return false;
  const std::optional<DecimalRange> number = ParseNumber(text, formats);
  return number.has_value() && number->exact;
}

void SetNumberValue(const DecimalRange& number, v1::AttributeValue* value) {
  if (number.exact) {
    value->set_number(number.min->ToDouble());
    return;
  }
  if (number.min.has_value()) value->mutable_number_range()->set_min(number.min->ToDouble());
  if (number.max.has_value()) value->mutable_number_range()->set_max(number.max->ToDouble());
}

}  // namespace

AttributeSetter::AttributeSetter(const std::string& path, const client::AttributeSource& source,
                                 const std::string& place, HeaderBinder* binder)
    : source_(ToSource(source), place, binder),
      type_(source.type()),
      list_separator_(source.list_separator().empty() ? ";" : source.list_separator()) {
  if (source.has_currency()) {
    currency_ = BoundSource(source.currency(), absl::StrCat(place, ".currency"), binder);
  }
  if (const std::optional<std::string> name = CustomName(path); name.has_value()) {
    custom_name_ = *name;
    return;
  }
  if (FindAttribute(path) == nullptr) {
    std::string hint = DidYouMean(path, AttributePaths());
    if (hint.empty()) hint = "; facts of your own are called custom.{name}, name being [a-z0-9_]";
    binder->ReportProblem(place, absl::StrCat("there is no attribute '", path, "'", hint));
    return;
  }
  if (type_ != client::VALUE_TYPE_UNSPECIFIED) {
    binder->ReportProblem(
        absl::StrCat(place, ".type"),
        absl::StrCat("only custom attributes are given a type; ", path, " has one already"));
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(path, absl::MaxSplits('.', 1));
  const std::string owner = parts.first == "contact" ? "contacts" : std::string(parts.first);
  owner_ = v1::Lead::descriptor()->FindFieldByName(owner);
  field_ = owner_->message_type()->FindFieldByName(std::string(parts.second));
  kind_ = KindOf(*field_);
}

AttributeSetter::Kind AttributeSetter::KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return Kind::kText;
    case FieldDescriptor::CPPTYPE_BOOL:
      return Kind::kBoolean;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Kind::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type() == v1::Money::descriptor()) return Kind::kMoney;
      if (field.message_type() == v1::TextList::descriptor()) return Kind::kList;
      return Kind::kTime;
    default:
      return Kind::kInteger;
  }
}

void AttributeSetter::Set(const RowContext& row, v1::Lead* lead) const {
  if (owner_ == nullptr) {
    SetCustom(row, lead);
    return;
  }
  // An unknown value must not create an empty company or contact.
  if (!source_.Text(row).has_value()) return;
  const Reflection& reflection = *lead->GetReflection();
  if (!owner_->is_repeated()) {
    SetField(row, reflection.MutableMessage(lead, owner_));
  } else {
    SetField(row, lead->contacts_size() == 0 ? lead->add_contacts() : lead->mutable_contacts(0));
  }
}

void AttributeSetter::SetCustom(const RowContext& row, v1::Lead* lead) const {
  const std::optional<std::string> text = source_.Text(row);
  if (!text.has_value() || custom_name_.empty()) return;
  v1::AttributeValue value;
  switch (type_) {
    case client::VALUE_TYPE_NUMBER:
      if (const auto number = source_.Number(row)) SetNumberValue(*number, &value);
      break;
    case client::VALUE_TYPE_BOOLEAN:
      if (const auto boolean = source_.Boolean(row)) value.set_boolean(*boolean);
      break;
    case client::VALUE_TYPE_TIME:
      if (const auto time = source_.Time(row)) SetTime(*time, value.mutable_time());
      break;
    case client::VALUE_TYPE_LIST:
      *value.mutable_list() = SplitList(*text);
      break;
    case client::VALUE_TYPE_UNSPECIFIED:
      if (LooksLikeNumber(*text, row.formats)) {
        if (const auto number = source_.Number(row)) SetNumberValue(*number, &value);
        break;
      }
      if (absl::EqualsIgnoreCase(*text, "true") || absl::EqualsIgnoreCase(*text, "false")) {
        value.set_boolean(absl::EqualsIgnoreCase(*text, "true"));
        break;
      }
      value.set_text(*text);
      break;
    default:
      value.set_text(*text);
  }
  if (value.kind_case() != v1::AttributeValue::KIND_NOT_SET) {
    (*lead->mutable_custom())[custom_name_] = value;
  }
}

void AttributeSetter::SetField(const RowContext& row, Message* owner) const {
  const Reflection& reflection = *owner->GetReflection();
  switch (kind_) {
    case Kind::kText:
      if (auto text = source_.Text(row)) reflection.SetString(owner, field_, *std::move(text));
      break;
    case Kind::kBoolean:
      if (const auto boolean = source_.Boolean(row)) reflection.SetBool(owner, field_, *boolean);
      break;
    case Kind::kTime:
      if (const auto time = source_.Time(row)) {
        SetTime(*time, static_cast<google::protobuf::Timestamp*>(
                           reflection.MutableMessage(owner, field_)));
      }
      break;
    case Kind::kList:
      if (const auto text = source_.Text(row)) {
        *static_cast<v1::TextList*>(reflection.MutableMessage(owner, field_)) = SplitList(*text);
      }
      break;
    case Kind::kInteger:
      SetInteger(row, owner);
      break;
    case Kind::kMoney:
      SetMoney(row, owner);
      break;
    case Kind::kEnum:
      SetEnum(row, owner);
      break;
    case Kind::kCustom:
      break;
  }
}

void AttributeSetter::SetInteger(const RowContext& row, Message* owner) const {
  const std::optional<DecimalRange> number = source_.Number(row);
  if (!number.has_value()) return;
  const Reflection& reflection = *owner->GetReflection();
  if (!number->exact) {
    if (RangeField() == nullptr) {
      source_.Report(row, "expected one whole number, not a range");
      return;
    }
    auto* range = static_cast<v1::NumberRange*>(reflection.MutableMessage(owner, RangeField()));
    if (number->min.has_value()) range->set_min(number->min->ToDouble());
    if (number->max.has_value()) range->set_max(number->max->ToDouble());
    return;
  }
  const double value = number->min->ToDouble();
  if (value != std::floor(value) || std::abs(value) > 1e9) {
    source_.Report(row, "expected a whole number");
  } else if (field_->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    reflection.SetInt32(owner, field_, static_cast<int32_t>(value));
  } else {
    reflection.SetInt64(owner, field_, static_cast<int64_t>(value));
  }
}

void AttributeSetter::SetMoney(const RowContext& row, Message* owner) const {
  std::string currency = row.formats.currency;
  if (const auto named = currency_.Text(row)) currency = *named;
  const std::optional<MoneyCell> money = source_.Money(row, currency);
  if (!money.has_value()) return;
  const Reflection& reflection = *owner->GetReflection();
  if (money->exact) {
    *static_cast<v1::Money*>(reflection.MutableMessage(owner, field_)) = *money->min;
  } else {
    auto* range = static_cast<v1::MoneyRange*>(reflection.MutableMessage(owner, RangeField()));
    if (money->min.has_value()) *range->mutable_min() = *money->min;
    if (money->max.has_value()) *range->mutable_max() = *money->max;
  }
}

void AttributeSetter::SetEnum(const RowContext& row, Message* owner) const {
  const std::optional<std::string> text = source_.Text(row);
  if (!text.has_value()) return;
  std::string words;
  for (int i = 1; i < field_->enum_type()->value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor* value = field_->enum_type()->value(i);
    const std::string word = EnumWord(*value);
    if (NormalizeRole(*text) == word) {
      owner->GetReflection()->SetEnum(owner, field_, value);
      return;
    }
    absl::StrAppend(&words, words.empty() ? "" : ", ", word);
  }
  source_.Report(row, absl::StrCat("expected one of ", words,
                                   "; give a value map in the mapping (values: {…})"));
}

v1::TextList AttributeSetter::SplitList(const std::string& cell) const {
  v1::TextList list;
  for (const absl::string_view part : absl::StrSplit(cell, list_separator_)) {
    const absl::string_view text = Trim(part);
    if (!text.empty()) list.add_values(std::string(text));
  }
  return list;
}

const FieldDescriptor* AttributeSetter::RangeField() const {
  return field_->containing_type()->FindFieldByName(absl::StrCat(field_->name(), "_range"));
}

}  // namespace bantam
