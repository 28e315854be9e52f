#include "mcp/tool_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_server.hpp"

namespace ebagent::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

boost::json::array array_of(std::string_view json) {
  return core::parse_json(json).value().get_array();
}

const ServerSpec kSpec{.name = "files", .prefix = "files_"};

TEST(OfferedTools, AreAllByNameOrThoseOfTheAllowList) {
  const auto listed = array_of(R"([{"name":"write"},{"name":"read"}])");
  ServerSpec some = kSpec;
  some.tools = {"read"};

  EXPECT_EQ(offered_tools(listed, kSpec).value(), array_of(R"([{"name":"read"},{"name":"write"}])"));
  EXPECT_EQ(offered_tools(listed, some).value(), array_of(R"([{"name":"read"}])"));
}

TEST(OfferedTools, SaysWhichToolIsNotThere) {
  ServerSpec some = kSpec;
  some.tools = {"raed"};
  const auto offered = offered_tools(array_of(R"([{"name":"read"}])"), some);

  EXPECT_EQ(offered.error().code, ErrorCode::NotFound);
  EXPECT_THAT(offered.error().message, HasSubstr("\"raed\""));
  EXPECT_THAT(offered.error().message, HasSubstr("read"));
}

TEST(OfferedTools, AreRefusedWhenTwoHaveOneName) {
  EXPECT_EQ(offered_tools(array_of(R"([{"name":"a"},{"name":"a"}])"), kSpec).error().code,
            ErrorCode::Malformed);
}

TEST(ToolListHash, DoesNotDependOnAnyOrder) {
  EXPECT_EQ(hash_of(array_of(R"([{"name":"a","inputSchema":{"x":1,"y":[{"p":1,"q":2}]}},{"name":"b"}])")),
            hash_of(array_of(R"([{"name":"b"},{"inputSchema":{"y":[{"q":2,"p":1}],"x":1},"name":"a"}])")));
}

TEST(ToolListHash, DependsOnEverythingThatIsSaid) {
  const std::string hash =
      hash_of(array_of(R"([{"name":"a","description":"x","inputSchema":{"enum":[1,2]}}])"));

  EXPECT_EQ(hash.size(), 7U + 64U);
  EXPECT_NE(hash, hash_of(array_of(R"([{"name":"a","description":"y","inputSchema":{"enum":[1,2]}}])")));
  EXPECT_NE(hash, hash_of(array_of(R"([{"name":"a","description":"x","inputSchema":{"enum":[2,1]}}])")));
  EXPECT_NE(
      hash,
      hash_of(array_of(R"([{"name":"a","description":"x","inputSchema":{"enum":[1,2]},"annotations":{}}])")));
  EXPECT_NE(hash, hash_of(array_of("[]")));
}

TEST(ToolNames, HaveThePrefixAndOnlyCharactersThatNamesHave) {
  EXPECT_EQ(agent_name_of(kSpec, object_of(R"({"name":"admin.tools/list v2"})")),
            "files_admin_tools_list_v2");
}

TEST(ToolOptions, BelieveNothingThatAStrangerSays) {
  const auto options = options_of(
      kSpec,
      object_of(
          R"({"name":"a","annotations":{"readOnlyHint":true,"idempotentHint":true,"openWorldHint":false}})"));

  EXPECT_EQ(options.effect, Effect::Once);
  EXPECT_TRUE(options.traits.acts_outside);
  EXPECT_TRUE(options.traits.brings_untrusted);
  EXPECT_FALSE(options.traits.reads_sensitive);
}

TEST(ToolOptions, BelieveWhatATrustedServerSays) {
  ServerSpec trusted = kSpec;
  trusted.is_trusted = true;
  trusted.is_sensitive = true;
  const auto effect = [&](const char* annotations) {
    return options_of(trusted, object_of(R"({"name":"a","annotations":)" + std::string(annotations) + "}"))
        .effect;
  };

  EXPECT_EQ(effect(R"({"readOnlyHint":true})"), Effect::Read);
  EXPECT_EQ(effect(R"({"idempotentHint":true})"), Effect::Idempotent);
  EXPECT_EQ(effect(R"({"readOnlyHint":"yes"})"), Effect::Once);
  EXPECT_EQ(effect("{}"), Effect::Once);
  const auto closed = options_of(
      trusted, object_of(R"({"name":"a","annotations":{"readOnlyHint":true,"openWorldHint":false}})"));
  EXPECT_FALSE(closed.traits.acts_outside || closed.traits.brings_untrusted);
  EXPECT_TRUE(closed.traits.reads_sensitive);
}

