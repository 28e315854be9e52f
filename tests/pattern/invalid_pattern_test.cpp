#include <gtest/gtest.h>

#include "pattern/matching.hpp"

namespace ebagent::pattern {
namespace {

std::string reason(std::string_view pattern) {
  const auto compiled = compile(pattern);
  if (compiled) return "compiled";
  return compiled.error().message.substr(0, compiled.error().message.find(" at [Source"));
}

TEST(InvalidPattern, IsRefusedInTheWordsOfEventBridge) {
  EXPECT_EQ(reason("[]"), "Filter is not an object");
  EXPECT_EQ(reason("{}"), "Empty objects are not allowed");
  EXPECT_EQ(reason(R"({"a":[]})"), "Empty arrays are not allowed");
  EXPECT_EQ(reason(R"({"a":1})"), "\"a\" must be an object or an array");
  EXPECT_EQ(reason(R"({"a":[["b"]]})"), "Match value must be String, number, true, false, or null");
  EXPECT_EQ(reason(R"({"a":[{"EXISTS":true}]})"), "Unrecognized match type EXISTS");
  EXPECT_EQ(reason(R"({"a":[{"numeric":[">",5,"<",5]}]})"), "Bottom must be less than top");
  EXPECT_EQ(reason(R"({"a":[{"cidr":"10.0.0.0/32"}]})"), "IPv4 mask bits must be < 32");
  EXPECT_EQ(reason(R"({"a":[{"cidr":"1.2.3.999/8"}]})"), "Invalid IP address: 1.2.3.999");
  EXPECT_EQ(reason(R"({"$or":[{"a":["1"]},{"exists":["1"]}]})"),
            "exists is Ruler reserved fieldName which cannot be used inside $or.");
}

TEST(InvalidPattern, BrokenJsonIsToldAsAJsonParserDoes) {
  EXPECT_EQ(reason(R"({"a":[1)"), "Unexpected end-of-input: expected close marker for Array (start marker");
  EXPECT_EQ(reason(R"({"a":["x})"),
            "Unexpected end-of-input: was expecting closing quote for a string value");
  EXPECT_EQ(reason(R"({"a":[1}})"), "Unexpected close marker '}': expected ']' (for Array starting");
  EXPECT_EQ(reason(R"({"a":[-]})"),
            "Unexpected character (']' (code 93)) in numeric value: expected digit (0-9) to follow minus "
            "sign, for valid "
            "numeric value");
  EXPECT_EQ(reason(R"({"a":["\q"]})"), "Unrecognized character escape 'q' (code 113)");
}

TEST(InvalidPattern, SaysWhichKindOfErrorItIs) {
  EXPECT_EQ(compile("{").error().code, ErrorCode::Malformed);
  EXPECT_EQ(compile("{}").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(compile("{\"a\":[\"\xFF\"]}").error().code, ErrorCode::Malformed);
}

TEST(InvalidPattern, MayNotHaveTextBehindIt) {
  EXPECT_NE(reason(R"({"a":["1"]} x)"), "compiled");
}

}  // namespace
}  // namespace ebagent::pattern
