#include "core/json.hpp"

#include <gtest/gtest.h>

namespace ebagent::core {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed.has_value() ? "accepted" : parsed.error().message;
}

TEST(ParseJson, RefusesADuplicateKeyAndNamesIt) {
  EXPECT_NE(error_of(R"({"a":1,"b":{"c":1,"c":2}})").find("\"c\" twice"), std::string::npos);
}

TEST(ParseJson, AllowsTheSameKeyInDifferentObjects) {
  EXPECT_EQ(error_of(R"([{"a":1},{"a":2}])"), "accepted");
}

TEST(ParseJson, RefusesADepthBombWithoutCrashing) {
  EXPECT_NE(error_of(std::string(1'000'000, '[')).find("nested deeper"), std::string::npos);
}

TEST(ParseJson, RefusesNumbersThatNoDoubleHolds) {
  for (const char* number : {"1e400", "-1e400", "0e4003", "1e99999999999"}) {
    EXPECT_NE(error_of("[" + std::string{number} + "]"), "accepted") << number;
  }
  for (const char* number : {"1e308", "0e10", "1e-400", "123456789012345678901234567890"}) {
    EXPECT_EQ(error_of(number), "accepted") << number;
  }
}

TEST(ParseJson, RefusesBadUtf8) {
  EXPECT_NE(error_of("\"\xC3\x28\"").find("UTF-8"), std::string::npos);
}

TEST(ParseJson, RefusesTextAfterTheValue) {
  EXPECT_NE(error_of("{} x").find("after the end"), std::string::npos);
}

TEST(ParseJson, RefusesAnEmptyText) {
  EXPECT_NE(error_of(""), "accepted");
}

TEST(WriteJson, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(write_json(parse_json(R"({"a":80.0,"b":99.99,"c":-3})").value()), R"({"a":80,"b":99.99,"c":-3})");
}

TEST(WriteJson, EscapesControlCharacters) {
  EXPECT_EQ(write_json(boost::json::value("a\n\x01\"")), R"("a\n\u0001\"")");
}

TEST(WriteJsonPretty, IndentsByTwo) {
  EXPECT_EQ(write_json_pretty(parse_json(R"({"a":[1]})").value()), "{\n  \"a\": [\n    1\n  ]\n}");
}

TEST(AppendJsonString, WritesHalfASurrogatePairAsAnEscape) {
  std::string out;

  append_json_string(out, "a\xED\xA0\x80 \xED\x9F\xBF \xF0\x9F\x9A\x80");

  EXPECT_EQ(out, "\"a\\ud800 \xED\x9F\xBF \xF0\x9F\x9A\x80\"");
}

}  // namespace
}  // namespace ebagent::core
