// What listens on 127.0.0.1, asked by the plainest means.
#ifndef BANTAM_TESTS_INTEGRATION_LOOPBACK_CLIENT_H_
#define BANTAM_TESTS_INTEGRATION_LOOPBACK_CLIENT_H_

#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace bantam {

// Whether somebody listens on the port.
bool CanConnect(int port);

// The answer to GET `path`, head and body; empty if nobody answers.
std::string HttpGet(int port, const std::string& path);

// The sum of the samples in /metrics of the admin port whose lines start with `prefix`.
double Metric(int admin_port, const std::string& prefix);

// Whether health says that `service` ("": the whole server) serves. False also if nobody answers
// within a minute.
bool IsServing(const std::shared_ptr<grpc::Channel>& channel, const std::string& service);

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_LOOPBACK_CLIENT_H_
