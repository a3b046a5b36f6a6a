#include "server/catalog/catalog_events.h"

#include <utility>

namespace bantam {

CatalogEvents::CatalogEvents(LoadingCatalog::OnEvent on_event, LoaderThreads* threads)
    : on_event_(std::move(on_event)), threads_(threads) {}

void CatalogEvents::Tell(CatalogEvent event) {
  if (!on_event_) return;
  MutexLock lock(mutex_);
  events_.push_back(std::move(event));
  if (handing_on_) return;
  handing_on_ = true;
  threads_->Post([this] { HandOn(); });
}

void CatalogEvents::HandOn() {
  while (true) {
    CatalogEvent event;
    {
      MutexLock lock(mutex_);
      handing_on_ = !events_.empty();
      if (!handing_on_) return;
      event = std::move(events_.front());
      events_.pop_front();
    }
    on_event_(event);
  }
}

}  // namespace bantam
