#include "client/commands/icp_commands.h"

#include <memory>
#include <string>
#include <vector>

#include "client/commands/exit_codes.h"
#include "client/commands/icp_compare_command.h"
#include "client/commands/icp_diff_command.h"
#include "client/commands/icp_export_command.h"
#include "client/commands/icp_files_command.h"
#include "client/commands/icp_history_command.h"
#include "client/commands/icp_put_command.h"
#include "client/commands/option_checks.h"
#include "client/commands/server_commands.h"

namespace bantam {
namespace {

constexpr char kName[] = "The ICP: tenants/TENANT/icps/ICP, or TENANT/ICP";

void AddCheckAndTest(CLI::App* icp, Command* chosen) {
  CLI::App* check = icp->add_subcommand("check", "Check ICP files, without a server");
  auto files = std::make_shared<std::vector<std::string>>();
  check->add_option("DIR|FILE", *files, "ICP files, and folders of them; - is standard input")
      ->required()
      ->option_text("...");
  check->footer(kExitCodeHelp);
  check->callback([files, chosen] { *chosen = [files] { return RunIcpCheck(*files); }; });

  CLI::App* test = icp->add_subcommand("test", "Run cases (an ICP's unit tests), without a server");
  auto paths = std::make_shared<std::vector<std::string>>();
  auto update = std::make_shared<bool>(false);
  auto verbose = std::make_shared<bool>(false);
  test->add_option("DIR|FILE", *paths, "Case files, and folders of them")
      ->required()
      ->option_text("...");
  test->add_flag("--update-golden", *update, "Rewrite the wanted values with the given ones [no]");
  test->add_flag("-v,--verbose", *verbose, "List the cases that passed, too [no]");
  test->footer(kExitCodeHelp);
  test->callback([paths, update, verbose, chosen] {
    *chosen = [=] { return RunIcpTest(*paths, *update, *verbose); };
  });
}

void AddListAndGet(CLI::App* icp, Command* chosen) {
  CLI::App* list = icp->add_subcommand("list", "List the ICPs of a server");
  auto list_flags = std::make_shared<ServerFlags>();
  auto parent = std::make_shared<std::string>("tenants/-");
  auto json = std::make_shared<bool>(false);
  list->add_option("PARENT", *parent, "tenants/TENANT, or TENANT; - for all")
      ->transform(TenantName(/*or_all=*/true))
      ->capture_default_str();
  list->add_flag("--json", *json, "One JSON object on each line [a table]");
  list_flags->AddTo(list);
  list->footer(kExitCodeHelp);
  list->callback([=] { *chosen = [=] { return RunIcpList(*list_flags, *parent, *json); }; });

  CLI::App* get = icp->add_subcommand("get", "Show one ICP of a server");
  auto flags = std::make_shared<GetFlags>();
  get->add_option("NAME", flags->name, kName)->required()->transform(IcpName());
  get->add_option("--revision", flags->revision,
                  "A number such as 3, or the digits of a revision [the current one]")
      ->type_name("REVISION");
  auto* get_json = get->add_flag("--json", "The whole answer as JSON [the YAML as written]");
  auto* defaults =
      get->add_flag("--defaults", "YAML with every default filled in")->excludes(get_json);
  flags->server.AddTo(get);
  flags->freshness.AddTo(get);
  get->footer(kExitCodeHelp);
  get->callback([=] {
    flags->form = get_json->count() > 0   ? IcpForm::kJson
                  : defaults->count() > 0 ? IcpForm::kDefaults
                                          : IcpForm::kWritten;
    *chosen = [flags] { return RunIcpGet(*flags); };
  });
}

void AddPut(CLI::App* icp, Command* chosen) {
  CLI::App* put =
      icp->add_subcommand("put", "Save ICP files on a server, and show what that changes");
  auto flags = std::make_shared<PutFlags>();
  put->add_option("FILE", flags->files, "ICP files; - is standard input")
      ->required()
      ->option_text("...");
  put->add_flag("-n,--dry-run,--validate-only", flags->dry_run,
                "Check everything and show what would change, save nothing [no]");
  flags->change.AddTo(put, /*asks=*/false);
  put->footer(kExitCodeHelp);
  put->callback([=] { *chosen = [flags] { return RunIcpPut(*flags); }; });
}

void AddImportAndExport(CLI::App* icp, Command* chosen) {
  CLI::App* import_from =
      icp->add_subcommand("import", "Save whole folders of ICP files on a server");
  auto flags = std::make_shared<ImportFlags>();
  import_from
      ->add_option("DIR|FILE", flags->put.files, "ICP files, and folders of them (*.yaml, *.yml)")
      ->required()
      ->option_text("...");
  import_from
      ->add_option("--tenant", flags->tenant,
                   "Put them under this tenant: the names are rewritten, all else stays [as they "
                   "say]")
      ->transform(TenantName())
      ->type_name("TENANT");
  import_from->add_flag("-n,--dry-run,--validate-only", flags->put.dry_run,
                        "Check everything and show the plan, save nothing [no]");
  flags->put.change.AddTo(import_from, /*asks=*/false, /*single=*/false);
  import_from->footer(kExitCodeHelp);
  import_from->callback([=] { *chosen = [flags] { return RunIcpImport(*flags); }; });

  CLI::App* export_to =
      icp->add_subcommand("export", "Write a server's ICPs as files, TENANT/ICP.yaml");
  auto export_flags = std::make_shared<ExportFlags>();
  export_to->add_option("TENANT", export_flags->parent, "TENANT, tenants/TENANT, or - for all")
      ->required()
      ->transform(TenantName(/*or_all=*/true));
  export_to->add_option("--to", export_flags->folder, "The folder to write to")
      ->required()
      ->type_name("DIR");
  export_to->add_flag("--force", export_flags->force, "Overwrite files that differ [no]");
  export_flags->server.AddTo(export_to);
  export_to->footer(kExitCodeHelp);
  export_to->callback([=] { *chosen = [export_flags] { return RunIcpExport(*export_flags); }; });
}

void AddDelete(CLI::App* icp, Command* chosen) {
  CLI::App* remove =
      icp->add_subcommand("delete", "Take an ICP of a server out of service; its history stays");
  auto flags = std::make_shared<ChangeFlags>();
  auto name = std::make_shared<std::string>();
  remove->add_option("NAME", *name, kName)->required()->transform(IcpName());
  flags->AddTo(remove, /*asks=*/true);
  remove->footer(kExitCodeHelp);
  remove->callback([=] { *chosen = [=] { return RunIcpDelete(*flags, *name); }; });
}

void AddHistoryAndRollback(CLI::App* icp, Command* chosen) {
  CLI::App* history = icp->add_subcommand("history", "List the revisions of an ICP, newest first");
  auto server = std::make_shared<ServerFlags>();
  auto name = std::make_shared<std::string>();
  auto limit = std::make_shared<int64_t>(0);
  auto json = std::make_shared<bool>(false);
  history->add_option("NAME", *name, kName)->required()->transform(IcpName());
  history->add_option("--limit", *limit, "Show the newest N only [all]")
      ->type_name("N")
      ->check(FromOne());
  history->add_flag("--json", *json, "One JSON object on each line [a table]");
  server->AddTo(history);
  history->footer(kExitCodeHelp);
  history->callback(
      [=] { *chosen = [=] { return RunIcpHistory(*server, *name, *limit, *json); }; });

  CLI::App* rollback =
      icp->add_subcommand("rollback", "Make an earlier revision of an ICP current again");
  auto flags = std::make_shared<ChangeFlags>();
  auto target = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  rollback->add_option("NAME", *target, kName)->required()->transform(IcpName());
  rollback
      ->add_option("--to", *to, "A number such as 3, or the digits of a revision, of the history")
      ->required()
      ->type_name("REVISION");
  flags->AddTo(rollback, /*asks=*/true);
  rollback->footer(kExitCodeHelp);
  rollback->callback([=] { *chosen = [=] { return RunIcpRollback(*flags, *target, *to); }; });
}

void AddDiff(CLI::App* icp, Command* chosen) {
  CLI::App* diff = icp->add_subcommand(
      "diff",
      "Show what is different between two revisions or files of an ICP.\n"
      "A and B are each a FILE (- is standard input), NAME (the current revision), NAME@REVISION "
      "or,\nof the other one's ICP, @REVISION. Alone, a FILE is compared with what the server has, "
      "NAME with\nthe revision before, and NAME@REVISION with the current one");
  auto flags = std::make_shared<DiffFlags>();
  diff->add_option("A", flags->before, "Before")->required();
  diff->add_option("B", flags->after, "After");
  diff->add_flag("--text", flags->text, "Line by line, as diff -u shows it [by meaning]");
  AddColor(diff, &flags->color);
  flags->server.AddTo(diff);
  diff->footer(kExitCodeHelp);
  diff->callback([=] { *chosen = [flags] { return RunIcpDiff(*flags); }; });
}

void AddCompare(CLI::App* icp, Command* chosen) {
  CLI::App* compare = icp->add_subcommand(
      "compare",
      "Evaluate leads by two definitions, without a server, and show what differs: how many come "
      "to\n"
      "which verdict, grade and stage, and which leads change. For example, before a change goes "
      "live:\n"
      "  bantam icp compare client/samples/icps/b2b_software.yaml mine.yaml \\\n"
      "      client/samples/leads/b2b_software.yaml --at=2026-06-01T10:00:00Z");
  auto flags = std::make_shared<CompareFlags>();
  compare
      ->add_option("OLD", flags->before,
                   "The definition before: a FILE (- is standard input), or NAME (the current "
                   "revision) or NAME@REVISION of a server")
      ->required();
  compare->add_option("NEW", flags->after, "The definition after, likewise")->required();
  flags->leads.AddTo(compare);
  compare->add_option("--at", flags->at, kAtHelp)->type_name("TIME");
  compare
      ->add_option("--changes", flags->changes,
                   "List N leads that change at most, the biggest change of total first")
      ->type_name("N")
      ->check(FromOne())
      ->capture_default_str();
  compare->add_option("-o,--output", flags->output, "table or json [table]")
      ->transform(
          OneOf<CompareOutput>({{"table", CompareOutput::kTable}, {"json", CompareOutput::kJson}}))
      ->type_name("FORMAT");
  AddColor(compare, &flags->color);
  flags->server.AddTo(compare);
  compare->footer(kExitCodeHelp);
  compare->callback([=] { *chosen = [flags] { return RunIcpCompare(*flags); }; });
}

}  // namespace

void AddIcpCommands(CLI::App* app, Command* chosen) {
  CLI::App* icp = app->add_subcommand(
      "icp", "Work on definitions: check, test, compare, list, get, put, history, diff …");
  icp->require_subcommand(1);
  AddCheckAndTest(icp, chosen);
  AddListAndGet(icp, chosen);
  AddPut(icp, chosen);
  AddDelete(icp, chosen);
  AddHistoryAndRollback(icp, chosen);
  AddDiff(icp, chosen);
  AddCompare(icp, chosen);
  AddImportAndExport(icp, chosen);
}

}  // namespace bantam
