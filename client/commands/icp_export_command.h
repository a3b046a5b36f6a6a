// icp export: a catalog's ICPs into files.
#ifndef BANTAM_CLIENT_COMMANDS_ICP_EXPORT_COMMAND_H_
#define BANTAM_CLIENT_COMMANDS_ICP_EXPORT_COMMAND_H_

#include <string>

#include "client/commands/connection_flags.h"

namespace bantam {

struct ExportFlags {
  ServerFlags server;
  std::string parent;  // `tenants/{tenant}`, or `tenants/-` for all.
  std::string folder;
  bool force = false;  // Overwrite files that differ.
};

// Writes every current ICP as `folder`/{tenant}/{icp}.yaml, byte by byte as it was saved. Files
// that hold the same stay; those that differ are named and stay, too, unless forced. Exit code 1:
// some were not written; 2: the folder cannot be used.
int RunIcpExport(const ExportFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_EXPORT_COMMAND_H_
