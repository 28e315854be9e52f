#include <gtest/gtest.h>

#include "pattern/matching.hpp"

namespace ebagent::pattern {
namespace {

TEST(Paths, DottedAndNestedNamesAreTheSameField) {
  EXPECT_EQ(answer(R"({"a.b":["1"]})", R"({"a":{"b":"1"}})"), "match");
  EXPECT_EQ(answer(R"({"a":{"b":["1"]}})", R"({"a.b":"1"})"), "match");
}

TEST(Paths, EveryFieldOfThePatternMustMatch) {
  EXPECT_EQ(answer(R"({"a":["1"],"b":["2"]})", R"({"a":"1","b":"2"})"), "match");
  EXPECT_EQ(answer(R"({"a":["1"],"b":["2"]})", R"({"a":"1","b":"3"})"), "no match");
}

TEST(DuplicateKeys, EveryValueOfTheEventCounts) {
  EXPECT_EQ(answer(R"({"a":["1"]})", R"({"a":"1","a":"2"})"), "match");
  EXPECT_EQ(answer(R"({"a":["2"]})", R"({"a":"1","a":"2"})"), "match");
}

TEST(DuplicateKeys, TheLastOfThePatternWins) {
  EXPECT_EQ(answer(R"({"a":["1"],"a":["2"]})", R"({"a":"1"})"), "no match");
  EXPECT_EQ(answer(R"({"a":["1"],"a":["2"]})", R"({"a":"2"})"), "match");
}

TEST(Arrays, AFieldMatchesWhenAnyScalarOfItsArrayDoes) {
  EXPECT_EQ(answer(R"({"a":["2"]})", R"({"a":["1","2"]})"), "match");
  EXPECT_EQ(answer(R"({"a":["3"]})", R"({"a":["1",["2","3"]]})"), "match");
}

TEST(Arrays, FieldsOfDifferentElementsAreNotCombined) {
  const char* pattern = R"({"i":{"a":["1"],"b":["2"]}})";

  EXPECT_EQ(answer(pattern, R"({"i":[{"a":"1","b":"2"}]})"), "match");
  EXPECT_EQ(answer(pattern, R"({"i":[{"a":"1"},{"b":"2"}]})"), "no match");
  EXPECT_EQ(answer(pattern, R"({"i":[{"a":"1"},{"b":"2","a":"0"},{"a":["0","1"],"b":"2"}]})"), "match");
}

TEST(Arrays, ElementsOfDifferentArraysAreCombined) {
  EXPECT_EQ(answer(R"({"i":{"a":["1"]},"j":{"b":["2"]}})", R"({"i":[{"a":"0"},{"a":"1"}],"j":[{"b":"2"}]})"),
            "match");
}

TEST(Arrays, ScalarsOfANestedArrayBelongToTheOuterElement) {
  const char* event = R"({"i":[{"m":[["1"],["2"]],"n":"a"},{"m":[["3"]],"n":"b"}]})";

  EXPECT_EQ(answer(R"({"i":{"m":["2"],"n":["a"]}})", event), "match");
  EXPECT_EQ(answer(R"({"i":{"m":["2"],"n":["b"]}})", event), "no match");
}

TEST(Arrays, TwoArraysUnderOnePathLoseNoMatch) {
  EXPECT_EQ(answer(R"({"i":{"a":["1"],"b":["2"]}})", R"({"i":[{"a":"1","c":"0"}],"i":[{"b":"2"}]})"),
            "match");
}

TEST(Arrays, AbsenceIsJudgedInTheElementSelectedByEarlierFields) {
  const char* pattern = R"({"i":{"a":["1"],"z":[{"exists":false}]}})";

  EXPECT_EQ(answer(pattern, R"({"i":[{"a":"1"},{"a":"2","z":"x"}]})"), "match");
  EXPECT_EQ(answer(pattern, R"({"i":[{"a":"1","z":"x"},{"a":"2"}]})"), "no match");
}

TEST(Or, MatchesWhenOneOfItsObjectsDoes) {
  const char* pattern = R"({"s":["x"],"$or":[{"a":["1"]},{"b":["1"],"c":["1"]}]})";

  EXPECT_EQ(answer(pattern, R"({"s":"x","a":"1"})"), "match");
  EXPECT_EQ(answer(pattern, R"({"s":"x","b":"1","c":"1"})"), "match");
  EXPECT_EQ(answer(pattern, R"({"s":"x","b":"1"})"), "no match");
  EXPECT_EQ(answer(pattern, R"({"s":"y","a":"1"})"), "no match");
}

TEST(Or, MayBeNestedAndRepeated) {
  const char* pattern =
      R"({"d":{"$or":[{"a":["1"]},{"$or":[{"b":["1"]},{"c":["1"]}]}]},"$or":[{"e":["1"]},{"f":["1"]}]})";

  EXPECT_EQ(answer(pattern, R"({"d":{"c":"1"},"f":"1"})"), "match");
  EXPECT_EQ(answer(pattern, R"({"d":{"c":"1"},"g":"1"})"), "no match");
}

TEST(Or, ThatCannotBeARelationshipIsAFieldName) {
  EXPECT_EQ(answer(R"({"$or":["x"]})", R"({"$or":"x"})"), "match");
  EXPECT_EQ(answer(R"({"$or":[{"prefix":"a"},{"suffix":"z"}]})", R"({"$or":"abc"})"), "match");
}

TEST(Or, HasALimitOnItsCombinations) {
  std::string pattern = "{";
  for (int i = 0; i < 12; ++i) {
    const std::string name = "f" + std::to_string(i);
    pattern += (i == 0 ? "" : ",") + ("\"" + name + "\":{\"$or\":[{\"a\":[1]},{\"b\":[1]}]}");
  }
  const auto compiled = compile(pattern + "}");

  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, ErrorCode::LimitExceeded);
}

TEST(Pattern, TellsWhetherItUsesWildcards) {
  EXPECT_TRUE(compile(R"({"a":[{"anything-but":{"wildcard":"*"}}]})").value().has_wildcard());
  EXPECT_FALSE(compile(R"({"a":[{"prefix":"*"}]})").value().has_wildcard());
}

TEST(FieldName, WithAQuoteIsNotFoundInOtherText) {
  EXPECT_EQ(answer(R"({"a\":\"b":["x"]})", R"({"a":"b","c":"x"})"), "no match");
  EXPECT_EQ(answer(R"({"a\":\"b":["x"]})", R"({"a\":\"b":"x"})"), "match");
  EXPECT_EQ(answer(R"({"a\"":["x"]})", R"({"a\u0022":"x"})"), "match");
}

}  // namespace
}  // namespace ebagent::pattern
