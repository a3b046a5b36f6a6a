#ifndef BANTAM_CLIENT_WATCH_DECISION_SOURCE_H_
#define BANTAM_CLIENT_WATCH_DECISION_SOURCE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace bantam {

// Where `bantam watch` gets the lines of a decision log from, as they are written.
class DecisionSource {
 public:
  virtual ~DecisionSource() = default;

  // Takes a line; false: no more are wanted.
  using TakeLine = std::function<bool(const std::string& line)>;

  // Whether to end; asked several times a second.
  using IsOver = std::function<bool()>;

  // A word for the user, such as that a connection was lost.
  using Note = std::function<void(const std::string& note)>;

  // Hands over lines until there will be none, or no more are wanted. Errors: the source cannot be
  // used. What fails later is noted and tried again.
  virtual absl::Status Follow(const TakeLine& take, const IsOver& is_over, const Note& note) = 0;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_WATCH_DECISION_SOURCE_H_
