// One call to each method, for tests of who may call what.
#ifndef BANTAM_TESTS_RPC_ACCESS_CALLS_H_
#define BANTAM_TESTS_RPC_ACCESS_CALLS_H_

#include <map>
#include <memory>
#include <string>

#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"
#include "tests/rpc/raw_stream.h"

namespace bantam {

// By full name, such as "/bantam.v1.QualificationService/Score".
using RequestsByMethod = std::map<std::string, std::unique_ptr<google::protobuf::Message>>;

// What is sent to each method that a policy can speak of: good requests about `icp`, as far as they
// are about one; ListIcps is about its tenant.
RequestsByMethod RequestsAbout(const std::string& icp);

// How a call with this one message ends; OK as soon as it is answered.
grpc::Status Send(const std::shared_ptr<grpc::Channel>& channel, const std::string& full_method,
                  const google::protobuf::Message& request, const Headers& headers);

}  // namespace bantam

#endif  // BANTAM_TESTS_RPC_ACCESS_CALLS_H_
