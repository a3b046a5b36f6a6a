// icp diff: what is different between two revisions of an ICP, or files of it.
#ifndef BANTAM_CLIENT_COMMANDS_ICP_DIFF_COMMAND_H_
#define BANTAM_CLIENT_COMMANDS_ICP_DIFF_COMMAND_H_

#include <string>

#include "client/commands/connection_flags.h"
#include "client/output/terminal.h"

namespace bantam {

struct DiffFlags {
  ServerFlags server;

  // FILE, -, NAME (the current revision), NAME@REVISION, or @REVISION of the other's ICP. Without
  // an `after`, `before` is compared with what follows it: a file's ICP on the server comes before
  // the file, NAME@REVISION before the current one, NAME after the one before it.
  std::string before;
  std::string after;

  bool text = false;  // Line by line, instead of by meaning.
  ColorChoice color = ColorChoice::kAuto;
};

// Prints the differences. Contacts a server only if one of the two is there. Exit code 0: the texts
// are equal; 1: they differ; 2: a file cannot be used.
int RunIcpDiff(const DiffFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_DIFF_COMMAND_H_
