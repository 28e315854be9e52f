#include "schema/json_schema.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace ebagent::schema {
namespace {

std::string problems(const char* schema, const std::string& value, Unchecked unchecked = Unchecked::Refuse) {
  const auto compiled = Schema::compile(boost::json::parse(schema), unchecked);
  if (!compiled) return "schema: " + compiled.error().message;
  const auto checked = compiled.value().check(boost::json::parse(value));
  return checked ? "" : checked.error().message;
}

struct Case {
  const char* schema;
  const char* good;
  const char* bad;
};

class KeywordTest : public ::testing::TestWithParam<Case> {};

TEST_P(KeywordTest, TakesTheGoodAndRefusesTheBad) {
  EXPECT_EQ(problems(GetParam().schema, GetParam().good), "");
  const std::string found = problems(GetParam().schema, GetParam().bad);
  EXPECT_NE(found, "");
  EXPECT_FALSE(found.starts_with("schema:")) << found;
}

INSTANTIATE_TEST_SUITE_P(
    All, KeywordTest,
    ::testing::Values(
        Case{R"({"type":"integer"})", "3.0", "3.5"}, Case{R"({"type":["string","null"]})", "null", "1"},
        Case{R"({"enum":[1,"a",null]})", "1.0", "2"},
        Case{R"({"const":{"a":[1]}})", R"({"a":[1]})", R"({"a":[2]})"},
        Case{R"({"minimum":1,"maximum":10})", "10", "10.5"}, Case{R"({"exclusiveMinimum":1})", "1.1", "1"},
        Case{R"({"minimum":1,"exclusiveMinimum":true})", "2", "1"},
        Case{R"({"multipleOf":0.1})", "0.3", "0.35"},
        Case{R"({"minimum":9007199254740993})", "9007199254740993", "9007199254740992"},
        Case{R"({"minLength":2,"maxLength":2})", "\"\xC3\xA4\xC3\xB6\"", R"("a")"},
        Case{R"({"pattern":"^a"})", R"("ab")", R"("ba")"},
        Case{R"({"required":["a"]})", R"({"a":null})", "{}"},
        Case{R"({"properties":{"a":{"type":"string"}}})", R"({"b":1})", R"({"a":1})"},
        Case{R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1})", R"({"b":1})"},
        Case{R"({"additionalProperties":{"type":"integer"}})", R"({"a":1})", R"({"a":"x"})"},
        Case{R"({"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false})",
             R"({"x-a":"b"})", R"({"y":"b"})"},
        Case{R"({"propertyNames":{"maxLength":2}})", R"({"ab":1})", R"({"abc":1})"},
        Case{R"({"minProperties":1,"maxProperties":1})", R"({"a":1})", "{}"},
        Case{R"({"dependentRequired":{"a":["b"]}})", R"({"a":1,"b":2})", R"({"a":1})"},
        Case{R"({"dependencies":{"a":{"required":["c"]}}})", R"({"b":1})", R"({"a":1})"},
        Case{R"({"items":{"type":"integer"}})", "[1,2]", R"([1,"x"])"},
        Case{R"({"prefixItems":[{"type":"integer"}],"items":false})", "[1]", "[1,2]"},
        Case{R"({"items":[{"type":"integer"}],"additionalItems":false})", "[1]", "[1,2]"},
        Case{R"({"minItems":1,"maxItems":2})", "[1]", "[1,2,3]"},
        Case{R"({"uniqueItems":true})", "[1,2]", "[1,1.0]"},
        Case{R"({"contains":{"const":1},"maxContains":1})", "[1,2]", "[1,1]"},
        Case{R"({"allOf":[{"minimum":1},{"maximum":3}]})", "2", "4"},
        Case{R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "null", "1"},
        Case{R"({"oneOf":[{"minimum":1},{"maximum":3}]})", "0", "2"},
        Case{R"({"not":{"type":"null"}})", "1", "null"},
        Case{R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})", R"({"c":1})",
             "{}"},
        Case{R"({"$defs":{"n":{"type":"integer"}},"items":{"$ref":"#/$defs/n"}})", "[1]", R"(["a"])"},
        Case{R"({"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}},"additionalProperties":false})",
             R"({"v":1,"next":{"v":2,"next":{"v":3}}})", R"({"next":{"next":{"v":"x"}}})"}));

