#include "tests/servers/redis_server.h"

#include <hiredis/hiredis.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

std::string TextOf(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return absl::StrCat(reply.integer);
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_ARRAY: {
      std::string text;
      for (size_t i = 0; i < reply.elements; ++i) {
        absl::StrAppend(&text, i == 0 ? "" : "\n", TextOf(*reply.element[i]));
      }
      return text;
    }
    default:
      return std::string(reply.str, reply.len);
  }
}

using Reply = std::unique_ptr<redisReply, void (*)(void*)>;

Reply Send(redisContext* connection, const std::vector<std::string>& command) {
  std::vector<const char*> words;
  std::vector<size_t> lengths;
  for (const std::string& word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  return Reply(static_cast<redisReply*>(redisCommandArgv(connection, static_cast<int>(words.size()),
                                                         words.data(), lengths.data())),
               freeReplyObject);
}

std::string RunOn(int port, const std::string& password, const std::vector<std::string>& command) {
  constexpr timeval kPatience = {10, 0};
  const std::unique_ptr<redisContext, void (*)(redisContext*)> connection(
      redisConnectWithTimeout("127.0.0.1", port, kPatience), redisFree);
  if (connection == nullptr || connection->err != 0) return "(no answer)";
  redisSetTimeout(connection.get(), kPatience);
  if (!password.empty()) Send(connection.get(), {"AUTH", password});
  const Reply reply = Send(connection.get(), command);
  return reply == nullptr ? "(no answer)" : TextOf(*reply);
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> settings, std::string password)
    : settings_(std::move(settings)), password_(std::move(password)), process_("redis", "KILL") {
  Start();
}

std::string RedisServer::UrlWithPassword(const std::string& password) const {
  return absl::StrCat("redis://", password.empty() ? "" : absl::StrCat(":", password, "@"),
                      "127.0.0.1:", port(), "/0");
}

std::string RedisServer::ListenWithTls(const std::string& certificate_file,
                                       const std::string& key_file) const {
  // Some port that is free.
  std::mt19937 random(std::random_device{}());
  std::string answer;
  for (int i = 0; i < 100; ++i) {
    const int port = std::uniform_int_distribution<int>(20000, 60000)(random);
    answer = Run({"CONFIG", "SET", "tls-cert-file", certificate_file, "tls-key-file", key_file,
                  "tls-ca-cert-file", certificate_file, "tls-auth-clients", "no", "tls-port",
                  absl::StrCat(port)});
    if (answer == "OK") return absl::StrCat("rediss://localhost:", port, "/0");
  }
  std::fprintf(stderr, "Redis does not listen with TLS: %s\n", answer.c_str());
  std::abort();
}

void RedisServer::Start() {
  const auto command = [this](int port) {
    std::vector<std::string> words = {
        "redis-server", "--bind", "127.0.0.1",    "--port", absl::StrCat(port), "--save", "",
        "--appendonly", "no",     "--io-threads", "1"};
    if (!password_.empty()) words.insert(words.end(), {"--requirepass", password_});
    words.insert(words.end(), settings_.begin(), settings_.end());
    return words;
  };
  process_.Start(command, [this](int port) {
    // Its own answer, not that of another server which has taken the port.
    return absl::StrContains(RunOn(port, password_, {"INFO", "server"}),
                             absl::StrCat("process_id:", process_.pid(), "\r\n"));
  });
}

void RedisServer::Stop() { process_.End(SIGTERM); }

void RedisServer::Kill() { process_.Kill(); }

std::string RedisServer::Run(const std::vector<std::string>& command) const {
  return RunOn(port(), password_, command);
}

}  // namespace bantam
