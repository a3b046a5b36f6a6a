#include "client/commands/overwritten_input.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/files/part_file.h"
#include "client/files/yaml_files.h"

namespace bantam {
namespace {

// One file that is read.
struct Input {
  const char* what;  // For messages.
  std::string path;  // "-": the standard input, where `may_be_standard_input`.
  bool may_be_standard_input = false;
};

std::vector<Input> InputsOf(const EvaluateFlags& flags) {
  std::vector<Input> inputs;
  for (const std::string& file : flags.leads.files) {
    inputs.push_back({"the leads", file, /*may_be_standard_input=*/true});
  }
  inputs.push_back({"the mapping", flags.leads.mapping, /*may_be_standard_input=*/true});
  for (const std::string& file : flags.qualifier.icp_files) inputs.push_back({"the ICP", file});
  if (!flags.qualifier.icps_folder.empty()) {
    for (std::string& file : ListYamlFiles(flags.qualifier.icps_folder).files) {
      inputs.push_back({"the ICP", std::move(file)});
    }
  }
  const ChannelOptions& channel = flags.qualifier.server.channel;
  inputs.push_back({"the certificates", channel.tls_ca_file});
  inputs.push_back({"the certificate", channel.tls_cert_file});
  inputs.push_back({"the private key", channel.tls_key_file});
  inputs.push_back({"the token", channel.token_file});
  return inputs;
}

bool Find(const Input& input, struct stat* found) {
  if (input.may_be_standard_input && input.path == "-") return fstat(STDIN_FILENO, found) == 0;
  return !input.path.empty() && stat(input.path.c_str(), found) == 0;
}

}  // namespace

absl::Status CheckOverwritesNoInput(const EvaluateFlags& flags) {
  if (flags.to.empty()) return absl::OkStatus();
  // That part of the answers stands beside the file at first must not cost an input either.
  for (const std::string& written : {flags.to, PartNameOf(flags.to)}) {
    struct stat output;
    if (stat(written.c_str(), &output) != 0 || !S_ISREG(output.st_mode)) continue;
    for (const Input& input : InputsOf(flags)) {
      struct stat found;
      if (!Find(input, &found) || found.st_dev != output.st_dev || found.st_ino != output.st_ino) {
        continue;
      }
      return absl::InvalidArgumentError(absl::StrCat(
          "--to: ", flags.to, " would overwrite ", input.what, " in ",
          input.path == "-" ? "(standard input)" : input.path, "; write the answers elsewhere"));
    }
  }
  return absl::OkStatus();
}

}  // namespace bantam
