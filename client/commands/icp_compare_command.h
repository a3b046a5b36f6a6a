// icp compare: what two definitions say of the same leads.
#ifndef BANTAM_CLIENT_COMMANDS_ICP_COMPARE_COMMAND_H_
#define BANTAM_CLIENT_COMMANDS_ICP_COMPARE_COMMAND_H_

#include <cstdint>
#include <string>

#include "client/commands/connection_flags.h"
#include "client/commands/lead_flags.h"
#include "client/output/terminal.h"

namespace bantam {

// How a comparison is written.
enum class CompareOutput {
  kTable,  // For a person.
  kJson,   // A Comparison (client/comparison.proto).
};

struct CompareFlags {
  ServerFlags server;

  // FILE, -, NAME (the current revision) or NAME@REVISION; of the other's ICP also @REVISION.
  std::string before;
  std::string after;

  LeadFlags leads;
  std::string at = "now";
  int64_t changes = 20;  // Leads that are listed at most.
  CompareOutput output = CompareOutput::kTable;
  ColorChoice color = ColorChoice::kAuto;
};

// Evaluates every lead by both, in this process, and prints what differs. Contacts a server only if
// one of the two definitions is there. Exit code 0: both answered for every lead, whether or not
// anything differs; 1: some leads failed; 2: a file cannot be used; 3, 4: as for every server.
int RunIcpCompare(const CompareFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_COMPARE_COMMAND_H_
