#include "tests/client/test_server.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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
  auto server = RpcServer::Start(options, &catalog_, &zones_, &absl::Now, &observer_);
  EXPECT_TRUE(server.ok()) << server.status();
  if (server.ok()) server_ = *std::move(server);
}

TestServer::~TestServer() {
  if (server_ != nullptr) server_->Drain(absl::InfinitePast());
}

std::string TestServer::address() const { return absl::StrCat("127.0.0.1:", server_->port()); }

void TestServer::FixedCatalog::Get(absl::string_view name, absl::string_view revision, Done done) {
  const auto entry = entries.find(name);
  if (entry == entries.end()) {
    done(absl::NotFoundError(absl::StrCat("no ICP '", name, "'")));
  } else if (!revision.empty() && revision != entry->second->icp->revision()) {
    done(absl::NotFoundError(absl::StrCat("'", name, "' is not held in revision ", revision)));
  } else {
    done(entry->second);
  }
}

void TestServer::FixedCatalog::List(absl::string_view parent, ListDone done) {
  std::vector<CatalogEntryPtr> found;
  for (const auto& [name, entry] : entries) {
    if (parent == "tenants/-" || absl::StartsWith(name, absl::StrCat(parent, "/"))) {
      found.push_back(entry);
    }
  }
  done(std::move(found));
}

}  // namespace bantam
