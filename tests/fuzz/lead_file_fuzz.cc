// A file of leads in any format. Before it, up to a line "=====", may stand a mapping file, which
// makes it a CSV file. Every row is a lead or is told to be bad.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "client/input/lead_mapper.h"
#include "client/input/lead_reader.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

void FuzzLeadFile(absl::string_view input) {
  constexpr absl::string_view kSeparator = "\n=====\n";
  InputOptions options;
  LoadedMapping mapping;
  const size_t end = input.find(kSeparator);
  if (end != absl::string_view::npos) {
    absl::StatusOr<LoadedMapping> parsed = ParseMapping(input.substr(0, end), "mapping.yaml");
    if (!parsed.ok()) {
      Require(!parsed.status().message().empty(), "a bad mapping is explained");
      return;
    }
    mapping = *std::move(parsed);
    options.mapping = &mapping;
    options.format = LeadFormat::kCsv;
    input.remove_prefix(end + kSeparator.size());
  }
  auto reader = ReadLeads(std::string(input), "leads", options);
  if (!reader.ok()) {
    Require(!reader.status().message().empty(), "a bad file is explained");
    return;
  }
  InputLead lead;
  int64_t count = 0;
  while ((*reader)->Next(&lead)) {
    Require(lead.line >= 1, "a lead has a line");
    ++count;
  }
  Require((*reader)->status().ok(), "what is at hand is read to its end");
  Require((*reader)->ExpectedCount() < 0 || count <= (*reader)->ExpectedCount(),
          "there are no more leads than were announced");
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bantam::FuzzLeadFile({reinterpret_cast<const char*>(data), size});
  return 0;
}
