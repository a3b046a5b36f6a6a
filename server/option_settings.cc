#include "server/option_settings.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "server/rpc/listen_address.h"

namespace bantam {
namespace {

Setting Text(std::string name, std::string values, std::string help, std::string* field) {
  return {std::move(name),
          std::move(values),
          std::move(help),
          *field,
          false,
          false,
          [field](const std::string& text) -> std::string {
            *field = text;
            return "";
          }};
}

Setting Number(std::string name, absl::string_view help, int min, int max, int* field) {
  const std::string range = absl::StrCat("[", min, ", ", max, "]");
  return {std::move(name),
          "NUMBER",
          absl::StrCat(help, " Range: ", range, "."),
          absl::StrCat(*field),
          false,
          false,
          [field, min, max, range](const std::string& text) -> std::string {
            int value;
            if (!absl::SimpleAtoi(text, &value) || value < min || value > max) {
              return absl::StrCat("must be a whole number within ", range);
            }
            *field = value;
            return "";
          }};
}

Setting Switch(std::string name, std::string help, bool* field) {
  return {std::move(name),
          "",
          std::move(help),
          *field ? "true" : "false",
          true,
          false,
          [field](const std::string& text) -> std::string {
            return absl::SimpleAtob(text, field) ? "" : "must be true or false";
          }};
}

template <typename Enum>
Setting Choice(std::string name, std::string help,
               std::vector<std::pair<std::string, Enum>> choices, Enum* field) {
  std::string values, default_text;
  for (const auto& [text, value] : choices) {
    absl::StrAppend(&values, values.empty() ? "" : "|", text);
    if (value == *field) default_text = text;
  }
  return {std::move(name),
          values,
          std::move(help),
          default_text,
          false,
          false,
          [field, choices, values](const std::string& text) -> std::string {
            for (const auto& [choice, value] : choices) {
              if (choice != text) continue;
              *field = value;
              return "";
            }
            return absl::StrCat("must be one of ", values);
          }};
}

Setting Address(std::string name, std::string help, std::string* field) {
  return {std::move(name),
          "HOST:PORT",
          std::move(help),
          *field,
          false,
          false,
          [field](const std::string& text) -> std::string {
            const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
            if (!address.ok()) return std::string(address.status().message());
            *field = text;
            return "";
          }};
}

// A value that may hold a password is not shown in messages.
Setting Secret(Setting setting) {
  setting.is_secret = true;
  return setting;
}

// One that is switched off by an empty value, which so wins over the environment's.
Setting MayBeEmpty(Setting setting) {
  setting.may_be_empty = true;
  return setting;
}

// An address that may hold a password.
Setting Url(std::string name, std::string values, std::string help,
            std::vector<std::string> schemes, std::string* field) {
  Setting setting = Secret(Text(std::move(name), std::move(values), std::move(help), field));
  setting.set = [field, schemes = std::move(schemes)](const std::string& text) -> std::string {
    for (const std::string& scheme : schemes) {
      if (!absl::StartsWith(text, scheme)) continue;
      *field = text;
      return "";
    }
    return absl::StrCat("must start with ", absl::StrJoin(schemes, " or "));
  };
  return setting;
}

}  // namespace

std::string EnvironmentName(const Setting& setting) {
  return absl::StrCat("BANTAM_", absl::AsciiStrToUpper(setting.name));
}

std::vector<Setting> Settings(Options* options) {
  return {
      Address("listen", "Where to listen; [ADDRESS]:PORT for IPv6; port 0: any free one.",
              &options->listen),
      Switch("insecure", "Listen without TLS even where other machines reach it.",
             &options->insecure),
      Text("tls_cert", "FILE", "Certificate of the server, PEM; reloaded when it changes.",
           &options->tls_cert),
      Text("tls_key", "FILE", "Its key, PEM.", &options->tls_key),
      Text("tls_client_ca", "FILE", "Authorities of client certificates, PEM.",
           &options->tls_client_ca),
      Choice<ClientCertificate>(
          "tls_client_auth", "Whether callers must have a certificate, with --tls_client_ca.",
          {{"required", ClientCertificate::kRequired}, {"optional", ClientCertificate::kOptional}},
          &options->tls_client_auth),
      Text("access_policy", "FILE",
           "Who may call what, YAML; reloaded when it changes. Without it everybody may call "
           "everything.",
           &options->access_policy),
      Text("tokens", "FILE", "Bearer tokens, a line NAME SHA256 for each; reloaded likewise.",
           &options->tokens),
      Text("port_file", "FILE", "Write the port to this file once the server is ready.",
           &options->port_file),
      Text("icps", "DIR", "Directory of the ICPs (*.yaml, *.yml); reloaded when they change.",
           &options->icps),
      Switch("strict", "Do not start if any ICP file is bad. Else it is logged and left out.",
             &options->strict),
      Url("icp_source", "URL",
          "Where the ICPs are kept instead of a directory: postgres://user@host:port/database.",
          {"postgres://", "postgresql://"}, &options->icp_source),
      Url("redis", "URL",
          "Cache that all replicas share, with --icp_source: redis://[user:password@]host:port/db.",
          {"redis://", "rediss://"}, &options->redis),
      Text("redis_prefix", "TEXT",
           "What the keys in Redis start with; each database needs one of its own.",
           &options->redis_prefix),
      Number("redis_timeout_ms",
             "How long a call waits for Redis before it goes on to the database.", 1, 1000,
             &options->redis_timeout_ms),
      Number("postgres_connections", "Most connections to the database.", 1, 100,
             &options->postgres_connections),
      Number("load_timeout_ms",
             "How long one load from the database may take; then its callers get UNAVAILABLE.", 100,
             60000, &options->load_timeout_ms),
      Number("change_poll_ms", "How often the database is asked what changed.", 50, 60000,
             &options->change_poll_ms),
      Number("cache_mib", "Most memory that ICPs from a database may take here, in MiB.", 1,
             1024 * 1024, &options->cache_mib),
      Number("max_staleness_seconds",
             "How old an ICP may become while the database cannot be reached; then calls are "
             "UNAVAILABLE. 0: the last good definition serves for ever.",
             0, 30 * 24 * 3600, &options->max_staleness_seconds),
      Choice<Preload>("preload",
                      "Which ICPs from a database are loaded before the server is ready.",
                      {{"none", Preload::kNone}, {"used", Preload::kUsed}, {"all", Preload::kAll}},
                      &options->preload),
      Number("preload_seconds", "How long that may take at most.", 1, 600,
             &options->preload_seconds),
      Number(
          "threads",
          "Completion queues, each with three threads, and as many workers for large requests. 0: "
          "as many as processors may be used (the container's quota counts).",
          0, 256, &options->threads),
      Number("max_request_bytes", "Largest request; a larger one is RESOURCE_EXHAUSTED.", 1024,
             64 * 1024 * 1024, &options->max_request_bytes),
      Number("max_batch_leads", "Most leads of one batch; more are INVALID_ARGUMENT.", 1, 100000,
             &options->max_batch_leads),
      Number(
          "max_tenant_icps",
          "Most ICPs of a tenant for a request to be evaluated against all of them; with more it "
          "is FAILED_PRECONDITION.",
          1, 100000, &options->max_tenant_icps),
      Number("max_concurrent_streams",
             "Most calls at a time on one connection; further ones wait at the caller.", 1, 100000,
             &options->max_concurrent_streams),
      Number("max_calls_in_flight",
             "Most calls that are being worked on at a time; further ones are RESOURCE_EXHAUSTED. "
             "Streams are at most half of them. 0: 1000 for each of --threads.",
             0, 1000000, &options->max_calls_in_flight),
      Number("max_waiting_ms",
             "How long a request may be expected to wait for its turn; else it is "
             "RESOURCE_EXHAUSTED at once.",
             1, 60000, &options->max_waiting_ms),
      Number(
          "rpc_memory_mib",
          "Memory that requests being received may take, in MiB; answers that wait to be read may "
          "take a quarter of it beside that.",
          16, 1024 * 1024, &options->rpc_memory_mib),
      Number("max_connection_age_seconds",
             "How long a connection may last before its caller is told to make a new one. 0: for "
             "ever.",
             0, 86400, &options->max_connection_age_seconds),
      Number("max_connection_age_grace_seconds",
             "How long calls in flight may go on on a connection of that age.", 1, 86400,
             &options->max_connection_age_grace_seconds),
      Number("drain_delay_seconds",
             "How long calls are still taken after SIGTERM or SIGINT, while health says "
             "NOT_SERVING already.",
             0, 3600, &options->drain_delay_seconds),
      Number("drain_seconds",
             "How long calls in flight may go on after that; then they are cancelled.", 0, 3600,
             &options->drain_seconds),
      Number("reload_poll_seconds",
             "How often the directory of the ICPs and the files of certificates, access policy and "
             "tokens are looked at even if the system tells of no change.",
             1, 3600, &options->reload_poll_seconds),
      MayBeEmpty(Address("admin_listen",
                         "Where to serve metrics, probes and a status page over HTTP, without TLS. "
                         "Empty: nowhere.",
                         &options->admin_listen)),
      Text("admin_port_file", "FILE",
           "Write that port to this file once the pages are served, which is before the server is "
           "ready.",
           &options->admin_port_file),
      Number("metrics_max_icps", "Most ICPs that metrics tell apart; others count as \"other\".", 0,
             100000, &options->metrics_max_icps),
      MayBeEmpty(
          Secret(Text("decision_log", "stdout|FILE|URL",
                      "Where every decision is written to: stdout, a file, or a Redis stream "
                      "(redis://[user:password@]host:port/db). Empty: nowhere.",
                      &options->decision_log))),
      Text("decision_log_stream", "TEXT", "Name of the stream in Redis.",
           &options->decision_log_stream),
      Number("decision_log_max_length", "About how many decisions the stream keeps.", 1000,
             1000000000, &options->decision_log_max_length),
      Number("decision_log_queue", "Most decisions that wait to be written.", 1000, 10000000,
             &options->decision_log_queue),
      Choice<WhenFull>("decision_log_when_full",
                       "What happens when that many wait: decisions are dropped and counted, or "
                       "calls are refused.",
                       {{"drop", WhenFull::kDrop}, {"refuse", WhenFull::kRefuse}},
                       &options->decision_log_when_full),
      Switch("decision_log_personal_data",
             "Whether decisions tell what is personal in a lead, not only its id.",
             &options->decision_log_personal_data),
      Choice<LogFormat>("log_format", "What log lines (standard error) look like.",
                        {{"human", LogFormat::kHuman}, {"json", LogFormat::kJson}},
                        &options->log_format),
      Choice<LogLevel>("log_level", "The least that is logged.",
                       {{"debug", LogLevel::kDebug},
                        {"info", LogLevel::kInfo},
                        {"warning", LogLevel::kWarning},
                        {"error", LogLevel::kError}},
                       &options->log_level),
  };
}

}  // namespace bantam
