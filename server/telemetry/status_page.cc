#include "server/telemetry/status_page.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/telemetry/html.h"
#include "server/telemetry/status_page_style.h"

namespace bantam {
namespace {

// As much of a revision as tells it from others; the whole one is shown when pointed at.
constexpr size_t kRevisionDigits = 12;

// An expiry that is nearer than this should be looked at.
constexpr absl::Duration kSoon = absl::Hours(24 * 7);

Html Badge(const char* kind, const Html& text) {
  return Html("<span class=\"badge ") + Text(kind) + Html("\">") + text + Html("</span>");
}

Html Good(const Html& text) { return Badge("good", text); }
Html Warn(const Html& text) { return Badge("warn", text); }
Html Bad(const Html& text) { return Badge("bad", text); }

double Share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

// "Decision log" for "decision_log".
std::string Words(absl::string_view id) {
  std::string words = absl::StrReplaceAll(id, {{"_", " "}});
  if (!words.empty()) words[0] = absl::ascii_toupper(words[0]);
  return words;
}

Html State(const Readiness& readiness) {
  if (readiness.draining) return Warn(Html("draining"));
  if (!readiness.ready) return Bad(Html("not ready"));
  return readiness.degraded.empty() ? Good(Html("ready")) : Warn(Html("ready, degraded"));
}

Html Notes(const char* kind, const std::vector<std::string>& lines) {
  if (lines.empty()) return Html();
  Html html = Html("<ul class=\"notes ") + Text(kind) + Html("\">\n");
  for (const std::string& line : lines) html += Html("<li>") + Text(line) + Html("</li>\n");
  return html + Html("</ul>\n");
}

Html Header(const ServerStatus& status) {
  return Html("<header><h1>Bantam</h1>") + State(status.readiness) +
         Html("<span class=\"faint\">version ") + Text(status.version) + Html(" · up ") +
         LongDuration(status.now - status.start_time) + Html(" · as of ") + Moment(status.now) +
         Html("</span></header>\n") + Notes("bad", status.readiness.missing) +
         Notes("warn", status.readiness.degraded);
}

Html Figure(const char* name, const Html& value) {
  return Html("<div><b>") + value + Html("</b><span class=\"faint\">") + Text(name) +
         Html("</span></div>\n");
}

Html Figures(const ServerStatus& status, const CallSnapshot& calls) {
  int64_t handled = 0;
  int64_t failed = 0;
  int64_t in_flight = 0;
  int64_t leads = 0;
  for (const MethodCounts& counts : calls.methods) {
    handled += counts.Handled();
    failed += counts.Failed();
    in_flight += counts.InFlight();
  }
  for (const IcpCounts& counts : calls.icps) {
    for (const int64_t count : counts.verdicts) leads += count;
  }
  return Html("<div class=\"figures\">\n") +
         Figure("ICPs", Count(status.icp_count.value_or(status.catalog.icps))) +
         Figure("calls", Count(handled)) + Figure("failed calls", Count(failed)) +
         Figure("calls in flight", Count(in_flight)) + Figure("leads", Count(leads)) +
         Figure("resident memory", Bytes(status.process.resident_bytes)) + Html("</div>\n");
}

Html Calls(const CallSnapshot& calls) {
  HtmlTable table({{"Method"},
                   {"Calls", true},
                   {"Failed", true},
                   {"Abandoned", true},
                   {"In flight", true},
                   {"p50", true},
                   {"p99", true}});
  for (const MethodCounts& counts : calls.methods) {
    const int64_t handled = counts.Handled();
    const auto quantile = [&](double share) {
      return handled == 0 ? Html("–") : ShortDuration(counts.LatencyQuantile(share));
    };
    const absl::string_view service = counts.method.service;
    table.AddRow({Html("<span title=\"") + Text(service) + Html("\">") +
                      Text(counts.method.method) + Html("</span>"),
                  Count(handled), Count(counts.Failed()), Count(counts.abandoned),
                  Count(counts.InFlight()), quantile(0.5), quantile(0.99)});
  }
  const auto refused = [&](RefusalReason reason) {
    return Count(calls.refused[static_cast<int>(reason)]);
  };
  return table.Build() +
         Html("<p class=\"faint\">Since the start. Times are estimates. Refused: ") +
         refused(RefusalReason::kOverload) + Html(" for overload, ") +
         refused(RefusalReason::kQuota) + Html(" for quotas, ") + refused(RefusalReason::kAccess) +
         Html(" for access, ") + refused(RefusalReason::kDecisionLog) +
         Html(" for a full decision log, ") + refused(RefusalReason::kTooLarge) +
         Html(" for their size.</p>\n");
}

Html Leads(const CallSnapshot& calls) {
  std::array<int64_t, kVerdicts> verdicts = {};
  int64_t all = 0;
  for (const IcpCounts& counts : calls.icps) {
    for (int i = 0; i < kVerdicts; ++i) {
      verdicts[i] += counts.verdicts[i];
      all += counts.verdicts[i];
    }
  }
  HtmlTable table({{"Verdict"}, {"Leads", true}, {"Share", true}, {""}});
  for (int i = 1; i < kVerdicts; ++i) {
    const std::string name = v1::Verdict_Name(static_cast<v1::Verdict>(i));
    const double share = Share(verdicts[i], all);
    table.AddRow({Text(Words(absl::AsciiStrToLower(absl::StripPrefix(name, "VERDICT_")))),
                  Count(verdicts[i]), Percent(share), Bar(share)});
  }
  return table.Build() + Html("<p class=\"faint\">Since the start. ") + Count(calls.lead_errors) +
         Html(" leads of batches and streams could not be evaluated.</p>\n");
}

Html SharedCache(const RedisCacheStats& cache) {
  const int64_t reads = cache.hits + cache.misses;
  const int64_t unusable = cache.damaged + cache.wrong_checksum + cache.newer_version +
                           cache.other_key + cache.wrong_type + cache.missing_records;
  return Facts(
      {{"Reads that found something in Redis",
        reads > 0 ? Percent(Share(cache.hits, reads)) : Html("–")},
       {"Reads that failed", Count(cache.failed_reads)},
       {"Entries in Redis that were no good", Count(unusable)},
       {"Written to Redis", Count(cache.written)},
       {"Writes that Redis refused or that were dropped", Count(cache.refused + cache.dropped)},
       {"Connections to Redis that failed", Count(cache.connection_failures)}});
}

Html Parts(const ServerStatus& status) {
  Html html =
      Facts({{"ICPs come from", Text(status.icp_source)},
             {"Last read without a problem", Ago(status.catalog.last_reload_time, status.now)},
             {"Known to be current", Ago(status.catalog.current_time, status.now)}});
  if (status.parts.empty()) return html;
  HtmlTable table({{"Part"}, {"State"}, {"Circuit breaker"}});
  for (const PartStatus& part : status.parts) {
    table.AddRow({Text(Words(part.name)) + Html("<div class=\"faint\">") + Text(part.detail) +
                      Html("</div>"),
                  part.up ? Good(Html("up")) : Bad(Html("down")),
                  part.breaker_open ? Warn(Html("open")) : Good(Html("closed"))});
  }
  html += table.Build();
  return status.cache ? html + SharedCache(*status.cache) : html;
}

Html Cache(const CatalogStatus& catalog) {
  const int64_t lookups = catalog.hits + catalog.misses;
  Html bytes = Bytes(catalog.bytes);
  if (catalog.max_bytes > 0) {
    bytes += Html(" of ") + Bytes(catalog.max_bytes) + Html(" ") +
             Bar(Share(catalog.bytes, catalog.max_bytes));
  }
  return Facts({{"Entries", Count(catalog.entries)},
                {"Memory", bytes},
                {"Look-ups answered from memory",
                 lookups > 0 ? Percent(Share(catalog.hits, lookups)) : Html("–")},
                {"Waiting for a load now", Count(catalog.waiting)},
                {"Loads from cache, store, directory",
                 Count(catalog.loads_from_cache) + Html(", ") + Count(catalog.loads_from_store) +
                     Html(", ") + Count(catalog.loads_from_directory)},
                {"Loads that failed", Count(catalog.load_failures)},
                {"Loads under way", Count(catalog.loading)},
                {"Entries dropped for want of memory", Count(catalog.evictions)},
                {"Changes heard of", Count(catalog.invalidations)},
                {"ICPs whose newest definition is bad", Count(catalog.bad_icps)},
                {"Of these in service by an earlier one", Count(catalog.last_good_icps)}});
}

Html Files(const ServerStatus& status) {
  Html html;
  if (status.certificate_expiry) {
    const absl::Time expiry = *status.certificate_expiry;
    const absl::Duration left = expiry - status.now;
    Html when = Moment(expiry) + Html(" ");
    if (left <= absl::ZeroDuration()) {
      when += Bad(Html("expired"));
    } else {
      const Html text = Html("in ") + LongDuration(left);
      when += left < kSoon ? Warn(text) : Good(text);
    }
    html += Facts({{"Certificate expires", when}});
  } else {
    html += Html("<p>Calls come without TLS.</p>\n");
  }
  HtmlTable table({{"File"}, {"Read"}, {"Failures", true}, {"State"}});
  Html errors;
  int used = 0;
  for (const FileStatus& file : status.files) {
    if (!file.used) continue;
    ++used;
    table.AddRow({Text(Words(file.file)), Ago(file.last_success_time, status.now),
                  Count(file.failures),
                  file.failed ? Bad(Html("newest is bad")) : Good(Html("in force"))});
    if (file.failed) errors += Notes("bad", {absl::StrCat(Words(file.file), ": ", file.error)});
  }
  return used > 0 ? html + table.Build() + errors : html;
}

Html DecisionLogFacts(const ServerStatus& status) {
  if (!status.decision_log) return Html("<p>Decisions are not logged.</p>\n");
  const DecisionLogStatus& log = *status.decision_log;
  const Html state = log.failing     ? Bad(Html("failing"))
                     : log.misplaced ? Bad(Html("file is not at its name"))
                                     : Good(Html("writing"));
  return Facts({{"Written to", Text(log.target)},
                {"State", state},
                {"Written", Count(log.logged)},
                {"Dropped", Count(log.dropped)},
                {"Failures", Count(log.failures)},
                {"Waiting", Count(log.queue_entries) + Html(" of ") + Count(log.queue_limit) +
                                Html(" ") + Bar(Share(log.queue_entries, log.queue_limit))}});
}

Html Process(const ServerStatus& status) {
  const ProcessStats& process = status.process;
  return Facts(
      {{"Processor time", LongDuration(process.cpu_time)},
       {"Resident memory", Bytes(process.resident_bytes)},
       {"Threads", Count(process.threads)},
       {"Open files", Count(process.open_fds) + Html(" of ") + Count(process.max_fds)},
       {"gRPC, protobuf", Text(absl::StrCat(status.grpc_version, ", ", status.protobuf_version))}});
}

Html Icps(const ServerStatus& status) {
  if (!status.icp_count.has_value()) return Html("<p>They cannot be listed now.</p>\n");
  std::vector<const IcpStatus*> icps;
  for (const IcpStatus& icp : status.icps) icps.push_back(&icp);
  std::sort(icps.begin(), icps.end(),
            [](const IcpStatus* a, const IcpStatus* b) { return a->name < b->name; });
  if (icps.size() > kMaxShownIcps) icps.resize(kMaxShownIcps);
  HtmlTable table({{"ICP"}, {"Title"}, {"Revision"}, {"Number", true}, {"Age", true}});
  for (const IcpStatus* icp : icps) {
    // Titles may be written from right to left.
    table.AddRow(
        {Text(icp->name), Html("<bdi>") + Text(icp->title) + Html("</bdi>"),
         Html("<code title=\"") + Text(icp->revision) + Html("\">") +
             Text(absl::string_view(icp->revision).substr(0, kRevisionDigits)) + Html("</code>"),
         icp->number > 0 ? Count(icp->number) : Html("–"),
         icp->time == absl::InfinitePast() ? Html("–") : LongDuration(status.now - icp->time)});
  }
  Html html = icps.empty() ? Html("<p>There are none.</p>\n") : table.Build();
  const int64_t more = *status.icp_count - static_cast<int64_t>(icps.size());
  if (more > 0)
    html += Html("<p class=\"faint\">And at least ") + Count(more) + Html(" more.</p>\n");
  return html;
}

}  // namespace

std::string StatusPage(const ServerStatus& status, const CallSnapshot& calls) {
  const Html page =
      Header(status) + Figures(status, calls) + Html("<div class=\"cards\">\n") +
      Section("Calls", Calls(calls)) + Section("Leads", Leads(calls)) +
      Section("Source", Parts(status)) + Section("Cache in memory", Cache(status.catalog)) +
      Section("Certificate, policy and tokens", Files(status)) +
      Section("Decision log", DecisionLogFacts(status)) + Section("Process", Process(status)) +
      Html("</div>\n") + Section("ICPs", Icps(status)) +
      Html(
          "<footer><a href=\"/metrics\">/metrics</a><a href=\"/readyz\">/readyz</a>"
          "<a href=\"/healthz\">/healthz</a></footer>\n");
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Bantam</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>",
      kStatusPageStyle, "</style>\n</head>\n<body>\n", page.markup(), "</body>\n</html>\n");
}

}  // namespace bantam
