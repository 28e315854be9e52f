#include "event/strict_json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ebagent::event {
namespace {

std::string nested(std::size_t levels) {
  std::string text = R"({"a":)";
  for (std::size_t i = 1; i < levels; ++i) text += '[';
  text += "1";
  for (std::size_t i = 1; i < levels; ++i) text += ']';
  return text + '}';
}

std::string reason_for(std::string_view text) {
  const auto checked = check_object(text);
  return checked ? "accepted" : checked.error().message;
}

TEST(StrictJson, AcceptsObjectsOfEveryKindOfValue) {
  for (const std::string_view text :
       {"{}", " {} ", R"({"a":1,"b":"x","c":[1,{"d":null}],"e":true,"f":{"a":2}})", R"({"":0})",
        R"({"emoji":"\ud83d\ude00"})", "{\n\t\"a\" : 1\r\n}"}) {
    EXPECT_EQ(reason_for(text), "accepted") << text;
  }
}

TEST(StrictJson, AcceptsNumbersOfAnySize) {
  for (const std::string_view text :
       {R"({"n":1e400})", R"({"n":-1E+99999999999})", R"({"n":123456789012345678901234567890})",
        R"({"n":0.000000000000000000000000000000000000000000000001})", R"({"n":[18446744073709551616,1]})",
        R"({"n":"1e400 \" 01","m":1e400})"}) {
    EXPECT_EQ(reason_for(text), "accepted") << text;
  }
}

TEST(StrictJson, RefusesNumbersThatAreNotWrittenAsJsonNumbersAre) {
  for (const std::string_view text :
       {R"({"n":01})", R"({"n":+1})", R"({"n":1.})", R"({"n":.5})", R"({"n":1e})", R"({"n":-})",
        R"({"n":1e400.5})", R"({"n":0x10})", R"({"n":NaN})", R"({"n":Infinity})", R"({"n":1e400 1})",
        R"({"n":1e400x})"}) {
    EXPECT_NE(reason_for(text), "accepted") << text;
  }
}

TEST(StrictJson, RefusesDuplicateKeysAtEveryDepth) {
  EXPECT_EQ(reason_for(R"({"a":1,"a":2})"), "the key \"a\" comes twice in one object");
  EXPECT_EQ(reason_for(R"({"a":{"b":1,"\u0062":2}})"), "the key \"b\" comes twice in one object");
  EXPECT_EQ(reason_for(R"({"a":[0,{"b":1,"c":0,"b":2}]})"), "the key \"b\" comes twice in one object");
}

TEST(StrictJson, FindsADuplicateAmongManyKeys) {
  std::string text = "{";
  for (int i = 0; i < 500; ++i) text += "\"k" + std::to_string(i) + "\":{},";

  EXPECT_EQ(reason_for(text + "\"last\":1}"), "accepted");
  EXPECT_EQ(reason_for(text + "\"k250\":1}"), "the key \"k250\" comes twice in one object");
}

TEST(StrictJson, AllowsTheSameKeyInDifferentObjects) {
  EXPECT_EQ(reason_for(R"({"a":{"a":1},"b":{"a":1},"c":[{"a":1},{"a":1}]})"), "accepted");
}

TEST(StrictJson, RefusesNestingOverItsBoundAndNothingLess) {
  EXPECT_EQ(reason_for(nested(kMaxDepth)), "accepted");
  EXPECT_EQ(reason_for(nested(kMaxDepth + 1)), "it is nested deeper than 128 levels");
  EXPECT_EQ(reason_for(nested(100'000)), "it is nested deeper than 128 levels");
}

TEST(StrictJson, RefusesTextThatIsNotUtf8) {
  for (const std::string_view text :
       {"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}"}) {
    EXPECT_EQ(reason_for(text), "it is not valid UTF-8");
  }
}

TEST(StrictJson, RefusesEverythingElseThatIsNoJsonObject) {
  const std::string with_zero{"{\"a\":\"x\0y\"}", 11};
  for (const std::string_view text : std::initializer_list<std::string_view>{"",
                                                                             " ",
                                                                             "[]",
                                                                             "\"x\"",
                                                                             "1",
                                                                             "null",
                                                                             "true",
                                                                             "{",
                                                                             "}",
                                                                             "{}}",
                                                                             "{} {}",
                                                                             "{\"a\"}",
                                                                             "{\"a\":}",
                                                                             "{\"a\":1,}",
                                                                             "{,}",
                                                                             "{a:1}",
                                                                             "{'a':1}",
                                                                             "{\"a\":\"}",
                                                                             "{\"a\":\"\\x\"}",
                                                                             "{\"a\":\"\\ud800\"}",
                                                                             "{\"a\":tru}",
                                                                             "{\"a\":[1,]}",
                                                                             "{\"a\":1//c\n}",
                                                                             "\xef\xbb\xbf{}",
                                                                             "{\"a\":\"line\nbreak\"}",
                                                                             with_zero}) {
    EXPECT_NE(reason_for(text), "accepted") << text;
  }
}

}  // namespace
}  // namespace ebagent::event
