#ifndef BANTAM_TESTS_BENCH_THREADING_SERVERS_H_
#define BANTAM_TESTS_BENCH_THREADING_SERVERS_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "bantam/v1/qualification_service.pb.h"

namespace bantam {

// A server of Qualify that parses each request, works for a while and answers with a copy of a
// prebuilt answer. Serves until it is destroyed.
class EchoServer {
 public:
  virtual ~EchoServer() = default;
  virtual int port() const = 0;
};

struct EchoOptions {
  // "sync", "callback", "callback_raw", "async" (generated messages), or "raw": the classes of
  // server/rpc.
  std::string api;

  // "async" and "raw": completion queues, and threads for each.
  int queues = 1;
  int threads_per_queue = 1;

  // Processor time that each call burns, in place of an evaluation.
  absl::Duration work;
};

std::unique_ptr<EchoServer> StartEchoServer(const EchoOptions& options);

// A request of about 1.1 KB, and the answer to it of about 4 KB with a trace.
v1::QualifyRequest MakeRequest();
v1::QualifyResponse MakeResponse();

}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_THREADING_SERVERS_H_
