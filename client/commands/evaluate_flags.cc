// The options of score, qualify, advance and rank: AddEvaluateCommands().
#include <memory>

#include "client/commands/evaluate_command.h"
#include "client/commands/exit_codes.h"
#include "client/commands/option_checks.h"

namespace bantam {
namespace {

CLI::Validator IsOutputFormat() {
  return OneOf<OutputFormat>({{"card", OutputFormat::kCard},
                              {"table", OutputFormat::kTable},
                              {"json", OutputFormat::kJson},
                              {"ndjson", OutputFormat::kNdjson},
                              {"yaml", OutputFormat::kYaml},
                              {"csv", OutputFormat::kCsv}});
}

void AddInput(CLI::App* command, EvaluateFlags* flags) {
  flags->leads.AddTo(command);
  if (flags->kind == EvaluateFlags::Kind::kRank) return;
  command
      ->add_option_function<std::string>(
          "--shard",
          [flags](const std::string& text) {
            const absl::optional<Shard> shard = ParseShard(text);
            if (!shard.has_value()) {
              throw CLI::ValidationError(
                  "--shard", "expected I/N with I from 0 to N - 1 and N up to 100000, such as 0/8");
            }
            flags->shard = *shard;
          },
          "Only every Nth lead, from that at place I on, counted from 0: N runs with I from 0 to "
          "N - 1 divide the files among them; needs --at [all leads]")
      ->type_name("I/N")
      ->group(kLeadGroup);
}

void AddQuestion(CLI::App* command, EvaluateFlags* flags) {
  constexpr char kGroup[] = "Question";
  const bool advance = flags->kind == EvaluateFlags::Kind::kAdvance;
  command
      ->add_option("--icp", flags->icps,
                   advance ? "The ICP: tenants/TENANT/icps/ICP, or TENANT/ICP"
                           : "An ICP: tenants/TENANT/icps/ICP, or TENANT/ICP (repeatable: the "
                             "answer is for the one that fits best)")
      ->type_name("NAME")
      ->transform(IcpName())
      ->allow_extra_args(false)
      ->group(kGroup);
  if (!advance) {
    command->add_option("--all-icps-of", flags->all_icps_of, "All ICPs of a tenant: tenants/TENANT")
        ->type_name("TENANT")
        ->transform(TenantName())
        ->group(kGroup);
  }
  command
      ->add_option(
          "--revision", flags->revision,
          "Revision of the one --icp: a number such as 3, or the digits of a revision [the "
          "current one]")
      ->check(NotEmpty())
      ->type_name("REVISION")
      ->group(kGroup);
  command->add_option("--at", flags->at, kAtHelp)->type_name("TIME")->group(kGroup);
  command
      ->add_option("--language", flags->language,
                   "Language of the answer's texts: en, de, ro, or what the ICP has [en]")
      ->check(NotEmpty())
      ->type_name("CODE")
      ->group(kGroup);
  command
      ->add_option("--omit", flags->omit,
                   "Details to leave out: trace, actions, gaps [what the output does not show]")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->transform(OneOf({"trace", "actions", "gaps"}))
      ->type_name("DETAIL,...")
      ->group(kGroup);
}

void AddAdvance(CLI::App* command, EvaluateFlags* flags) {
  constexpr char kGroup[] = "Funnel";
  command
      ->add_flag("--as-far-as-possible", flags->as_far_as_possible,
                 "Through every gate that is open [one step]")
      ->group(kGroup);
  auto* stage = command
                    ->add_option("--override-stage", flags->override_stage,
                                 "Move one lead to this stage, whatever the gates say")
                    ->check(NotEmpty())
                    ->type_name("STAGE")
                    ->check(Utf8())
                    ->group(kGroup);
  auto* actor = command->add_option("--actor", flags->actor, "Who overrides")
                    ->type_name("NAME")
                    ->check(Utf8())
                    ->group(kGroup)
                    ->needs(stage);
  auto* reason = command->add_option("--reason", flags->reason, "Why they override")
                     ->type_name("TEXT")
                     ->check(Utf8())
                     ->group(kGroup)
                     ->needs(stage);
  stage->needs(actor)->needs(reason);
}

void AddOutput(CLI::App* command, EvaluateFlags* flags) {
  constexpr char kGroup[] = "Output";
  command
      ->add_option("-o,--output", flags->output,
                   "card, table, json, ndjson, yaml or csv [card for one lead, table for many]")
      ->transform(IsOutputFormat())
      ->type_name("FORMAT")
      ->group(kGroup);
  command
      ->add_option("--to", flags->to,
                   "File to write the answers to, none that is read; it appears when it is "
                   "complete [standard output]")
      ->check(NotEmpty())
      ->type_name("FILE")
      ->group(kGroup);
  AddColor(command, &flags->color)->group(kGroup);
  if (flags->kind == EvaluateFlags::Kind::kRank) {
    command->add_option("--top", flags->top, "Show the best N only [all]")
        ->type_name("N")
        ->check(FromOne())
        ->group(kGroup);
  }
}

void AddCommand(CLI::App* app, const char* name, const char* description, EvaluateFlags::Kind kind,
                Command* chosen) {
  auto flags = std::make_shared<EvaluateFlags>();
  flags->kind = kind;
  CLI::App* command = app->add_subcommand(name, description);
  AddInput(command, flags.get());
  AddQuestion(command, flags.get());
  if (kind == EvaluateFlags::Kind::kAdvance) AddAdvance(command, flags.get());
  AddOutput(command, flags.get());
  flags->qualifier.AddTo(command);
  flags->freshness.AddTo(command);
  command->footer(kExitCodeHelp);
  command->callback([flags, command, chosen] {
    flags->qualifier.CheckTogether(*command);
    flags->output_given = command->count("--output") > 0;
    *chosen = [flags] { return RunEvaluate(*flags); };
  });
}

}  // namespace

void AddEvaluateCommands(CLI::App* app, Command* chosen) {
  using Kind = EvaluateFlags::Kind;
  AddCommand(app, "score", "Score leads: total, parts, label, temperature, trace", Kind::kScore,
             chosen);
  AddCommand(app, "qualify", "Score, and verdict, BANT, gaps with questions, next actions",
             Kind::kQualify, chosen);
  AddCommand(app, "advance", "Qualify, and decide whether the lead moves through the funnel",
             Kind::kAdvance, chosen);
  AddCommand(app, "rank", "Qualify all leads and show them best first", Kind::kRank, chosen);
}

}  // namespace bantam
