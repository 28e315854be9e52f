#include "mcp/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_server.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::HasSubstr;

constexpr const char* kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";

class McpServerTest : public ::testing::Test {
 protected:
  static std::vector<OfferedTool> tools() {
    std::vector<OfferedTool> all;
    all.push_back({"Double", Tool::from("double", "Doubles a number",
                                        [](Arg<"n", int, "The number"> n) {
                                          return boost::json::object{{"twice", *n * 2}};
                                        },
                                        {.effect = Effect::Read})});
    all.push_back({.title = "Break",
                   .tool = Tool::from(
                       "break", "Always fails",
                       []() -> Result<std::string> { return fail(ErrorCode::NotFound, "There is no x."); }),
                   .is_destructive = true,
                   .is_open_world = true});
    return all;
  }
  Reply ask(const std::string& method, const std::string& params = "{}") {
    return server.handle(
        {.kind = Message::Kind::Request, .id = 1, .method = method, .params = object_of(params)});
  }
  boost::json::object result(const std::string& method, const std::string& params = "{}") {
    return std::get<boost::json::object>(ask(method, params));
  }
  RpcError error(const std::string& method, const std::string& params = "{}") {
    return std::get<RpcError>(ask(method, params));
  }

  testing::ManualClock clock;
  Server server{tools(), "Be careful.", clock};
};

TEST_F(McpServerTest, AgreesOnTheVersionThatTheClientWants) {
  EXPECT_EQ(result("initialize", R"({"protocolVersion":"2025-03-26"})").at("protocolVersion"), "2025-03-26");
  EXPECT_EQ(result("initialize", R"({"protocolVersion":"1999-01-01"})").at("protocolVersion"), "2025-11-25");
  EXPECT_EQ(result("initialize").at("instructions"), "Be careful.");
}

TEST_F(McpServerTest, AnswersNothingButPingBeforeAnEraIsChosen) {
  EXPECT_TRUE(result("ping").empty());
  EXPECT_EQ(error("tools/list").code, kInvalidParams);
  static_cast<void>(result("initialize"));
  EXPECT_EQ(result("tools/list").at("tools").get_array().size(), 2U);
}

TEST_F(McpServerTest, IsDiscoveredStatelessly) {
  const auto found = result("server/discover", "{" + std::string(kMeta) + "}");

  EXPECT_EQ(found.at("supportedVersions").get_array().front(), "2026-07-28");
  EXPECT_EQ(found.at("resultType"), "complete");
  EXPECT_EQ(found.at("cacheScope"), "private");
  EXPECT_GT(found.at("ttlMs").get_int64(), 0);
  EXPECT_EQ(found.at("_meta").get_object().at(kServerInfoKey).get_object().at("name"), "eventbridge-agent");
}

TEST_F(McpServerTest, RefusesModernRequestsThatLackWhatTheyMustSay) {
  EXPECT_EQ(error("server/discover").code, kInvalidParams);
  EXPECT_EQ(error("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})").code,
            kInvalidParams);
  EXPECT_EQ(error("ping", "{" + std::string(kMeta) + "}").code, kMethodNotFound);
}

TEST_F(McpServerTest, NamesItsVersionsToAClientOfAnother) {
  const RpcError refused =
      error("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2030-01-01"}})");

  EXPECT_EQ(refused.code, kUnsupportedVersion);
  EXPECT_EQ(refused.data.get_object().at("requested"), "2030-01-01");
  EXPECT_EQ(refused.data.get_object().at("supported").get_array().front(), "2026-07-28");
}

TEST_F(McpServerTest, DescribesWhatItsToolsDo) {
  const auto listed = result("tools/list", "{" + std::string(kMeta) + "}").at("tools").get_array();

  EXPECT_EQ(listed[0].get_object().at("annotations"),
            object_of(R"({"title":"Double","readOnlyHint":true,"openWorldHint":false})"));
  EXPECT_EQ(
      listed[1].get_object().at("annotations"),
      object_of(
          R"({"title":"Break","readOnlyHint":false,"destructiveHint":true,"idempotentHint":false,"openWorldHint":true})"));
  EXPECT_EQ(listed[0].get_object().at("inputSchema").get_object().at("required").get_array().front(), "n");
}

TEST_F(McpServerTest, GivesAResultAsTextAndAsValue) {
  const auto called =
      result("tools/call", R"({"name":"double","arguments":{"n":21},)" + std::string(kMeta) + "}");

  EXPECT_EQ(called.at("structuredContent"), object_of(R"({"twice":42})"));
  EXPECT_EQ(called.at("isError"), false);
  EXPECT_EQ(called.at("resultType"), "complete");
  EXPECT_FALSE(called.contains("ttlMs"));
}

TEST_F(McpServerTest, GivesFailuresAndWrongArgumentsAsResults) {
  static_cast<void>(result("initialize"));
  const auto failed = result("tools/call", R"({"name":"break"})");
  const auto wrong = result("tools/call", R"({"name":"double","arguments":{"n":"x"}})");

  EXPECT_EQ(failed.at("isError"), true);
  EXPECT_EQ(failed.at("content").get_array()[0].get_object().at("text"), "There is no x.");
  EXPECT_EQ(wrong.at("isError"), true);
  EXPECT_THAT(std::string(wrong.at("content").get_array()[0].get_object().at("text").get_string()),
              HasSubstr("/n"));
}

TEST_F(McpServerTest, RefusesToolsAndMethodsThatItHasNot) {
  static_cast<void>(result("initialize"));
  EXPECT_EQ(error("tools/call", R"({"name":"nope"})").code, kInvalidParams);
  EXPECT_EQ(error("tools/call", R"({"name":"double","arguments":[]})").code, kInvalidParams);
  EXPECT_EQ(error("resources/list").code, kMethodNotFound);
}

}  // namespace
}  // namespace ebagent::mcp
