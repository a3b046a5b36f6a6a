#include "client/commands/icp_history_command.h"

#include <iostream>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/commands/catalog_client.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/resource_names.h"
#include "client/commands/revision_choice.h"
#include "client/output/result_writer.h"
#include "client/output/table.h"
#include "client/output/words.h"

namespace bantam {
namespace {

std::string TimeWords(const google::protobuf::Timestamp& time) {
  return ReadableTime(time, absl::UTCTimeZone());
}

// "number 3 of 2026-01-31 09:00 UTC by jo".
std::string EntryWords(const v1::IcpRevisionSummary& entry) {
  return absl::StrCat("number ", entry.number(), " of ", TimeWords(entry.create_time()),
                      entry.author().empty() ? "" : " by ", Printable(entry.author()));
}

void PrintHistory(const std::vector<v1::IcpRevisionSummary>& entries) {
  Table table({{"number", true},
               {"revision"},
               {"when"},
               {"who", false, true},
               {"state"},
               {"title", false, true},
               {"comment", false, true}});
  for (const v1::IcpRevisionSummary& entry : entries) {
    // Only what is bad does not serve though it is the newest.
    const bool bad = &entry == &entries.front() && !entry.deletion() && !entry.current();
    const char* const state = entry.deletion()  ? "deleted"
                              : entry.current() ? "current"
                              : bad             ? "bad"
                                                : "";
    table.AddRow({{absl::StrCat(entry.number())},
                  {ShortRevision(entry.revision())},
                  {TimeWords(entry.create_time())},
                  {Printable(entry.author())},
                  {state, entry.current() ? Ink::kGreen : Ink::kRed},
                  {Printable(entry.title())},
                  {Printable(entry.comment())}});
  }
  std::cout << table.Render(StandardOutputStyle(ColorChoice::kAuto));
}

// Prints what stands between two revisions, or that nothing does.
void PrintChanges(const v1::IcpRevision& before, const v1::IcpRevision& after, const Style& style) {
  const std::vector<IcpChange> changes = DiffIcps(VersionOf(before), VersionOf(after));
  if (before.yaml() == after.yaml()) {
    std::cout << "  no difference\n";
  } else if (changes.empty()) {
    std::cout << "  the same in effect: only comments, layout or spelt-out defaults change\n";
  }
  std::cout << RenderChanges(changes, style, 2);
}

}  // namespace

int RunIcpHistory(const ServerFlags& flags, const std::string& name, int64_t limit, bool json) {
  CatalogClient client(flags);
  std::vector<v1::IcpRevisionSummary> entries;
  const absl::Status status =
      client.ListRevisions(name, limit, [&](const v1::IcpRevisionSummary& entry) {
        entries.push_back(entry);
        return limit == 0 || static_cast<int64_t>(entries.size()) < limit;
      });
  if (!status.ok()) return PrintFailedCall(status, client.server());
  if (json) {
    for (const v1::IcpRevisionSummary& entry : entries) {
      std::cout << ToJson(entry, /*pretty=*/false) << "\n";
    }
  } else {
    PrintHistory(entries);
  }
  return kExitOk;
}

int RunIcpDelete(const ChangeFlags& flags, const std::string& name) {
  CatalogClient client(flags.server);
  v1::DeleteIcpRequest request;
  request.set_name(name);
  const absl::StatusOr<v1::IcpRevisionSummary> newest = client.NewestEntry(request.name());
  if (!newest.ok()) return PrintFailedCall(newest.status(), client.server());
  if (newest->deletion()) {
    PrintError(absl::StrCat(request.name(), " is deleted already: ", EntryWords(*newest)));
    return kExitRefused;
  }
  const std::string question =
      absl::StrCat("Delete ", request.name(), " (“", Printable(newest->title()), "”, ",
                   EntryWords(*newest), ")?");
  if (!Confirm(flags, question)) {
    PrintError("nothing was deleted");
    return kExitSomeFailed;
  }
  request.set_etag(flags.Etag().empty() ? newest->etag() : flags.Etag());
  request.set_author(flags.author);
  request.set_comment(flags.comment);
  const absl::StatusOr<v1::DeleteIcpResponse> deleted = client.Delete(request);
  if (!deleted.ok()) return PrintFailedCall(deleted.status(), client.server());
  if (flags.json) {
    std::cout << ToJson(*deleted, /*pretty=*/false) << "\n";
    return kExitOk;
  }
  std::cout << "deleted " << request.name() << "; bring it back with: bantam icp rollback "
            << ShortIcpName(request.name()) << " --to " << deleted->deletion().number() - 1 << "\n";
  return kExitOk;
}

int RunIcpRollback(const ChangeFlags& flags, const std::string& name, const std::string& to) {
  CatalogClient client(flags.server);
  const absl::StatusOr<RevisionChoice> choice = ChooseRevision(&client, name, to, "--to: ");
  if (!choice.ok()) return PrintFailedCall(choice.status(), client.server());
  const absl::StatusOr<v1::IcpRevisionSummary> newest = client.NewestEntry(name);
  if (!newest.ok()) return PrintFailedCall(newest.status(), client.server());
  const absl::StatusOr<v1::IcpRevision> target = GetChosen(&client, name, *choice);
  if (!target.ok()) return PrintFailedCall(target.status(), client.server());
  if (const absl::Status good = CheckGood(*target); !good.ok()) {
    return PrintFailedCall(good, client.server());
  }

  const Style style = StandardOutputStyle(ColorChoice::kAuto);
  if (!flags.json) {
    std::cout << Paint(style, Ink::kBold, name) << ": back to number " << target->number() << "\n";
    if (newest->deletion()) {
      std::cout << "  is deleted now (" << EntryWords(*newest) << ")\n";
    } else {
      // A newest revision that cannot be read is no obstacle to leaving it.
      const absl::StatusOr<v1::IcpRevision> current =
          GetChosen(&client, name, {newest->number(), ""});
      if (current.ok() && CheckGood(*current).ok()) {
        PrintChanges(*current, *target, style);
      } else if (current.ok()) {
        std::cout << "  from number " << newest->number() << ", which is bad\n";
      }
    }
  }
  if (!Confirm(flags,
               absl::StrCat("Make number ", target->number(), " of ", name, " current again?"))) {
    PrintError("nothing was changed");
    return kExitSomeFailed;
  }
  v1::RollbackIcpRequest request;
  request.set_name(name);
  request.set_number(choice->number);
  request.set_revision(choice->revision);
  request.set_etag(flags.Etag().empty() ? newest->etag() : flags.Etag());
  request.set_author(flags.author);
  request.set_comment(flags.comment);
  const absl::StatusOr<v1::RollbackIcpResponse> done = client.Rollback(request);
  if (!done.ok()) return PrintFailedCall(done.status(), client.server());
  if (flags.json) {
    std::cout << ToJson(*done, /*pretty=*/false) << "\n";
  } else if (done->unchanged()) {
    std::cout << "  unchanged: that text is current already\n";
  } else {
    std::cout << "  saved as number " << done->icp().number() << ", revision "
              << ShortRevision(done->icp().revision()) << "\n";
  }
  return kExitOk;
}

}  // namespace bantam
