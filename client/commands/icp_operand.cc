#include "client/commands/icp_operand.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/commands/failure.h"
#include "client/commands/resource_names.h"
#include "client/commands/revision_choice.h"
#include "server/engine/validate.h"

namespace bantam {

IcpOperand ParseIcpOperand(const std::string& text) {
  std::error_code error;
  IcpOperand operand;
  const size_t at = text.rfind('@');
  const std::string name = FullIcpName(text.substr(0, at));
  const bool exists = text == "-" || std::filesystem::exists(text, error);
  if (exists || !(name.empty() || IsIcpName(name))) {
    operand.file = text;
    return operand;
  }
  operand.name = name;
  if (at != std::string::npos) operand.revision = text.substr(at + 1);
  return operand;
}

absl::StatusOr<v1::IcpRevision> GetIcp(CatalogClient* client, const IcpOperand& operand) {
  absl::StatusOr<RevisionChoice> choice = RevisionChoice{};
  if (!operand.revision.empty())
    choice = ChooseRevision(client, operand.name, operand.revision, "");
  if (!choice.ok()) return choice.status();
  absl::StatusOr<v1::IcpRevision> revision = GetChosen(client, operand.name, *choice);
  if (revision.ok() && choice->is_current()) NoteBadNewest(client, *revision);
  return revision;
}

std::string LabelOf(const IcpOperand& operand, const v1::IcpRevision& revision) {
  return revision.number() > 0 ? absl::StrCat(operand.name, "@", revision.number()) : operand.name;
}

std::string LabelOf(const std::string& file) { return file == "-" ? "(standard input)" : file; }

void PrintNameless(const IcpOperand& operand) {
  PrintError(
      absl::StrCat("'@", operand.revision, "' names no ICP; write TENANT/ICP@", operand.revision));
}

}  // namespace bantam
