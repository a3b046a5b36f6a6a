// Starts a PostgreSQL with an empty database and a Redis, says where they are in a line of JSON,
// and then does what its input says, a line each, answered by a line "done":
//
//   redis stop, redis start      ends it and starts it again, empty
//   redis pause, redis continue  it hangs, and goes on
//
// Ends both with its input.
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "tests/servers/postgres_server.h"
#include "tests/servers/redis_server.h"

int main() {
  bantam::PostgresServer postgres;
  bantam::RedisServer redis;
  std::printf("{\"postgres\": \"%s\", \"redis\": \"%s\"}\n", postgres.NewDatabase().c_str(),
              redis.url().c_str());
  std::fflush(stdout);
  const std::map<std::string, std::function<void()>> commands = {
      {"redis stop", [&redis] { redis.Stop(); }},
      {"redis start", [&redis] { redis.Start(); }},
      {"redis pause", [&redis] { redis.Pause(); }},
      {"redis continue", [&redis] { redis.Continue(); }},
  };
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto command = commands.find(line);
    if (command == commands.end()) {
      std::fprintf(stderr, "bantam_stores: not understood: %s\n", line.c_str());
      return 2;
    }
    command->second();
    std::printf("done\n");
    std::fflush(stdout);
  }
  return 0;
}
