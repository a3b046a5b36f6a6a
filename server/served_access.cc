#include "server/served_access.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"

namespace bantam {
namespace {

OnReload LogReloads(Log* log) {
  return [log](const ReloadEvent& event) {
    switch (event.kind) {
      case ReloadEvent::Kind::kLoaded:
        return log->Write(LogLevel::kInfo, "files loaded", {{"files", event.files}});
      case ReloadEvent::Kind::kFailed:
        return log->Write(LogLevel::kError, "files refused; those read before stay in use",
                          {{"files", event.files}, {"cause", event.message}});
      case ReloadEvent::Kind::kWarning:
        return log->Write(LogLevel::kWarning, event.message, {{"files", event.files}});
    }
  };
}

FileStatus FileStatusOf(const char* file, const absl::optional<ReloadStats>& stats) {
  FileStatus status;
  status.file = file;
  status.used = stats.has_value();
  if (!status.used) return status;
  status.last_success_time = stats->last_success;
  status.failures = stats->failures;
  status.failed = stats->failed;
  status.error = stats->last_error;
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServedAccess>> ServedAccess::Open(const Options& options, Log* log) {
  auto access = std::unique_ptr<ServedAccess>(new ServedAccess());
  access->require_client_certificate_ = options.tls_client_auth == ClientCertificate::kRequired;
  FileWatcherOptions watcher_options;
  watcher_options.poll_interval = absl::Seconds(options.reload_poll_seconds);
  access->watcher_ = std::make_unique<FileWatcher>(watcher_options);
  FileWatcher* const watcher = access->watcher_.get();
  if (!options.tls_cert.empty()) {
    auto certificates = Certificates::Open(
        {options.tls_cert, options.tls_key, options.tls_client_ca}, watcher, LogReloads(log));
    if (!certificates.ok()) return certificates.status();
    access->certificates_ = *std::move(certificates);
  }
  auto files = AccessFiles::Open({options.access_policy, options.tokens}, &access->control_,
                                 watcher, LogReloads(log));
  if (!files.ok()) return files.status();
  access->files_ = *std::move(files);
  return access;
}

std::shared_ptr<grpc::ServerCredentials> ServedAccess::PortCredentials(
    DenialObserver* observer) const {
  if (certificates_ == nullptr) return grpc::InsecureServerCredentials();
  PortSecurity security;
  security.certificates = certificates_.get();
  security.require_client_certificate = require_client_certificate_;
  security.access = &control_;
  security.observer = observer;
  return TlsServerCredentials(security);
}

void ServedAccess::AddTo(ServerStatus* status) const {
  absl::optional<ReloadStats> certificate;
  if (certificates_ != nullptr) {
    certificate = certificates_->Stats();
    status->certificate_expiry = certificates_->Current()->not_after;
  }
  status->files.push_back(FileStatusOf("certificate", certificate));
  status->files.push_back(FileStatusOf("access_policy", files_->PolicyStats()));
  status->files.push_back(FileStatusOf("tokens", files_->TokenStats()));
}

}  // namespace bantam
