// What the catalog needs from whatever holds the definitions.
#ifndef BANTAM_SERVER_CATALOG_ICP_SOURCE_H_
#define BANTAM_SERVER_CATALOG_ICP_SOURCE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace bantam {

// One document of a source: the text of one ICP, good or bad.
struct IcpDocument {
  // Tells it from the source's other documents, and stays the same while its text changes: a file's
  // path below the directory. Issues call it by this name, so it must be fit to be shown to
  // callers.
  std::string id;

  // The YAML as written; any bytes. Empty if `error` is set.
  std::string yaml;

  // Why the text could not be read ("is 2097152 bytes long; at most 1048576 are read"). Empty: it
  // was read.
  std::string error;
};

// What a source held at one moment.
struct IcpSnapshot {
  // Every document, by id (ascending), each id once. Also those whose text could not be read.
  std::vector<IcpDocument> documents;

  // What kept the source from seeing all of its documents, one line each ("sub/: cannot be read:
  // Permission denied"). Empty: `documents` is complete, and a document that is not in it was
  // deleted; else a document that is not in it counts as there but unreadable.
  std::vector<std::string> gaps;
};

// Holds ICP definitions as documents. A source knows nothing of what stands in them.
// Safe for concurrent use.
class IcpSource {
 public:
  // Stops watching: once it returns, `on_change` is not running and is not called again.
  virtual ~IcpSource() = default;

  // Reads everything. Blocks for I/O. Reading again without a change gives an equal snapshot.
  //
  // Errors, with one line that says what could not be read and why: NOT_FOUND, PERMISSION_DENIED:
  // the source is not there, or not for us; UNAVAILABLE: anything else. No documents is not an
  // error, unless the source can tell that this is no deletion (a volume that is not mounted).
  virtual absl::StatusOr<IcpSnapshot> Read() = 0;

  // From now on calls `on_change` after every change (several may share one call), and perhaps
  // without one; on any thread, one call at a time. A Read() that begins in or after that call sees
  // the change. `on_change` must not block. At most one Watch() in a source's life.
  virtual void Watch(std::function<void()> on_change) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_ICP_SOURCE_H_