TEST(JsonSchemaTest, NamesEveryProblemByItsPointer) {
  EXPECT_EQ(problems(R"({"type":"object","required":["id"],"additionalProperties":false,
                        "properties":{"id":{"type":"string"},"lines":{"items":{"type":"object","properties":
                          {"qty":{"type":"integer","minimum":1}}}}}})",
                     R"({"lines":[{"qty":1},{"qty":0},{"qty":"two"}],"x/y":1})"),
            "/id: is required; /lines/1/qty: expected a number of at least 1, found 0; /lines/2/qty: "
            "expected an integer, "
            "found \"two\"; /x~1y: is unknown; known are id, lines");
}

TEST(JsonSchemaTest, SaysWhatEachAlternativeMisses) {
  EXPECT_EQ(problems(R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "5"),
            "has none of the 2 forms that it may have (expected a string, found 5 | expected null, found 5)");
}

TEST(JsonSchemaTest, RefusesWhatIsNoSchemaAndSaysWhere) {
  EXPECT_EQ(problems(R"({"properties":{"a":{"type":"strng"}}})", "1"),
            "schema: The schema at /properties/a/type must be string, number, integer, boolean, object, "
            "array or null, or a "
            "list of these.");
  EXPECT_EQ(problems(R"({"properties":{"a":5}})", "1"),
            "schema: The schema at /properties/a must be a schema: an object, true or false.");
  for (const char* schema :
       {"5", R"({"enum":[]})", R"({"minimum":"x"})", R"({"minLength":-1})", R"({"maxItems":1.5})",
        R"({"required":"a"})", R"({"required":[1]})", R"({"anyOf":[]})", R"({"multipleOf":0})",
        R"({"pattern":3})", R"({"uniqueItems":1})", R"({"properties":[]})", R"({"$ref":"#/nowhere"})",
        R"({"$ref":7})"}) {
    EXPECT_TRUE(problems(schema, "1").starts_with("schema: ")) << schema;
  }
}

TEST(JsonSchemaTest, FollowsNoReferenceElsewhere) {
  for (const char* schema : {R"({"$ref":"http://127.0.0.1/schema"})", R"({"$ref":"file:///etc/passwd"})",
                             R"({"$ref":"#name"})", R"({"$ref":"other.json#/a"})"}) {
    const auto compiled = Schema::compile(boost::json::parse(schema), Unchecked::PassOver);
    ASSERT_FALSE(compiled) << schema;
    EXPECT_EQ(compiled.error().code, ErrorCode::Unsupported);
  }
}

TEST(JsonSchemaTest, WhatCannotBeCheckedIsRefusedOrPassedOver) {
  constexpr const char* kLookAround = R"({"pattern":"^(?!x)y"})";
  EXPECT_TRUE(problems(kLookAround, R"("y")").starts_with("schema: "));
  EXPECT_EQ(problems(kLookAround, R"("y")", Unchecked::PassOver), "");
  EXPECT_TRUE(problems(R"({"unevaluatedProperties":false})", "{}").starts_with("schema: "));
  EXPECT_EQ(problems(R"({"unevaluatedProperties":false})", "{}", Unchecked::PassOver), "");
}

TEST(JsonSchemaTest, HostileSchemasAndValuesEnd) {
  EXPECT_NE(problems(R"({"$ref":"#"})", "1"), "");
  EXPECT_NE(problems(R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})", "1"), "");
  EXPECT_NE(
      problems(
          R"({"items":{"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"},{"type":"null"}]},"type":"array"})",
          std::string(30, '[') + std::string(30, ']')),
      "");
  EXPECT_NE(problems(R"({"not":{"$ref":"#"}})", "1"), "");
  std::string deep = "1";
  for (int i = 0; i < 200; ++i) deep = R"({"not":)" + deep + "}";
  boost::json::parse_options options;
  options.max_depth = 300;
  EXPECT_EQ(Schema::compile(boost::json::parse(deep, {}, options)).error().code, ErrorCode::LimitExceeded);
  std::string many = "[0";
  for (int i = 1; i < 5'000; ++i) many += "," + std::to_string(i);
  EXPECT_NE(problems(R"({"uniqueItems":true})", many + "]"), "");  // 12 million comparisons are not made
}

TEST(JsonSchemaTest, TrueTakesEverythingAndFalseNothing) {
  EXPECT_EQ(problems("true", "1"), "");
  EXPECT_EQ(problems("false", "1"), "is not allowed");
}

}  // namespace
}  // namespace ebagent::schema
