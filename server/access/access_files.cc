#include "server/access/access_files.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/access/access_policy.h"
#include "server/access/token_set.h"

namespace bantam {
namespace {

// The stats of a file that may not be there.
absl::optional<ReloadStats> StatsOf(const std::unique_ptr<ReloadedFiles>& files) {
  return files == nullptr ? absl::nullopt : absl::make_optional(files->Stats());
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccessFiles>> AccessFiles::Open(const AccessFilePaths& paths,
                                                               AccessControl* access,
                                                               FileWatcher* watcher,
                                                               OnReload on_event) {
  std::unique_ptr<AccessFiles> files(new AccessFiles(access, on_event));
  AccessFiles* const self = files.get();
  std::vector<std::string> errors;
  const auto on_reload = [self](const ReloadEvent& event) {
    if (self->on_event_ != nullptr) self->on_event_(event);
    if (event.kind == ReloadEvent::Kind::kLoaded) self->WarnOfMissingTokens();
  };
  const auto open = [&](const char* name, const std::string& path, auto load) {
    if (path.empty()) return std::unique_ptr<ReloadedFiles>();
    ReloadOptions options;
    options.name = name;
    options.paths = {path};
    auto opened = std::make_unique<ReloadedFiles>(
        std::move(options),
        [self, path, load](const auto& texts) { return (self->*load)(texts[0], path); }, on_reload);
    const absl::Status status = opened->Open();
    if (!status.ok()) errors.push_back(std::string(status.message()));
    return opened;
  };
  files->policy_ = open("access_policy", paths.policy, &AccessFiles::LoadPolicy);
  files->tokens_ = open("tokens", paths.tokens, &AccessFiles::LoadTokens);
  if (!errors.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
  files->WarnOfMissingTokens();
  for (const auto* opened : {&files->policy_, &files->tokens_}) {
    if (*opened != nullptr) (*opened)->Watch(watcher);
  }
  return files;
}

absl::Status AccessFiles::LoadPolicy(absl::string_view text, const std::string& path) {
  LoadedPolicy loaded = LoadAccessPolicy(text, path);
  if (loaded.policy == nullptr) {
    return absl::InvalidArgumentError(absl::StrJoin(
        loaded.issues, "\n",
        [](std::string* out, const v1::Issue& issue) { absl::StrAppend(out, issue.rendered()); }));
  }
  policy_in_use_ = loaded.policy;
  access_->SetPolicy(std::move(loaded.policy));
  return absl::OkStatus();
}

absl::Status AccessFiles::LoadTokens(absl::string_view text, const std::string& path) {
  ParsedTokens parsed = ParseTokens(text, path);
  if (parsed.tokens == nullptr) {
    return absl::InvalidArgumentError(absl::StrJoin(parsed.problems, "\n"));
  }
  tokens_in_use_ = parsed.tokens;
  access_->SetTokens(std::move(parsed.tokens));
  return absl::OkStatus();
}

void AccessFiles::WarnOfMissingTokens() {
  std::vector<std::string> missing;
  if (policy_in_use_ != nullptr) missing = policy_in_use_->TokenNames();
  missing.erase(std::remove_if(missing.begin(), missing.end(),
                               [this](const std::string& name) {
                                 return tokens_in_use_ != nullptr && tokens_in_use_->HasName(name);
                               }),
                missing.end());
  if (missing == missing_tokens_) return;
  missing_tokens_ = missing;
  if (missing.empty() || on_event_ == nullptr) return;
  on_event_({ReloadEvent::Kind::kWarning, "access_policy",
             absl::StrCat(
                 "the policy grants something to tokens that the token file does not have: ",
                 absl::StrJoin(missing, ", "), "; nobody can use these grants until it has them")});
}

absl::optional<ReloadStats> AccessFiles::PolicyStats() const { return StatsOf(policy_); }

absl::optional<ReloadStats> AccessFiles::TokenStats() const { return StatsOf(tokens_); }

}  // namespace bantam
