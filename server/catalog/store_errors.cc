#include "server/catalog/store_errors.h"

namespace bantam {

absl::Status StoreErrorForCallers(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) {
    return absl::ResourceExhaustedError(
        "too many calls wait for the database of the ICPs; try again after a pause that grows with "
        "each attempt");
  }
  return absl::UnavailableError(
      "the database of the ICPs cannot be reached now; try again after a pause");
}

absl::Status ApplyErrorForCallers(const absl::Status& status) {
  if (absl::IsAborted(status) || absl::IsNotFound(status) || absl::IsInvalidArgument(status)) {
    return status;
  }
  if (absl::IsResourceExhausted(status)) return StoreErrorForCallers(status);
  if (absl::IsPermissionDenied(status)) {
    return absl::FailedPreconditionError(
        "this server may only read the database of the ICPs; nothing was changed; its operators "
        "can grant it more");
  }
  return absl::UnavailableError(
      "the database of the ICPs cannot be reached now; the change may have been made or not; to "
      "repeat it after a pause is safe");
}

absl::Status NotFreshEnough(bool newest) {
  if (newest) {
    return absl::UnavailableError(
        "the database of the ICPs cannot be reached now, so that the newest definition is not "
        "known; try again after a pause");
  }
  return absl::UnavailableError(
      "the database of the ICPs cannot be reached now, and what is held is older than "
      "max_staleness allows; try again after a pause, or allow more");
}

absl::Status CopyOf(const absl::Status& status) {
  return absl::Status(status.code(), status.message());
}

RevisionOrigin OriginOf(const RevisionRecord& record) {
  RevisionOrigin origin;
  origin.number = record.number;
  origin.etag = EtagOf(record);
  origin.author = record.author;
  origin.comment = record.comment;
  origin.create_time = record.create_time;
  return origin;
}

}  // namespace bantam
