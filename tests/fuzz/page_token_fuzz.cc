// Any text as a page token: it is refused, or the one that is made for what it says goes on at the
// same place.
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/rpc/page_token.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using bantam::Require;
  const absl::string_view token(reinterpret_cast<const char*>(data), size);
  const auto name = bantam::ReadPageToken(token, "tenants/acme");
  if (name.ok()) {
    const auto again =
        bantam::ReadPageToken(bantam::MakePageToken("tenants/acme", *name), "tenants/acme");
    Require(name->empty() || (again.ok() && *again == *name), "the token of a name is that name's");
  }
  constexpr absl::string_view kIcp = "tenants/acme/icps/software";
  const auto number = bantam::ReadRevisionPageToken(token, kIcp);
  if (number.ok() && *number != 0) {
    const auto again =
        bantam::ReadRevisionPageToken(bantam::MakeRevisionPageToken(kIcp, *number), kIcp);
    Require(*number > 0 && again.ok() && *again == *number, "the token of a number is its own");
  }
  return 0;
}
