#include "schema/regex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ebagent::schema {
namespace {

TEST(RegexTest, MatchesAllOfATextOrAPartOfIt) {
  const Regex regex = Regex::compile("[a-z]+-\\d{2}").value();
  EXPECT_TRUE(regex.matches_all_of("abc-12"));
  EXPECT_FALSE(regex.matches_all_of("abc-123"));
  EXPECT_FALSE(regex.matches_all_of("abc-12\n"));
  EXPECT_TRUE(regex.is_found_in("see abc-123"));
}

TEST(RegexTest, AnAlternativeDoesNotEscapeTheWholeMatch) {
  const Regex regex = Regex::compile("a|b").value();
  EXPECT_FALSE(regex.matches_all_of("ab"));
  EXPECT_FALSE(regex.matches_all_of("b; rm"));
}

TEST(RegexTest, WhatBacktrackersTakeYearsForIsDoneAtOnce) {
  const Regex regex = Regex::compile("(a+)+$").value();
  EXPECT_FALSE(regex.matches_all_of(std::string(100'000, 'a') + "!"));
}

TEST(RegexTest, RefusesWhatCannotBeMatchedInLinearTimeOrSpace) {
  EXPECT_FALSE(Regex::compile("(a)\\1"));
  EXPECT_FALSE(Regex::compile("(?!x)y"));
  EXPECT_FALSE(Regex::compile("("));
  EXPECT_FALSE(Regex::compile("((a{100}){100}){100}"));
  EXPECT_FALSE(Regex::compile(std::string(Regex::kMaxPattern + 1, 'a')));
}

TEST(RegexTest, ATextBeyondTheBoundMatchesNothing) {
  const Regex regex = Regex::compile("a*").value();
  EXPECT_TRUE(regex.matches_all_of(std::string(Regex::kMaxText, 'a')));
  EXPECT_FALSE(regex.matches_all_of(std::string(Regex::kMaxText + 1, 'a')));
}

}  // namespace
}  // namespace ebagent::schema
