#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "ebagent/testing.hpp"

namespace ebagent::testing {
namespace {

TEST(ValidValue, SatisfiesSchemasOfEachKind) {
  for (
      const char* schema :
      {R"({"type":"object","properties":{"a":{"type":"string","minLength":9},"b":{"type":"integer","minimum":7,"maximum":7}},
            "required":["a","b"],"additionalProperties":false})",
       R"({"type":"string","format":"email"})", R"({"type":"string","maxLength":1})", R"({"enum":["x","y"]})",
       R"({"const":{"k":[1]}})", R"({"type":"array","items":{"type":"boolean"},"minItems":3})",
       R"({"type":"integer","multipleOf":5,"exclusiveMinimum":10})", R"({"type":"number","maximum":-2})",
       R"({"type":["null","string"]})", R"({"anyOf":[{"type":"integer"},{"type":"string"}]})",
       R"({"$defs":{"p":{"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}},"$ref":"#/$defs/p"})",
       "{}"}) {
    const auto made = valid_value(boost::json::parse(schema));
    EXPECT_TRUE(made) << schema << ": " << (made ? "" : made.error().message);
  }
}

TEST(ValidValue, SaysWhenItFindsNone) {
  const auto made = valid_value(boost::json::parse(R"({"type":"string","pattern":"^[0-9]{12}$"})"));

  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, ::testing::HasSubstr("No value could be made"));
}

TEST(ValidValue, EndsForASchemaThatRefersToItself) {
  EXPECT_FALSE(valid_value(boost::json::parse(
      R"({"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}},"required":["next"]}},"$ref":"#/$defs/n"})")));
}

}  // namespace
}  // namespace ebagent::testing
