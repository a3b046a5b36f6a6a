#include "tests/client/test_server.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/catalog/icp_title.h"
#include "server/definition/load_icp.h"

namespace bantam {

TestServer::TestServer(const std::vector<std::string>& icp_files) {
  for (const std::string& path : icp_files) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    LoadedIcp loaded = LoadIcp(text.str(), path, zones_);
    EXPECT_NE(loaded.icp, nullptr) << path;
    auto entry = std::make_shared<CatalogEntry>();
    entry->icp = loaded.icp;
    entry->yaml = text.str();
    entry->load_time = absl::Now();
    catalog_.entries.emplace(loaded.name, std::move(entry));
  }
  RpcServerOptions options;
  options.listen = "127.0.0.1:0";
  auto server =
      RpcServer::Start(options, &catalog_, /*editor=*/nullptr, &zones_, &absl::Now, &observer_);
  EXPECT_TRUE(server.ok()) << server.status();
  if (server.ok()) server_ = *std::move(server);
}

TestServer::~TestServer() {
  if (server_ != nullptr) server_->Drain(absl::InfinitePast());
}

std::string TestServer::address() const { return absl::StrCat("127.0.0.1:", server_->port()); }

void TestServer::FixedCatalog::Get(const IcpQuery& query, GetDone done) {
  const auto entry = entries.find(query.name);
  if (entry == entries.end()) {
    done(absl::NotFoundError(absl::StrCat("no ICP '", query.name, "'")));
  } else if (!query.revision.empty() && query.revision != entry->second->icp->revision()) {
    done(absl::NotFoundError(
        absl::StrCat("'", query.name, "' is not held in revision ", query.revision)));
  } else {
    done(IcpAnswer{entry->second, absl::ZeroDuration()});
  }
}

void TestServer::FixedCatalog::GetTenant(absl::string_view tenant,
                                         absl::optional<absl::Duration> /*max_staleness*/,
                                         GetTenantDone done) {
  TenantAnswer answer;
  for (const auto& [name, entry] : entries) {
    if (absl::StartsWith(name, absl::StrCat(tenant, "/"))) answer.entries.push_back(entry);
  }
  done(std::move(answer));
}

void TestServer::FixedCatalog::List(absl::string_view parent, absl::string_view after, int limit,
                                    ListDone done) {
  IcpPage page;
  for (const auto& [name, entry] : entries) {
    if (name <= after) continue;
    if (parent != "tenants/-" && !absl::StartsWith(name, absl::StrCat(parent, "/"))) continue;
    page.more = page.icps.size() == static_cast<size_t>(limit);
    if (page.more) break;
    v1::IcpSummary& icp = page.icps.emplace_back();
    icp.set_name(name);
    icp.set_revision(entry->icp->revision());
    icp.set_title(IcpTitle(*entry->icp));
  }
  done(std::move(page));
}

}  // namespace bantam
