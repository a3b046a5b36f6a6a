#ifndef BANTAM_SERVER_CATALOG_CATALOG_EVENTS_H_
#define BANTAM_SERVER_CATALOG_CATALOG_EVENTS_H_

#include <deque>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "server/catalog/loader_threads.h"
#include "server/catalog/loading_catalog.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Hands a catalog's events to whoever logs them: in order, one at a time, on a loader thread. Safe
// for concurrent use.
class CatalogEvents {
 public:
  // `on_event` may be null.
  CatalogEvents(LoadingCatalog::OnEvent on_event, LoaderThreads* threads);

  void Tell(CatalogEvent event);

 private:
  void HandOn();

  const LoadingCatalog::OnEvent on_event_;
  LoaderThreads* const threads_;

  Mutex mutex_;
  std::deque<CatalogEvent> events_ ABSL_GUARDED_BY(mutex_);
  bool handing_on_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_CATALOG_EVENTS_H_
