#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "pattern/matching.hpp"

namespace ebagent::pattern {
namespace {

Explanation explained(std::string_view pattern, std::string_view event) {
  return explain(compile(pattern).value(), event).value();
}

TEST(Explain, TellsWhatAFieldIsAndWhatThePatternWants) {
  const Explanation told = explained(R"({"source":["aws.s3"]})", R"({"source":"aws.ec2"})");

  ASSERT_EQ(told.alternatives.size(), 1u);
  const FieldExplanation& field = told.alternatives[0].fields.at(0);
  EXPECT_FALSE(told.matches);
  EXPECT_FALSE(field.satisfied);
  EXPECT_EQ(field.path, "source");
  EXPECT_EQ(field.wants, "\"aws.s3\"");
  EXPECT_EQ(field.has, std::vector<std::string>{"\"aws.ec2\""});
  EXPECT_EQ(field.reason, "source is \"aws.ec2\"; the pattern wants \"aws.s3\"");
}

TEST(Explain, TellsWhichFieldIsAbsent) {
  const Explanation told = explained(R"({"detail":{"state":["a","b"]}})", R"({"detail":{}})");

  EXPECT_EQ(told.alternatives[0].fields[0].reason,
            "detail.state is absent; the pattern wants one of [\"a\",\"b\"]");
}

TEST(Explain, TellsThatAnObjectHasNoValueOfItsOwn) {
  const Explanation told = explained(R"({"a":[{"exists":true}]})", R"({"a":{"b":1}})");

  EXPECT_EQ(told.alternatives[0].fields[0].reason,
            "a is an object and so has no value of its own; the pattern wants {\"exists\":true}");
}

TEST(Explain, TellsThatDifferentElementsAreNotCombined) {
  const Explanation told = explained(R"({"i":{"a":[1],"b":[2]}})", R"({"i":[{"a":1},{"b":2}]})");

  EXPECT_FALSE(told.matches);
  EXPECT_TRUE(told.alternatives[0].fields[0].satisfied);
  EXPECT_TRUE(told.alternatives[0].fields[1].satisfied);
  EXPECT_NE(told.alternatives[0].reason.find("different elements of one array"), std::string::npos);
}

TEST(Explain, TellsEveryAlternativeOfAnOr) {
  const Explanation told = explained(R"({"$or":[{"a":[1]},{"b":[1]}]})", R"({"b":1})");

  ASSERT_EQ(told.alternatives.size(), 2u);
  EXPECT_TRUE(told.matches);
  EXPECT_FALSE(told.alternatives[0].matches);
  EXPECT_TRUE(told.alternatives[1].matches);
  EXPECT_NE(to_text(told).find("Alternative 2 of 2: matches"), std::string::npos);
}

TEST(Explain, WritesJsonForPrograms) {
  const auto json = boost::json::parse(
      to_json(explained(R"({"a.b":["x",{"numeric":[">",1]}]})", R"({"a":{"b":["\ny",1]}})")));

  EXPECT_FALSE(json.at("matches").as_bool());
  const auto& field = json.at("alternatives").at(0).at("fields").at(0);
  EXPECT_EQ(field.at("path").as_string(), "a.b");
  EXPECT_EQ(field.at("has").as_array().size(), 2u);
  EXPECT_EQ(field.at("wants").as_array().size(), 2u);
}

TEST(Explain, RefusesAnEventThatIsNoObject) {
  EXPECT_EQ(explain(compile(R"({"a":[1]})").value(), "[]").error().code, ErrorCode::Malformed);
}

TEST(Explain, IsJsonWhateverANameIs) {
  const std::string told = to_json(explained(R"({"\ud800":["a"]})", R"({"\ud800":"b"})"));

  EXPECT_NE(told.find(R"("path":"\ud800")"), std::string::npos) << told;
}

}  // namespace
}  // namespace ebagent::pattern
