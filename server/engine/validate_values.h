// Checks of single values, shared by the validate_*.cc files. Valid input allocates nothing: a
// path is a chain of stack objects, put into words only where something is wrong.
#ifndef BANTAM_SERVER_ENGINE_VALIDATE_VALUES_H_
#define BANTAM_SERVER_ENGINE_VALIDATE_VALUES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bantam/v1/value.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/engine/validate.h"

namespace bantam {

// Where a field stands. Refers to its parent and to its name, which must outlive it.
class FieldPath {
 public:
  explicit FieldPath(absl::string_view name) : name_(name) {}

  // `parent.name`.
  FieldPath(const FieldPath& parent, absl::string_view name) : parent_(&parent), name_(name) {}

  // `parent[index]`.
  FieldPath(const FieldPath& parent, int index) : parent_(&parent), index_(index) {}

  // `parent[key]`.
  static FieldPath Entry(const FieldPath& parent, absl::string_view key) {
    FieldPath path(parent, key);
    path.is_key_ = true;
    return path;
  }

  // "lead.events[3].time".
  std::string ToString() const;

 private:
  const FieldPath* parent_ = nullptr;
  absl::string_view name_;
  int index_ = -1;
  bool is_key_ = false;
};

// Collects violations. The checks named after a kind of value add one if the value is invalid.
class ValueChecker {
 public:
  // `violations` must outlive it.
  explicit ValueChecker(std::vector<Violation>* violations) : violations_(violations) {}

  void Add(const FieldPath& path, absl::string_view description);

  // At most `max_bytes`.
  void Text(const FieldPath& path, absl::string_view text, int max_bytes);

  // Not blank, and at most `max_bytes`. `what` says what it is for: "who says so".
  void RequiredText(const FieldPath& path, absl::string_view text, int max_bytes,
                    absl::string_view what);

  // Whether a list has at most `max_size` elements. Longer ones are not looked into.
  bool Size(const FieldPath& path, int size, int max_size);

  // Nanos in [0, 999999999], years 1900 to 2200.
  void Time(const FieldPath& path, const google::protobuf::Timestamp& time);

  // Format of the currency, ranges and signs of units and nanos.
  void Money(const FieldPath& path, const v1::Money& money);

  // The same, and not negative.
  void Amount(const FieldPath& path, const v1::Money& money);

  // Both ends valid amounts in one currency, in order.
  void AmountRange(const FieldPath& path, const v1::MoneyRange& range);

  // Both ends finite and in order.
  void NumberRange(const FieldPath& path, const v1::NumberRange& range);

  // Both ends in [min, max], too.
  void NumberRange(const FieldPath& path, const v1::NumberRange& range, double min, double max);

  void TextList(const FieldPath& path, const v1::TextList& list, const LeadBounds& bounds);

  // One of the four channels.
  void Channel(const FieldPath& path, int channel);

 private:
  std::vector<Violation>* violations_;
};

// Whether `name` is of the form [a-z][a-z0-9_]{0,63}.
bool IsSnakeName(absl::string_view name);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_VALIDATE_VALUES_H_
