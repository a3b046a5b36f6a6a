#include "client/commands/connection_flags.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/option_checks.h"
#include "client/qualifier/local_qualifier.h"
#include "client/qualifier/remote_qualifier.h"
#include "client/qualifier/server_address.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

constexpr char kFromGroup[] = "Where answers come from";
constexpr char kSecurelyGroup[] = "How to reach it securely";

// How fresh it must be is no contradiction: files are always the newest there is.
bool IsOfServers(const CLI::Option& option) {
  return option.get_group() == kSecurelyGroup || option.get_name() == "--server";
}

std::string CompleteServer(std::string& text) {
  const absl::optional<std::string> address = ServerAddress(text);
  if (!address.has_value()) {
    return absl::StrCat("expected host:port, such as localhost:7770, not '", text, "'");
  }
  text = *address;
  return "";
}

std::string CheckDuration(const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration > absl::ZeroDuration()) return "";
  return "expected a duration such as 500ms, 10s or 2m";
}

std::string CheckStaleness(const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration >= absl::ZeroDuration()) return "";
  return "expected a duration such as 0, 500ms, 10s or 2m";
}

}  // namespace

void ServerFlags::AddTo(CLI::App* command) {
  command
      ->add_option("--server", channel.server,
                   "Server to ask, host or host:port; a name with several addresses: all by turns")
      ->type_name("SERVER")
      ->transform(CLI::Validator(CompleteServer, ""))
      ->envname("BANTAM_SERVER")
      ->capture_default_str()
      ->group(kFromGroup);
  command
      ->add_option(
          "--timeout", timeout,
          "How long to wait for the answer to one call; of many leads, for the next answer")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str()
      ->group(kFromGroup);
  command->add_flag("--tls", channel.tls, "Use TLS, as every other --tls option says too [no]")
      ->envname("BANTAM_TLS")
      ->group(kSecurelyGroup);
  const auto add = [command](const char* name, std::string* value, const char* type,
                             const char* variable, const char* description) {
    command->add_option(name, *value, description)
        ->type_name(type)
        ->envname(variable)
        ->group(kSecurelyGroup);
  };
  add("--tls-ca", &channel.tls_ca_file, "FILE", "BANTAM_TLS_CA",
      "Certificates (PEM) of who may have signed the server's [those the system trusts]");
  add("--tls-cert", &channel.tls_cert_file, "FILE", "BANTAM_TLS_CERT",
      "Certificate (PEM) to prove who asks [none]");
  add("--tls-key", &channel.tls_key_file, "FILE", "BANTAM_TLS_KEY",
      "Its private key (PEM, without a password)");
  add("--tls-server-name", &channel.tls_server_name, "NAME", "BANTAM_TLS_SERVER_NAME",
      "Name that the server's certificate must be good for [the host of --server]");
  add("--token-file", &channel.token_file, "FILE", "BANTAM_TOKEN_FILE",
      "File with a token to prove who asks; sent over TLS only [none]");
}

absl::Duration ServerFlags::Timeout() const {
  absl::Duration duration = absl::Seconds(10);
  absl::ParseDuration(timeout, &duration);
  return duration;
}

void FreshnessFlags::AddTo(CLI::App* command) {
  auto* bound = command
                    ->add_option("--max-staleness", max_staleness,
                                 "How long ago the server may have known its ICPs to be current "
                                 "[its own bound]")
                    ->type_name("DURATION")
                    ->check(CLI::Validator(CheckStaleness, ""))
                    ->group(kFromGroup);
  command
      ->add_flag("--newest", newest,
                 "What is saved when the request arrives: the same as --max-staleness=0 [no]")
      ->excludes(bound)
      ->group(kFromGroup);
}

absl::optional<absl::Duration> FreshnessFlags::MaxStaleness() const {
  if (newest) return absl::ZeroDuration();
  absl::Duration duration;
  if (!absl::ParseDuration(max_staleness, &duration)) return absl::nullopt;
  return duration;
}

void QualifierFlags::CheckTogether(const CLI::App& command) const {
  if (!IsLocal()) return;
  const char* const here = !icps_folder.empty() ? "--icps"
                           : !icp_files.empty() ? "--icp-file"
                                                : "--local";
  for (const CLI::Option* option : command.parse_order()) {
    if (!IsOfServers(*option)) continue;
    throw CLI::ValidationError(
        absl::StrCat(option->get_name(), " and ", here, " contradict each other; leave one out"));
  }
}

void QualifierFlags::AddTo(CLI::App* command) {
  server.AddTo(command);
  command->add_flag("--local", local, "Ask the engine in this process: no server is needed")
      ->group(kFromGroup);
  command->add_option("--icps", icps_folder, "Folder of ICP files to use locally")
      ->check(NotEmpty())
      ->type_name("DIR")
      ->group(kFromGroup);
  command->add_option("--icp-file", icp_files, "ICP file to use locally (repeatable)")
      ->check(NotEmpty())
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group(kFromGroup);
}

absl::StatusOr<Connection> MakeConnection(const QualifierFlags& flags) {
  Connection connection;
  if (!flags.IsLocal()) {
    absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Connect(flags.server.channel);
    if (!channel.ok()) return channel.status();
    connection.qualifier =
        std::make_unique<RemoteQualifier>(*std::move(channel), flags.server.Timeout());
    return connection;
  }
  if (flags.icps_folder.empty() && flags.icp_files.empty()) {
    return absl::InvalidArgumentError("--local needs ICPs: give --icps=DIR or --icp-file=FILE");
  }
  absl::StatusOr<IcpSet> icps = LoadIcps(flags.icps_folder, flags.icp_files, SystemTimeZones());
  if (!icps.ok()) return icps.status();
  for (const auto& [name, icp] : icps->icps) connection.revisions[name] = icp->revision();
  connection.warnings = icps->warnings;
  connection.qualifier = std::make_unique<LocalQualifier>(*std::move(icps), &absl::Now);
  return connection;
}

}  // namespace bantam
