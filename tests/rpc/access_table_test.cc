// Who may call what for which tenant, with real handshakes and calls: every method that a policy
// can speak of × callers that are granted it, it for another tenant, everything else, nothing, or
// have not said who they are.
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "server/access/served_methods.h"
#include "tests/rpc/access_calls.h"
#include "tests/rpc/rpc_test_base.h"
#include "tests/rpc/tls_server.h"

namespace bantam {

// For messages of tests.
void PrintTo(const ServedMethod& method, std::ostream* out) { *out << method.full_name; }

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kForeignIcp[] = "tenants/beta/icps/b";

class AccessTableTest : public RpcTest, public ::testing::WithParamInterface<ServedMethod> {
 protected:
  AccessTableTest() : port_(Clients::kNotAsked) {
    editor_.SetCurrent(catalog_.Add(kIcp));
    catalog_.Add(kForeignIcp);
    port_.SetTokens({"granted", "elsewhere", "others", "nothing"});
    std::vector<std::string> others;
    for (const ServedMethod& method : ServedMethods()) {
      if (method.full_name != GetParam().full_name) others.push_back(method.full_name);
    }
    port_.SetPolicy(absl::StrCat("grants:\n", Grant("granted", GetParam().full_name, "acme"),
                                 Grant("elsewhere", GetParam().full_name, "beta"),
                                 Grant("others", absl::StrJoin(others, ", "), "acme")));
    RpcServerOptions options = DefaultOptions();
    options.credentials = port_.ServerCredentials();
    options.access = &port_.access();
    Start(options);
    Use(port_.ConnectTo(absl::StrCat("127.0.0.1:", server_->port())));
  }
  // The server uses the port, which ends before the base does.
  ~AccessTableTest() override { server_.reset(); }

  static std::string Grant(const std::string& token, const std::string& methods,
                           const std::string& tenant) {
    return absl::StrCat("  - {identities: ['token:", token, "'], methods: [", methods,
                        "], tenants: [", tenant, "]}\n");
  }

  grpc::Status Call(const ServedMethod& method, const Headers& headers,
                    const std::string& icp = kIcp) const {
    const RequestsByMethod requests = RequestsAbout(icp);
    const auto request = requests.find(method.full_name);
    if (request == requests.end()) {
      return grpc::Status(grpc::StatusCode::UNKNOWN, "RequestsAbout() lacks this method");
    }
    return Send(channel_, method.full_name, *request->second, headers);
  }

  // What a call answers that nobody has kept from its handler.
  static grpc::StatusCode Served(const ServedMethod& method) {
    // That of gRPC 1.51 is v1alpha.
    return method.full_service == "grpc.reflection.v1.ServerReflection"
               ? grpc::StatusCode::UNIMPLEMENTED
               : grpc::StatusCode::OK;
  }

  // That this is denied before a handler runs.
  void ExpectDenied(const ServedMethod& method, const Headers& headers, grpc::StatusCode code) {
    const size_t events = observer_.events().size();
    port_.denials().Take();
    EXPECT_EQ(Call(method, headers).error_code(), code) << method.full_name;
    EXPECT_THAT(port_.denials().Take(), Contains(HasSubstr(absl::StrCat(" ", method.full_name))));
    EXPECT_EQ(observer_.events().size(), events) << method.full_name;
  }

  TlsPort port_;
};

TEST_P(AccessTableTest, WhoIsGrantedTheMethodMayCallItForTheTenant) {
  EXPECT_EQ(Call(GetParam(), Bearer("granted")).error_code(), Served(GetParam()));
  EXPECT_EQ(Call(GetParam(), Bearer("granted"), kForeignIcp).error_code(),
            GetParam().concerns_tenants ? grpc::StatusCode::PERMISSION_DENIED : Served(GetParam()));
  EXPECT_THAT(port_.denials().Take(), IsEmpty());
}

TEST_P(AccessTableTest, WhoIsGrantedTheMethodMayCallNoOther) {
  for (const ServedMethod& method : ServedMethods()) {
    if (method.full_name == GetParam().full_name) continue;
    ExpectDenied(method, Bearer("granted"), grpc::StatusCode::PERMISSION_DENIED);
  }
}

TEST_P(AccessTableTest, WhoIsGrantedAnotherTenantMayCallItForThatOneOnly) {
  const grpc::Status status = Call(GetParam(), Bearer("elsewhere"));
  if (GetParam().concerns_tenants) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_THAT(status.error_message(), HasSubstr("for this tenant"));
    EXPECT_THAT(editor_.calls(), IsEmpty());
  } else {
    EXPECT_EQ(status.error_code(), Served(GetParam()));
  }
  EXPECT_EQ(Call(GetParam(), Bearer("elsewhere"), kForeignIcp).error_code(), Served(GetParam()));
}

TEST_P(AccessTableTest, WhoIsNotGrantedTheMethodIsDeniedBeforeItsHandlerRuns) {
  for (const char* const caller : {"others", "nothing"}) {
    ExpectDenied(GetParam(), Bearer(caller), grpc::StatusCode::PERMISSION_DENIED);
  }
  ExpectDenied(GetParam(), {}, grpc::StatusCode::UNAUTHENTICATED);
  ExpectDenied(GetParam(), Bearer("unknown"), grpc::StatusCode::UNAUTHENTICATED);
}

INSTANTIATE_TEST_SUITE_P(Methods, AccessTableTest, ::testing::ValuesIn(ServedMethods()),
                         [](const ::testing::TestParamInfo<ServedMethod>& info) {
                           return absl::StrJoin(absl::StrSplit(info.param.full_service, '.'), "_") +
                                  "_" + info.param.method;
                         });

}  // namespace
}  // namespace bantam
