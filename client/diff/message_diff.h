#ifndef BANTAM_CLIENT_DIFF_MESSAGE_DIFF_H_
#define BANTAM_CLIENT_DIFF_MESSAGE_DIFF_H_

#include <map>
#include <string>
#include <vector>

#include "client/diff/icp_diff.h"
#include "client/diff/list_match.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace bantam {

// One side of a comparison: a message with its defaults, and as it was written (an empty message
// where it was not). Both are of one type.
struct DiffSide {
  const google::protobuf::Message& full;
  const google::protobuf::Message& written;
};

// Where a difference stands: "stage `sql`, gate, condition `score: fit`".
using DiffPath = std::vector<std::string>;

// Collects the differences of two messages of any type, by descriptor. Not thread-safe.
class MessageDiff {
 public:
  // Differences are added to `changes`; those of texts for people to the part "texts".
  explicit MessageDiff(std::vector<IcpChange>* changes) : changes_(changes) {}

  // Compares one field of the whole, and all below it, as the part that it is.
  void ComparePart(const std::string& part, const google::protobuf::FieldDescriptor& field,
                   const DiffSide& before, const DiffSide& after);

 private:
  // Every field of two messages.
  void CompareMessages(const DiffSide& before, const DiffSide& after, const DiffPath& path);

  // Singular fields.
  void CompareSingular(const google::protobuf::FieldDescriptor& field, const DiffSide& before,
                       const DiffSide& after, const DiffPath& path);
  void CompareValues(const google::protobuf::FieldDescriptor& field, const DiffSide& before,
                     const DiffSide& after, const DiffPath& path);
  void CompareTexts(const google::protobuf::FieldDescriptor& field,
                    const google::protobuf::Message& before, const google::protobuf::Message& after,
                    const DiffPath& path);
  void CompareKinds(const google::protobuf::OneofDescriptor& oneof, const DiffSide& before,
                    const DiffSide& after, const DiffPath& path);

  // Repeated fields and maps. `path` names the list already.
  void CompareElements(const google::protobuf::FieldDescriptor& field, const DiffSide& before,
                       const DiffSide& after, const DiffPath& path);
  void ReportMoved(const google::protobuf::FieldDescriptor& field,
                   const std::vector<std::string>& keys, const std::vector<int>& moved,
                   const DiffPath& path);
  void ReportElement(IcpChange::Kind kind, const google::protobuf::FieldDescriptor& field,
                     const DiffSide& side, int index, const DiffPath& path);
  void CompareScalarLists(const google::protobuf::FieldDescriptor& field, const DiffSide& before,
                          const DiffSide& after, const DiffPath& path);
  void CompareMaps(const google::protobuf::FieldDescriptor& field, const DiffSide& before,
                   const DiffSide& after, const DiffPath& path);

  // "<path>: <what>", or just what, where there is no path.
  void Report(IcpChange::Kind kind, const DiffPath& path, const std::string& what);

  std::vector<IcpChange>* const changes_;
  std::string part_;
};

// `path` with one more piece.
DiffPath Below(DiffPath path, std::string piece);

// Wording of values, in value_diff.cc.

// A singular value: "15", "80 %", "yes", "none", "20 % (default)".
std::string ValueWords(const google::protobuf::FieldDescriptor& field, const DiffSide& side);

// The elements of a list of single values.
std::vector<std::string> ListValues(const google::protobuf::FieldDescriptor& field,
                                    const google::protobuf::Message& message);

// The entries of a map, key → value.
std::map<std::string, std::string> MapValues(const google::protobuf::FieldDescriptor& field,
                                             const google::protobuf::Message& message);

// "added a, b; removed c"; "order changed"; empty: both lists are equal.
std::string ListDifference(const std::vector<std::string>& before,
                           const std::vector<std::string>& after);

// The same for maps, with "USD: 0.92 → 0.95" for values that changed.
std::string MapDifference(const std::map<std::string, std::string>& before,
                          const std::map<std::string, std::string>& after);

}  // namespace bantam

#endif  // BANTAM_CLIENT_DIFF_MESSAGE_DIFF_H_
