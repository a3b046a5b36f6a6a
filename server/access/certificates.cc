#include "server/access/certificates.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bantam {
namespace {

constexpr absl::string_view kName = "certificate";

ReloadOptions OptionsFor(const CertificateFiles& files) {
  ReloadOptions options;
  options.name = std::string(kName);
  options.paths = {files.certificate, files.key};
  if (!files.client_ca.empty()) options.paths.push_back(files.client_ca);
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Certificates>> Certificates::Open(const CertificateFiles& files,
                                                                 FileWatcher* watcher,
                                                                 OnReload on_event) {
  std::unique_ptr<Certificates> certificates(new Certificates(files, std::move(on_event)));
  const absl::Status status = certificates->files_.Open();
  if (!status.ok()) return status;
  certificates->files_.Watch(watcher);
  return certificates;
}

Certificates::Certificates(const CertificateFiles& files, OnReload on_event)
    : paths_(files),
      on_event_(on_event),
      files_(
          OptionsFor(files), [this](const auto& texts) { return Load(texts); }, on_event) {}

absl::Status Certificates::Load(const std::vector<std::string>& texts) {
  // Whether there is such a file is not told by its text: an empty one is a bad one.
  absl::optional<absl::string_view> client_ca;
  if (!paths_.client_ca.empty()) client_ca = texts[2];
  absl::StatusOr<CertificateSet> set =
      CheckCertificates(texts[0], texts[1], client_ca, absl::Now());
  if (!set.ok()) return set.status();
  CheckKeyMode();
  auto current = std::make_shared<const CertificateSet>(*std::move(set));
  MutexLock lock(mutex_);
  current_.swap(current);
  return absl::OkStatus();
}

void Certificates::CheckKeyMode() {
  struct stat info;
  if (warned_of_mode_ || on_event_ == nullptr || stat(paths_.key.c_str(), &info) != 0) return;
  // The group may read it: that is how Kubernetes hands a Secret to a process that is not root.
  if ((info.st_mode & S_IROTH) == 0) return;
  warned_of_mode_ = true;
  ReloadEvent event;
  event.kind = ReloadEvent::Kind::kWarning;
  event.files = std::string(kName);
  event.message = absl::StrCat(paths_.key,
                               ": every user of this machine may read this private key; "
                               "take that right from others than its owner and group (chmod o=)");
  on_event_(event);
}

std::shared_ptr<const CertificateSet> Certificates::Current() const {
  MutexLock lock(mutex_);
  return current_;
}

}  // namespace bantam
