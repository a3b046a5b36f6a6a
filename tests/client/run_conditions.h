// Under which conditions RunBantam() runs the command: for its `environment`.
#ifndef BANTAM_TESTS_CLIENT_RUN_CONDITIONS_H_
#define BANTAM_TESTS_CLIENT_RUN_CONDITIONS_H_

#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace bantam {

// Run by somebody whom permissions bind: root loses the right to pass over them.
inline std::string BoundByPermissions() {
  if (geteuid() != 0) return "";
  constexpr char kNone[] = "=-dac_override,-dac_read_search ";
  return absl::StrCat("setpriv --bounding-set", kNone, "--inh-caps", kNone);
}

// Run by a shell, in which the command and its arguments are "$0" "$@". Without apostrophes.
inline std::string InShell(const std::string& script) {
  return absl::StrCat("sh -c '", script, "'");
}

// In front of the command in InShell(): no file can grow beyond 1 KiB. Writing more fails as on a
// full disk, but with "File too large".
inline constexpr char kFullDisk[] = "ulimit -f 1; trap \"\" XFSZ; ";

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_RUN_CONDITIONS_H_
