#include "client/diff/message_diff.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bantam/v1/value.pb.h"
#include "client/cases/values.h"
#include "client/diff/flow_text.h"
#include "client/diff/words.h"

namespace bantam {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DynamicCastToGenerated;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;
using Kind = IcpChange::Kind;

constexpr char kTexts[] = "texts";

bool IsText(const FieldDescriptor& field) {
  return field.message_type() == v1::LocalizedText::descriptor();
}

// Whether a singular field's value is told in one piece.
bool IsValue(const FieldDescriptor& field) {
  return IsScalarField(field) || field.message_type() == v1::Money::descriptor();
}

// Whether it is a message to descend into.
bool IsMessage(const FieldDescriptor& field) {
  return !field.is_repeated() && !IsValue(field) && !IsText(field);
}

bool Has(const DiffSide& side, const FieldDescriptor& field) {
  return side.full.GetReflection()->HasField(side.full, &field);
}

DiffSide Child(const DiffSide& side, const FieldDescriptor& field) {
  return {side.full.GetReflection()->GetMessage(side.full, &field),
          side.written.GetReflection()->GetMessage(side.written, &field)};
}

int Size(const Message& message, const FieldDescriptor& field) {
  return message.GetReflection()->FieldSize(message, &field);
}

// Whether the whole list comes from the defaults.
bool IsDefaultList(const DiffSide& side, const FieldDescriptor& field) {
  return Size(side.written, field) == 0 && Size(side.full, field) > 0;
}

// An element; what was written of it stands in the same place.
DiffSide Element(const DiffSide& side, const FieldDescriptor& field, int index) {
  const Message& full = side.full.GetReflection()->GetRepeatedMessage(side.full, &field, index);
  if (index >= Size(side.written, field)) {
    return {full,
            *side.full.GetReflection()->GetMessageFactory()->GetPrototype(full.GetDescriptor())};
  }
  return {full, side.written.GetReflection()->GetRepeatedMessage(side.written, &field, index)};
}

std::vector<ElementKey> Keys(const Message& message, const FieldDescriptor& field) {
  std::vector<ElementKey> keys;
  for (int i = 0; i < Size(message, field); ++i) {
    keys.push_back(KeyOf(message.GetReflection()->GetRepeatedMessage(message, &field, i)));
  }
  return keys;
}

std::vector<std::string> KeyTexts(const std::vector<ElementKey>& keys) {
  std::vector<std::string> texts;
  for (const ElementKey& key : keys) texts.push_back(key.text);
  return texts;
}

std::string ElementLabel(const FieldDescriptor& field, const ElementKey& key) {
  const std::string noun = ElementNoun(field);
  return key.is_range ? absl::StrCat(noun, " ", key.text) : absl::StrCat(noun, " `", key.text, "`");
}

// Where the differences of a list stand. Elements that are messages are named one by one, and a
// message that is nothing but a list has been named already.
DiffPath ListPath(const FieldDescriptor& field, const DiffPath& path) {
  const bool named =
      IsListMessage(*field.containing_type()) || (!field.is_map() && !IsScalarField(field));
  return named ? path : Below(path, FieldWords(field));
}

// " (“Target industry”)", or nothing.
std::string TitleWords(const Message& element) {
  const FieldDescriptor* field = element.GetDescriptor()->FindFieldByName("title");
  if (field == nullptr || !IsText(*field)) return "";
  const auto* title = DynamicCastToGenerated<v1::LocalizedText>(
      &element.GetReflection()->GetMessage(element, field));
  const auto english = title->texts().find("en");
  return english == title->texts().end() ? "" : absl::StrCat(" (“", english->second, "”)");
}

// What an element that came or went is like; empty: its key says it all.
std::string Details(const Message& element, const ElementKey& key) {
  FlowOptions options;
  options.omit_texts = true;
  options.omit_field = "id";
  const std::string text = FlowMessage(element, options);
  if (text == "{}" || text == absl::StrCat("{", key.text, "}")) return "";
  return absl::StrCat(": ", text);
}

// Whether the elements of a list are called by ids.
bool HasId(const FieldDescriptor& field) {
  return field.message_type()->FindFieldByName("id") != nullptr;
}

// Where a new element stands, if it has an id and is not the last: " after `mql`".
std::string PlaceWords(const Message& message, const FieldDescriptor& field, int index) {
  if (!HasId(field) || index + 1 == Size(message, field)) return "";
  if (index == 0) return " at the front";
  const Message& before = message.GetReflection()->GetRepeatedMessage(message, &field, index - 1);
  return absl::StrCat(" after `", KeyOf(before).text, "`");
}

// What the kind of a oneof comes to: "in [a, b]"; "none".
std::string KindWords(const Message& message, const OneofDescriptor& oneof) {
  const FieldDescriptor* kind = message.GetReflection()->GetOneofFieldDescriptor(message, &oneof);
  if (kind == nullptr) return "none";
  return absl::StrCat(FieldWords(*kind), " ", FlowValue(message, *kind, -1));
}

}  // namespace

