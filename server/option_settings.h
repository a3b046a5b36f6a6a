// The table of bantamd's options: one line for each.
#ifndef BANTAM_SERVER_OPTION_SETTINGS_H_
#define BANTAM_SERVER_OPTION_SETTINGS_H_

#include <functional>
#include <string>
#include <vector>

#include "server/options.h"

namespace bantam {

// How one field of Options is shown and set.
struct Setting {
  std::string name;    // Without dashes.
  std::string values;  // What stands for the value in --help.
  std::string help;
  std::string default_text;
  bool is_switch = false;
  bool is_secret = false;  // Whether its value is kept out of messages.

  // Sets the field from a text, or says what was expected ("must be …").
  std::function<std::string(const std::string& text)> set;

  // Whether an empty text stands for the default, which is empty.
  bool may_be_empty = false;
};

// The environment variable that sets it.
std::string EnvironmentName(const Setting& setting);

// All settings, in the order of Options. They point into `options`.
std::vector<Setting> Settings(Options* options);

}  // namespace bantam

#endif  // BANTAM_SERVER_OPTION_SETTINGS_H_
