#include "mcp/section.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "support/manual_clock.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A server of the era of sessions in six lines of shell: answers by the number of the request.
constexpr const char* kServer = R"(
mcp:
  - name: calc
    command:
      - /bin/sh
      - -c
      - |
        read probe;   echo '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"?"}}'
        read begin;   echo '{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"sh","version":"1"}}}'
        read begun;   read list; echo '{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"add","description":"Adds","inputSchema":{"type":"object"}}]}}'
        read call;    echo '{"jsonrpc":"2.0","id":4,"result":{"content":[],"structuredContent":{"sum":5}}}'
        cat >/dev/null
)";

class McpSectionTest : public ::testing::Test {
 protected:
  McpSectionTest() { app.section("mcp", section_reader(clock, log)); }
  ~McpSectionTest() override { std::fclose(null); }

  std::string error_of(const std::string& yaml) {
    const auto loaded = app.load_text(yaml, "agents.yaml");
    return loaded ? "no error" : loaded.error().message;
  }

  std::FILE* null = std::fopen("/dev/null", "w");
  std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
  std::shared_ptr<telemetry::Log> log =
      std::make_shared<telemetry::Log>(telemetry::LogFormat::Text, telemetry::LogLevel::Debug, null, *clock);
  App app{"test", {.clock = clock}};
};

TEST_F(McpSectionTest, GivesAgentsTheToolsOfAServer) {
  ASSERT_EQ(error_of(std::string(kServer) + R"(
agents:
  - name: adder
    tools: [calc_add]
    playbook: [{tool: calc_add, input: {a: 2, b: 3}}]
    respond: "It is <$.steps.calc_add.output.sum>."
)"),
            "no error");
  Event event;
  event.id = "e-1";
  event.source = "shop";
  event.detail_type = "x";

  const auto response = app.process_event_with("adder", event);

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response.value().text, "It is 5.");
  EXPECT_EQ(app.tools().front().description(), "Adds");
}

TEST_F(McpSectionTest, SaysWhichServerDoesNotStartAndWhere) {
  const std::string error = error_of("mcp:\n  - name: gone\n    command: [no-such-program-here]\n");

  EXPECT_THAT(error, StartsWith("agents.yaml:2:5: "));
  EXPECT_THAT(error, HasSubstr("\"gone\""));
  EXPECT_THAT(error, HasSubstr("no-such-program-here"));
}

TEST_F(McpSectionTest, ChecksArgumentsAndTakesSecretsOutOfAnswers) {
  setenv("EBAGENT_TEST_TOKEN", "s3cret-token", 1);
  ASSERT_EQ(error_of(R"(
mcp:
  - name: leaky
    env: {TOKEN: "secret:env:EBAGENT_TEST_TOKEN"}
    command:
      - /bin/sh
      - -c
      - |
        read probe;   echo '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"?"}}'
        read begin;   echo '{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-06-18","capabilities":{}}}'
        read begun;   read list; echo '{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"env","inputSchema":{"type":"object","properties":{"n":{"type":"integer"}}}}]}}'
        read call;    printf '{"jsonrpc":"2.0","id":4,"result":{"content":[{"type":"text","text":"it is %s"}]}}\n' "$TOKEN"
        cat >/dev/null
)"),
            "no error");
  const Tool tool = app.tools().front();
  const Event event{};
  const ToolContext context({}, event, *clock);

  EXPECT_THAT(tool.invoke(boost::json::object{{"n", "x"}}, context).error().message, StartsWith("/n"));
  EXPECT_EQ(tool.invoke(boost::json::object{{"n", 1}}, context).value(), "it is [secret EBAGENT_TEST_TOKEN]");
}

TEST_F(McpSectionTest, DoesNotWaitForAServerThatSaysNothing) {
  const std::string error =
      error_of("mcp:\n  - {name: mute, command: [sleep, '100'], start_timeout: 100ms}\n");

  EXPECT_THAT(error, HasSubstr("did not answer within 100 ms"));
}

TEST_F(McpSectionTest, RefusesAServerWhoseToolsAreNotAsPinned) {
  const std::string pinned = std::string(kServer) + "    pin: sha256:" + std::string(64, '0') + "\n";
  const std::string error = error_of(pinned);

  EXPECT_THAT(error, HasSubstr("Its tools are not those that were pinned"));
  EXPECT_TRUE(app.tools().empty());
}

TEST_F(McpSectionTest, RefusesAToolWhoseNameIsTooLong) {
  const std::string error = error_of(std::string(kServer) + "    prefix: " + std::string(70, 'p') + "\n");

  EXPECT_THAT(error, HasSubstr("too long"));
  EXPECT_THAT(error, HasSubstr("prefix"));
}

}  // namespace
}  // namespace ebagent::mcp
