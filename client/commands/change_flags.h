// The options of the commands that change ICPs.
#ifndef BANTAM_CLIENT_COMMANDS_CHANGE_FLAGS_H_
#define BANTAM_CLIENT_COMMANDS_CHANGE_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "client/commands/connection_flags.h"

namespace bantam {

// Who makes a change, why, and to which state.
struct ChangeFlags {
  ServerFlags server;
  std::string author;
  std::string comment;
  std::string etag;    // Empty: not given, hence the one that is current now.
  bool force = false;  // Whatever is there: the etag "*".
  bool yes = false;    // No question on a terminal.
  bool json = false;   // The server's answers instead of words.

  // `asks`: whether the command asks before it does anything. `single`: whether it changes a single
  // ICP, whose etag can be given.
  void AddTo(CLI::App* command, bool asks, bool single = true);

  // The etag that they say; empty: they say none.
  std::string Etag() const { return force ? "*" : etag; }
};

// Asks `question` on a terminal, with "no" as the default; true without a terminal and with --yes.
bool Confirm(const ChangeFlags& flags, const std::string& question);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_CHANGE_FLAGS_H_
