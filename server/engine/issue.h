#ifndef BANTAM_SERVER_ENGINE_ISSUE_H_
#define BANTAM_SERVER_ENGINE_ISSUE_H_

#include <string>

namespace bantam {

// One problem of a definition, found by Compile(). The definition room adds line and column.
struct Issue {
  enum class Severity {
    kWarning,  // The definition can be used all the same.
    kError,    // It cannot.
  };
  Severity severity = Severity::kError;

  // Path of the field within the Icp message, such as "fit.criteria[2].test.in". Map entries are
  // named by their key: "exchange_rates[USD]". Empty: the whole document.
  std::string field;

  // What is wrong, what was expected and what to do. One line, English, no full stop.
  std::string message;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ISSUE_H_
