#include "server/catalog/etag.h"

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// What is read then is the last good record, whose etag is another one.
constexpr char kBadNewest[] =
    "; if what is read has a lower number, the newest one is bad, and ListIcpRevisions tells its "
    "etag";

}  // namespace

absl::Status CheckEtag(absl::string_view name, absl::string_view etag, bool deletion,
                       const RevisionRecord* newest) {
  const bool exists = newest != nullptr && !newest->deletion();
  if (deletion && !exists) {
    return absl::NotFoundError(absl::StrCat("there is no ICP '", name, "' to delete"));
  }
  if (etag == "*") return absl::OkStatus();
  if (etag.empty()) {
    if (!exists) return absl::OkStatus();
    return absl::AbortedError(absl::StrCat(
        "ICP '", name, "' is there already, as number ", newest->number,
        "; read it, make the change to what it says now, and send its etag, or '*' to replace it",
        kBadNewest));
  }
  if (newest == nullptr) {
    return absl::AbortedError(
        absl::StrCat("there never was an ICP '", name, "' that etag '", etag,
                     "' could be of; leave the etag empty to save a new one"));
  }
  if (etag == EtagOf(*newest)) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(
      "ICP '", name, "' was ", exists ? "changed" : "deleted", " meanwhile: etag '", etag,
      "' is not that of its newest record, number ", newest->number,
      "; read it again, make the change to what it says now, and send its etag", kBadNewest));
}

bool IsUnchanged(const RevisionChange& change, const RevisionRecord* newest) {
  return newest != nullptr && !newest->deletion() && !change.yaml.empty() &&
         newest->yaml == change.yaml;
}

}  // namespace bantam
