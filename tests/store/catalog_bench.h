// The catalogs that bantamd can have, over everything that they can be read from.
#ifndef BANTAM_TESTS_STORE_CATALOG_BENCH_H_
#define BANTAM_TESTS_STORE_CATALOG_BENCH_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/catalog.h"

namespace bantam {

// A catalog over a source that begins empty, and the means to change what the source holds: beside
// the catalog, as other replicas and other programs do.
class CatalogBench {
 public:
  virtual ~CatalogBench() = default;

  virtual Catalog& catalog() = 0;

  // Makes `yaml`, good or bad, the text of the ICP `name` that is current; or takes the ICP away.
  // When this returns, whoever reads the source sees it.
  virtual void Put(const std::string& name, const std::string& yaml) = 0;
  virtual void Delete(const std::string& name) = 0;

  // Whether the catalog can name revisions by their numbers.
  virtual bool numbers_revisions() const = 0;

  // How long a change may stay unseen.
  virtual absl::Duration bound() const = 0;
};

// One kind, such as "PostgresBehindRedis".
struct CatalogKind {
  const char* name;
  std::function<std::unique_ptr<CatalogBench>()> make;

  friend void PrintTo(const CatalogKind& kind, std::ostream* out) { *out << kind.name; }
};

std::vector<CatalogKind> CatalogKinds();

}  // namespace bantam

#endif  // BANTAM_TESTS_STORE_CATALOG_BENCH_H_