DiffPath Below(DiffPath path, std::string piece) {
  path.push_back(std::move(piece));
  return path;
}

void MessageDiff::ComparePart(const std::string& part, const FieldDescriptor& field,
                              const DiffSide& before, const DiffSide& after) {
  part_ = part;
  if (field.is_map()) {
    CompareMaps(field, before, after, {});
  } else if (field.is_repeated()) {
    CompareElements(field, before, after, {});
  } else if (IsMessage(field) && Has(before, field) && Has(after, field)) {
    CompareMessages(Child(before, field), Child(after, field), {});
  } else {
    CompareSingular(field, before, after, {});
  }
}

void MessageDiff::CompareMessages(const DiffSide& before, const DiffSide& after,
                                  const DiffPath& path) {
  const Descriptor& type = *before.full.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const OneofDescriptor* oneof = field.real_containing_oneof();
    if (oneof != nullptr) {
      if (oneof->field(0) == &field) CompareKinds(*oneof, before, after, path);  // Once.
    } else if (!field.is_repeated()) {
      CompareSingular(field, before, after, path);
    } else if (field.is_map()) {
      CompareMaps(field, before, after, ListPath(field, path));
    } else {
      CompareElements(field, before, after, ListPath(field, path));
    }
  }
}

void MessageDiff::CompareSingular(const FieldDescriptor& field, const DiffSide& before,
                                  const DiffSide& after, const DiffPath& path) {
  if (IsValue(field)) return CompareValues(field, before, after, path);
  const bool had = Has(before, field);
  const bool has = Has(after, field);
  if (had && has) {
    const DiffSide child_before = Child(before, field);
    const DiffSide child_after = Child(after, field);
    if (IsText(field)) return CompareTexts(field, child_before.full, child_after.full, path);
    return CompareMessages(child_before, child_after, Below(path, FieldWords(field)));
  }
  if (had == has) return;
  const DiffSide child = Child(has ? after : before, field);
  if (IsText(field)) {
    // An empty text would be no difference to CompareTexts().
    if (!DynamicCastToGenerated<v1::LocalizedText>(&child.full)->texts().empty()) {
      return CompareTexts(field, Child(before, field).full, Child(after, field).full, path);
    }
  }
  const std::string details = FlowMessage(child.full, {});
  Report(has ? Kind::kAdded : Kind::kRemoved, path,
         absl::StrCat(FieldWords(field), has ? " added" : " removed", ": ", details));
}

void MessageDiff::CompareValues(const FieldDescriptor& field, const DiffSide& before,
                                const DiffSide& after, const DiffPath& path) {
  if (Has(before, field) == Has(after, field) &&
      FlowValue(before.full, field, -1) == FlowValue(after.full, field, -1)) {
    return;
  }
  std::string words = FieldWords(field);
  // "level 1: 75 % → 70 %": the number is part of the name.
  if (absl::ascii_isdigit(static_cast<unsigned char>(words.back()))) words += ':';
  Report(Kind::kChanged, path,
         absl::StrCat(words, " ", ValueWords(field, before), " → ", ValueWords(field, after)));
}

void MessageDiff::CompareTexts(const FieldDescriptor& field, const Message& before,
                               const Message& after, const DiffPath& path) {
  const std::string part = std::exchange(part_, kTexts);
  const auto* old_texts = DynamicCastToGenerated<v1::LocalizedText>(&before);
  const auto* new_texts = DynamicCastToGenerated<v1::LocalizedText>(&after);
  const std::map<std::string, std::string> was(old_texts->texts().begin(),
                                               old_texts->texts().end());
  const std::map<std::string, std::string> is(new_texts->texts().begin(), new_texts->texts().end());
  const auto words = [&field](const std::string& language) {
    return absl::StrCat(FieldWords(field), " (", language, ")");
  };
  for (const auto& [language, text] : is) {
    const auto old = was.find(language);
    if (old == was.end()) {
      Report(Kind::kAdded, path, absl::StrCat(words(language), " added: “", text, "”"));
    } else if (old->second != text) {
      Report(Kind::kChanged, path,
             absl::StrCat(words(language), " “", old->second, "” → “", text, "”"));
    }
  }
  for (const auto& [language, text] : was) {
    if (is.count(language) > 0) continue;
    Report(Kind::kRemoved, path, absl::StrCat(words(language), " removed: “", text, "”"));
  }
  part_ = part;
}

