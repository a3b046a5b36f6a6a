#include "server/rpc/call_observer.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "google/protobuf/descriptor.h"

namespace bantam {
namespace {

std::vector<RpcMethod> ListMethods() {
  std::vector<RpcMethod> methods;
  const google::protobuf::FileDescriptor* const files[] = {v1::ScoreRequest::descriptor()->file(),
                                                           v1::GetIcpRequest::descriptor()->file()};
  for (const google::protobuf::FileDescriptor* file : files) {
    const google::protobuf::ServiceDescriptor* const service = file->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* const described = service->method(i);
      RpcMethod method;
      method.index = static_cast<int>(methods.size());
      method.name = absl::StrCat("/", service->full_name(), "/", described->name());
      method.service = service->full_name();
      method.method = described->name();
      method.type = described->client_streaming() ? CallType::kBidiStream : CallType::kUnary;
      methods.push_back(std::move(method));
    }
  }
  return methods;
}

}  // namespace

const std::vector<RpcMethod>& RpcMethods() {
  static const auto* const methods = new std::vector<RpcMethod>(ListMethods());
  return *methods;
}

const RpcMethod& RpcMethodNamed(absl::string_view name) {
  for (const RpcMethod& method : RpcMethods()) {
    if (method.name == name) return method;
  }
  std::abort();
}

absl::string_view RefusalName(Refusal refusal) {
  switch (refusal) {
    case Refusal::kOverload:
      return "overload";
    case Refusal::kQuota:
      return "quota";
    case Refusal::kAccess:
      return "access";
    case Refusal::kDecisionLog:
      return "decision_log";
    case Refusal::kTooLarge:
      return "too_large";
  }
  return "";
}

}  // namespace bantam
