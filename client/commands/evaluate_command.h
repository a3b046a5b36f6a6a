// score, qualify, advance, rank: leads in, answers out.
#ifndef BANTAM_CLIENT_COMMANDS_EVALUATE_COMMAND_H_
#define BANTAM_CLIENT_COMMANDS_EVALUATE_COMMAND_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "client/commands/connection_flags.h"
#include "client/commands/lead_flags.h"
#include "client/input/lead_queue.h"
#include "client/output/result_writer.h"
#include "client/output/terminal.h"

namespace bantam {

// A command that was chosen; returns the exit code.
using Command = std::function<int()>;

// What these commands are given on the command line.
struct EvaluateFlags {
  enum class Kind { kScore, kQualify, kAdvance, kRank };
  Kind kind = Kind::kQualify;

  QualifierFlags qualifier;
  FreshnessFlags freshness;

  LeadFlags leads;
  Shard shard;

  std::vector<std::string> icps;  // In full, as is the next.
  std::string all_icps_of;
  std::string revision;  // As PinRevision() understands it.
  std::string at = "now";
  std::string language;
  std::vector<std::string> omit;

  bool as_far_as_possible = false;
  std::string override_stage;
  std::string actor;
  std::string reason;
  int64_t top = 0;  // 0: all.

  bool output_given = false;
  OutputFormat output = OutputFormat::kCard;
  ColorChoice color = ColorChoice::kAuto;
  std::string to;  // File for the answers. Empty: the standard output.
};

// Adds the four commands to `app`; the one that is chosen is put into `*chosen`.
void AddEvaluateCommands(CLI::App* app, Command* chosen);

// Runs one of them, on standard input, output and error.
int RunEvaluate(const EvaluateFlags& flags);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_EVALUATE_COMMAND_H_
