#include "pattern/wildcard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ebagent::pattern {
namespace {

bool is_accepted(const char* text, std::size_t limit) {
  const Wildcard wildcard = Wildcard::parse(text).value();
  return !exceeds_complexity({&wildcard}, limit);
}

TEST(WildcardComplexity, CountsTheBeginningsThatOneTextMatches) {
  EXPECT_TRUE(is_accepted("a*bb", 3));
  EXPECT_FALSE(is_accepted("a*bb", 2));
  EXPECT_TRUE(is_accepted("a*b*bb", 5));
  EXPECT_FALSE(is_accepted("a*b*bb", 4));
}

TEST(WildcardComplexity, DefaultLimitIsWhereAwsRefuses) {
  EXPECT_TRUE(is_accepted("/Users/*/dir/dir/dir/dir/dir/doc.txt", 9));
  EXPECT_TRUE(is_accepted("arn:aws:events:us-east-1:*:event-bus/*", 9));
  EXPECT_FALSE(is_accepted("*:*:*:*:*:event-bus/*", 9));
}

TEST(WildcardComplexity, OfTheLongestPatternIsDecidedQuickly) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += i % 2 == 0 ? "*a" : "b";

  EXPECT_FALSE(is_accepted(text.c_str(), 9));
  EXPECT_TRUE(is_accepted(text.c_str(), 100'000));
}

TEST(Wildcard, OverlappingEndsDoNotCountTwice) {
  EXPECT_FALSE(Wildcard::parse("ab*ba").value().matches("aba"));
  EXPECT_TRUE(Wildcard::parse("ab*ba").value().matches("abba"));
}

}  // namespace
}  // namespace ebagent::pattern
