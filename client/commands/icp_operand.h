// What stands for an ICP on the command line: a file, or one of a server's.
#ifndef BANTAM_CLIENT_COMMANDS_ICP_OPERAND_H_
#define BANTAM_CLIENT_COMMANDS_ICP_OPERAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "client/commands/catalog_client.h"

namespace bantam {

struct IcpOperand {
  std::string file;      // Empty: an ICP of the server.
  std::string name;      // Empty with a revision: one that must be known otherwise.
  std::string revision;  // Empty: the current one.

  bool is_file() const { return !file.empty(); }
};

// FILE, -, NAME, NAME@REVISION or @REVISION. A name of an ICP is a file's only if that is there.
IcpOperand ParseIcpOperand(const std::string& text);

// The server's revision that is meant; of the current one, NoteBadNewest(). Errors: as
// ChooseRevision() and GetChosen().
absl::StatusOr<v1::IcpRevision> GetIcp(CatalogClient* client, const IcpOperand& operand);

// What people call it: "tenants/acme/icps/software@3".
std::string LabelOf(const IcpOperand& operand, const v1::IcpRevision& revision);

// The same of a file: its path, or "(standard input)".
std::string LabelOf(const std::string& file);

// Prints that "@3" does not say of which ICP.
void PrintNameless(const IcpOperand& operand);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_OPERAND_H_
