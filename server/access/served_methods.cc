#include "server/access/served_methods.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "google/protobuf/descriptor.h"
#include "server/engine/suggest.h"

namespace bantam {
namespace {

ServedMethod MakeMethod(std::string full_service, std::string method, bool concerns_tenants) {
  ServedMethod served;
  served.full_name = absl::StrCat("/", full_service, "/", method);
  served.short_service = full_service.substr(full_service.rfind('.') + 1);
  served.full_service = std::move(full_service);
  served.method = std::move(method);
  served.concerns_tenants = concerns_tenants;
  return served;
}

std::vector<ServedMethod> MakeServedMethods() {
  std::vector<ServedMethod> methods;
  for (const google::protobuf::FileDescriptor* file :
       {v1::ScoreRequest::descriptor()->file(), v1::GetIcpRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      const google::protobuf::ServiceDescriptor* const service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) {
        const std::string& method = service->method(m)->name();
        methods.push_back(MakeMethod(service->full_name(), method, method != "ValidateIcp"));
      }
    }
  }
  methods.push_back(MakeMethod("grpc.health.v1.Health", "Check", false));
  methods.push_back(MakeMethod("grpc.health.v1.Health", "Watch", false));
  // Later versions of gRPC serve both.
  for (const char* const version : {"v1alpha", "v1"}) {
    methods.push_back(MakeMethod(absl::StrCat("grpc.reflection.", version, ".ServerReflection"),
                                 "ServerReflectionInfo", false));
  }
  return methods;
}

bool Matches(const ServedMethod& served, absl::string_view service, absl::string_view method) {
  if (!service.empty() && service != served.short_service && service != served.full_service) {
    return false;
  }
  return method == "*" || method == served.method;
}

}  // namespace

const std::vector<ServedMethod>& ServedMethods() {
  static const auto* const methods = new std::vector<ServedMethod>(MakeServedMethods());
  return *methods;
}

std::vector<const ServedMethod*> MethodsNamed(absl::string_view pattern) {
  std::vector<const ServedMethod*> named;
  absl::string_view method = pattern;
  absl::string_view service;
  const size_t slash = method.rfind('/');
  if (slash != absl::string_view::npos) {
    service = absl::StripPrefix(pattern.substr(0, slash), "/");
    method.remove_prefix(slash + 1);
    if (service.empty()) return named;
  }
  for (const ServedMethod& served : ServedMethods()) {
    if (Matches(served, service, method)) named.push_back(&served);
  }
  return named;
}

std::string MethodHint(absl::string_view pattern) {
  std::vector<std::string> candidates;
  std::vector<std::string> services;
  std::vector<std::string> methods;
  const bool with_service = pattern.find('/', 1) != absl::string_view::npos;
  const std::string slash = with_service && pattern[0] == '/' ? "/" : "";
  for (const ServedMethod& served : ServedMethods()) {
    for (const std::string& service : {served.short_service, served.full_service}) {
      const std::string path = absl::StrCat(slash, service, "/");
      if (with_service) candidates.push_back(absl::StrCat(path, served.method));
      if (with_service) candidates.push_back(absl::StrCat(path, "*"));
    }
    if (!with_service) candidates.push_back(served.method);
    const std::string all = absl::StrCat(served.short_service, "/*");
    if (pattern == served.short_service || pattern == served.full_service) {
      return absl::StrCat("; write '", all, "' for all methods of the service");
    }
    if (services.empty() || services.back() != all) services.push_back(all);
    if (served.concerns_tenants || served.method == "ValidateIcp") methods.push_back(served.method);
  }
  const std::string meant = DidYouMean(pattern, candidates);
  if (!meant.empty()) return meant;
  return absl::StrCat("; expected *, one of the services (", absl::StrJoin(services, ", "),
                      "), or a method (", absl::StrJoin(methods, ", "), ", …)");
}

}  // namespace bantam
