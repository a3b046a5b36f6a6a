#ifndef BANTAM_SERVER_STORE_REDIS_KEYS_H_
#define BANTAM_SERVER_STORE_REDIS_KEYS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bantam {

// The names of the keys in Redis: "{prefix}:{format}:{kind}:...". Each format of the entries has
// keys of its own, so that programs of two formats do not take each other's for damaged.
class RedisKeys {
 public:
  explicit RedisKeys(absl::string_view prefix) : base_(absl::StrCat(prefix, ":1:")) {}

  // What is current under a name, and a tenant's names. All such keys, and no others, begin with
  // one of the two prefixes.
  std::string PointerPrefix() const { return absl::StrCat(base_, "p:"); }
  std::string TenantPrefix() const { return absl::StrCat(base_, "t:"); }
  std::string Pointer(absl::string_view name) const { return absl::StrCat(base_, "p:", name); }
  std::string Tenant(absl::string_view tenant) const { return absl::StrCat(base_, "t:", tenant); }

  // A text by its number, which follows RecordPrefix(), and one by its revision.
  std::string RecordPrefix(absl::string_view name) const {
    return absl::StrCat(base_, "r:", name, ":");
  }
  std::string Record(absl::string_view name, int64_t number) const {
    return absl::StrCat(RecordPrefix(name), number);
  }
  std::string Revision(absl::string_view name, absl::string_view revision) const {
    return absl::StrCat(base_, "v:", name, ":", revision);
  }

  // How often ICPs were used, and a mark that stands as long as they need not fade.
  std::string Uses() const { return absl::StrCat(base_, "u"); }
  std::string UsesFaded() const { return absl::StrCat(base_, "uf"); }

 private:
  const std::string base_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_KEYS_H_