void MessageDiff::CompareKinds(const OneofDescriptor& oneof, const DiffSide& before,
                               const DiffSide& after, const DiffPath& path) {
  const FieldDescriptor* was =
      before.full.GetReflection()->GetOneofFieldDescriptor(before.full, &oneof);
  const FieldDescriptor* is =
      after.full.GetReflection()->GetOneofFieldDescriptor(after.full, &oneof);
  if (was == nullptr && is == nullptr) return;
  if (was == is) {
    // Where there is nothing but the kind, it need not be named.
    const bool is_all = oneof.field_count() == oneof.containing_type()->field_count();
    if (!is_all || !IsMessage(*is)) return CompareSingular(*is, before, after, path);
    return CompareMessages(Child(before, *is), Child(after, *is), path);
  }
  Report(Kind::kChanged, path,
         absl::StrCat(KindWords(before.full, oneof), " → ", KindWords(after.full, oneof)));
}

void MessageDiff::CompareElements(const FieldDescriptor& field, const DiffSide& before,
                                  const DiffSide& after, const DiffPath& path) {
  if (IsScalarField(field)) return CompareScalarLists(field, before, after, path);
  const std::vector<ElementKey> old_keys = Keys(before.full, field);
  const std::vector<ElementKey> new_keys = Keys(after.full, field);
  ListMatch match = MatchLists(KeyTexts(old_keys), KeyTexts(new_keys));
  // A range has no name but itself: where as many came as went, they are the old ones changed.
  if (match.removed.size() == match.added.size() && !match.added.empty() &&
      new_keys[static_cast<size_t>(match.added[0])].is_range) {
    for (size_t i = 0; i < match.added.size(); ++i) {
      match.pairs.emplace_back(match.removed[i], match.added[i]);
    }
    match.removed.clear();
    match.added.clear();
  }
  for (const auto& [was, is] : match.pairs) {
    CompareMessages(Element(before, field, was), Element(after, field, is),
                    Below(path, ElementLabel(field, old_keys[static_cast<size_t>(was)])));
  }
  for (const int index : match.added) ReportElement(Kind::kAdded, field, after, index, path);
  for (const int index : match.removed) ReportElement(Kind::kRemoved, field, before, index, path);
  ReportMoved(field, KeyTexts(new_keys), match.moved, path);
}

void MessageDiff::ReportMoved(const FieldDescriptor& field, const std::vector<std::string>& keys,
                              const std::vector<int>& moved, const DiffPath& path) {
  for (const int index : moved) {
    const auto label = [&](int i) { return absl::StrCat("`", keys[static_cast<size_t>(i)], "`"); };
    Report(Kind::kChanged, path,
           absl::StrCat(ElementNoun(field), " ", label(index), " moved, now ",
                        index == 0 ? "first" : absl::StrCat("after ", label(index - 1))));
  }
}

void MessageDiff::ReportElement(Kind kind, const FieldDescriptor& field, const DiffSide& side,
                                int index, const DiffPath& path) {
  const DiffSide element = Element(side, field, index);
  const bool built_in = IsDefaultList(side, field);
  const Message& shown =
      built_in || index >= Size(side.written, field) ? element.full : element.written;
  const ElementKey key = KeyOf(element.full);
  // What a built-in one is like stands in the documentation.
  const char* verb = kind == Kind::kAdded ? " added" : " removed";
  Report(kind, path,
         absl::StrCat(ElementLabel(field, key), TitleWords(shown), verb,
                      kind == Kind::kAdded ? PlaceWords(side.full, field, index) : "",
                      built_in ? " (built-in)" : "",
                      built_in && HasId(field) ? "" : Details(shown, key)));
}

void MessageDiff::CompareScalarLists(const FieldDescriptor& field, const DiffSide& before,
                                     const DiffSide& after, const DiffPath& path) {
  const std::string difference =
      ListDifference(ListValues(field, before.full), ListValues(field, after.full));
  if (difference.empty()) return;
  const char* note = IsDefaultList(before, field)  ? " (was the default)"
                     : IsDefaultList(after, field) ? " (now the default)"
                                                   : "";
  Report(Kind::kChanged, path, absl::StrCat(difference, note));
}

void MessageDiff::CompareMaps(const FieldDescriptor& field, const DiffSide& before,
                              const DiffSide& after, const DiffPath& path) {
  const std::string difference =
      MapDifference(MapValues(field, before.full), MapValues(field, after.full));
  if (!difference.empty()) Report(Kind::kChanged, path, difference);
}

void MessageDiff::Report(Kind kind, const DiffPath& path, const std::string& what) {
  changes_->push_back(
      {part_, kind, path.empty() ? what : absl::StrCat(absl::StrJoin(path, ", "), ": ", what)});
}

}  // namespace bantam
