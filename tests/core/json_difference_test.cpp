#include "core/json_difference.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/json.hpp"

namespace ebagent::core {
namespace {

std::string told(std::string_view before, std::string_view after, std::size_t limit = 100) {
  std::string text;
  for (const auto& place : differences(parse_json(before).value(), parse_json(after).value(), limit)) {
    text += place.pointer + ": " + place.before + " -> " + place.after + "\n";
  }
  return text;
}

TEST(JsonDifference, NamesEachMemberThatDiffersByItsPointer) {
  EXPECT_EQ(told(R"({"a":1,"b":{"c":[1,2]},"gone/~":null})", R"({"b":{"c":[1,3,4]},"a":1,"new":true})"),
            "/b/c/1: 2 -> 3\n/b/c/2: nothing -> 4\n/gone~1~0: null -> nothing\n/new: nothing -> true\n");
}

TEST(JsonDifference, FindsNothingBetweenEqualValuesWhateverTheOrderOfTheirMembers) {
  EXPECT_EQ(told(R"({"a":1,"b":[{"x":1,"y":2}]})", R"({"b":[{"y":2,"x":1}],"a":1})"), "");
}

TEST(JsonDifference, ShowsLongTextsAroundThePlaceAndBetweenCharacters) {
  const std::string begin(500, 'x');
  const std::string text = told("\"" + begin + "äöü one\"", "\"" + begin + "äöü two\"");

  EXPECT_LT(text.size(), 260U);
  EXPECT_NE(text.find("one"), std::string::npos);
  EXPECT_NE(text.find("two"), std::string::npos);
  EXPECT_TRUE(is_utf8(text));
}

TEST(JsonDifference, StopsAtItsLimit) {
  EXPECT_EQ(differences(parse_json("[1,2,3,4]").value(), parse_json("[]").value(), 2).size(), 2U);
}

TEST(SortedMembers, GiveEqualValuesEqualTexts) {
  EXPECT_EQ(write_json(with_sorted_members(parse_json(R"({"b":[{"z":1,"a":2}],"a":1})").value())),
            R"({"a":1,"b":[{"a":2,"z":1}]})");
}

}  // namespace
}  // namespace ebagent::core
