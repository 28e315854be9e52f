#include <gtest/gtest.h>

#include <string>

#include "ebagent/pattern.hpp"

namespace ebagent::pattern {
namespace {

std::string refusal(const std::string& json, const Limits& limits = {}) {
  const auto compiled = compile(json, limits);
  if (compiled) return "accepted";
  return (compiled.error().code == ErrorCode::LimitExceeded ? "LimitExceeded: " : "other: ") +
         compiled.error().message;
}

std::string or_of(int objects, int times) {
  std::string choices;
  for (int i = 0; i < objects; ++i) choices += (i == 0 ? "" : ",") + ("{\"a" + std::to_string(i) + "\":[1]}");
  std::string out = "{\"$or\":[" + choices + "]}";
  for (int i = 1; i < times; ++i) out = "{\"$or\":[" + choices + "],\"n\":" + out + "}";
  return out;
}

TEST(Limits, OnLengthCountCharactersNotBytes) {
  const std::string longest = "{\"a\":[\"" + std::string(4096 - 10, 'x') + "\"]}";
  std::string wide = "{\"a\":[\"";
  for (int i = 0; i < 4096 - 10; ++i) wide += "\u00e9";
  wide += "\"]}";

  EXPECT_EQ(refusal(longest), "accepted");
  EXPECT_EQ(refusal(wide), "accepted");
  EXPECT_EQ(refusal(" " + longest), "LimitExceeded: The pattern is longer than 4096 characters");
  EXPECT_EQ(refusal(" " + longest, {.max_characters = 4097}), "accepted");
}

TEST(Limits, OnFieldsAndCombinationsAreSettings) {
  EXPECT_EQ(refusal(R"({"a":[1],"b":[1]})", {.max_fields = 1}),
            "LimitExceeded: Size of rule exceeds max value of 1");
  EXPECT_EQ(refusal(or_of(11, 3)),
            "LimitExceeded: The $or relationships combine to more than 1000 alternatives");
  EXPECT_EQ(refusal(or_of(11, 3), {.max_or_combinations = 1331}), "accepted");
}

TEST(Limits, GenerousOnesTakeWhatAwsRefuses) {
  EXPECT_EQ(refusal(R"({"a":[{"wildcard":"*:*:*:*:*:event-bus/*"}]})").substr(0, 13), "LimitExceeded");
  EXPECT_EQ(refusal(R"({"a":[{"wildcard":"*:*:*:*:*:event-bus/*"}]})", Limits::generous()), "accepted");
  EXPECT_EQ(refusal("{\"a\":[\"" + std::string(1'000'000, 'x') + "\"]}", Limits::generous()), "accepted");
}

}  // namespace
}  // namespace ebagent::pattern
