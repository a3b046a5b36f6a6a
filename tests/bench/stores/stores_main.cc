// Starts a PostgreSQL with an empty database and a Redis, says where they are in a line of JSON,
// and then does what its input says, a line each, answered by a line "done":
//
//   redis stop, redis start      ends it and starts it again, empty
//   redis pause, redis continue  it hangs, and goes on
//   icps COUNT NAME FILE         saves so many ICPs, NAME-0, NAME-1 …, in the database, which is
//                                migrated; FILE, without spaces, is the text of one called NAME
//
// Ends both with its input.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/redis_server.h"

namespace bantam {
namespace {

// Saves ICPs as `arguments` say, COUNT NAME FILE. False: they cannot be understood.
bool SaveIcps(const PostgresServer& postgres, const std::string& url, std::istream& arguments) {
  // Each save of a transaction lengthens the chain of the change counter's versions.
  constexpr int kTransaction = 200;
  int count = 0;
  std::string name, path;
  arguments >> count >> name >> path;
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!arguments || !file) return false;
  for (int begin = 0; begin < count; begin += kTransaction) {
    const int end = std::min(begin + kTransaction, count);
    postgres.Query(url, absl::StrCat("SELECT count(bantam.save(name, replace($icp$", text.str(),
                                     "$icp$, '", name, "', name))) FROM (SELECT '", name,
                                     "-' || i AS name FROM generate_series(", begin, ", ", end - 1,
                                     ") i) names"));
  }
  return true;
}

}  // namespace
}  // namespace bantam

int main() {
  bantam::PostgresServer postgres;
  bantam::RedisServer redis;
  const std::string database = postgres.NewDatabase();
  std::printf("{\"postgres\": \"%s\", \"redis\": \"%s\"}\n", database.c_str(), redis.url().c_str());
  std::fflush(stdout);
  const std::map<std::string, std::function<void()>> commands = {
      {"redis stop", [&redis] { redis.Stop(); }},
      {"redis start", [&redis] { redis.Start(); }},
      {"redis pause", [&redis] { redis.Pause(); }},
      {"redis continue", [&redis] { redis.Continue(); }},
  };
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string first;
    const auto command = commands.find(line);
    if (command != commands.end()) {
      command->second();
    } else if (!(words >> first) || first != "icps" ||
               !bantam::SaveIcps(postgres, database, words)) {
      std::fprintf(stderr, "bantam_stores: not understood: %s\n", line.c_str());
      return 2;
    }
    std::printf("done\n");
    std::fflush(stdout);
  }
  return 0;
}
