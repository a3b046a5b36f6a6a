// Checks of single values, shared by the validate_*.cc files. Valid input allocates nothing and
// costs a few comparisons for each value: they are inlined, and a path is a chain of stack objects,
// made and put into words only where something is wrong.
#ifndef BANTAM_SERVER_ENGINE_VALIDATE_VALUES_H_
#define BANTAM_SERVER_ENGINE_VALIDATE_VALUES_H_

#include <array>
#include <cstddef>
#include <cstdint>
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

// Whether the nanoseconds of a time are in [0, 999999999].
inline bool HasNanosOfTime(const google::protobuf::Timestamp& time) {
  return time.nanos() >= 0 && time.nanos() <= 999999999;
}

// The same, and the time lies in the years 1900 to 2200.
inline bool IsTime(const google::protobuf::Timestamp& time) {
  constexpr int64_t kFirstSecond = -2208988800;  // 1900-01-01T00:00:00Z.
  constexpr int64_t kLastSecond = 7289654399;    // 2200-12-31T23:59:59Z.
  return time.seconds() >= kFirstSecond && time.seconds() <= kLastSecond && HasNanosOfTime(time);
}

// Whether `name` is of the form [a-z][a-z0-9_]{0,63}.
inline bool IsSnakeName(absl::string_view name) {
  // By character: whether it may stand in a name.
  static constexpr std::array<bool, 256> kAllowed = [] {
    std::array<bool, 256> allowed = {};
    for (int c = 'a'; c <= 'z'; ++c) allowed[c] = true;
    for (int c = '0'; c <= '9'; ++c) allowed[c] = true;
    allowed['_'] = true;
    return allowed;
  }();
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  bool all_allowed = true;
  for (const char c : name) all_allowed &= kAllowed[static_cast<unsigned char>(c)];
  return all_allowed;
}

// Collects violations. The checks named after a kind of value add one if the value is invalid.
class ValueChecker {
 public:
  // `violations` must outlive it.
  explicit ValueChecker(std::vector<Violation>* violations) : violations_(violations) {}

  void Add(const FieldPath& path, absl::string_view description);

  // At most `max_bytes`.
  void Text(const FieldPath& parent, absl::string_view name, const std::string& text,
            int max_bytes) {
    if (text.size() > static_cast<size_t>(max_bytes)) AddLong({parent, name}, max_bytes);
  }

  // Not blank, and at most `max_bytes`. `what` says what it is for: "who says so".
  void RequiredText(const FieldPath& parent, absl::string_view name, const std::string& text,
                    int max_bytes, absl::string_view what);

  // Whether the list at `path` has at most `max_size` elements. Longer ones are not looked into.
  bool Size(const FieldPath& path, int size, int max_size) {
    if (size <= max_size) return true;
    AddLarge(path, max_size);
    return false;
  }

  // IsTime().
  void Time(const FieldPath& parent, absl::string_view name,
            const google::protobuf::Timestamp& time) {
    if (!IsTime(time)) AddBadTime({parent, name}, time);
  }

  // The currency's format, ranges and signs of units and nanos, and not negative.
  void Amount(const FieldPath& path, const v1::Money& money);

  // Both ends valid amounts in one currency, in order.
  void AmountRange(const FieldPath& path, const v1::MoneyRange& range);

  // Both ends finite and in order.
  void NumberRange(const FieldPath& path, const v1::NumberRange& range);

  // Both ends in [min, max], too.
  void NumberRange(const FieldPath& path, const v1::NumberRange& range, double min, double max);

  // No more values than `bounds` allow, nor longer ones.
  void TextList(const FieldPath& path, const v1::TextList& list, const LeadBounds& bounds);

  // One of the four channels.
  void Channel(const FieldPath& parent, absl::string_view name, int channel) {
    if (!IsChannel(channel)) AddBadChannel({parent, name});
  }

  // The same for the element `index` of `parent`.
  void Channel(const FieldPath& parent, int index, int channel) {
    if (!IsChannel(channel)) AddBadChannel({parent, index});
  }

 private:
  static bool IsChannel(int channel) {
    return channel != v1::CHANNEL_UNSPECIFIED && v1::Channel_IsValid(channel);
  }

  // Format of the currency, ranges and signs of units and nanos.
  void Money(const FieldPath& path, const v1::Money& money);

  // What is wrong with a value of its kind.
  void AddLong(const FieldPath& path, int max_bytes);
  void AddLarge(const FieldPath& path, int max_size);
  void AddBadTime(const FieldPath& path, const google::protobuf::Timestamp& time);
  void AddBadChannel(const FieldPath& path);

  std::vector<Violation>* violations_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_VALIDATE_VALUES_H_
