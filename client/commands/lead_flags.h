// The options that say which leads are meant, and how their files are read.
#ifndef BANTAM_CLIENT_COMMANDS_LEAD_FLAGS_H_
#define BANTAM_CLIENT_COMMANDS_LEAD_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/input/lead_queue.h"
#include "client/input/lead_reader.h"

namespace bantam {

// Of these options in the help.
inline constexpr char kLeadGroup[] = "Leads";

struct LeadFlags {
  std::vector<std::string> files;
  LeadFormat format = LeadFormat::kDetect;
  std::string encoding;
  std::string separator;
  std::string mapping;
  std::string time_zone = "UTC";

  void AddTo(CLI::App* command);
};

// The zone of --time-zone. False: there is none of that name, which is printed.
bool FindZone(const LeadFlags& flags, absl::TimeZone* zone);

// Opens every file and adds it to `leads`, which `mapping` must outlive. Prints notes, and what is
// wrong with any of them; false: something is.
bool AddLeadFiles(const LeadFlags& flags, absl::TimeZone zone, LoadedMapping* mapping,
                  LeadQueue* leads);

// Prints that there is no lead in any file.
void PrintNoLeads(const LeadFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_LEAD_FLAGS_H_
