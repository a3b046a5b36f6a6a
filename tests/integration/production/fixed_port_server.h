// bantamd on ports that stay when it is restarted, as behind a load balancer.
#ifndef BANTAM_TESTS_INTEGRATION_PRODUCTION_FIXED_PORT_SERVER_H_
#define BANTAM_TESTS_INTEGRATION_PRODUCTION_FIXED_PORT_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/server_process.h"

namespace bantam {

class FixedPortServer {
 public:
  // Starts it with the ICPs of the directory `icps`, and waits until /readyz says so.
  FixedPortServer(const std::string& icps, const std::vector<std::string>& flags);

  // SIGTERM, its end (exit code 0, else the test fails), and a new start, ready again.
  void Restart();

  int port() const { return port_; }
  int admin_port() const { return admin_port_; }
  ServerProcess& process() { return *process_; }

  // As bantam::Metric().
  double Metric(const std::string& prefix) const;

 private:
  void Spawn();

  // Waits until it is ready; the test fails if it is not to be.
  void ExpectReady();

  int port_ = 0;
  int admin_port_ = 0;
  const std::vector<std::string> flags_;  // Without the ports.
  std::unique_ptr<ServerProcess> process_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_PRODUCTION_FIXED_PORT_SERVER_H_
