#include "mcp/server_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebagent::mcp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Result<std::string> resolve(const secrets::SecretReference& reference) {
  if (reference.name() == "TOKEN") return std::string("s3cret");
  return fail(ErrorCode::NotFound, "The variable " + reference.name() + " is not set.");
}

Result<std::vector<ServerSpec>> read(std::string_view json) {
  return read_server_specs(json, resolve);
}

std::string error_of(std::string_view json) {
  const auto specs = read(json);
  return specs ? "no error" : specs.error().message;
}

TEST(ServerSpec, ReadsAProgramWithEverythingSaid) {
  const std::string pin = "sha256:" + std::string(64, 'a');
  const auto specs = read(
      R"([{"name":"files","command":["npx","-y","x"],"env":{"A":"1","T":"secret:env:TOKEN"},"trusted":true,
    "sensitive":true,"pin":")" +
      pin +
      R"(","timeout":"500ms","start_timeout":90,"tools":["read"],"prefix":"f-","roots":["/srv/my files"]}])");

  ASSERT_TRUE(specs) << specs.error().message;
  const ServerSpec& spec = specs.value().front();
  EXPECT_EQ(spec.command, (std::vector<std::string>{"npx", "-y", "x"}));
  EXPECT_EQ(spec.environment.at("T"), "s3cret");
  EXPECT_TRUE(spec.is_trusted && spec.is_sensitive);
  EXPECT_EQ(spec.pin, pin);
  EXPECT_EQ(spec.timeout, std::chrono::milliseconds{500});
  EXPECT_EQ(spec.start_timeout, std::chrono::seconds{90});
  EXPECT_EQ(spec.prefix, "f-");
  EXPECT_EQ(spec.roots, std::vector<std::string>{"file:///srv/my%20files"});
}

TEST(ServerSpec, ReadsAUrlWithDefaults) {
  const auto specs = read(
      R"([{"name":"web","url":"https://x.example/mcp","headers":{"Authorization":"Bearer secret:env:TOKEN"}}])");

  ASSERT_TRUE(specs);
  const ServerSpec& spec = specs.value().front();
  EXPECT_EQ(spec.headers.at("Authorization"), "Bearer s3cret");
  EXPECT_EQ(spec.prefix, "web_");
  EXPECT_EQ(spec.timeout, kDefaultTimeout);
  EXPECT_FALSE(spec.is_trusted);
  EXPECT_FALSE(spec.tools);
}

TEST(ServerSpec, TakesPlainHttpForThisMachineOnly) {
  EXPECT_EQ(error_of(R"([{"name":"a","url":"http://127.0.0.1:3001/mcp"}])"), "no error");
  EXPECT_THAT(error_of(R"([{"name":"a","url":"http://x.example/mcp"}])"),
              StartsWith("/0/url: is not encrypted"));
}

TEST(ServerSpec, PointsToWhatIsWrong) {
  EXPECT_THAT(error_of(R"([{"command":["x"]}])"), StartsWith("/0/name"));
  EXPECT_THAT(error_of(R"([{"name":"a b","command":["x"]}])"), StartsWith("/0/name:"));
  EXPECT_THAT(error_of(R"([{"name":"a"}])"), StartsWith("/0:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"url":"https://x"}])"), StartsWith("/0:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":[]}])"), StartsWith("/0/command:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":"npx x"}])"), StartsWith("/0/command:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"headers":{}}])"), StartsWith("/0/headers:"));
  EXPECT_THAT(error_of(R"([{"name":"a","url":"https://x","env":{}}])"), StartsWith("/0/env:"));
  EXPECT_THAT(error_of(R"([{"name":"a","url":"ftp://x"}])"), StartsWith("/0/url:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"pin":"abc"}])"), StartsWith("/0/pin:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"timeout":0}])"), StartsWith("/0/timeout:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"timeout":"1 day"}])"), StartsWith("/0/timeout:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"timeout":99999999999}])"), StartsWith("/0/timeout:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"prefix":"a."}])"), StartsWith("/0/prefix:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"roots":["tmp"]}])"), StartsWith("/0/roots/0:"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"],"trust":true}])"), StartsWith("/0/trust"));
  EXPECT_THAT(error_of(R"([{"name":"a","command":["x"]},{"name":"a","command":["y"]}])"),
              StartsWith("/1/name:"));
  EXPECT_THAT(error_of("{}"), HasSubstr("array"));
}

TEST(ServerSpec, SaysWhichSecretIsMissingAndNeverAValue) {
  const std::string error = error_of(R"([{"name":"a","command":["x"],"env":{"K":"secret:env:ABSENT"}}])");
  EXPECT_THAT(error, StartsWith("/0/env/K: The variable ABSENT"));
  const std::string wrong = error_of(R"([{"name":"a","command":["x"],"env":{"K":"secret:hunter2"}}])");
  EXPECT_THAT(wrong, StartsWith("/0/env/K: "));
  EXPECT_THAT(wrong, Not(HasSubstr("hunter2")));
}

TEST(ServerSpec, RefusesMoreServersThanAnyoneMeans) {
  std::string json = "[";
  for (std::size_t i = 0; i <= kMaxServers; ++i) {
    json += (i == 0 ? "" : ",") + std::string(R"({"name":"s)") + std::to_string(i) + R"(","command":["x"]})";
  }

  EXPECT_EQ(read(json + "]").error().code, ErrorCode::LimitExceeded);
}

}  // namespace
}  // namespace ebagent::mcp