TEST(HeaderParameters, AreFoundWhereTheSchemaMarksThem) {
  const auto found = header_parameters(object_of(
      R"({"properties":{"region":{"type":"string","x-mcp-header":"Region"},"deep":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}},
          "list":{"type":"array","items":{"type":"string","x-mcp-header":"Never"}}}})"));
  ASSERT_TRUE(found);

  EXPECT_THAT(
      parameter_headers(found.value(), object_of(R"({"region":"eu west","deep":{"n":7},"list":["x"]})")),
      ElementsAre(Pair("Mcp-Param-Region", "eu west"), Pair("Mcp-Param-N", "7")));
  EXPECT_THAT(parameter_headers(found.value(), object_of(R"({"region":null})")), ElementsAre());
}

TEST(HeaderParameters, AreRefusedWhenTheyBreakTheRules) {
  for (const char* property :
       {R"({"type":"string","x-mcp-header":""})", R"({"type":"string","x-mcp-header":"a b"})",
        R"({"type":"string","x-mcp-header":"a\r\nb"})", R"({"type":"number","x-mcp-header":"A"})",
        R"({"type":"object","x-mcp-header":"A"})", R"({"type":"string","x-mcp-header":7})"}) {
    EXPECT_FALSE(header_parameters(object_of(R"({"properties":{"p":)" + std::string(property) + "}}")))
        << property;
  }
  EXPECT_FALSE(header_parameters(object_of(
      R"({"properties":{"p":{"type":"string","x-mcp-header":"A"},"q":{"type":"string","x-mcp-header":"a"}}})")));
}

TEST(ToolOutput, IsTheStructuredContentOrTheText) {
  EXPECT_EQ(
      to_output(object_of(R"({"content":[{"type":"text","text":"{\"a\":1}"}],"structuredContent":{"a":1}})"))
          .value(),
      object_of(R"({"a":1})"));
  EXPECT_EQ(
      to_output(object_of(R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})")).value(),
      "a\nb");
  EXPECT_EQ(to_output(object_of(R"({"content":[]})")).value(), "");
  EXPECT_EQ(to_output(object_of("{}")).value(), "");
}

TEST(ToolOutput, LeavesOutTheBytesOfImages) {
  const auto output = to_output(object_of(
      R"({"content":[{"type":"text","text":"look"},{"type":"image","mimeType":"image/png","data":"AAAA"},
                     {"type":"resource","resource":{"uri":"x","blob":"AAAAAAAA"}}]})"));

  EXPECT_EQ(
      output.value(),
      object_of(
          R"({"content":[{"type":"text","text":"look"},{"type":"image","mimeType":"image/png","omitted_characters":4},
                     {"type":"resource","resource":{"uri":"x","omitted_characters":8}}]})"));
}

TEST(ToolOutput, IsAnErrorWhenTheToolSaysSo) {
  EXPECT_EQ(to_output(object_of(R"({"content":[{"type":"text","text":"no"}],"isError":true})")).error(),
            (Error{ErrorCode::Conflict, "no"}));
  EXPECT_EQ(to_output(object_of(R"({"isError":true})")).error().code, ErrorCode::Conflict);
  EXPECT_EQ(to_output(object_of(R"({"content":"text"})")).error().code, ErrorCode::Malformed);
  const std::string long_text(5'000, 'x');
  EXPECT_EQ(to_output(object_of(R"({"content":[{"type":"text","text":"xxx)" + long_text +
                                R"(ü"}],"isError":true})"))
                .error()
                .message.size(),
            4'000U);
}

}  // namespace
}  // namespace ebagent::mcp
