// How failures are told to people: one clear line each, on standard error.
#ifndef BANTAM_CLIENT_COMMANDS_FAILURE_H_
#define BANTAM_CLIENT_COMMANDS_FAILURE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/qualification_service.pb.h"

namespace bantam {

// Prints "bantam: <message>" to standard error.
void PrintError(absl::string_view message);

// Whether a command can do without a server.
enum class Instead {
  kNothing,  // It is about a server.
  kEngine,   // The engine in this process can be asked.
};

// Prints a failed call, with every invalid field that it names. `server` is whom it went to; empty:
// the engine in this process. Returns the exit code for it.
int PrintFailedCall(const absl::Status& status, absl::string_view server,
                    Instead instead = Instead::kNothing);

// Notes on standard error how old the data of an answer was, if that is worth a word: more than 5
// s.
void PrintDataAge(absl::optional<absl::Duration> age);

// What is wrong with one lead, in one line.
std::string DescribeLeadError(const v1::LeadError& error);

// Prints leads that failed, a line for each ("file:line: what was wrong"), and how many of `all`
// these are, on standard error behind what standard output has. Returns how many; 0: prints
// nothing.
size_t PrintFailedLeads(const std::vector<std::string>& failed, size_t all);

// Whether `status` is about the lead alone: INVALID_ARGUMENT, and every field lies in it.
bool ConcernsLead(const absl::Status& status);

// The same as the error of a lead.
v1::LeadError ToLeadError(const absl::Status& status);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_FAILURE_H_
