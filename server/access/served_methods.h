#ifndef BANTAM_SERVER_ACCESS_SERVED_METHODS_H_
#define BANTAM_SERVER_ACCESS_SERVED_METHODS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bantam {

// A method that a policy can speak of.
struct ServedMethod {
  std::string full_name;      // "/bantam.v1.QualificationService/Score"
  std::string full_service;   // "bantam.v1.QualificationService"
  std::string short_service;  // "QualificationService"
  std::string method;         // "Score"

  // Whether its calls are for one tenant or several.
  bool concerns_tenants = false;
};

// All methods of the contract, of health and of reflection.
const std::vector<ServedMethod>& ServedMethods();

// Those that `pattern` of Grant.methods names; none: it names no method.
std::vector<const ServedMethod*> MethodsNamed(absl::string_view pattern);

// What could have been meant by a `pattern` that names no method: "; did you mean 'Score'?", or
// else what there is.
std::string MethodHint(absl::string_view pattern);

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_SERVED_METHODS_H_
