// What fields and elements of lists are called in a difference.
#ifndef BANTAM_CLIENT_DIFF_WORDS_H_
#define BANTAM_CLIENT_DIFF_WORDS_H_

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace bantam {

// `points_if_missed` → "points if missed", `floor_percent` → "floor" (its unit stands with the
// value).
std::string FieldWords(const google::protobuf::FieldDescriptor& field);

// What stands behind values of the field: " %", or nothing.
std::string UnitOf(const google::protobuf::FieldDescriptor& field);

// The part of the definition that a field of Icp belongs to, such as "fit" or "BANT".
std::string PartWords(const google::protobuf::FieldDescriptor& field);

// What one element of a list is called: `criteria` → "criterion", `rules` → "rule".
std::string ElementNoun(const google::protobuf::FieldDescriptor& field);

// Whether the message is nothing but a list, so that the list may be written in its place.
bool IsListMessage(const google::protobuf::Descriptor& type);

// What tells an element of a list from the others: its id, attribute, part or dimension; the ends
// of a range ("50–199"); else the kind it is ("fact: interest"); else all of it.
struct ElementKey {
  std::string text;
  bool is_range = false;
};
ElementKey KeyOf(const google::protobuf::Message& element);

}  // namespace bantam

#endif  // BANTAM_CLIENT_DIFF_WORDS_H_
