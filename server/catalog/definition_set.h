// From a source's documents to the ICPs in service. Pure code: no I/O, clock, locks or logs.
#ifndef BANTAM_SERVER_CATALOG_DEFINITION_SET_H_
#define BANTAM_SERVER_CATALOG_DEFINITION_SET_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/catalog/icp_source.h"
#include "server/catalog/load_function.h"

namespace bantam {

// What one Update() did.
struct DefinitionChanges {
  // Names of ICPs, ascending.
  std::vector<std::string> added;
  std::vector<std::string> changed;  // They have another revision now.
  std::vector<std::string> removed;

  // Entries that are not in service any more and whose revision is not either.
  std::vector<CatalogEntryPtr> retired;

  // Whether an entry was replaced by one of the same revision (a comment was edited).
  bool rewritten = false;
};

// The ICPs that the newest good documents define.
//
// - A document is loaded only if its text differs from the last one seen under its id.
// - An ICP whose document has become bad (does not load, cannot be read) keeps its last good
//   definition, and so does one that several documents claim.
// - An ICP goes when no document claims it any more. A bad document that tells no name claims the
//   last one it told; and a bad document never removes what it defined while it was good.
//
// Not safe for concurrent use.
class DefinitionSet {
 public:
  // One ICP in service.
  struct Held {
    CatalogEntryPtr entry;
    std::string document;  // The id of the document that it came from.
  };

  explicit DefinitionSet(LoadFunction load);

  // Takes over `snapshot`, read at `now`.
  DefinitionChanges Update(IcpSnapshot snapshot, absl::Time now);

  // The ICPs in service, by name.
  const std::map<std::string, Held>& current() const { return current_; }

  // Names claimed by documents of which none was ever good.
  std::vector<std::string> BrokenNames() const;

  // How many documents are bad, were never good, and tell no name.
  int NamelessBad() const;

  // Names of ICPs in service by a last good definition that is not what their document says now.
  std::vector<std::string> StaleNames() const;

  // Every issue, warnings included, by document, then line and column.
  const std::vector<v1::Issue>& issues() const { return issues_; }

 private:
  struct Document {
    CatalogEntryPtr entry;  // Null: bad.
    std::string bad_yaml;   // The text, if it is bad; a good one's stands in `entry`.
    std::string error;      // As IcpDocument says.
    std::string name;       // The last name told; empty: none so far.
    std::vector<v1::Issue> issues;
  };
  using Documents = std::map<std::string, Document>;

  // The state of `read`, seen before as `last` (null: never).
  Document Refresh(IcpDocument read, Document* last, absl::Time now) const;

  // Replaces `documents_` by what `snapshot` says.
  void RefreshAll(IcpSnapshot snapshot, absl::Time now);

  // The ICPs that `documents_` and the last good definitions give. Appends the issues of names that
  // several documents claim to `issues_`.
  std::map<std::string, Held> Resolve();

  const LoadFunction load_;
  Documents documents_;
  std::map<std::string, Held> current_;
  std::vector<v1::Issue> issues_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_DEFINITION_SET_H_
