// icp put, icp import: definitions from files into a server's catalog.
#ifndef BANTAM_CLIENT_COMMANDS_ICP_PUT_COMMAND_H_
#define BANTAM_CLIENT_COMMANDS_ICP_PUT_COMMAND_H_

#include <string>
#include <vector>

#include "client/commands/change_flags.h"

namespace bantam {

struct PutFlags {
  ChangeFlags change;
  std::vector<std::string> files;
  bool dry_run = false;  // Check everything, save nothing.
};

struct ImportFlags {
  PutFlags put;        // `files` may name folders.
  std::string tenant;  // `tenants/{tenant}` in place of those in the files; empty: they stay.
};

// Checks all files, and if all are good, shows what will change and saves each of them. What is
// current already is not saved again. Exit code 1: a file has errors (nothing was saved), or one of
// several could not be saved; 2: a file cannot be read.
int RunIcpPut(const PutFlags& flags);

// The same for many: shows a plan instead of every change, and a count at the end.
int RunIcpImport(const ImportFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_PUT_COMMAND_H_
